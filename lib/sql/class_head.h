/* A statement taken from its first word on: what the files sql/class.c and sql/class_define.c
 * share, and nobody else includes. */
#ifndef MI_SQL_CLASS_HEAD_H
#define MI_SQL_CLASS_HEAD_H

#include "sql/class.h"
#include "sql/class_scan.h"
#include "sql/lexer.h"

#include <stdbool.h>

/* One statement, from its first word on. */
struct mi_head {
	struct mi_lexer lexer; /* behind token */
	struct mi_lexeme token;
	const struct mi_class_rules *rules;
	const struct mi_scan *scan; /* of the whole text */
	struct mi_class_kind *kind;
};

static inline void mi_head_step(struct mi_head *head)
{
	head->token = mi_lex_next(&head->lexer);
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

/* Takes one of the words; NULL: none. */
static inline const char *mi_head_take_any(struct mi_head *head, const char *const *words)
{
	for (; *words; words++)
		if (mi_head_take(head, *words))
			return *words;
	return NULL;
}

#endif
