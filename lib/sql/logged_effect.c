#include "sql/logged_effect.h"
#include "base/buf.h"
#include "base/err.h"
#include "sql/tokens.h"

#include <stdlib.h>

static bool is_one_of(const struct mi_lexeme *token, const char *const *words)
{
	for (; *words; words++)
		if (mi_lexeme_is_word(token, *words))
			return true;
	return false;
}

/* The first token that is one of words, outside brackets; tokens->count when there is none. */
static size_t find_word(const struct mi_tokens *tokens, size_t from, const char *const *words)
{
	for (size_t i = from; i < tokens->count; i++) {
		if (mi_lexeme_is_punct(&tokens->items[i], '('))
			i = mi_tokens_match(tokens, i);
		else if (is_one_of(&tokens->items[i], words))
			return i;
	}
	return tokens->count;
}

static bool has_word_anywhere(const struct mi_tokens *tokens, const char *word)
{
	for (size_t i = 0; i < tokens->count; i++)
		if (mi_lexeme_is_word(&tokens->items[i], word))
			return true;
	return false;
}

static enum mi_logged_effect classify_create(const struct mi_tokens *tokens)
{
	static const char *const accounts[] = {"USER", "ROLE", NULL};
	static const char *const kinds[] = {"TABLE",     "DATABASE",   "SCHEMA",  "INDEX", "VIEW",
	                                    "PROCEDURE", "FUNCTION",   "TRIGGER", "EVENT", "USER",
	                                    "ROLE",      "TABLESPACE", "SERVER",  NULL};
	static const char *const plain[] = {"DATABASE",  "SCHEMA",   "INDEX", "VIEW",
	                                    "PROCEDURE", "FUNCTION", NULL};
	size_t at = find_word(tokens, 1, kinds);
	const struct mi_lexeme *kind = &tokens->items[at];

	if (is_one_of(kind, accounts))
		return MI_LOGGED_EFFECT_HARMLESS;
	if (mi_lexeme_is_word(kind, "TRIGGER") || mi_lexeme_is_word(kind, "EVENT"))
		return MI_LOGGED_EFFECT_ACTIVE;
	if (mi_lexeme_is_word(kind, "TABLE")) {
		if (mi_lexeme_is_word(&tokens->items[at - 1], "TEMPORARY"))
			return MI_LOGGED_EFFECT_HARMLESS;
		if (has_word_anywhere(tokens, "SELECT") || has_word_anywhere(tokens, "START"))
			return MI_LOGGED_EFFECT_REFUSED;
		if (mi_lexeme_is_word(&tokens->items[at - 1], "REPLACE"))
			return MI_LOGGED_EFFECT_MOVES;
		return MI_LOGGED_EFFECT_DEFINES;
	}
	return is_one_of(kind, plain) ? MI_LOGGED_EFFECT_DEFINES : MI_LOGGED_EFFECT_REFUSED;
}

static enum mi_logged_effect classify_drop(const struct mi_tokens *tokens)
{
	static const char *const harmless[] = {"USER", "ROLE", "TEMPORARY", NULL};
	static const char *const active[] = {"TRIGGER", "EVENT", NULL};
	static const char *const plain[] = {"INDEX", "VIEW", "PROCEDURE", "FUNCTION", NULL};
	static const char *const rows[] = {"TABLE", "TABLES", "DATABASE", "SCHEMA", NULL};
	const struct mi_lexeme *kind = &tokens->items[1];

	if (is_one_of(kind, harmless))
		return MI_LOGGED_EFFECT_HARMLESS;
	if (is_one_of(kind, active))
		return MI_LOGGED_EFFECT_ACTIVE;
	if (is_one_of(kind, plain))
		return MI_LOGGED_EFFECT_DEFINES;
	return is_one_of(kind, rows) ? MI_LOGGED_EFFECT_MOVES : MI_LOGGED_EFFECT_REFUSED;
}

static enum mi_logged_effect classify_alter_table(const struct mi_tokens *tokens)
{
	static const char *const never[] = {"EXCHANGE", "IMPORT", "DISCARD", NULL};
	static const char *const takes[] = {"DROP", "TRUNCATE", NULL};
	static const char *const rename[] = {"RENAME", NULL};
	static const char *const inside[] = {"COLUMN", "INDEX", "KEY", NULL};

	if (find_word(tokens, 2, never) < tokens->count)
		return MI_LOGGED_EFFECT_REFUSED;
	for (size_t i = 2; (i = find_word(tokens, i, rename)) < tokens->count; i++)
		if (!is_one_of(&tokens->items[i + 1], inside))
			return MI_LOGGED_EFFECT_MOVES;
	for (size_t i = 2; (i = find_word(tokens, i, takes)) < tokens->count; i++)
		if (mi_lexeme_is_word(&tokens->items[i + 1], "PARTITION"))
			return MI_LOGGED_EFFECT_MOVES;
	return MI_LOGGED_EFFECT_DEFINES;
}

static enum mi_logged_effect classify_alter(const struct mi_tokens *tokens)
{
	static const char *const kinds[] = {"TABLE",    "DATABASE", "SCHEMA", "VIEW", "PROCEDURE",
	                                    "FUNCTION", "EVENT",    "USER",   "ROLE", NULL};
	const struct mi_lexeme *kind = &tokens->items[find_word(tokens, 1, kinds)];

	if (mi_lexeme_is_word(kind, "TABLE"))
		return classify_alter_table(tokens);
	if (mi_lexeme_is_word(kind, "EVENT"))
		return MI_LOGGED_EFFECT_ACTIVE;
	if (mi_lexeme_is_word(kind, "USER") || mi_lexeme_is_word(kind, "ROLE"))
		return MI_LOGGED_EFFECT_HARMLESS;
	return is_one_of(kind, kinds) ? MI_LOGGED_EFFECT_DEFINES : MI_LOGGED_EFFECT_REFUSED;
}

static enum mi_logged_effect classify(const struct mi_tokens *tokens)
{
	static const char *const harmless[] = {"GRANT", "REVOKE",   "ANALYZE", "CHECK",
	                                       "FLUSH", "OPTIMIZE", "REPAIR",  NULL};
	const struct mi_lexeme *first = &tokens->items[0];

	if (is_one_of(first, harmless))
		return MI_LOGGED_EFFECT_HARMLESS;
	if (mi_lexeme_is_word(first, "SET") && (mi_lexeme_is_word(&tokens->items[1], "PASSWORD") ||
	                                        mi_lexeme_is_word(&tokens->items[1], "DEFAULT")))
		return MI_LOGGED_EFFECT_HARMLESS;
	if (mi_lexeme_is_word(first, "TRUNCATE"))
		return MI_LOGGED_EFFECT_TRUNCATES;
	if (mi_lexeme_is_word(first, "CREATE"))
		return classify_create(tokens);
	if (mi_lexeme_is_word(first, "DROP"))
		return classify_drop(tokens);
	if (mi_lexeme_is_word(first, "ALTER"))
		return classify_alter(tokens);
	if (mi_lexeme_is_word(first, "RENAME"))
		return mi_lexeme_is_word(&tokens->items[1], "USER") ? MI_LOGGED_EFFECT_HARMLESS
		                                                    : MI_LOGGED_EFFECT_MOVES;
	return MI_LOGGED_EFFECT_REFUSED;
}

/* Programs' bodies follow other rules: their heads say enough. */
static void read_tokens(struct mi_tokens *tokens, struct mi_span text)
{
	struct mi_err ignored = {0};

	if (mi_tokens_read(tokens, text, &ignored) != 0)
		mi_tokens_read_head(tokens, text, 64);
}

enum mi_logged_effect mi_logged_effect_of(struct mi_span text)
{
	struct mi_tokens tokens = {0};
	enum mi_logged_effect class = MI_LOGGED_EFFECT_REFUSED;

	read_tokens(&tokens, text);
	if (tokens.count >= 2)
		class = classify(&tokens);
	mi_tokens_release(&tokens);
	return class;
}

static bool is_name(const struct mi_lexeme *token)
{
	return token->kind == MI_LEX_NAME || token->kind == MI_LEX_WORD;
}

bool mi_logged_effect_truncated(struct mi_span text, char **db, char **table)
{
	struct mi_tokens tokens = {0};
	struct mi_err ignored = {0};
	bool found = false;
	size_t at = 1;

	*db = *table = NULL;
	if (mi_tokens_read(&tokens, text, &ignored) != 0)
		return false;
	if (tokens.count >= 2 && mi_lexeme_is_word(&tokens.items[0], "TRUNCATE")) {
		const struct mi_lexeme *t = tokens.items;

		at += mi_lexeme_is_word(&t[1], "TABLE") && tokens.count > 2;
		if (at + 2 < tokens.count && is_name(&t[at]) &&
		    mi_lexeme_is_punct(&t[at + 1], '.') && is_name(&t[at + 2])) {
			*db = mi_token_name(&t[at]);
			at += 2;
		}
		if (is_name(&t[at])) {
			*table = mi_token_name(&t[at]);
			found = true;
		}
	}
	mi_tokens_release(&tokens);
	return found;
}
