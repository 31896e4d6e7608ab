#include "sql/tokens.h"
#include "base/buf.h"
#include "base/err.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

struct lexer {
	struct mi_tokens *tokens;
	const char *start, *at, *end;
	struct mi_buf brackets; /* those that are open */
	bool in_executable;
};

static int fail_at(const struct lexer *lexer, struct mi_err *err, const char *what)
{
	return mi_fail(err, MI_DATA, "cannot read a definition: %s at offset %zu", what,
	               (size_t)(lexer->at - lexer->start));
}

static void add(struct lexer *lexer, enum mi_token_kind kind, size_t len)
{
	struct mi_token *token = mi_array_add(&lexer->tokens->items, &lexer->tokens->count,
	                                      sizeof *lexer->tokens->items);

	*token = (struct mi_token){kind, {lexer->at, len}};
	lexer->at += len;
}

static bool looking_at(const struct lexer *lexer, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(lexer->end - lexer->at) >= len && memcmp(lexer->at, text, len) == 0;
}

/* Bytes above ASCII are letters: names may hold any. */
static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || c == '@' ||
	       (unsigned char)c >= 0x80;
}

static size_t find_after(const struct lexer *lexer, size_t from, const char *text)
{
	size_t left = (size_t)(lexer->end - lexer->at);
	size_t len = strlen(text);

	for (size_t i = from; i + len <= left; i++)
		if (memcmp(lexer->at + i, text, len) == 0)
			return i + len;
	return 0;
}

/* Length of the quoted text that begins at offset `from`, with both quotes; 0: it has no end. */
static size_t quoted_len(const struct lexer *lexer, size_t from)
{
	size_t left = (size_t)(lexer->end - lexer->at);
	char quote = lexer->at[from];

	for (size_t i = from + 1; i < left; i++) {
		if (lexer->at[i] == '\\' && quote != '`')
			i++;
		else if (lexer->at[i] == quote && i + 1 < left && lexer->at[i + 1] == quote)
			i++;
		else if (lexer->at[i] == quote)
			return i + 1;
	}
	return 0;
}

static int read_quoted(struct lexer *lexer, size_t prefix, struct mi_err *err)
{
	size_t len = quoted_len(lexer, prefix);

	if (!len)
		return fail_at(lexer, err, "a quote without end");
	add(lexer, lexer->at[prefix] == '`' ? MI_TOKEN_NAME : MI_TOKEN_STRING, len);
	return 0;
}

static int read_comment(struct lexer *lexer, struct mi_err *err)
{
	size_t len = 3;

	if (looking_at(lexer, "/*!") || looking_at(lexer, "/*M!")) {
		if (lexer->in_executable)
			return fail_at(lexer, err, "a comment inside another");
		lexer->in_executable = true;
		if (lexer->at[2] == 'M')
			len++;
		while (lexer->at + len < lexer->end && isdigit((unsigned char)lexer->at[len]))
			len++;
		add(lexer, MI_TOKEN_OPEN, len);
		return 0;
	}
	len = find_after(lexer, 2, "*/");
	if (!len)
		return fail_at(lexer, err, "a comment without end");
	lexer->at += len;
	return 0;
}

static void skip_line(struct lexer *lexer)
{
	while (lexer->at < lexer->end && *lexer->at != '\n')
		lexer->at++;
}

static bool is_line_comment(const struct lexer *lexer)
{
	return *lexer->at == '#' ||
	       (looking_at(lexer, "--") &&
	        (lexer->at + 2 == lexer->end || isspace((unsigned char)lexer->at[2])));
}

static int read_bracket(struct lexer *lexer, struct mi_err *err)
{
	char c = *lexer->at;

	if (c == '(')
		mi_buf_add_char(&lexer->brackets, c);
	else if (lexer->brackets.len == 0)
		return fail_at(lexer, err, "a bracket that closes nothing");
	else
		lexer->brackets.len--;
	add(lexer, MI_TOKEN_PUNCT, 1);
	return 0;
}

static int read_word(struct lexer *lexer, struct mi_err *err)
{
	size_t len = 0, left = (size_t)(lexer->end - lexer->at);

	/* b'1', x'00', n'text' */
	if (left > 1 && lexer->at[1] == '\'' && strchr("bBxXnN", *lexer->at))
		return read_quoted(lexer, 1, err);
	while (len < left && is_word_char(lexer->at[len]))
		len++;
	/* 1.5, 1e-3 */
	if (isdigit((unsigned char)*lexer->at))
		while (len < left && (is_word_char(lexer->at[len]) || lexer->at[len] == '.' ||
		                      (strchr("+-", lexer->at[len]) &&
		                       tolower((unsigned char)lexer->at[len - 1]) == 'e' &&
		                       strncasecmp(lexer->at, "0x", 2) != 0)))
			len++;
	add(lexer, MI_TOKEN_WORD, len);
	return 0;
}

static int read_token(struct lexer *lexer, struct mi_err *err)
{
	char c = *lexer->at;

	if (isspace((unsigned char)c)) {
		lexer->at++;
		return 0;
	}
	if (looking_at(lexer, "/*"))
		return read_comment(lexer, err);
	if (lexer->in_executable && looking_at(lexer, "*/")) {
		lexer->in_executable = false;
		add(lexer, MI_TOKEN_CLOSE, 2);
		return 0;
	}
	if (is_line_comment(lexer)) {
		skip_line(lexer);
		return 0;
	}
	if (c == '`' || c == '\'' || c == '"')
		return read_quoted(lexer, 0, err);
	if (c == '(' || c == ')')
		return read_bracket(lexer, err);
	if (is_word_char(c))
		return read_word(lexer, err);
	add(lexer, MI_TOKEN_PUNCT, 1);
	return 0;
}

/* items holds MI_TOKEN_END, which count leaves out. */
static void finish(struct lexer *lexer)
{
	add(lexer, MI_TOKEN_END, 0);
	lexer->tokens->count--;
	mi_buf_release(&lexer->brackets);
}

int mi_tokens_read(struct mi_tokens *tokens, struct mi_span text, struct mi_err *err)
{
	struct lexer lexer = {
	    .tokens = tokens, .start = text.data, .at = text.data, .end = text.data + text.len};
	int ret = 0;

	*tokens = (struct mi_tokens){0};
	while (ret == 0 && lexer.at < lexer.end)
		ret = read_token(&lexer, err);
	if (ret == 0 && lexer.brackets.len)
		ret = fail_at(&lexer, err, "an open bracket");
	if (ret == 0 && lexer.in_executable)
		ret = fail_at(&lexer, err, "an open comment");
	finish(&lexer);
	if (ret < 0)
		mi_tokens_release(tokens);
	return ret;
}

void mi_tokens_read_head(struct mi_tokens *tokens, struct mi_span text, size_t limit)
{
	struct lexer lexer = {
	    .tokens = tokens, .start = text.data, .at = text.data, .end = text.data + text.len};
	struct mi_err ignored;

	*tokens = (struct mi_tokens){0};
	while (lexer.at < lexer.end && tokens->count < limit)
		if (read_token(&lexer, &ignored) < 0)
			break;
	finish(&lexer);
}

void mi_tokens_release(struct mi_tokens *tokens)
{
	free(tokens->items);
	*tokens = (struct mi_tokens){0};
}

bool mi_token_is_word(const struct mi_token *token, const char *word)
{
	return token->kind == MI_TOKEN_WORD && token->text.len == strlen(word) &&
	       strncasecmp(token->text.data, word, token->text.len) == 0;
}

bool mi_token_is_punct(const struct mi_token *token, char punct)
{
	return token->kind == MI_TOKEN_PUNCT && *token->text.data == punct;
}

char *mi_token_name(const struct mi_token *token)
{
	struct mi_buf name = {0};

	if (token->kind != MI_TOKEN_NAME)
		return mi_strndup(token->text.data, token->text.len);
	for (size_t i = 1; i + 1 < token->text.len; i++) {
		mi_buf_add_char(&name, token->text.data[i]);
		if (token->text.data[i] == '`')
			i++;
	}
	(void)mi_buf_cstr(&name);
	return name.data;
}

/* "String Literals" in the MySQL manual. */
static char unescape(char c)
{
	switch (c) {
	case '0':
		return '\0';
	case 'b':
		return '\b';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'Z':
		return 0x1a;
	default:
		return c;
	}
}

void mi_token_string(const struct mi_token *token, struct mi_buf *text)
{
	char quote = *token->text.data;

	for (size_t i = 1; i + 1 < token->text.len; i++) {
		char c = token->text.data[i];

		if (c == '\\')
			c = unescape(token->text.data[++i]);
		else if (c == quote)
			i++;
		mi_buf_add_char(text, c);
	}
}

size_t mi_tokens_match(const struct mi_tokens *tokens, size_t open)
{
	size_t depth = 0;

	for (size_t i = open; i < tokens->count; i++) {
		if (mi_token_is_punct(&tokens->items[i], '('))
			depth++;
		else if (mi_token_is_punct(&tokens->items[i], ')') && --depth == 0)
			return i;
	}
	return tokens->count;
}

struct mi_span mi_tokens_span(const struct mi_tokens *tokens, size_t from, size_t to)
{
	const char *start = tokens->items[from].text.data;
	const struct mi_token *last;

	if (from >= to)
		return mi_span(start, 0);
	last = &tokens->items[to - 1];
	return mi_span(start, (size_t)(last->text.data + last->text.len - start));
}
