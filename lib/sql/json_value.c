#include "sql/json_value.h"
#include "base/buf.h"
#include "sql/literal.h"
#include "table/json.h"
#include "table/table.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- Doubles ---- */

/* A significand below 2^53 times or by an exact power of ten: one rounding, which no parser gets
 * wrong. */
enum { SAFE_DIGITS = 15, SAFE_EXPONENT = 22 };

static bool is_safe_double(struct mi_span text)
{
	size_t digits = 0, fraction = 0, i = 0;
	bool in_fraction = false;
	long exponent = 0;

	for (; i < text.len && text.data[i] != 'e' && text.data[i] != 'E'; i++) {
		bool digit = text.data[i] >= '0' && text.data[i] <= '9';

		in_fraction |= text.data[i] == '.';
		fraction += digit && in_fraction;
		digits += digit && (digits > 0 || text.data[i] != '0');
	}
	if (i < text.len) {
		char room[8] = "";

		if (text.len - i > sizeof room)
			return false;
		memcpy(room, text.data + i + 1, text.len - i - 1);
		exponent = strtol(room, NULL, 10);
	}
	return digits <= SAFE_DIGITS && labs(exponent - (long)fraction) <= SAFE_EXPONENT;
}

/* Must the scalar be put into its place by an expression? */
static bool is_special(enum mi_json_here here, char code, struct mi_span scalar)
{
	if (code != MI_JSON_IS_PLAIN)
		return true;
	return (here & MI_JSON_INEXACT) && mi_json_is_double(scalar) && !is_safe_double(scalar);
}

/* ---- Paths ---- */

/* Where the walk is: a step for each container that is open. */
struct leg {
	struct mi_span key; /* of the member at hand, with its quotes; data NULL: in an array */
	size_t index;       /* of the element at hand, from 1 */
};

struct walk {
	struct mi_json_reader reader;
	struct mi_span codes;
	size_t nth; /* scalars that the walk has met */
	struct leg legs[MI_JSON_DEPTH];
	unsigned depth;
};

static void begin_walk(struct walk *walk, struct mi_span value)
{
	struct mi_span text;

	mi_json_split(value, &text, &walk->codes);
	mi_json_read(&walk->reader, text);
	walk->nth = 0;
	walk->depth = 0;
}

/* Goes to the next scalar and its code. False: there are no more, or it is no JSON. */
static bool next_scalar(struct walk *walk, struct mi_span *scalar, char *code)
{
	for (;;) {
		enum mi_json_token kind = mi_json_next(&walk->reader, scalar);
		struct leg *leg = walk->depth ? &walk->legs[walk->depth - 1] : NULL;

		if (kind <= MI_JSON_END)
			return false;
		if (kind == MI_JSON_KEY)
			leg->key = *scalar;
		else if (kind == MI_JSON_CLOSE)
			walk->depth--;
		else if (leg)
			leg->index++;
		if (kind == MI_JSON_OPEN_OBJECT || kind == MI_JSON_OPEN_ARRAY)
			walk->legs[walk->depth++] = (struct leg){0};
		if (kind != MI_JSON_SCALAR)
			continue;
		*code = (char)(walk->nth < walk->codes.len ? walk->codes.data[walk->nth]
		                                           : MI_JSON_IS_PLAIN);
		walk->nth++;
		return true;
	}
}

/* The path of the scalar at hand: $."key"[2]. A key stands as it does in the text, which is how a
 * path has it. */
static void add_path(const struct walk *walk, struct mi_buf *path)
{
	mi_buf_add_char(path, '$');
	for (unsigned i = 0; i < walk->depth; i++) {
		const struct leg *leg = &walk->legs[i];

		if (leg->key.data) {
			mi_buf_add_char(path, '.');
			mi_buf_add_span(path, leg->key);
		} else {
			mi_buf_addf(path, "[%zu]", leg->index - 1);
		}
	}
}

/* ---- Opaque scalars ---- */

/* Numbers of column types (enum_field_types of the server), as "base64:typeN:" has them. */
enum {
	VARCHAR = 15,
	BIT = 16,
	TINY_BLOB = 249,
	MEDIUM_BLOB = 250,
	LONG_BLOB = 251,
	BLOB = 252,
	STRING = 254,
};

enum {
	MOST_TINY = 255,
	MOST_BLOB = 65535,
	MOST_MEDIUM = (1 << 24) - 1,
	MOST_BIT = 8,
};

static int base64_digit(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Takes "base64:typeN:..." apart, with its quotes; lines end in \n, as JSON writes that. False:
 * it is something else. */
static bool read_opaque(struct mi_span scalar, int *type, struct mi_buf *bytes)
{
	const char *end = scalar.data + scalar.len - 1, *at = scalar.data + strlen("\"base64:type");
	uint32_t bits = 0;
	unsigned have = 0; /* bits that make no byte yet */

	for (*type = 0; at < end && *at != ':'; at++)
		*type = *type * 10 + (*at - '0');
	for (at++; at < end && *at != '='; at++) {
		int digit = base64_digit(*at);

		if (*at == '\\' && at + 1 < end && at[1] == 'n') {
			at++;
			continue;
		}
		if (digit < 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		mi_buf_add_char(bytes, (char)(bits >> have & 0xff));
	}
	return true;
}

/* The column of JSON_TABLE whose values are of the type; "": there is none. */
static void column_of(int type, size_t len, char column[static 32])
{
	static const struct {
		int type;
		const char *name;
		size_t most;
	} blobs[] = {
	    {TINY_BLOB, "TINYBLOB", MOST_TINY},
	    {BLOB, "BLOB", MOST_BLOB},
	    {MEDIUM_BLOB, "MEDIUMBLOB", MOST_MEDIUM},
	    {LONG_BLOB, "LONGBLOB", SIZE_MAX},
	};

	column[0] = '\0';
	if (type == STRING && len <= MOST_TINY)
		(void)snprintf(column, 32, "BINARY(%zu)", len);
	if (type == BIT && len > 0 && len <= MOST_BIT)
		(void)snprintf(column, 32, "BIT(%zu)", len * 8);
	for (size_t i = 0; i < sizeof blobs / sizeof *blobs; i++)
		if (blobs[i].type == type && len <= blobs[i].most)
			(void)snprintf(column, 32, "%s", blobs[i].name);
}

/* Is there an expression for such bytes? Beside JSON_TABLE's columns: a binary string is a VARCHAR,
 * and one that is joined with a BLOB is a BLOB however long. */
static bool is_writable(int type, size_t len)
{
	char column[32];

	column_of(type, len, column);
	return type == VARCHAR || type == BLOB || column[0];
}

/* A value of a column of JSON_TABLE: from is the array that has it. */
static void add_from_table(struct mi_buf *sql, const char *column, const struct mi_buf *from)
{
	mi_buf_add_str(sql, "(SELECT CAST(_mi_j._mi_c AS JSON) FROM JSON_TABLE(");
	mi_buf_add_span(sql, mi_buf_span(from));
	mi_buf_addf(sql,
	            ",'$[*]' COLUMNS(_mi_c %s PATH '$' ERROR ON EMPTY ERROR ON ERROR)) AS _mi_j)",
	            column);
}

static void add_bit(struct mi_buf *from, const struct mi_buf *bytes)
{
	uint64_t number = 0;

	for (size_t i = 0; i < bytes->len; i++)
		number = number << 8 | (unsigned char)bytes->data[i];
	mi_buf_addf(from, "'[%llu]'", (unsigned long long)number);
}

/* mi_sql_hex writes the empty string without X. */
static void add_binary(struct mi_buf *sql, const struct mi_buf *bytes)
{
	if (bytes->len == 0)
		mi_buf_add_str(sql, "X''");
	else
		mi_sql_hex(sql, mi_buf_span(bytes));
}

static void add_opaque(struct mi_buf *sql, struct mi_span scalar)
{
	struct mi_buf bytes = {0}, from = {0};
	char column[32] = "";
	int type;

	if (!read_opaque(scalar, &type, &bytes) || !is_writable(type, bytes.len)) {
		mi_buf_add_str(sql,
		               "CAST('not to be written' AS JSON)"); /* an error of the server's */
		mi_buf_release(&bytes);
		return;
	}
	column_of(type, bytes.len, column);
	if (type == BIT) {
		add_bit(&from, &bytes);
	} else {
		mi_buf_add_str(&from, "JSON_ARRAY(");
		add_binary(&from, &bytes);
		mi_buf_add_char(&from, ')');
	}
	if (column[0]) {
		add_from_table(sql, column, &from);
	} else if (type == VARCHAR) {
		add_binary(sql, &bytes);
	} else {
		mi_buf_add_str(sql,
		               "COALESCE((SELECT _mi_j._mi_c FROM JSON_TABLE('[1]','$[*]' COLUMNS("
		               "_mi_c BLOB PATH '$.x')) AS _mi_j),");
		add_binary(sql, &bytes);
		mi_buf_add_char(sql, ')');
	}
	mi_buf_release(&bytes);
	mi_buf_release(&from);
}

/* ---- Scalars ---- */

/* TIME'..' and its like: text is in double quotes, and has nothing that needs escaping. */
static void add_temporal(struct mi_buf *sql, const char *word, struct mi_span scalar)
{
	mi_buf_add_str(sql, word);
	mi_sql_string_span(sql, mi_span(scalar.data + 1, scalar.len - 2));
}

/* There is no literal of a TIMESTAMP. */
static void add_timestamp(struct mi_buf *sql, struct mi_span scalar)
{
	struct mi_buf from = {0};

	mi_buf_addf(&from, "'[%.*s]'", (int)scalar.len, scalar.data);
	add_from_table(sql, "TIMESTAMP(6)", &from);
	mi_buf_release(&from);
}

static void add_scalar(struct mi_buf *sql, char code, struct mi_span scalar)
{
	mi_buf_add_char(sql, ',');
	switch (code) {
	case MI_JSON_IS_DECIMAL: /* 5. is a DECIMAL without a fraction */
		mi_buf_add_span(sql, scalar);
		if (!memchr(scalar.data, '.', scalar.len))
			mi_buf_add_char(sql, '.');
		break;
	case MI_JSON_IS_UNSIGNED:
		mi_buf_add_str(sql, "CAST(");
		mi_buf_add_span(sql, scalar);
		mi_buf_add_str(sql, " AS UNSIGNED)");
		break;
	case MI_JSON_IS_SIGNED:
		mi_buf_add_span(sql, scalar);
		break;
	case MI_JSON_IS_DATE:
		add_temporal(sql, "DATE", scalar);
		break;
	case MI_JSON_IS_TIME:
		add_temporal(sql, "TIME", scalar);
		break;
	case MI_JSON_IS_DATETIME:
		add_temporal(sql, "TIMESTAMP", scalar); /* so SQL calls it */
		break;
	case MI_JSON_IS_TIMESTAMP:
		add_timestamp(sql, scalar);
		break;
	case MI_JSON_IS_OPAQUE:
		add_opaque(sql, scalar);
		break;
	default: /* a double: SQL's parser is exact, given an exponent */
		mi_buf_add_span(sql, scalar);
		if (!memchr(scalar.data, 'e', scalar.len) && !memchr(scalar.data, 'E', scalar.len))
			mi_buf_add_str(sql, "e0");
	}
}

/* ---- Values ---- */

bool mi_json_is_text(enum mi_json_here here, struct mi_span value)
{
	struct walk walk;
	struct mi_span scalar;
	char code;

	if (here == MI_JSON_HERE_TEXT)
		return true;
	begin_walk(&walk, value);
	if (walk.codes.len > 0)
		return false;
	if (!(here & MI_JSON_INEXACT))
		return true;
	while (next_scalar(&walk, &scalar, &code))
		if (is_special(here, code, scalar))
			return false;
	return true;
}

static void add_text(struct mi_buf *sql, struct mi_span text)
{
	mi_buf_add_str(sql, "_utf8mb4 "); /* JSON refuses binary strings: error 3144 */
	mi_sql_hex(sql, text);
}

void mi_sql_json(struct mi_buf *sql, enum mi_json_here here, struct mi_span value)
{
	struct mi_buf path = {0};
	struct mi_span text, codes, scalar;
	struct walk walk;
	char code;

	mi_json_split(value, &text, &codes);
	if (mi_json_is_text(here, value) || !mi_json_is_valid(value)) {
		add_text(sql, here == MI_JSON_HERE_TEXT ? text : value);
		return;
	}
	mi_buf_add_str(sql, "JSON_REPLACE(CAST(");
	add_text(sql, text);
	mi_buf_add_str(sql, " AS JSON)");
	begin_walk(&walk, value);
	while (next_scalar(&walk, &scalar, &code)) {
		if (!is_special(here, code, scalar))
			continue;
		mi_buf_reset(&path);
		add_path(&walk, &path);
		mi_buf_add_char(sql, ',');
		mi_sql_string_span(sql, mi_buf_span(&path));
		add_scalar(sql, code, scalar);
	}
	mi_buf_add_char(sql, ')');
	mi_buf_release(&path);
}

/* 32 hours and more. */
static bool is_long_time(struct mi_span scalar)
{
	return labs(strtol(scalar.data + 1, NULL, 10)) >= 32;
}

static bool scalar_unwritable(enum mi_json_here here, char code, struct mi_span scalar,
                              char what[static 64])
{
	struct mi_buf bytes = {0};
	bool ok = true;
	int type;

	if (code == MI_JSON_IS_TIMESTAMP && (here & MI_JSON_NO_TABLE)) {
		(void)snprintf(what, 64, "a TIMESTAMP");
		return true;
	}
	if (code == MI_JSON_IS_TIME && (here & MI_JSON_SHORT_TIME) && is_long_time(scalar)) {
		(void)snprintf(what, 64, "the TIME %.*s", (int)scalar.len, scalar.data);
		return true;
	}
	if (code != MI_JSON_IS_OPAQUE)
		return false;
	ok = read_opaque(scalar, &type, &bytes) && is_writable(type, bytes.len);
	mi_buf_release(&bytes);
	if (ok && !(here & MI_JSON_NO_TABLE))
		return false;
	(void)snprintf(what, 64, "bytes of column type %d (base64:type%d:)", type, type);
	return true;
}

bool mi_json_unwritable(enum mi_json_here here, struct mi_span value, char what[static 64])
{
	struct mi_span scalar;
	struct walk walk;
	char code;

	if (mi_json_is_text(here, value) || !mi_json_is_valid(value))
		return false;
	begin_walk(&walk, value);
	while (next_scalar(&walk, &scalar, &code))
		if (scalar_unwritable(here, code, scalar, what))
			return true;
	return false;
}
