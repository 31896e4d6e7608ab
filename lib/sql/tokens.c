#include "sql/tokens.h"
#include "base/buf.h"
#include "base/err.h"
#include "sql/lexer.h"

#include <stdlib.h>

struct reader {
	struct mi_lexer lexer;
	struct mi_tokens *tokens;
	const char *start;
	size_t depth; /* brackets that are open */
};

static struct reader reader(struct mi_tokens *tokens, struct mi_span text, unsigned modes)
{
	struct mi_lexer lexer = mi_lexer(text, modes | MI_LEX_DEFINITION, MI_LEX_UTF8);

	*tokens = (struct mi_tokens){0};
	return (struct reader){lexer, tokens, lexer.left.data, 0};
}

static void add(struct reader *reader, const struct mi_lexeme *token)
{
	struct mi_lexeme *added = mi_array_add(&reader->tokens->items, &reader->tokens->count,
	                                       sizeof *reader->tokens->items);

	*added = *token;
	if (token->kind == MI_LEX_NUMBER)
		added->kind = MI_LEX_WORD;
}

/* The next token but hints, which nobody asks for. */
static struct mi_lexeme next(struct reader *reader)
{
	struct mi_lexeme token;

	do {
		token = mi_lex_next(&reader->lexer);
	} while (token.kind == MI_LEX_HINT);
	return token;
}

static int fail_at(const struct reader *reader, struct mi_err *err, const char *at,
                   const char *what)
{
	return mi_fail(err, MI_DATA, "cannot read a definition: %s at offset %zu", what,
	               (size_t)(at - reader->start));
}

static bool begins(struct mi_span text, const char *with)
{
	size_t len = strlen(with);

	return text.len >= len && memcmp(text.data, with, len) == 0;
}

/* Why the lexer stays where it does. */
static const char *why_bad(const struct mi_lexer *lexer)
{
	static const char *const quotes[] = {"'", "\"", "`", "b'", "B'", "x'", "X'", "n'", "N'"};
	struct mi_span left = lexer->left;

	if (left.len == 0)
		return "an open comment";
	if (begins(left, "/*!") || begins(left, "/*M!"))
		return "a comment inside another";
	if (begins(left, "/*"))
		return "a comment without end";
	for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++)
		if (begins(left, quotes[i]))
			return "a quote without end";
	return "a byte that is no SQL";
}

static int check_bracket(struct reader *reader, const struct mi_lexeme *token, struct mi_err *err)
{
	if (mi_lexeme_is_punct(token, '('))
		reader->depth++;
	else if (mi_lexeme_is_punct(token, ')') && reader->depth-- == 0)
		return fail_at(reader, err, token->text.data, "a bracket that closes nothing");
	return 0;
}

/* 1: there was a token, 0: the end, which is added too. */
static int read_token(struct reader *reader, struct mi_err *err)
{
	struct mi_lexeme token = next(reader);

	if (token.kind == MI_LEX_BAD)
		return fail_at(reader, err, token.text.data, why_bad(&reader->lexer));
	if (token.kind == MI_LEX_END && reader->depth)
		return fail_at(reader, err, token.text.data, "an open bracket");
	if (check_bracket(reader, &token, err) != 0)
		return -1;
	add(reader, &token);
	return token.kind != MI_LEX_END;
}

int mi_tokens_read(struct mi_tokens *tokens, struct mi_span text, struct mi_err *err)
{
	return mi_tokens_read_under(tokens, text, 0, err);
}

int mi_tokens_read_under(struct mi_tokens *tokens, struct mi_span text, unsigned modes,
                         struct mi_err *err)
{
	struct reader r = reader(tokens, text, modes);
	int ret;

	do {
		ret = read_token(&r, err);
	} while (ret > 0);
	if (ret == 0)
		tokens->count--; /* the end is not counted */
	else
		mi_tokens_release(tokens);
	return ret;
}

void mi_tokens_read_head(struct mi_tokens *tokens, struct mi_span text, size_t limit)
{
	struct reader r = reader(tokens, text, 0);
	struct mi_err ignored = {0};
	struct mi_lexeme end = {.kind = MI_LEX_END};
	int ret = 1;

	while (ret > 0 && tokens->count < limit)
		ret = read_token(&r, &ignored);
	if (ret != 0) {
		end.text = mi_span(r.lexer.left.data, 0);
		add(&r, &end);
	}
	tokens->count--;
}

void mi_tokens_release(struct mi_tokens *tokens)
{
	free(tokens->items);
	*tokens = (struct mi_tokens){0};
}

char *mi_token_name(const struct mi_lexeme *token)
{
	struct mi_buf name = {0};

	if (token->kind != MI_LEX_NAME)
		return mi_strndup(token->text.data, token->text.len);
	mi_lexeme_value(token, MI_LEX_DEFINITION, &name);
	(void)mi_buf_cstr(&name);
	return name.data;
}

void mi_token_string(const struct mi_lexeme *token, struct mi_buf *text)
{
	mi_lexeme_value(token, MI_LEX_DEFINITION, text);
}

size_t mi_tokens_match(const struct mi_tokens *tokens, size_t open)
{
	size_t depth = 0;

	for (size_t i = open; i < tokens->count; i++) {
		if (mi_lexeme_is_punct(&tokens->items[i], '('))
			depth++;
		else if (mi_lexeme_is_punct(&tokens->items[i], ')') && --depth == 0)
			return i;
	}
	return tokens->count;
}

struct mi_span mi_tokens_span(const struct mi_tokens *tokens, size_t from, size_t to)
{
	const char *start = tokens->items[from].text.data;
	const struct mi_lexeme *last;

	if (from >= to)
		return mi_span(start, 0);
	last = &tokens->items[to - 1];
	return mi_span(start, (size_t)(last->text.data + last->text.len - start));
}
