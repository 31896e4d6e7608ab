#include "sql/calls.h"
#include "base/buf.h"
#include "sql/lexer.h"

#include <stdlib.h>

struct words {
	struct mi_lexeme *items;
	size_t count;
};

/* Oracle's mode makes other statements of the words, but not other words. */
static bool read_all(struct mi_span text, struct mi_span sql_mode, struct words *words)
{
	unsigned modes = (mi_lex_modes(sql_mode) & ~(unsigned)MI_LEX_UNKNOWN_MODE);
	struct mi_lexer lexer = mi_lexer(text, modes | MI_LEX_DEFINITION, MI_LEX_LETTERS);
	struct mi_lexeme next;

	while ((next = mi_lex_next(&lexer)).kind != MI_LEX_END) {
		if (next.kind == MI_LEX_BAD)
			return false;
		if (next.kind == MI_LEX_OPEN || next.kind == MI_LEX_CLOSE ||
		    next.kind == MI_LEX_HINT)
			continue;
		*(struct mi_lexeme *)mi_array_add(&words->items, &words->count,
		                                  sizeof *words->items) = next;
	}
	return true;
}

/* After these words a name before a bracket is a table's, a column's, a key's or a program's. */
static bool names_something(const struct mi_lexeme *before)
{
	static const char *const words[] = {
	    "INTO",         "INSERT",     "REPLACE",    "IGNORE",        "DELAYED",   "TABLE",
	    "LOW_PRIORITY", "REFERENCES", "PROCEDURE",  "HIGH_PRIORITY", "FUNCTION",  "CALL",
	    "KEY",          "INDEX",      "CONSTRAINT", "WITH",          "RECURSIVE", "EXISTS",
	    "DECLARE",      "PARTITION",  NULL,
	};

	return mi_lexeme_is_punct(before, '.') || mi_lexeme_is_one_of(before, words);
}

static bool is_callable(const struct mi_lexeme *word, enum mi_calls_form form)
{
	if (word->kind == MI_LEX_NAME)
		return form == MI_CALLS_WRITTEN;
	return word->kind == MI_LEX_WORD && *word->text.data != '@' && *word->text.data != '_';
}

/* How many arguments the brackets that open at `open` hold. */
static size_t count_arguments(const struct words *words, size_t open)
{
	size_t depth = 0, commas = 0;

	for (size_t i = open; i < words->count; i++) {
		if (mi_lexeme_is_punct(&words->items[i], '('))
			depth++;
		else if (mi_lexeme_is_punct(&words->items[i], ')') && --depth == 0)
			return i == open + 1 ? 0 : commas + 1;
		else if (mi_lexeme_is_punct(&words->items[i], ',') && depth == 1)
			commas++;
	}
	return commas + 1;
}

/* Walks along the elements of a CREATE TABLE. */
struct parts {
	size_t depth;
	struct mi_span part;
	bool wanted; /* the element's name has not come yet */
};

static void walk(struct parts *parts, const struct mi_lexeme *word)
{
	if (mi_lexeme_is_punct(word, '('))
		parts->depth++;
	else if (mi_lexeme_is_punct(word, ')') && parts->depth > 0)
		parts->depth--;
	if (parts->depth == 0) {
		parts->part = mi_span("", 0);
		parts->wanted = true;
	} else if (parts->depth == 1 && mi_lexeme_is_punct(word, ',')) {
		parts->part = mi_span("", 0);
		parts->wanted = true;
	} else if (parts->depth == 1 && parts->wanted && word->kind == MI_LEX_NAME) {
		parts->part = word->text;
		parts->wanted = false;
	}
}

bool mi_calls_each(struct mi_span text, struct mi_span sql_mode, enum mi_calls_form form,
                   mi_call_fn *fn, void *user)
{
	struct parts parts = {0, mi_span("", 0), true};
	struct words words = {0};
	bool whole = read_all(text, sql_mode, &words);

	for (size_t i = 0; i < words.count; i++) {
		if (form == MI_CALLS_TABLE)
			walk(&parts, &words.items[i]);
		if (i + 1 < words.count && mi_lexeme_is_punct(&words.items[i + 1], '(') &&
		    is_callable(&words.items[i], form) &&
		    (i == 0 || !names_something(&words.items[i - 1])))
			fn(user, &(struct mi_call){words.items[i].text,
			                           count_arguments(&words, i + 1), parts.part});
	}
	free(words.items);
	return whole;
}
