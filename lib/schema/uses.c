#include "schema/uses.h"
#include "base/buf.h"
#include "sql/tokens.h"

#include <stdlib.h>
#include <strings.h>

static void add(struct mi_uses *uses, const char *db, const char *name, bool is_call, bool is_sure)
{
	struct mi_use *use;

	for (size_t i = 0; i < uses->count; i++)
		if (uses->items[i].is_call == is_call && strcmp(uses->items[i].name, name) == 0 &&
		    strcmp(uses->items[i].db, db) == 0) {
			uses->items[i].is_sure |= is_sure;
			return;
		}
	use = mi_array_add(&uses->items, &uses->count, sizeof *uses->items);
	*use = (struct mi_use){mi_strdup(db), mi_strdup(name), is_call, is_sure};
}

static bool is_name(const struct mi_lexeme *token)
{
	return token->kind == MI_LEX_NAME || token->kind == MI_LEX_WORD;
}

/* The index of the last name of a.b.c that begins at `at`. */
static size_t last_name(const struct mi_tokens *tokens, size_t at)
{
	while (at + 2 < tokens->count && mi_lexeme_is_punct(&tokens->items[at + 1], '.') &&
	       is_name(&tokens->items[at + 2]))
		at += 2;
	return at;
}

/* f, a.f or a.b.f: adds each name as one of db, and as one of the name before it. */
static void add_call(const struct mi_tokens *tokens, size_t from, size_t to, const char *db,
                     struct mi_uses *uses)
{
	char *before = NULL;

	for (size_t at = from; at <= to; at += 2) {
		char *name = mi_token_name(&tokens->items[at]);

		if (!before)
			add(uses, db, name, true, from == to);
		else
			add(uses, before, name, true, false);
		free(before);
		before = name;
	}
	free(before);
}

/* ---- Views ---- */

/* Does the name at `at` begin a common table expression: WITH `x` [(...)] AS ( ... MariaDB prints
 * such names without quotes. */
static bool begins_cte(const struct mi_tokens *tokens, size_t at)
{
	size_t next = at + 1;

	if (next < tokens->count && mi_lexeme_is_punct(&tokens->items[next], '('))
		next = mi_tokens_match(tokens, next) + 1;
	return next + 1 < tokens->count && mi_lexeme_is_word(&tokens->items[next], "AS") &&
	       mi_lexeme_is_punct(&tokens->items[next + 1], '(');
}

static bool is_cte(const struct mi_tokens *tokens, const char *name)
{
	bool found = false;

	for (size_t i = 1; i < tokens->count && !found; i++) {
		const struct mi_lexeme *before = &tokens->items[i - 1];
		char *own;

		if (!is_name(&tokens->items[i]) || !begins_cte(tokens, i) ||
		    !(mi_lexeme_is_word(before, "WITH") || mi_lexeme_is_word(before, "RECURSIVE") ||
		      mi_lexeme_is_punct(before, ',')))
			continue;
		own = mi_token_name(&tokens->items[i]);
		found = strcasecmp(own, name) == 0;
		free(own);
	}
	return found;
}

/* The FROM of EXTRACT(... FROM x) and TRIM(... FROM x) is followed by an expression. */
static bool is_inner_from(const struct mi_tokens *tokens, size_t from)
{
	size_t depth = 0;

	for (size_t at = from; at-- > 0;) {
		const struct mi_lexeme *token = &tokens->items[at];

		if (mi_lexeme_is_punct(token, ')'))
			depth++;
		else if (mi_lexeme_is_punct(token, '(') && depth-- == 0)
			return at > 0 && (mi_lexeme_is_word(token - 1, "EXTRACT") ||
			                  mi_lexeme_is_word(token - 1, "TRIM"));
	}
	return false;
}

static void add_table(const struct mi_tokens *tokens, size_t at, const char *db,
                      struct mi_uses *uses)
{
	size_t last = last_name(tokens, at);
	char *first = mi_token_name(&tokens->items[at]);
	char *second = last > at ? mi_token_name(&tokens->items[last]) : NULL;

	if (second)
		add(uses, first, second, false, true);
	else if (!is_cte(tokens, first))
		add(uses, db, first, false, true);
	free(first);
	free(second);
}

/* A list of tables begins behind FROM or JOIN, perhaps in brackets. */
static void look_at_from(const struct mi_tokens *tokens, size_t at, const char *db,
                         struct mi_uses *uses)
{
	const struct mi_lexeme *word = &tokens->items[at];

	if (!mi_lexeme_is_word(word, "FROM") && !mi_lexeme_is_word(word, "JOIN") &&
	    !mi_lexeme_is_word(word, "STRAIGHT_JOIN"))
		return;
	if (mi_lexeme_is_word(word, "FROM") && is_inner_from(tokens, at))
		return;
	do
		at++;
	while (at < tokens->count && mi_lexeme_is_punct(&tokens->items[at], '('));
	if (at < tokens->count && tokens->items[at].kind == MI_LEX_NAME)
		add_table(tokens, at, db, uses);
}

/* A quoted name before a bracket is called, unless it is a name that WITH gives. */
static size_t look_at_name(const struct mi_tokens *tokens, size_t at, const char *db,
                           struct mi_uses *uses)
{
	size_t last = last_name(tokens, at);

	if (last + 1 < tokens->count && mi_lexeme_is_punct(&tokens->items[last + 1], '(') &&
	    !begins_cte(tokens, last))
		add_call(tokens, at, last, db, uses);
	return last;
}

void mi_view_uses(struct mi_span text, const char *db, struct mi_uses *uses)
{
	struct mi_tokens tokens;
	size_t at = 1;

	mi_tokens_read_head(&tokens, text, SIZE_MAX);
	while (at < tokens.count && !mi_lexeme_is_word(&tokens.items[at], "AS"))
		at++;
	for (; at < tokens.count; at++) {
		look_at_from(&tokens, at, db, uses);
		if (tokens.items[at].kind == MI_LEX_NAME)
			at = look_at_name(&tokens, at, db, uses);
	}
	mi_tokens_release(&tokens);
}

/* ---- Programs ---- */

void mi_program_uses(struct mi_span text, const char *db, struct mi_uses *uses)
{
	struct mi_tokens tokens;

	mi_tokens_read_head(&tokens, text, SIZE_MAX);
	for (size_t at = 1; at < tokens.count; at++) {
		size_t last = last_name(&tokens, at);
		bool called = mi_lexeme_is_word(&tokens.items[at - 1], "CALL");

		if (!is_name(&tokens.items[at]))
			continue;
		if (last + 1 < tokens.count)
			called |= mi_lexeme_is_punct(&tokens.items[last + 1], '(');
		if (called)
			add_call(&tokens, at, last, db, uses);
		at = last;
	}
	mi_tokens_release(&tokens);
}

/* ---- The list ---- */

bool mi_uses_calls(const struct mi_uses *uses, const char *db, const char *name)
{
	for (size_t i = 0; i < uses->count; i++)
		if (uses->items[i].is_call && strcasecmp(uses->items[i].name, name) == 0 &&
		    strcasecmp(uses->items[i].db, db) == 0)
			return true;
	return false;
}

void mi_uses_add_call(struct mi_uses *uses, const char *db, const char *name)
{
	add(uses, db, name, true, true);
}

void mi_uses_release(struct mi_uses *uses)
{
	for (size_t i = 0; i < uses->count; i++) {
		free(uses->items[i].db);
		free(uses->items[i].name);
	}
	free(uses->items);
	*uses = (struct mi_uses){0};
}
