#include "sql/uses.h"
#include "base/buf.h"
#include "sql/lexer.h"

static bool is_name(const struct mi_lexeme *token)
{
	return token->kind == MI_LEX_WORD || token->kind == MI_LEX_NAME;
}

/* After these words a name before a parenthesis is no function. */
static bool names_table(const struct mi_lexeme *before)
{
	static const char *const words[] = {"INTO", "TABLE",  "UPDATE", "FROM", "REFERENCES",
	                                    "JOIN", "IGNORE", "INSERT", NULL};

	return mi_lexeme_is_one_of(before, words);
}

/* The parts of a name, of which `first` was taken; lexer is behind it, and behind the last part
 * afterwards. */
static struct mi_use take_name(struct mi_lexer *lexer, const struct mi_lexeme *first)
{
	struct mi_use use = {.db = {.kind = MI_LEX_END}, .name = *first};

	for (unsigned parts = 1;; parts++) {
		struct mi_lexer ahead = *lexer;
		struct mi_lexeme point = mi_lex_next(&ahead), part;

		if (!mi_lexeme_is_punct(&point, '.'))
			return use;
		part = mi_lex_next(&ahead);
		if (!is_name(&part) && !mi_lexeme_is_punct(&part, '*'))
			return use;
		if (parts == 1) {
			use.db = use.name;
			use.name = part;
		}
		*lexer = ahead;
	}
}

bool mi_uses_each(struct mi_lexer lexer, mi_use_fn *fn, void *user)
{
	struct mi_lexeme before = {.kind = MI_LEX_END}, token;

	for (token = mi_lex_next(&lexer); token.kind != MI_LEX_END && token.kind != MI_LEX_BAD;
	     token = mi_lex_next(&lexer)) {
		if (is_name(&token)) {
			struct mi_use use = take_name(&lexer, &token);
			struct mi_lexer ahead = lexer;
			struct mi_lexeme next = mi_lex_next(&ahead);

			use.call = mi_lexeme_is_punct(&next, '(') && !names_table(&before);
			use.procedure = mi_lexeme_is_word(&before, "CALL");
			fn(user, &use);
		}
		before = token;
	}
	return token.kind == MI_LEX_END;
}

bool mi_use_name(const struct mi_lexeme *name, struct mi_buf *out)
{
	size_t begin = out->len;
	bool is_ascii = true;

	mi_lexeme_value(name, 0, out);
	for (size_t i = begin; i < out->len; i++) {
		char c = out->data[i];

		is_ascii &= !((unsigned char)c & 0x80);
		out->data[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	return is_ascii;
}
