#include "sql/lexer.h"
#include "base/buf.h"

#include <strings.h>

/* ---- Session settings ---- */

bool mi_lex_says(struct mi_span text, const char *word)
{
	return text.len == strlen(word) && strncasecmp(text.data, word, text.len) == 0;
}

/* "Server SQL Modes" of both manuals. */
static unsigned mode_bits(struct mi_span name)
{
	static const struct {
		const char *name;
		unsigned bits;
	} known[] = {
	    {"ANSI_QUOTES", MI_LEX_ANSI_QUOTES},
	    {"NO_BACKSLASH_ESCAPES", MI_LEX_NO_BACKSLASH_ESCAPES},
	    {"IGNORE_SPACE", MI_LEX_IGNORE_SPACE},
	    {"PIPES_AS_CONCAT", MI_LEX_PIPES_AS_CONCAT},
	    {"ORACLE", MI_LEX_UNKNOWN_MODE},
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (mi_lex_says(name, known[i].name))
			return known[i].bits;
	return 0;
}

unsigned mi_lex_modes(struct mi_span sql_mode)
{
	unsigned bits = 0;
	size_t from = 0;

	for (size_t i = 0; i <= sql_mode.len; i++) {
		if (i < sql_mode.len && sql_mode.data[i] != ',')
			continue;
		if (i > from)
			bits |= mode_bits(mi_span(sql_mode.data + from, i - from));
		from = i + 1;
	}
	return bits;
}

/* "Supported Character Sets and Collations" of both manuals. Those that no client may have
 * (character_set_client refuses ucs2, utf16, utf16le and utf32) are not in it. */
enum mi_lex_charset mi_lex_charset(struct mi_span name)
{
	static const struct {
		const char *name;
		enum mi_lex_charset class;
	} known[] = {
	    {"utf8mb4", MI_LEX_UTF8},   {"utf8mb3", MI_LEX_UTF8},  {"utf8", MI_LEX_UTF8},
	    {"latin1", MI_LEX_BYTES},   {"ascii", MI_LEX_BYTES},   {"binary", MI_LEX_BYTES},
	    {"armscii8", MI_LEX_BYTES}, {"cp1250", MI_LEX_BYTES},  {"cp1251", MI_LEX_BYTES},
	    {"cp1256", MI_LEX_BYTES},   {"cp1257", MI_LEX_BYTES},  {"cp850", MI_LEX_BYTES},
	    {"cp852", MI_LEX_BYTES},    {"cp866", MI_LEX_BYTES},   {"dec8", MI_LEX_BYTES},
	    {"geostd8", MI_LEX_BYTES},  {"greek", MI_LEX_BYTES},   {"hebrew", MI_LEX_BYTES},
	    {"hp8", MI_LEX_BYTES},      {"keybcs2", MI_LEX_BYTES}, {"koi8r", MI_LEX_BYTES},
	    {"koi8u", MI_LEX_BYTES},    {"latin2", MI_LEX_BYTES},  {"latin5", MI_LEX_BYTES},
	    {"latin7", MI_LEX_BYTES},   {"macce", MI_LEX_BYTES},   {"macroman", MI_LEX_BYTES},
	    {"tis620", MI_LEX_BYTES},   {"swe7", MI_LEX_SWE7},     {"big5", MI_LEX_BIG5},
	    {"gbk", MI_LEX_GBK},        {"gb2312", MI_LEX_GB2312}, {"gb18030", MI_LEX_GB18030},
	    {"euckr", MI_LEX_EUCKR},    {"sjis", MI_LEX_SJIS},     {"cp932", MI_LEX_SJIS},
	    {"ujis", MI_LEX_UJIS},      {"eucjpms", MI_LEX_UJIS},
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (mi_lex_says(name, known[i].name))
			return known[i].class;
	return MI_LEX_OTHER;
}

/* ---- Characters ---- */

static bool is_space(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(unsigned char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static bool is_ascii_word(const struct mi_lexer *lexer, unsigned char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' || c == '$' ||
	       (c == '@' && lexer->modes & MI_LEX_DEFINITION) ||
	       (lexer->charset == MI_LEX_SWE7 && c && strchr("[]^{}~", c));
}

/* The byte at an offset; NUL past the end, which is never part of anything. */
static unsigned char peek(const struct mi_lexer *lexer, size_t at)
{
	return at < lexer->left.len ? (unsigned char)lexer->left.data[at] : 0;
}

static bool looking_at(const struct mi_lexer *lexer, const char *text)
{
	size_t len = strlen(text);

	return lexer->left.len >= len && memcmp(lexer->left.data, text, len) == 0;
}

/* Length of the UTF-8 character above ASCII at an offset; 0: it is none. RFC 3629; what is not well
 * formed is a letter to no server. */
static size_t utf8_len(const struct mi_lexer *lexer, size_t at)
{
	unsigned char c = peek(lexer, at), next = peek(lexer, at + 1);
	size_t len = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;

	if (c < 0xc2 || c > 0xf4 || lexer->left.len - at < len)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((peek(lexer, at + i) & 0xc0) != 0x80)
			return 0;
	if ((c == 0xe0 && next < 0xa0) || (c == 0xed && next > 0x9f) ||
	    (c == 0xf0 && next < 0x90) || (c == 0xf4 && next > 0x8f))
		return 0;
	return len;
}

static bool within(unsigned char c, unsigned from, unsigned to)
{
	return c >= from && c <= to;
}

/* Length of the character of a charset of several bytes at an offset; 0: there is none that is well
 * formed. Source: the ismbchar functions in strings/ctype-*.c of both servers. */
static size_t multi_len(const struct mi_lexer *lexer, size_t at)
{
	unsigned char c = peek(lexer, at), next = peek(lexer, at + 1);
	bool two;

	switch (lexer->charset) {
	case MI_LEX_BIG5:
		two =
		    within(c, 0xa1, 0xf9) && (within(next, 0x40, 0x7e) || within(next, 0xa1, 0xfe));
		break;
	case MI_LEX_GB18030:
		if (within(c, 0x81, 0xfe) && within(next, '0', '9'))
			return within(peek(lexer, at + 2), 0x81, 0xfe) &&
			               within(peek(lexer, at + 3), '0', '9')
			           ? 4
			           : 0;
		two =
		    within(c, 0x81, 0xfe) && (within(next, 0x40, 0x7e) || within(next, 0x80, 0xfe));
		break;
	case MI_LEX_GBK:
		two =
		    within(c, 0x81, 0xfe) && (within(next, 0x40, 0x7e) || within(next, 0x80, 0xfe));
		break;
	case MI_LEX_GB2312:
		two = within(c, 0xa1, 0xf7) && within(next, 0xa1, 0xfe);
		break;
	case MI_LEX_EUCKR:
		two = within(c, 0x81, 0xfe) &&
		      (within(next & ~0x20, 'A', 'Z') || within(next, 0x81, 0xfe));
		break;
	case MI_LEX_SJIS:
		two = (within(c, 0x81, 0x9f) || within(c, 0xe0, 0xfc)) &&
		      (within(next, 0x40, 0x7e) || within(next, 0x80, 0xfc));
		break;
	case MI_LEX_UJIS:
		if (c == 0x8f)
			return within(next, 0xa1, 0xfe) && within(peek(lexer, at + 2), 0xa1, 0xfe)
			           ? 3
			           : 0;
		two = (c == 0x8e && within(next, 0xa0, 0xdf)) ||
		      (within(c, 0xa1, 0xfe) && within(next, 0xa1, 0xfe));
		break;
	default:
		two = false;
		break;
	}
	return two ? 2 : 0;
}

static bool is_multi(const struct mi_lexer *lexer)
{
	return lexer->charset >= MI_LEX_BIG5 && lexer->charset <= MI_LEX_UJIS;
}

/* Length of the letter above ASCII at an offset; 0: it is none. */
static size_t letter_len(const struct mi_lexer *lexer, size_t at)
{
	unsigned char c = peek(lexer, at);
	size_t len;

	switch (lexer->charset) {
	case MI_LEX_UTF8:
		return utf8_len(lexer, at);
	case MI_LEX_LETTERS:
		len = utf8_len(lexer, at);
		return len ? len : c >= 0x80 && c != 0xa0;
	case MI_LEX_BYTES:
	case MI_LEX_SWE7:
		return c >= 0x80 && c != 0xa0 && c != 0xff;
	default:
		return multi_len(lexer, at);
	}
}

/* Where the word that goes on at an offset ends. */
static size_t word_end(const struct mi_lexer *lexer, size_t at)
{
	for (;;) {
		unsigned char c = peek(lexer, at);
		size_t len = c < 0x80 ? is_ascii_word(lexer, c) : letter_len(lexer, at);

		if (len == 0)
			return at;
		at += len;
	}
}

static bool is_word_char(const struct mi_lexer *lexer, size_t at)
{
	unsigned char c = peek(lexer, at);

	return c < 0x80 ? is_ascii_word(lexer, c) : letter_len(lexer, at) > 0;
}

static void advance(struct mi_lexer *lexer, size_t len)
{
	lexer->left.data += len;
	lexer->left.len -= len;
}

/* ---- What lies between tokens ---- */

/* Length of the line comment here, 0: none. Both servers end one at a NUL byte too, so with one in
 * it nobody knows: that is left for the lexer to stumble over. */
static size_t line_comment(const struct mi_lexer *lexer)
{
	unsigned char after = peek(lexer, 2);
	size_t len = 0;

	if (peek(lexer, 0) != '#' &&
	    !(looking_at(lexer, "--") && (is_space(after) || after < 0x20 || after == 0x7f)))
		return 0;
	while (len < lexer->left.len && lexer->left.data[len] != '\n' && lexer->left.data[len])
		len++;
	return len;
}

/* Length up to and with the first star slash from an offset on; 0: there is none, or a NUL byte. */
static size_t comment_end(const struct mi_lexer *lexer, size_t from)
{
	for (size_t i = from; i + 1 < lexer->left.len && lexer->left.data[i]; i++)
		if (lexer->left.data[i] == '*' && lexer->left.data[i + 1] == '/')
			return i + 2;
	return 0;
}

static bool is_plain_comment(const struct mi_lexer *lexer)
{
	return looking_at(lexer, "/*") && !looking_at(lexer, "/*!") &&
	       (!looking_at(lexer, "/*M!") || (lexer->version && !lexer->mariadb)) &&
	       !looking_at(lexer, "/*+");
}

/* The digits of a version behind the mark at an offset: five or six, or none. */
static size_t version_digits(const struct mi_lexer *lexer, size_t at, unsigned *version)
{
	size_t len = 0;

	*version = 0;
	while (len < 6 && is_digit(peek(lexer, at + len)))
		*version = *version * 10 + (peek(lexer, at + len++) - '0');
	if (len < 5)
		*version = 0;
	return len < 5 ? 0 : len;
}

/* Tried on MySQL 9.7 and MariaDB 10.11. Versions from 5.7.0 on and before 10.0.0 are MySQL's. */
static bool is_run(const struct mi_lexer *lexer, unsigned version)
{
	bool any = looking_at(lexer, "/*M!");

	return version <= lexer->version &&
	       (!lexer->mariadb || any || version < 50700 || version > 99999);
}

/* Length of the executable comment here whose text does not count; a comment may be inside of it.
 * 0: it has no end. */
static size_t passed_over(const struct mi_lexer *lexer, size_t from)
{
	bool inside = false;

	for (size_t i = from; i + 1 < lexer->left.len && lexer->left.data[i]; i++)
		if (lexer->left.data[i] == '*' && lexer->left.data[i + 1] == '/') {
			if (!inside)
				return i + 2;
			inside = false;
			i++;
		} else if (!inside && lexer->left.data[i] == '/' &&
		           lexer->left.data[i + 1] == '*') {
			inside = true;
			i++;
		}
	return 0;
}

/* Length of the mark of an executable comment here, or of the whole comment if its text does not
 * count for the server; 0: there is none that can be read. */
static size_t executable(struct mi_lexer *lexer)
{
	size_t mark = looking_at(lexer, "/*M!") ? 4 : 3, digits;
	unsigned version;

	if (!lexer->version)
		return 0;
	if (lexer->in_executable && looking_at(lexer, "*/")) {
		lexer->in_executable = false;
		return 2;
	}
	if (lexer->in_executable || (!looking_at(lexer, "/*!") && !looking_at(lexer, "/*M!")))
		return 0;
	lexer->met_executable = true;
	digits = version_digits(lexer, mark, &version);
	if (!is_run(lexer, version))
		return passed_over(lexer, mark + digits);
	lexer->in_executable = true;
	return mark + digits;
}

/* True if there was something. */
static bool skip_between(struct mi_lexer *lexer)
{
	size_t before = lexer->left.len;

	while (lexer->left.len) {
		size_t len = is_space(peek(lexer, 0)) ? 1 : line_comment(lexer);

		if (len == 0 && is_plain_comment(lexer)) {
			lexer->met_executable |= peek(lexer, 2) == 'M' && peek(lexer, 3) == '!';
			len = comment_end(lexer, 2);
		}
		if (len == 0)
			len = executable(lexer);
		if (len == 0)
			break;
		advance(lexer, len);
	}
	return lexer->left.len < before;
}

/* ---- Tokens: length and kind ---- */

struct found {
	enum mi_lex_kind kind;
	size_t len;
};

static const struct found bad = {MI_LEX_BAD, 0};

/* Quoted text whose opening quote is at an offset. */
static struct found quoted(const struct mi_lexer *lexer, size_t from)
{
	char quote = lexer->left.data[from];
	bool name = quote == '`' || (quote == '"' && lexer->modes & MI_LEX_ANSI_QUOTES);
	bool escapes = !name && !(lexer->modes & MI_LEX_NO_BACKSLASH_ESCAPES);

	for (size_t i = from + 1; i < lexer->left.len; i++) {
		char c = lexer->left.data[i];

		if ((unsigned char)c >= 0x80 && is_multi(lexer)) {
			size_t len = multi_len(lexer, i);

			/* the servers' versions differ in where such a name goes on */
			if (len == 0 && name)
				return bad;
			i += len ? len - 1 : 0;
			continue;
		}
		if (c == '\\' && escapes)
			i++;
		else if (c == '\0' && name)
			return bad;
		else if (c == quote && peek(lexer, i + 1) == (unsigned char)quote)
			i++;
		else if (c == quote)
			return (struct found){name ? MI_LEX_NAME : MI_LEX_STRING, i + 1};
	}
	return bad;
}

/* Executable comments do not nest: of several levels the servers' versions think differently. */
static struct found comment(struct mi_lexer *lexer)
{
	size_t len = looking_at(lexer, "/*M!") ? 4 : 3;

	if (looking_at(lexer, "/*+")) {
		len = comment_end(lexer, 3);
		return len ? (struct found){MI_LEX_HINT, len} : bad;
	}
	if (lexer->version || lexer->in_executable ||
	    (!looking_at(lexer, "/*!") && !looking_at(lexer, "/*M!")))
		return bad;
	lexer->in_executable = lexer->met_executable = true;
	while (is_digit(peek(lexer, len)))
		len++;
	return (struct found){MI_LEX_OPEN, len};
}

/* 0x1F and 0b1, small letters alone; 0: it is none. */
static size_t radix_number(const struct mi_lexer *lexer)
{
	unsigned char radix = peek(lexer, 1);
	size_t len = 2;

	if (peek(lexer, 0) != '0' || (radix != 'x' && radix != 'b'))
		return 0;
	while (radix == 'x' ? is_hex(peek(lexer, len))
	                    : peek(lexer, len) == '0' || peek(lexer, len) == '1')
		len++;
	return len > 2 && !is_word_char(lexer, len) ? len : 0;
}

static size_t digits_end(const struct mi_lexer *lexer, size_t at)
{
	while (is_digit(peek(lexer, at)))
		at++;
	return at;
}

/* The offset after an exponent at `at`; `at` itself: there is none. */
static size_t exponent_end(const struct mi_lexer *lexer, size_t at)
{
	size_t sign = at + 1;

	if ((peek(lexer, at) | 0x20) != 'e')
		return at;
	if (peek(lexer, sign) == '+' || peek(lexer, sign) == '-')
		sign++;
	return is_digit(peek(lexer, sign)) ? digits_end(lexer, sign) : at;
}

/* Begins with a digit, or a point and a digit. A name may begin with digits; a number ends where no
 * number can go on, so that 1.FOR is a number and a word. */
static struct found number(const struct mi_lexer *lexer)
{
	size_t len = radix_number(lexer), whole;

	if (len)
		return (struct found){MI_LEX_NUMBER, len};
	whole = digits_end(lexer, 0);
	len = whole;
	if (peek(lexer, len) == '.') {
		len = digits_end(lexer, len + 1);
		whole = len;
		/* 1.5e and no digit: the servers' lexers lose their way */
		if ((peek(lexer, len) | 0x20) == 'e' && exponent_end(lexer, len) == len)
			return bad;
		return (struct found){MI_LEX_NUMBER, exponent_end(lexer, len)};
	}
	len = exponent_end(lexer, whole);
	if (len == whole && is_word_char(lexer, len))
		return (struct found){MI_LEX_WORD, word_end(lexer, len)};
	return (struct found){MI_LEX_NUMBER, len};
}

static struct found word(const struct mi_lexer *lexer)
{
	size_t len;

	/* b'1', x'00', n'text' */
	if (peek(lexer, 1) == '\'' && strchr("bBxXnN", peek(lexer, 0)))
		return quoted(lexer, 1);
	len = word_end(lexer, 0);
	/* to newer MySQL $tag$ is a quote, while $name is a name to all */
	if (peek(lexer, 0) == '$' && memchr(lexer->left.data + 1, '$', len - 1) &&
	    !(lexer->modes & MI_LEX_DEFINITION))
		return bad;
	return len ? (struct found){MI_LEX_WORD, len} : bad;
}

static struct found find(struct mi_lexer *lexer)
{
	unsigned char c = peek(lexer, 0);

	if (lexer->place == MI_LEX_AT_POINT)
		return (struct found){MI_LEX_PUNCT, 1};
	if (lexer->place == MI_LEX_BEHIND_POINT)
		return (struct found){MI_LEX_WORD, word_end(lexer, 0)};
	if (lexer->left.len == 0)
		return lexer->in_executable ? bad : (struct found){MI_LEX_END, 0};
	if (looking_at(lexer, "/*"))
		return comment(lexer);
	if (lexer->in_executable && looking_at(lexer, "*/")) {
		lexer->in_executable = false;
		return (struct found){MI_LEX_CLOSE, 2};
	}
	if (c == '`' || c == '\'' || c == '"')
		return quoted(lexer, 0);
	if (is_digit(c) || (c == '.' && is_digit(peek(lexer, 1))))
		return number(lexer);
	if (c >= 0x80 || is_ascii_word(lexer, c))
		return word(lexer);
	return c < 0x20 || c == 0x7f ? bad : (struct found){MI_LEX_PUNCT, 1};
}

/* Sets place for the token after the one that was found. */
static void note_place(struct mi_lexer *lexer, const struct found *found)
{
	if (lexer->place == MI_LEX_AT_POINT)
		lexer->place = MI_LEX_BEHIND_POINT;
	else if (found->kind == MI_LEX_WORD && peek(lexer, found->len) == '.' &&
	         is_word_char(lexer, found->len + 1))
		lexer->place = MI_LEX_AT_POINT;
	else
		lexer->place = MI_LEX_ANYWHERE;
}

struct mi_lexeme mi_lex_next(struct mi_lexer *lexer)
{
	struct mi_lexeme token = {.kind = MI_LEX_BAD};
	struct found found = bad;

	if (lexer->charset != MI_LEX_OTHER && !(lexer->modes & MI_LEX_UNKNOWN_MODE)) {
		token.spaced = skip_between(lexer);
		found = find(lexer);
		note_place(lexer, &found);
	}
	token.kind = found.kind;
	token.text = mi_span(lexer->left.data, found.len);
	advance(lexer, found.len);
	return token;
}

/* ---- Values ---- */

/* "String Literals" in the MySQL manual; \% and \_ stay as they are, for LIKE. */
static void add_escaped(struct mi_buf *out, char c)
{
	static const char from[] = "0bnrtZ", to[] = {'\0', '\b', '\n', '\r', '\t', 0x1a};
	const char *at = c ? strchr(from, c) : NULL;

	if (c == '%' || c == '_')
		mi_buf_add_char(out, '\\');
	mi_buf_add_char(out, at ? to[at - from] : c);
}

void mi_lexeme_value(const struct mi_lexeme *token, unsigned modes, struct mi_buf *out)
{
	struct mi_span text = token->text;
	bool escapes = token->kind == MI_LEX_STRING && !(modes & MI_LEX_NO_BACKSLASH_ESCAPES);

	if ((token->kind != MI_LEX_NAME && token->kind != MI_LEX_STRING) ||
	    !strchr("`'\"", *text.data)) {
		mi_buf_add_span(out, text);
		return;
	}
	for (size_t i = 1; i + 1 < text.len; i++) {
		if (text.data[i] == '\\' && escapes) {
			add_escaped(out, text.data[++i]);
			continue;
		}
		mi_buf_add_char(out, text.data[i]);
		if (text.data[i] == *text.data)
			i++;
	}
}
