#include "wire/ddltext.h"

#include <ctype.h>

enum token { END, BLANK, NAME, STRING, WORD, COMMENT, MARK };

/* Length of a quoted piece: its quote doubled, or (in strings) behind a backslash, is part of it.
 */
static size_t quoted_length(const char *text)
{
	char quote = text[0];
	size_t len = 1;

	while (text[len]) {
		if (text[len] == '\\' && quote != '`' && text[len + 1]) {
			len += 2;
		} else if (text[len] != quote) {
			len++;
		} else if (text[len + 1] == quote) {
			len += 2;
		} else {
			return len + 1;
		}
	}
	return len;
}

static size_t comment_length(const char *text)
{
	const char *end = text[0] == '/' ? strstr(text + 2, "*/") : strchr(text, '\n');

	if (!end)
		return strlen(text);
	return (size_t)(end - text) + (text[0] == '/' ? 2 : 1);
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static size_t run_length(const char *text, bool (*belongs)(char))
{
	size_t len = 0;

	while (text[len] && belongs(text[len]))
		len++;
	return len;
}

static bool is_blank(char c)
{
	return isspace((unsigned char)c);
}

/* The token at text; *len is its length. */
static enum token token_at(const char *text, size_t *len)
{
	*len = 1;
	if (!*text) {
		*len = 0;
		return END;
	}
	if (is_blank(*text)) {
		*len = run_length(text, is_blank);
		return BLANK;
	}
	if (*text == '`' || *text == '\'' || *text == '"') {
		*len = quoted_length(text);
		return *text == '`' ? NAME : STRING;
	}
	if (*text == '#' || (text[0] == '/' && text[1] == '*' && text[2] != '!') ||
	    (text[0] == '-' && text[1] == '-' && is_blank(text[2]))) {
		*len = comment_length(text);
		return COMMENT;
	}
	if (is_word(*text)) {
		*len = run_length(text, is_word);
		return WORD;
	}
	return MARK;
}

/* The name inside backquotes. */
static void unquote(const char *quoted, size_t len, struct mi_buf *name)
{
	mi_buf_reset(name);
	for (size_t i = 1; i + 1 < len; i++) {
		mi_buf_add_char(name, quoted[i]);
		if (quoted[i] == '`')
			i++;
	}
}

static void add_quoted(struct mi_buf *out, const char *name)
{
	mi_buf_add_char(out, '`');
	for (; *name; name++) {
		if (*name == '`')
			mi_buf_add_char(out, '`');
		mi_buf_add_char(out, *name);
	}
	mi_buf_add_char(out, '`');
}

static const char *skip_blanks(const char *text)
{
	return text + run_length(text, is_blank);
}

int mi_ddltext_rename(const char *text, const struct mi_map *map, bool alone, struct mi_buf *out,
                      struct mi_err *err)
{
	struct mi_buf name = {0};
	enum token token;
	bool after_dot = false;
	size_t len;
	int ret = -1;

	if (map->pairs.count == 0) {
		mi_buf_add_str(out, text);
		return 0;
	}
	for (; (token = token_at(text, &len)) != END; text += len) {
		const char *old, *new;

		if (token == NAME && !after_dot) {
			unquote(text, len, &name);
			old = mi_buf_cstr(&name);
			new = mi_map_db(map, old);
			if (new != old && (alone || *skip_blanks(text + len) == '.')) {
				add_quoted(out, new);
				continue;
			}
			if (new != old) {
				(void)mi_fail(err, MI_DATA,
				              "cannot tell whether `%s` means the database that "
				              "--map-db renames, or something else",
				              old);
				goto out;
			}
		}
		mi_buf_add(out, text, len);
		if (token != BLANK)
			after_dot = token == MARK && *text == '.';
	}
	ret = 0;
out:
	mi_buf_release(&name);
	return ret;
}

static bool word_is(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && strncasecmp(text, word, len) == 0;
}

/* Past one token and the blanks behind it. */
static const char *skip_token(const char *text)
{
	size_t len;

	(void)token_at(text, &len);
	return skip_blanks(text + len);
}

/* At "DEFINER": past "= user@host" when that follows; else NULL. */
static const char *skip_definer(const char *text)
{
	const char *at = skip_blanks(text + strlen("DEFINER"));

	if (*at != '=')
		return NULL;
	at = skip_token(skip_token(at));
	if (*at == '@')
		at = skip_token(skip_token(at));
	return at;
}

/* At a quoted name: past "name." when it is one of the two; else NULL. */
static const char *skip_qualifier(const char *text, size_t len, const char *db, const char *into,
                                  struct mi_buf *name)
{
	const char *at = skip_blanks(text + len);

	unquote(text, len, name);
	if (*at != '.' || (strcmp(mi_buf_cstr(name), db) != 0 && strcmp(name->data, into) != 0))
		return NULL;
	return skip_token(at);
}

void mi_ddltext_normalise(const char *text, const char *db, const char *into, struct mi_buf *out)
{
	struct mi_buf name = {0};
	enum token token;
	size_t len;

	text = skip_blanks(text);
	for (; (token = token_at(text, &len)) != END; text += len) {
		const char *past = NULL;

		if (token == BLANK) {
			mi_buf_add_char(out, ' ');
			continue;
		}
		if (token == WORD && word_is(text, len, "DEFINER"))
			past = skip_definer(text);
		else if (token == NAME)
			past = skip_qualifier(text, len, db, into, &name);
		if (past) {
			text = past;
			len = 0;
		} else {
			mi_buf_add(out, text, len);
		}
	}
	while (out->len > 0 && (out->data[out->len - 1] == ' ' || out->data[out->len - 1] == ';'))
		out->len--;
	mi_buf_release(&name);
}

bool mi_ddltext_makes(const char *text, const char *word)
{
	size_t len;

	for (enum token token; (token = token_at(text, &len)) != END; text += len) {
		if (token != WORD ||
		    (!word_is(text, len, "PROCEDURE") && !word_is(text, len, "FUNCTION")))
			continue;
		return word_is(text, len, word);
	}
	return false;
}
