/* Values as row events and binary JSON have them: DECIMAL, temporal types, documents, and changes
 * of documents. What is malformed comes first. */
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "value/decimal.h"
#include "value/json.h"
#include "value/json_diff.h"
#include "value/temporal.h"
#include "t.h"

#include <stdlib.h>

#define BYTES(literal)                      \
	{                                   \
		literal, sizeof literal - 1 \
	}

static struct mi_buf out;

/* ---- DECIMAL ---- */

static void decimals(void)
{
	static const struct {
		struct mi_span bytes;
		unsigned precision, scale;
		const char *want; /* NULL: malformed */
	} rows[] = {
	    {BYTES(""), 5, 2, NULL},
	    {BYTES("\x80\x01"), 5, 2, NULL},
	    {BYTES("\x80\x01\x64"), 5, 2, NULL}, /* 100 hundredths */
	    {BYTES("\x80\x01\x32"), 2, 5, NULL},
	    {BYTES("\x80\x01\x32"), 99, 5, NULL},
	    {BYTES(""), 0, 0, NULL},
	    {BYTES("\x80\x00\x00"), 5, 2, "0.00"},
	    {BYTES("\x80\x01\x32"), 5, 2, "1.50"},
	    {BYTES("\x7f\xfe\xcd"), 5, 2, "-1.50"},
	    {BYTES("\x83\xe7\x63"), 5, 2, "999.99"},
	    {BYTES("\x81\x0d\xfb\x38\xd2\x04\xd2"), 14, 4, "1234567890.1234"},
	    {BYTES("\x7e\xf2\x04\xc7\x2d\xfb\x2d"), 14, 4, "-1234567890.1234"},
	    {BYTES("\xe3"), 2, 2, "0.99"},
	    {BYTES("\x80\x00\x00\x00\x01"), 10, 0, "1"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct mi_bytes in = mi_bytes(rows[i].bytes);

		mi_buf_reset(&out);
		mi_decimal_take(&in, rows[i].precision, rows[i].scale, &out);
		if (!rows[i].want)
			CHECK(in.bad, "malformed DECIMAL(%u,%u)", rows[i].precision, rows[i].scale);
		else if (CHECK(!in.bad && in.len == 0, "DECIMAL(%u,%u)", rows[i].precision,
		               rows[i].scale))
			CHECK_STR(mi_buf_cstr(&out), rows[i].want, "its text");
	}
}

/* ---- Temporal ---- */

enum form { DATE, TIME2, DATETIME2, TIMESTAMP2, TIME_OLD, DATETIME_OLD, TIMESTAMP_OLD };

static void take(enum form form, struct mi_bytes *in, unsigned fsp)
{
	switch (form) {
	case DATE:
		mi_date_take(in, &out);
		break;
	case TIME2:
		mi_time2_take(in, fsp, &out);
		break;
	case DATETIME2:
		mi_datetime2_take(in, fsp, &out);
		break;
	case TIMESTAMP2:
		mi_timestamp2_take(in, fsp, &out);
		break;
	case TIME_OLD:
		mi_time_old_take(in, &out);
		break;
	case DATETIME_OLD:
		mi_datetime_old_take(in, &out);
		break;
	case TIMESTAMP_OLD:
		mi_timestamp_old_take(in, &out);
		break;
	}
}

static void temporal(void)
{
	static const struct {
		enum form form;
		unsigned fsp;
		struct mi_span bytes;
		const char *want; /* NULL: malformed */
	} rows[] = {
	    {DATE, 0, BYTES("\x5d\xd0"), NULL},
	    {TIME2, 6, BYTES("\x80\x00\x00\x00\x00"), NULL},
	    {DATETIME2, 0, BYTES("\x99\xb2\x7b\xb7"), NULL},
	    {DATETIME2, 0, BYTES("\x00\x00\x00\x00\x00"), NULL},
	    {TIMESTAMP2, 3, BYTES("\x65\x92\x00\x80\x04"), NULL},
	    {DATE, 0, BYTES("\x00\x00\x00"), "0000-00-00"},
	    {DATE, 0, BYTES("\x5d\xd0\x0f"), "2024-02-29"},
	    {DATE, 0, BYTES("\x9f\x1f\x4e"), "9999-12-31"},
	    {TIME2, 0, BYTES("\x80\x00\x00"), "00:00:00"},
	    {TIME2, 0, BYTES("\xb4\x6e\xfb"), "838:59:59"},
	    {TIME2, 0, BYTES("\x4b\x91\x05"), "-838:59:59"},
	    {TIME2, 1, BYTES("\x80\x00\x00\x0a"), "00:00:00.1"},
	    {TIME2, 2, BYTES("\x7f\xff\xfe\xce"), "-00:00:01.50"},
	    {TIME2, 3, BYTES("\x7f\xff\xff\xff\xf6"), "-00:00:00.001"},
	    {TIME2, 6, BYTES("\x7f\xff\xff\xff\xff\xff"), "-00:00:00.000001"},
	    {DATETIME2, 0, BYTES("\x80\x00\x00\x00\x00"), "0000-00-00 00:00:00"},
	    {DATETIME2, 0, BYTES("\x99\xb2\xbb\x7e\xfb"), "2024-02-29 23:59:59"},
	    {DATETIME2, 6, BYTES("\xfe\xf3\xff\x7e\xfb\x0f\x42\x3f"), "9999-12-31 23:59:59.999999"},
	    {TIMESTAMP2, 0, BYTES("\x00\x00\x00\x00"), "0000-00-00 00:00:00"},
	    {TIMESTAMP2, 0, BYTES("\x00\x00\x00\x01"), "1970-01-01 00:00:01"},
	    {TIMESTAMP2, 3, BYTES("\x7f\xff\xff\xff\x13\x7e"), "2038-01-19 03:14:07.499"},
	    {TIMESTAMP2, 0, BYTES("\xff\xff\xff\xff"), "2106-02-07 06:28:15"},
	    {TIME_OLD, 0, BYTES("\x40\xe2\x01"), "12:34:56"},
	    {TIME_OLD, 0, BYTES("\xc0\x1d\xfe"), "-12:34:56"},
	    {DATETIME_OLD, 0, BYTES("\xf7\x7c\xac\x8b\x68\x12\x00\x00"), "2024-02-29 23:59:59"},
	    {DATETIME_OLD, 0, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff"), NULL},
	    {TIMESTAMP_OLD, 0, BYTES("\x01\x00\x00\x00"), "1970-01-01 00:00:01"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct mi_bytes in = mi_bytes(rows[i].bytes);

		mi_buf_reset(&out);
		take(rows[i].form, &in, rows[i].fsp);
		if (!rows[i].want)
			CHECK(in.bad, "malformed, form %d", (int)rows[i].form);
		else if (CHECK(!in.bad && in.len == 0, "form %d(%u)", (int)rows[i].form,
		               rows[i].fsp))
			CHECK_STR(mi_buf_cstr(&out), rows[i].want, "its text");
	}
}

/* ---- Documents ---- */

/* [1, "a"] in the small form */
#define ONE_A                                              \
	"\x02\x02\x00\x0c\x00\x05\x01\x00\x0c\x0a\x00\x01" \
	"a"
/* {"a": 1, "bb": null}: 2 keys of 4 bytes, 2 values of 3 */
#define OBJECT                                                                         \
	"\x00\x02\x00\x15\x00\x12\x00\x01\x00\x13\x00\x02\x00\x05\x01\x00\x04\x00\x00" \
	"a"                                                                            \
	"bb"

static void documents(void)
{
	static const struct {
		struct mi_span bytes;
		const char *want; /* NULL: malformed */
	} rows[] = {
	    {BYTES("\x04"), NULL},
	    {BYTES("\x04\x03"), NULL},
	    {BYTES("\x06\x01"), NULL},
	    {BYTES("\x0d\x00"), NULL},
	    {BYTES("\x0c\x05"
	           "abcd"),
	     NULL},
	    {BYTES("\x0c\x80\x80\x80\x80\x80\x01"
	           "a"),
	     NULL},
	    {BYTES("\x02\x01\x00\x04\x00"), NULL},             /* no room for its element */
	    {BYTES("\x02\xff\xff\x04\x00"), NULL},             /* nor for so many */
	    {BYTES("\x02\x00\x00\x05\x00"), NULL},             /* larger than the document */
	    {BYTES("\x02\x00\x00\x03\x00"), NULL},             /* smaller than its head */
	    {BYTES("\x02\x01\x00\x07\x00\x0c\x08\x00"), NULL}, /* a string outside */
	    {BYTES("\x02\x01\x00\x07\x00\x02\x00\x00"), NULL}, /* an array in itself */
	    {BYTES("\x03\xff\xff\xff\xff\xff\xff\xff\xff"), NULL},
	    {BYTES("\x0f\xf6\x04\x05\x02\x80\x01"), NULL}, /* DECIMAL cut off */
	    {BYTES("\x0f\x0c\x01\x00"), NULL},             /* DATETIME likewise */
	    {BYTES(""), "null"},
	    {BYTES("\x04\x00"), "null"},
	    {BYTES("\x04\x01"), "true"},
	    {BYTES("\x05\xff\xff"), "-1"},
	    {BYTES("\x0a\xff\xff\xff\xff\xff\xff\xff\xff"), "18446744073709551615"},
	    {BYTES("\x0b\x00\x00\x00\x00\x00\x00\xf0\x3f"), "1.0"},
	    {BYTES("\x0b\x00\x00\x00\x00\x00\x00\x00\x80"), "-0.0"},
	    {BYTES("\x0c\x00"), "\"\""},
	    {BYTES("\x0c\x06"
	           "a\"\\\x01\n\x7f"),
	     "\"a\\\"\\\\\\u0001\\n\x7f\""},
	    {BYTES("\x0f\xf6\x05\x05\x02\x80\x01\x32"), "1.50"},
	    {BYTES("\x0f\x0f\x02\x00\xff"), "\"base64:type15:AP8=\""},
	    {BYTES("\x02\x00\x00\x04\x00"), "[]"},
	    {BYTES("\x00\x00\x00\x04\x00"), "{}"},
	    {BYTES(ONE_A), "[1, \"a\"]"},
	    {BYTES(OBJECT), "{\"a\": 1, \"bb\": null}"},
	};
	struct mi_err err = {0};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int ret;

		mi_buf_reset(&out);
		ret = mi_json_text(rows[i].bytes, true, &out, &err);
		if (!rows[i].want)
			CHECK(ret != 0 && err.code == MI_PROTOCOL, "malformed document %zu: %s", i,
			      err.text);
		else if (CHECK(ret == 0, "document %zu", i))
			CHECK_STR(mi_buf_cstr(&out), rows[i].want, "its text");
	}
}

/* An array whose elements all share the next array, and so on: 2^n values in 20 * n bytes. */
static void shared_values_do_not_multiply(void)
{
	enum { LEVELS = 40, SIZE = 4 + 2 * 3 };
	char bytes[1 + LEVELS * SIZE];
	struct mi_err err = {0};

	bytes[0] = MI_JSON_SMALL_ARRAY;
	for (int i = 0; i < LEVELS; i++) {
		char *at = bytes + 1 + i * SIZE;
		bool last = i == LEVELS - 1;

		mi_put_u16(at, 2);
		mi_put_u16(at + 2, (uint16_t)((LEVELS - i) * SIZE));
		for (int j = 0; j < 2; j++) {
			at[4 + 3 * j] = last ? MI_JSON_LITERAL : MI_JSON_SMALL_ARRAY;
			mi_put_u16(at + 5 + 3 * j, last ? 0 : SIZE);
		}
	}
	mi_buf_reset(&out);
	CHECK(mi_json_text(mi_span(bytes, sizeof bytes), true, &out, &err) != 0 && out.len < 10000,
	      "values that overlap are malformed (%zu bytes of text so far)", out.len);
}

static void too_deep(void)
{
	enum { LEVELS = 3000, SIZE = 4 + 5 };
	static char bytes[1 + LEVELS * 13];
	struct mi_err err = {0};

	bytes[0] = MI_JSON_LARGE_ARRAY;
	for (int i = 0; i < LEVELS; i++) {
		char *at = bytes + 1 + i * 13;

		mi_put_u32(at, 1);
		mi_put_u32(at + 4, (uint32_t)((LEVELS - i) * 13));
		at[8] = i == LEVELS - 1 ? MI_JSON_LITERAL : MI_JSON_LARGE_ARRAY;
		mi_put_u32(at + 9, i == LEVELS - 1 ? 0 : 13);
	}
	mi_buf_reset(&out);
	CHECK(mi_json_text(mi_span(bytes, sizeof bytes), true, &out, &err) != 0,
	      "a document deeper than servers allow is malformed");
}

/* ---- Changes ---- */

/* One diff: operation, path, and the document "x" but for REMOVE. */
static void add_diff(struct mi_buf *diffs, int operation, const char *path)
{
	mi_buf_add_char(diffs, (char)operation);
	mi_buf_add_char(diffs, (char)strlen(path));
	mi_buf_add_str(diffs, path);
	if (operation != 2)
		mi_buf_add(diffs, "\x03\x0c\x01x", 4);
}

static void changes(void)
{
	enum { REPLACE, INSERT, REMOVE };
	static const struct mi_span array = BYTES(ONE_A), object = BYTES(OBJECT);
	static const struct {
		const struct mi_span *before;
		int operation;
		const char *path, *want; /* NULL: no such place */
	} rows[] = {
	    {&array, REPLACE, "", NULL},
	    {&array, REPLACE, "[0]", NULL},
	    {&array, REPLACE, "$[", NULL},
	    {&array, REPLACE, "$[x]", NULL},
	    {&array, REPLACE, "$.", NULL},
	    {&array, REPLACE, "$.\"a", NULL},
	    {&array, REPLACE, "$.\"\\u12\"", NULL},
	    {&array, REPLACE, "$.a", NULL},
	    {&array, REPLACE, "$[2]", NULL},
	    {&array, REPLACE, "$[last-2]", NULL},
	    {&array, REPLACE, "$[0][0]", NULL},
	    {&array, INSERT, "$", NULL},
	    {&array, REMOVE, "$", NULL},
	    {&object, INSERT, "$.a", NULL},
	    {&object, REMOVE, "$.b", NULL},
	    {&object, REPLACE, "$[0]", NULL},
	    {&object, 3, "$.a", NULL},
	    {&array, REPLACE, "$", "\"x\""},
	    {&array, REPLACE, "$[0]", "[\"x\", \"a\"]"},
	    {&array, REPLACE, "$[last]", "[1, \"x\"]"},
	    {&array, REPLACE, "$[last-1]", "[\"x\", \"a\"]"},
	    {&array, INSERT, "$[0]", "[\"x\", 1, \"a\"]"},
	    {&array, INSERT, "$[1]", "[1, \"x\", \"a\"]"},
	    {&array, INSERT, "$[9]", "[1, \"a\", \"x\"]"},
	    {&array, REMOVE, "$[0]", "[\"a\"]"},
	    {&object, REPLACE, "$.a", "{\"a\": \"x\", \"bb\": null}"},
	    {&object, REPLACE, "$.\"bb\"", "{\"a\": 1, \"bb\": \"x\"}"},
	    {&object, REMOVE, "$.a", "{\"bb\": null}"},
	    {&object, INSERT, "$.b", "{\"a\": 1, \"b\": \"x\", \"bb\": null}"},
	    {&object, INSERT, "$.zzz", "{\"a\": 1, \"bb\": null, \"zzz\": \"x\"}"},
	    {&object, INSERT, "$.\"\"", "{\"\": \"x\", \"a\": 1, \"bb\": null}"},
	    {&object, INSERT, "$.\"\\u00e9\\ud83d\\ude42\\n\"",
	     "{\"a\": 1, \"bb\": null, \"\xc3\xa9\xf0\x9f\x99\x82\\n\": \"x\"}"},
	};
	struct mi_err err = {0};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct mi_buf diffs = {0};
		int ret;

		add_diff(&diffs, rows[i].operation, rows[i].path);
		mi_buf_reset(&out);
		ret = mi_json_apply(*rows[i].before, mi_buf_span(&diffs), true, &out, &err);
		if (!rows[i].want)
			CHECK(ret != 0 && (err.code == MI_DATA || err.code == MI_PROTOCOL),
			      "refused: %s", err.text);
		else if (CHECK(ret == 0, "operation %d at %s", rows[i].operation, rows[i].path))
			CHECK_STR(mi_buf_cstr(&out), rows[i].want, "the document then");
		mi_buf_release(&diffs);
	}
}

static void changes_one_after_another(void)
{
	static const struct mi_span object = BYTES(OBJECT);
	struct mi_buf diffs = {0};
	struct mi_err err = {0};

	add_diff(&diffs, 1, "$.c");
	add_diff(&diffs, 2, "$.a");
	add_diff(&diffs, 0, "$.c");
	mi_buf_reset(&out);
	CHECK(mi_json_apply(object, mi_buf_span(&diffs), true, &out, &err) == 0, "three diffs");
	CHECK_STR(mi_buf_cstr(&out), "{\"c\": \"x\", \"bb\": null}", "the document then");
	diffs.len--;
	CHECK(mi_json_apply(object, mi_buf_span(&diffs), true, &out, &err) != 0 &&
	          err.code == MI_PROTOCOL,
	      "cut off: %s", err.text);
	mi_buf_release(&diffs);
}

int main(void)
{
	decimals();
	temporal();
	documents();
	shared_values_do_not_multiply();
	too_deep();
	changes();
	changes_one_after_another();
	mi_buf_release(&out);
	DONE();
}
