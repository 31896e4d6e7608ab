#include "base/buf.h"
#include "base/err.h"
#include "schema/convert.h"
#include "schema/convert_parts.h"
#include "schema/edit.h"
#include "schema/list.h"
#include "sql/literal.h"
#include "sql/tokens.h"

/* MySQL prints each text in an expression of a table with its character set before it:
 * _utf8mb4'é'. MariaDB (10.11, 11.8) keeps such an expression as it prints it, which is
 * _utf8mb4'\xC3\xA9', and reads that back as the letters xC3xA9; with a quote or backslash in the
 * text it cannot read it back at all. A text without a character set, in the session's utf8mb4, it
 * keeps. Both servers convert it to whatever it is compared or joined with. */

static bool is_introducer(const struct mi_edit *edit, size_t at)
{
	const struct mi_lexeme *token = mi_edit_token(edit, at);

	return token->kind == MI_LEX_WORD && token->text.len > 1 && *token->text.data == '_' &&
	       mi_edit_token(edit, at + 1)->kind == MI_LEX_STRING;
}

static bool is_plain(struct mi_span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < ' ' || (unsigned char)text.data[i] > '~' ||
		    text.data[i] == '\'' || text.data[i] == '\\')
			return false;
	return true;
}

static void add_binary(struct mi_span bytes, struct mi_buf *sql)
{
	mi_buf_add_str(sql, "CAST(");
	mi_sql_hex(sql, bytes);
	mi_buf_add_str(sql, " AS BINARY)");
}

/* May a byte of a letter be a backslash, so that escapes cannot be told? */
static bool is_unclear(struct mi_span charset, struct mi_span bytes)
{
	static const char *const charsets[] = {"sjis", "cp932", "gbk", "gb18030", "big5"};

	for (size_t i = 0; i < sizeof charsets / sizeof *charsets; i++)
		if (mi_span_is(charset, charsets[i]))
			return !is_plain(bytes);
	return false;
}

/* Appends the text of bytes, which are in charset. */
static int recode(struct mi_convert *convert, struct mi_span charset, struct mi_span bytes,
                  const char *what, struct mi_buf *text, struct mi_err *err)
{
	if (mi_span_is(charset, "utf8mb4") || mi_span_is(charset, "utf8mb3") ||
	    mi_span_is(charset, "utf8")) {
		mi_buf_add_span(text, bytes);
		return 0;
	}
	if (convert->recode && !is_unclear(charset, bytes))
		return convert->recode(convert->user, charset, bytes, text, err);
	mi_note(convert->notes, MI_NOTE_REFUSED, "%s: a text in %.*s inside an expression", what,
	        (int)charset.len, charset.data);
	return 0;
}

/* One introducer at `at`, and its text. */
static int convert_one(struct mi_convert *convert, struct mi_edit *edit, size_t at,
                       const char *what, struct mi_err *err)
{
	struct mi_span charset = mi_edit_token(edit, at)->text;
	struct mi_buf bytes = {0}, text = {0}, sql = {0};
	int ret = 0;

	charset = mi_span(charset.data + 1, charset.len - 1);
	mi_token_string(mi_edit_token(edit, at + 1), &bytes);
	if (!mi_span_is(charset, "binary")) {
		ret = recode(convert, charset, mi_buf_span(&bytes), what, &text, err);
		mi_sql_string_span(&sql, mi_buf_span(&text));
	} else if (!is_plain(mi_buf_span(&bytes))) {
		add_binary(mi_buf_span(&bytes), &sql);
	}
	if (ret == 0 && sql.len > 0)
		mi_edit_replace(edit, at, at + 2, mi_buf_cstr(&sql));
	mi_buf_release(&bytes);
	mi_buf_release(&text);
	mi_buf_release(&sql);
	return ret;
}

int mi_convert_literals(struct mi_convert *convert, struct mi_buf *text, const char *what,
                        struct mi_err *err)
{
	struct mi_edit edit;
	int ret = 0;

	if (convert->to != MI_DIALECT_MARIADB)
		return 0;
	if (mi_edit_open(&edit, text, err) != 0)
		return -1;
	for (size_t at = 0; at < edit.tokens.count && ret == 0; at++)
		if (is_introducer(&edit, at))
			ret = convert_one(convert, &edit, at++, what, err);
	mi_edit_close(&edit);
	return ret;
}
