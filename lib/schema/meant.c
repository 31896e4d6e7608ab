#include "schema/meant.h"
#include "base/buf.h"
#include "base/err.h"
#include "schema/create_table.h"
#include "sql/lexer.h"
#include "sql/tokens.h"

#include <stdlib.h>
#include <strings.h>

/* What of a definition is looked at. */
enum {
	NAMES = 1,
	TEXTS = 2,
	NUMBERS = 4,
};

/* A range of tokens that is being reduced to what counts in it. */
struct range {
	const struct mi_tokens *tokens;
	size_t at, end;
	int what;
};

/* What both texts are read with. */
struct reader {
	mi_recode_fn *recode;
	void *user;
};

static const struct mi_lexeme *token(const struct range *range, size_t at)
{
	return &range->tokens->items[at < range->end ? at : range->tokens->count];
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static unsigned hex_value(char c)
{
	return is_digit(c) ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

/* Appends the bytes that digits in base 2 or 16 make: 0x41, X'41' and b'1000001' are the text 'A',
 * and some servers print them so. */
static void add_bytes(struct mi_span digits, unsigned base, struct mi_buf *out)
{
	size_t per_byte = base == 2 ? 8 : 2;
	unsigned byte = 0;

	for (size_t left = digits.len; left > 0; left--) {
		byte = byte * base + hex_value(digits.data[digits.len - left]);
		if ((left - 1) % per_byte)
			continue;
		mi_buf_add_char(out, (char)byte);
		byte = 0;
	}
}

static struct mi_span cut(struct mi_span text, size_t front, size_t back)
{
	return mi_span(text.data + front, text.len - front - back);
}

static void add_number(struct mi_span text, struct mi_buf *out)
{
	bool is_prefixed = text.len > 2 && *text.data == '0';

	if (is_prefixed && (text.data[1] | 0x20) == 'x')
		add_bytes(cut(text, 2, 0), 16, out);
	else if (is_prefixed && (text.data[1] | 0x20) == 'b')
		add_bytes(cut(text, 2, 0), 2, out);
	else
		mi_buf_add_span(out, text);
}

/* SHOW CREATE answers in utf8mb3 at MariaDB: a character of four bytes may be "?" in it. */
static void blur_wide(struct mi_buf *text)
{
	size_t to = 0;

	for (size_t i = 0; i < text->len; i++) {
		if ((unsigned char)text->data[i] >= 0xf0 && text->len - i >= 4) {
			text->data[to++] = '?';
			i += 3;
		} else {
			text->data[to++] = text->data[i];
		}
	}
	text->len = to;
}

/* A text with its character set, "_latin1", before it. */
static int add_introduced(const struct reader *reader, const struct mi_lexeme *introducer,
                          struct mi_buf *value, struct mi_err *err)
{
	struct mi_span charset = cut(introducer->text, 1, 0);
	struct mi_buf text = {0};
	int ret;

	if (mi_span_is(charset, "utf8mb4") || mi_span_is(charset, "utf8mb3") ||
	    mi_span_is(charset, "utf8") || mi_span_is(charset, "binary") ||
	    mi_span_is_ascii(mi_buf_span(value)))
		return 0;
	ret = reader->recode(reader->user, charset, mi_buf_span(value), &text, err);
	mi_buf_release(value);
	*value = text;
	return ret;
}

static void add_text(const struct mi_lexeme *string, struct mi_buf *out)
{
	struct mi_span text = string->text;
	char prefix = (char)(*text.data | 0x20);

	if (*text.data == '\'' || *text.data == '"') {
		mi_token_string(string, out);
	} else if (prefix == 'x') {
		add_bytes(cut(text, 2, 1), 16, out);
	} else if (prefix == 'b') {
		add_bytes(cut(text, 2, 1), 2, out);
	} else { /* N'text' */
		struct mi_lexeme plain = {.kind = MI_LEX_STRING, .text = cut(text, 1, 0)};

		mi_token_string(&plain, out);
	}
}

/* MariaDB prints a default of -1.5, MySQL '-1.5'; others print signs with brackets between. */
static void drop_sign(struct mi_buf *value)
{
	if (value->len < 2 || *value->data != '-' || !is_digit(value->data[1]))
		return;
	memmove(value->data, value->data + 1, value->len - 1);
	value->len--;
}

static bool is_introducer(const struct range *range, size_t at)
{
	const struct mi_lexeme *lexeme = token(range, at);

	return lexeme->kind == MI_LEX_WORD && lexeme->text.len > 1 && *lexeme->text.data == '_' &&
	       token(range, at + 1)->kind == MI_LEX_STRING;
}

/* Appends what the token at `at` says, if it counts. 1: it does, 0: it does not, -1: err says. */
static int read_value(const struct reader *reader, const struct range *range, size_t at,
                      struct mi_buf *value, struct mi_err *err)
{
	const struct mi_lexeme *lexeme = token(range, at);
	int ret = 0;

	if (lexeme->kind == MI_LEX_STRING && (range->what & TEXTS)) {
		add_text(lexeme, value);
		if (at > range->at && is_introducer(range, at - 1))
			ret = add_introduced(reader, token(range, at - 1), value, err);
	} else if (lexeme->kind == MI_LEX_NAME && (range->what & NAMES) &&
	           !mi_lexeme_is_punct(token(range, at + 1), '.')) { /* no database's name */
		mi_lexeme_value(lexeme, 0, value);
	} else if (lexeme->kind == MI_LEX_WORD && is_digit(*lexeme->text.data) &&
	           (range->what & NUMBERS)) {
		add_number(lexeme->text, value);
	} else {
		return 0;
	}
	drop_sign(value);
	blur_wide(value);
	return ret == 0 ? 1 : -1;
}

/* What only one of the servers prints: MariaDB gives a JSON column a CHECK (json_valid(...)) of its
 * own, and does not print REF_SYSTEM_ID. Returns the index behind it, or `at` when there is none.
 */
static size_t skip_own(const struct range *range, size_t at)
{
	if (mi_lexeme_is_word(token(range, at), "REF_SYSTEM_ID"))
		return at + 3;
	if (!mi_lexeme_is_word(token(range, at), "CHECK") ||
	    !mi_lexeme_is_word(token(range, at + 2), "JSON_VALID"))
		return at;
	return mi_tokens_match(range->tokens, at + 1) + 1;
}

/* A MariaDB that is told "not x" may be printed by MySQL as (0 = x): with a negation in it, 0 and 1
 * say nothing. */
static bool negates(const struct range *range)
{
	for (size_t at = range->at; at < range->end; at++)
		if (mi_lexeme_is_punct(token(range, at), '!') ||
		    (mi_lexeme_is_word(token(range, at), "NOT") &&
		     !mi_lexeme_is_word(token(range, at + 1), "NULL")))
			return true;
	return false;
}

/* Appends all values of the range that count, a line each. */
static int reduce(const struct reader *reader, const struct range *range, bool no_flags,
                  struct mi_buf *out, struct mi_err *err)
{
	struct mi_buf value = {0};
	int found = 0;

	for (size_t at = range->at; at < range->end && found >= 0; at++) {
		size_t next = skip_own(range, at);
		struct mi_span is;

		if (next > at) {
			at = next - 1;
			continue;
		}
		mi_buf_reset(&value);
		found = read_value(reader, range, at, &value, err);
		is = mi_buf_span(&value);
		if (found <= 0 || (no_flags && (mi_span_is(is, "0") || mi_span_is(is, "1"))))
			continue;
		mi_buf_add_span(out, is);
		mi_buf_add_char(out, '\n');
	}
	mi_buf_release(&value);
	return found < 0 ? -1 : 0;
}

static int fail_part(const char *kind, const char *name, struct mi_span meant, struct mi_span made,
                     struct mi_err *err)
{
	enum { SHOWN = 120 };
	int meant_len = (int)(meant.len < SHOWN ? meant.len : SHOWN);
	int made_len = (int)(made.len < SHOWN ? made.len : SHOWN);

	(void)mi_fail(err, MI_DATA, "%s %s is not what it was meant to be: %.*s has become %.*s",
	              kind, name, meant_len, meant.data, made_len, made.data);
	return mi_hint(err, "this server changes the definition in silence: change it at the "
	                    "source to a form that both servers keep");
}

/* Compares two parts; their texts are for the message. */
static int compare(const struct reader *reader, const char *kind, const char *name,
                   struct range meant, struct range made, struct mi_err *err)
{
	bool no_flags = negates(&meant) || negates(&made);
	struct mi_buf a = {0}, b = {0};
	int ret = -1;

	if (reduce(reader, &meant, no_flags, &a, err) != 0 ||
	    reduce(reader, &made, no_flags, &b, err) != 0)
		goto done;
	ret = 0;
	if (!mi_span_eq(mi_buf_span(&a), mi_buf_span(&b)))
		ret = fail_part(kind, name, mi_tokens_span(meant.tokens, meant.at, meant.end),
		                mi_tokens_span(made.tokens, made.at, made.end), err);
done:
	mi_buf_release(&a);
	mi_buf_release(&b);
	return ret;
}

/* ---- Tables ---- */

/* The attributes of a column: what stands behind its name, its type and the brackets of that. */
static struct range attributes(const struct mi_ddl_table *table,
                               const struct mi_table_element *element)
{
	struct range range = {&table->tokens, element->from + 2, element->to,
	                      NAMES | TEXTS | NUMBERS};

	if (mi_lexeme_is_punct(token(&range, range.at), '('))
		range.at = mi_tokens_match(range.tokens, range.at) + 1;
	return range;
}

static const struct mi_table_element *find_column(const struct mi_ddl_table *table,
                                                  const char *name)
{
	for (size_t i = 0; i < table->element_count; i++)
		if (table->elements[i].kind == MI_ELEMENT_COLUMN &&
		    strcasecmp(table->elements[i].name, name) == 0)
			return &table->elements[i];
	return NULL;
}

static int compare_columns(const struct reader *reader, const struct mi_ddl_table *meant,
                           const struct mi_ddl_table *made, struct mi_err *err)
{
	for (size_t i = 0; i < meant->element_count; i++) {
		const struct mi_table_element *column = &meant->elements[i], *here;

		if (column->kind != MI_ELEMENT_COLUMN)
			continue;
		here = find_column(made, column->name);
		if (!here)
			return mi_fail(err, MI_DATA, "column %s is missing", column->name);
		if (compare(reader, "column", column->name, attributes(meant, column),
		            attributes(made, here), err) != 0)
			return -1;
	}
	return 0;
}

static bool is_key(const struct mi_table_element *element)
{
	switch (element->kind) {
	case MI_ELEMENT_PRIMARY:
	case MI_ELEMENT_UNIQUE:
	case MI_ELEMENT_INDEX:
	case MI_ELEMENT_FULLTEXT:
	case MI_ELEMENT_SPATIAL:
	case MI_ELEMENT_FOREIGN_KEY:
		return true;
	default:
		return false;
	}
}

static struct range whole(const struct mi_ddl_table *table, const struct mi_table_element *element)
{
	return (struct range){&table->tokens, element->from, element->to, NAMES | TEXTS | NUMBERS};
}

/* Compares one key, by its name, with what table has. */
static int compare_key(const struct reader *reader, struct range meant,
                       const struct mi_table_element *key, const struct mi_ddl_table *made,
                       struct mi_err *err)
{
	for (size_t i = 0; i < made->element_count; i++) {
		const struct mi_table_element *here = &made->elements[i];

		if (here->kind == key->kind && strcasecmp(here->name, key->name) == 0)
			return compare(reader, "key", key->name, meant, whole(made, here), err);
	}
	return mi_fail(err, MI_DATA, "key %s is missing", key->name);
}

static int compare_keys(const struct reader *reader, const struct mi_ddl_table *meant,
                        const struct mi_ddl_table *made, struct mi_err *err)
{
	for (size_t i = 0; i < meant->element_count; i++) {
		const struct mi_table_element *key = &meant->elements[i];

		if (is_key(key) && compare_key(reader, whole(meant, key), key, made, err) != 0)
			return -1;
	}
	return 0;
}

/* The CHECK of number n (from 0), from that word on; empty when there are fewer. Servers print
 * them in the order in which they were made, under names of their own. */
static struct range check_of(const struct mi_ddl_table *table, size_t n)
{
	struct range range = {.tokens = &table->tokens, .what = NAMES | TEXTS | NUMBERS};

	for (size_t i = 0; i < table->element_count; i++) {
		const struct mi_table_element *element = &table->elements[i];

		if (element->kind != MI_ELEMENT_CHECK || n-- > 0)
			continue;
		range.at = element->from;
		range.end = element->to;
		while (range.at < range.end && !mi_lexeme_is_word(token(&range, range.at), "CHECK"))
			range.at++;
		break;
	}
	return range;
}

static int compare_checks(const struct reader *reader, const struct mi_ddl_table *meant,
                          const struct mi_ddl_table *made, struct mi_err *err)
{
	for (size_t n = 0;; n++) {
		struct range a = check_of(meant, n), b = check_of(made, n);

		if (a.at == a.end && b.at == b.end)
			return 0;
		if (compare(reader, "a", "CHECK", a, b, err) != 0)
			return -1;
	}
}

/* What stands behind the elements from word on, to the end, or one value with `alone`. */
static struct range tail_from(const struct mi_ddl_table *table, const char *word, bool alone)
{
	struct range range = {&table->tokens, table->close + 1, table->tokens.count,
	                      TEXTS | NUMBERS};

	while (range.at < range.end && !mi_lexeme_is_word(token(&range, range.at), word))
		range.at++;
	if (alone && range.at + 3 < range.end)
		range.end = range.at + 3; /* COMMENT = 'text' */
	return range;
}

static int compare_all(const struct reader *reader, const struct mi_ddl_table *meant,
                       const struct mi_ddl_table *made, struct mi_err *err)
{
	if (compare_columns(reader, meant, made, err) != 0 ||
	    compare_keys(reader, meant, made, err) != 0 ||
	    compare_checks(reader, meant, made, err) != 0)
		return -1;
	if (compare(reader, "the", "comment", tail_from(meant, "COMMENT", true),
	            tail_from(made, "COMMENT", true), err) != 0)
		return -1;
	return compare(reader, "the", "partitioning", tail_from(meant, "PARTITION", false),
	               tail_from(made, "PARTITION", false), err);
}

typedef int compare_fn(const struct reader *reader, const struct mi_ddl_table *meant,
                       const struct mi_ddl_table *made, struct mi_err *err);

static int take_apart(const struct reader *reader, const char *meant, const char *made,
                      compare_fn *compare_with, struct mi_err *err)
{
	struct mi_ddl_table a, b;
	int ret;

	if (mi_ddl_table_read(&a, mi_span_str(meant), err) != 0) {
		*err = (struct mi_err){0};
		return 0;
	}
	ret = mi_ddl_table_read(&b, mi_span_str(made), err);
	if (ret == 0) {
		ret = compare_with(reader, &a, &b, err);
		mi_ddl_table_release(&b);
	}
	mi_ddl_table_release(&a);
	return ret;
}

int mi_meant_table(const char *meant, const char *made, mi_recode_fn *recode, void *user,
                   struct mi_err *err)
{
	const struct reader reader = {recode, user};

	return take_apart(&reader, meant, made, compare_all, err);
}

int mi_meant_key(const char *meant, const char *made, mi_recode_fn *recode, void *user,
                 struct mi_err *err)
{
	static const char add[] = "ADD ";
	const struct reader reader = {recode, user};
	struct mi_buf table = {0};
	int ret;

	if (strncmp(meant, add, strlen(add)) == 0)
		meant += strlen(add);
	mi_buf_addf(&table, "CREATE TABLE `t` (%s\n)", meant);
	ret = take_apart(&reader, mi_buf_cstr(&table), made, compare_keys, err);
	mi_buf_release(&table);
	return ret;
}

/* ---- Other objects ---- */

/* Appends the next text of a definition; what the lexer cannot read counts as the last. False:
 * there are no more. */
static bool next_text(struct mi_lexer *lexer, struct mi_buf *text)
{
	struct mi_lexeme lexeme;

	do {
		lexeme = mi_lex_next(lexer);
	} while (lexeme.kind != MI_LEX_STRING && lexeme.kind != MI_LEX_END &&
	         lexeme.kind != MI_LEX_BAD);
	mi_buf_reset(text);
	if (lexeme.kind == MI_LEX_STRING)
		mi_lexeme_value(&lexeme, lexer->modes, text);
	else
		mi_buf_add_span(text, lexer->left);
	blur_wide(text);
	return lexeme.kind == MI_LEX_STRING;
}

/* Is every text of one definition in the other? A view's may be printed twice: MariaDB puts
 * expressions in the place of their aliases. */
static bool texts_within(struct mi_lexer one, const struct mi_lexer *other, struct mi_buf *lacking)
{
	struct mi_buf text = {0};
	bool more = true, found = true;

	while (more && found) {
		struct mi_lexer all = *other;
		bool go_on = true;

		more = next_text(&one, lacking);
		for (found = false; go_on && !found;) {
			go_on = next_text(&all, &text);
			found =
			    go_on == more && mi_span_eq(mi_buf_span(&text), mi_buf_span(lacking));
		}
	}
	mi_buf_release(&text);
	return found;
}

int mi_meant_object(const char *meant, const char *made, unsigned modes, bool may_add,
                    struct mi_err *err)
{
	struct mi_lexer a = mi_lexer(mi_span_str(meant), modes, MI_LEX_LETTERS);
	struct mi_lexer b = mi_lexer(mi_span_str(made), modes, MI_LEX_LETTERS);
	struct mi_buf lacking = {0};
	int ret = 0;

	if (!texts_within(a, &b, &lacking))
		ret = mi_fail(err, MI_DATA, "the definition was meant to hold '%s'",
		              mi_buf_cstr(&lacking));
	else if (!may_add && !texts_within(b, &a, &lacking))
		ret = mi_fail(err, MI_DATA, "the definition was not meant to hold '%s'",
		              mi_buf_cstr(&lacking));
	mi_buf_release(&lacking);
	return ret;
}
