#include "base/buf.h"
#include "base/err.h"
#include "sql/json_types.h"
#include "sql/json_value.h"
#include "sql/load_text.h"
#include "t.h"
#include "table/json.h"
#include "table/table.h"

#include <stdint.h>
#include <stdio.h>

/* A literal with its NUL bytes, as a span. */
#define SPAN(text) mi_span(text, sizeof(text) - 1)

static struct mi_buf out;

/* ---- What the server says of types, put into the order of the text ---- */

static void types(void)
{
	static const struct {
		const char *text, *types, *want; /* want NULL: they do not go together */
	} rows[] = {
	    {"1.10", "D", "D"},
	    {"\"x\"", ".", ""},
	    {"5", "I", ""},
	    {"4294967296", "I", "I"},
	    {"4294967296", "U", "."},
	    {"5", "U", "U"},
	    {"[]", "", ""},
	    /* members before what is in them; arrays after objects */
	    {"{\"a\": {\"x\": 1.10}, \"b\": \"2024-01-01\"}", "{dD", "Dd"},
	    {"[[1.10], {\"a\": [null, 5]}, \"00:00:00.000000\"]", "[[{tD.U", "D.Ut"},
	    {"[[1.10], {\"a\": [null, 5]}, \"00:00:00.000000\"]", "[[{tD.", NULL},
	    {"[[1.10], {\"a\": [null, 5]}, \"00:00:00.000000\"]", "[[{tD.U.", NULL},
	    {"[[1.10], {\"a\": [null, 5]}, \"00:00:00.000000\"]", "[{[tD.U", NULL},
	    {"[1.10, \"x\"]", ".D", NULL},
	    {"[1.10, 5]", "D.", NULL}, /* 5 is no double: it would have a point */
	    {"[1.10, \"5\"]", "DI", NULL},
	    {"[1.10, 5]", "D?", NULL},
	    {"[1.10", "D", NULL},
	    {"1.10", "DD", NULL},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct mi_buf fixed = {0};
		bool ok;

		mi_buf_reset(&out);
		ok = mi_json_types_codes(mi_span_str(rows[i].text), mi_span_str(rows[i].types),
		                         &out, &fixed);
		CHECK(ok == (rows[i].want != NULL), "%s and %s", rows[i].text, rows[i].types);
		if (ok && rows[i].want)
			CHECK_STR(mi_buf_cstr(&out), rows[i].want, rows[i].text);
		CHECK(fixed.len == 0, "the text is right");
		mi_buf_release(&fixed);
	}
}

static void text_of_57(void)
{
	struct mi_buf fixed = {0};

	mi_buf_reset(&out);
	CHECK(mi_json_types_codes(mi_span_str("[5, -5, 1.5, \"base64:type15:AA\nAA\", \"x\"]"),
	                          mi_span_str("fIfo."), &out, &fixed),
	      "letters of 5.7");
	CHECK_STR(mi_buf_cstr(&fixed), "[5.0, -5, 1.5, \"base64:type15:AA\\nAA\", \"x\"]",
	          "text as later servers print it");
	mi_buf_release(&fixed);
}

/* MySQL 5.7 is asked about the first 1000 values: when all of these are plain, the others need not
 * be. */
static void cut_off(void)
{
	struct mi_buf text = {0}, types = {0}, fixed = {0};

	mi_buf_add_char(&text, '[');
	for (int i = 0; i < MI_JSON_TYPES_MOST_57; i++) {
		mi_buf_add_str(&text, "\"a\", ");
		mi_buf_add_char(&types, '.');
	}
	mi_buf_reset(&out);
	mi_buf_add_str(&text, "\"2024-01-01\"]");
	CHECK(!mi_json_types_codes(mi_buf_span(&text), mi_buf_span(&types), &out, &fixed),
	      "more values than letters");
	text.len -= strlen(", \"2024-01-01\"]");
	mi_buf_add_char(&text, ']');
	CHECK(mi_json_types_codes(mi_buf_span(&text), mi_buf_span(&types), &out, &fixed) &&
	          fixed.len == 0 && strspn(mi_buf_cstr(&out), ".") == out.len,
	      "as many as letters, all plain");
	mi_buf_release(&text);
	mi_buf_release(&types);
}

/* ---- Expressions ---- */

static const char *expression(enum mi_json_here here, struct mi_span value)
{
	const char *text;
	struct mi_span document, codes;
	struct mi_buf hex = {0};

	mi_buf_reset(&out);
	mi_sql_json(&out, here, value);
	text = mi_buf_cstr(&out);
	/* the document itself stands there in hexadecimal: X is put in its place */
	mi_json_split(value, &document, &codes);
	mi_buf_add_str(&hex, "JSON_REPLACE(CAST(_utf8mb4 X'");
	for (size_t i = 0; i < document.len; i++)
		mi_buf_addf(&hex, "%02x", (unsigned char)document.data[i]);
	mi_buf_add_str(&hex, "' AS JSON),");
	if (strncmp(text, mi_buf_cstr(&hex), hex.len) == 0)
		text += hex.len;
	mi_buf_release(&hex);
	return text;
}

static void expressions(void)
{
	static const char table[] =
	    "'$',(SELECT CAST(_mi_j._mi_c AS JSON) FROM JSON_TABLE(%s,'$[*]' COLUMNS(_mi_c %s PATH "
	    "'$' ERROR ON EMPTY ERROR ON ERROR)) AS _mi_j))";
	const struct {
		struct mi_span value;
		const char *want;
	} rows[] = {
	    {SPAN("[1.10]"), "_utf8mb4 X'5b312e31305d'"},
	    {SPAN("1.10\0D"), "'$',1.10)"},
	    {SPAN("-5\0D"), "'$',-5.)"},
	    {SPAN("5\0U"), "'$',CAST(5 AS UNSIGNED))"},
	    {SPAN("4294967296\0I"), "'$',4294967296)"},
	    {SPAN("[\"x\", {\"a\": [true, \"2024-01-01\"]}]\0..d"),
	     "'$[1].\"a\"[1]',DATE'2024-01-01')"},
	    {SPAN("{\"\": 1.0, \"q\\\"'\\\\\": \"-01:02:03.000000\", \"z\": \"2024-01-01 "
	          "00:00:00.000000\"}\0.tc"),
	     "'$.\"q\\\\\"\\'\\\\\\\\\"',TIME'-01:02:03.000000','$.\"z\"',TIMESTAMP'2024-01-01 "
	     "00:00:00.000000')"},
	    {SPAN("[[[1], 2.5], [], {}, 3.5]\0.D.D"), NULL},
	    {SPAN("[[[1], 2.5], [], {}, 3.5]\0.DD"), "'$[0][1]',2.5,'$[3]',3.5)"},
	    {SPAN("\"base64:type15:AP8=\"\0o"), "'$',X'00ff')"},
	    {SPAN("\"base64:type15:\"\0o"), "'$',X'')"},
	};
	char want[400];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!rows[i].want) {
			CHECK(!mi_json_is_valid(rows[i].value), "too many codes");
			continue;
		}
		CHECK_STR(expression(MI_JSON_HERE, rows[i].value), rows[i].want,
		          rows[i].value.data);
	}
	(void)snprintf(want, sizeof want, table, "JSON_ARRAY(X'616263')", "BLOB");
	CHECK_STR(expression(MI_JSON_HERE, SPAN("\"base64:type252:YWJj\"\0o")), want, "a BLOB");
	(void)snprintf(want, sizeof want, table, "JSON_ARRAY(X'61626364')", "BINARY(4)");
	CHECK_STR(expression(MI_JSON_HERE, SPAN("\"base64:type254:YWJj\\nZA==\"\0o")), want,
	          "a BINARY, in lines");
	(void)snprintf(want, sizeof want, table, "'[33023]'", "BIT(16)");
	CHECK_STR(expression(MI_JSON_HERE, SPAN("\"base64:type16:gP8=\"\0o")), want, "BITs");
	(void)snprintf(want, sizeof want, table, "'[\"2024-01-01 00:00:00.000000\"]'",
	               "TIMESTAMP(6)");
	CHECK_STR(expression(MI_JSON_HERE, SPAN("\"2024-01-01 00:00:00.000000\"\0s")), want,
	          "a TIMESTAMP");
}

static void doubles(void)
{
	static const char *const safe[] = {
	    "1.5", "-0.0", "0.1", "12345678901234.5", "1e22", "1.5e-10", "999999999999999e7"};
	static const char *const unsafe[] = {"15358142.423569625",
	                                     "1e23",
	                                     "5e-324",
	                                     "1.7976931348623157e308",
	                                     "4.1610088276817e82",
	                                     "1e-23",
	                                     "12345678901234567.0"};

	for (size_t i = 0; i < sizeof safe / sizeof *safe; i++)
		CHECK(mi_json_is_text(MI_JSON_INEXACT, mi_span_str(safe[i])), "%s is safe",
		      safe[i]);
	for (size_t i = 0; i < sizeof unsafe / sizeof *unsafe; i++) {
		CHECK(!mi_json_is_text(MI_JSON_INEXACT, mi_span_str(unsafe[i])), "%s is not",
		      unsafe[i]);
		CHECK(mi_json_is_text(MI_JSON_HERE, mi_span_str(unsafe[i])),
		      "but where the parser is exact");
	}
	CHECK_STR(expression(MI_JSON_INEXACT, SPAN("[15358142.423569625, 5e-324, 1.5, \"1e300\"]")),
	          "'$[0]',15358142.423569625e0,'$[1]',5e-324)", "as SQL's doubles");
	CHECK_STR(expression(MI_JSON_INEXACT, SPAN("[1.5, 2.5]\0.D")), "'$[1]',2.5)",
	          "beside codes");
}

static void elsewhere(void)
{
	CHECK_STR(expression(MI_JSON_HERE_TEXT, SPAN("[5]\0U")), "_utf8mb4 X'5b355d'",
	          "where it is text there are no codes");
	CHECK_STR(expression(MI_JSON_HERE, SPAN("[5]\0d")), "_utf8mb4 X'5b355d0064'",
	          "damaged codes stay, and no server takes that");
}

/* What cannot be written of a value; "": all can. */
static const char *refused(enum mi_json_here here, struct mi_span value)
{
	static char what[64];

	return mi_json_unwritable(here, value, what) ? what : "";
}

static void unwritable(void)
{
	const struct {
		enum mi_json_here here;
		struct mi_span value;
		const char *want;
	} rows[] = {
	    {MI_JSON_HERE, SPAN("[\"base64:type15:\", \"base64:type253:YQ==\"]\0oo"),
	     "bytes of column type 253 (base64:type253:)"},
	    {MI_JSON_HERE, SPAN("\"base64:type16:\"\0o"),
	     "bytes of column type 16 (base64:type16:)"},
	    {MI_JSON_HERE, SPAN("\"base64:type16:QUJDREVGR0hJ\"\0o"),
	     "bytes of column type 16 (base64:type16:)"},
	    {MI_JSON_HERE, SPAN("\"base64:type16:AA==\"\0o"), ""},
	    {MI_JSON_HERE, SPAN("\"base64:type15:!!!!\"\0o"),
	     "bytes of column type 15 (base64:type15:)"},
	    {MI_JSON_HERE_TEXT, SPAN("\"base64:type253:YQ==\"\0o"), ""},
	    {MI_JSON_NO_TABLE, SPAN("[1.5, \"base64:type15:YQ==\"]\0.o"),
	     "bytes of column type 15 (base64:type15:)"},
	    {MI_JSON_NO_TABLE, SPAN("\"2024-01-01 00:00:00.000000\"\0s"), "a TIMESTAMP"},
	    {MI_JSON_NO_TABLE, SPAN("[1.10]\0D"), ""},
	    {MI_JSON_SHORT_TIME, SPAN("\"-32:00:00.000000\"\0t"), "the TIME \"-32:00:00.000000\""},
	    {MI_JSON_SHORT_TIME, SPAN("\"31:59:59.999999\"\0t"), ""},
	    {MI_JSON_HERE, SPAN("\"838:59:59.000000\"\0t"), ""},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		CHECK_STR(refused(rows[i].here, rows[i].value), rows[i].want, "what is refused");
}

static void rows_refused(void)
{
	struct mi_column column = {
	    .name = (char *)(uintptr_t) "j", .type = MI_TYPE_JSON, .carried = true};
	struct mi_table table = {.columns = &column, .column_count = 1, .carried_count = 1};
	struct mi_loadtext plan;
	struct mi_span value = SPAN("[1.10]\0D");
	struct mi_err err = {0};

	mi_loadtext_init(&plan, &table);
	mi_buf_reset(&out);
	CHECK(!mi_loadtext_row(&plan, &value, &out) && out.len == 0, "no line has types");
	CHECK(mi_loadtext_check(&plan, &value, &err) == 0, "but they can be written");
	value = SPAN("[1.10]\0DD");
	CHECK(mi_loadtext_check(&plan, &value, &err) != 0 && err.code == MI_DATA &&
	          strstr(err.text, "column j"),
	      "damaged ones are refused by name");
	value = SPAN("\"base64:type253:YQ==\"\0o");
	CHECK(mi_loadtext_check(&plan, &value, &err) != 0 && strstr(err.text, "base64:type253"),
	      "and what cannot be written");
	column.json_here = MI_JSON_HERE_TEXT;
	value = SPAN("[1.10]\0D");
	CHECK(mi_loadtext_row(&plan, &value, &out), "text is a line");
	CHECK_STR(mi_buf_cstr(&out), "[1.10]\n", "without codes");
	mi_loadtext_release(&plan);
}

int main(void)
{
	types();
	text_of_57();
	cut_off();
	expressions();
	doubles();
	elsewhere();
	unwritable();
	rows_refused();
	mi_buf_release(&out);
	DONE();
}
