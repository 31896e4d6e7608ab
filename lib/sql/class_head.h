/* A statement taken from its first word on, one word at a time: all that tells statements apart
 * reads them so. For the files sql/class*.c and sql/kill.c; nobody else includes this header. */
#ifndef MI_SQL_CLASS_HEAD_H
#define MI_SQL_CLASS_HEAD_H

#include "sql/class.h"
#include "sql/class_scan.h"
#include "sql/lexer.h"

#include <stdbool.h>

/* One statement, from its first word on. */
struct mi_head {
	struct mi_lexer first; /* before the statement's first word; for sql/class.c alone */
	struct mi_lexer lexer; /* behind token */
	struct mi_lexeme token;
	/* NULL for those who look at the text alone */
	const struct mi_class_rules *rules;
	const struct mi_scan *scan; /* of the whole text */
	struct mi_class_kind *kind;
};

/* False when the first byte already says that the first word begins with another letter (in upper
 * case): so most texts are told apart without a lexer. */
static inline bool mi_head_may_begin(struct mi_span text, char letter)
{
	char first = text.len ? (char)(*text.data & ~0x20) : 0;

	return first < 'A' || first > 'Z' || first == letter;
}

/* The marks of executable comments are tokens unless rules->executes. */
static inline void mi_head_step(struct mi_head *head)
{
	do {
		head->token = mi_lex_next(&head->lexer);
	} while ((head->token.kind == MI_LEX_OPEN || head->token.kind == MI_LEX_CLOSE) &&
	         head->rules && head->rules->executes);
}

static inline bool mi_head_at(const struct mi_head *head, const char *word)
{
	return mi_lexeme_is_word(&head->token, word);
}

static inline bool mi_head_take(struct mi_head *head, const char *word)
{
	if (!mi_head_at(head, word))
		return false;
	mi_head_step(head);
	return true;
}

static inline bool mi_head_take_punct(struct mi_head *head, char punct)
{
	if (!mi_lexeme_is_punct(&head->token, punct))
		return false;
	mi_head_step(head);
	return true;
}

static inline bool mi_head_ends(const struct mi_head *head)
{
	return head->token.kind == MI_LEX_END || mi_lexeme_is_punct(&head->token, ';');
}

/* Nothing follows but one semicolon, which is taken. */
static inline bool mi_head_is_last(struct mi_head *head)
{
	(void)mi_head_take_punct(head, ';');
	return head->token.kind == MI_LEX_END;
}

/* Takes one of the words; NULL: none. */
static inline const char *mi_head_take_any(struct mi_head *head, const char *const *words)
{
	for (; *words; words++)
		if (mi_head_take(head, *words))
			return *words;
	return NULL;
}

#endif
