#include "binlog/value.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "value/decimal.h"
#include "binlog/inflate.h"
#include "binlog/layout.h"
#include "value/temporal.h"
#include "value/type.h"
#include "table/shortest.h"
#include "table/table.h"

#include <arpa/inet.h>

static void put_unsigned(struct mi_buf *out, uint64_t value)
{
	char digits[20];
	unsigned at = sizeof digits;

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	mi_buf_add(out, digits + at, sizeof digits - at);
}

static void put_int(struct mi_bytes *in, unsigned bytes, bool is_unsigned, struct mi_buf *out)
{
	uint64_t value = mi_take_le(in, bytes), sign = UINT64_C(1) << (8 * bytes - 1);

	if (!is_unsigned && value & sign) {
		mi_buf_add_char(out, '-');
		value = (sign - (value & (sign - 1)));
	}
	put_unsigned(out, value);
}

static unsigned int_bytes(unsigned code)
{
	switch (code) {
	case MI_CODE_TINY:
		return 1;
	case MI_CODE_SHORT:
		return 2;
	case MI_CODE_INT24:
		return 3;
	case MI_CODE_LONG:
		return 4;
	default:
		return 8;
	}
}

static void put_float(struct mi_bytes *in, struct mi_buf *out)
{
	char room[MI_SHORTEST_ROOM];
	uint32_t bits = mi_take_u32(in);
	float value;

	memcpy(&value, &bits, sizeof value);
	mi_buf_add_span(out, mi_float_shortest(value, room));
}

static void put_double(struct mi_bytes *in, struct mi_buf *out)
{
	char room[MI_SHORTEST_ROOM];
	uint64_t bits = mi_take_u64(in);
	double value;

	memcpy(&value, &bits, sizeof value);
	mi_buf_add_span(out, mi_double_shortest(value, room));
}

static void put_year(struct mi_bytes *in, struct mi_buf *out)
{
	unsigned value = mi_take_u8(in);

	put_unsigned(out, value ? value + 1900 : 0);
}

/* ---- Temporal ---- */

static void put_time(struct mi_bytes *in, const struct mi_layout_column *column, struct mi_buf *out)
{
	if (column->code == MI_CODE_TIME2)
		mi_time2_take(in, column->length, out);
	else if (column->length > 0)
		mi_time_hires_take(in, column->length, out);
	else
		mi_time_old_take(in, out);
}

static void put_datetime(struct mi_bytes *in, const struct mi_layout_column *column,
                         struct mi_buf *out)
{
	if (column->code == MI_CODE_DATETIME2)
		mi_datetime2_take(in, column->length, out);
	else if (column->length > 0)
		mi_datetime_hires_take(in, column->length, out);
	else
		mi_datetime_old_take(in, out);
}

static void put_timestamp(struct mi_bytes *in, const struct mi_layout_column *column,
                          struct mi_buf *out)
{
	if (column->code == MI_CODE_TIMESTAMP2)
		mi_timestamp2_take(in, column->length, out);
	else if (column->length > 0)
		mi_timestamp_hires_take(in, column->length, out);
	else
		mi_timestamp_old_take(in, out);
}

/* ---- Bytes ---- */

static void put_uuid(const char bytes[MI_UUID], struct mi_buf *out)
{
	char text[MI_UUID_TEXT];

	mi_uuid_write(text, bytes);
	mi_buf_add(out, text, sizeof text);
}

static void put_inet(struct mi_span bytes, struct mi_buf *out)
{
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(bytes.len == 4 ? AF_INET : AF_INET6, bytes.data, text, sizeof text))
		mi_buf_add_str(out, text);
}

static void pad(struct mi_span *value, size_t len, struct mi_buf *scratch)
{
	mi_buf_reserve(scratch, len);
	mi_buf_add_span(scratch, *value);
	memset(scratch->data + scratch->len, 0, len - value->len);
	scratch->len += len - value->len;
	value->data = NULL;
}

/* A length of one byte, or of two in a column that may be longer than 255, and so many bytes. The
 * server cuts zeros off the end of a BINARY value; they are put back here. */
static void take_string(struct mi_bytes *in, const struct mi_layout_column *column,
                        struct mi_buf *scratch, struct mi_span *value)
{
	const struct mi_column *def = column->column;

	*value = mi_take(in, mi_take_le(in, column->length > 255 ? 2 : 1));
	if (in->bad || value->len > column->length || !def) {
		in->bad |= value->len > column->length;
		return;
	}
	if (def->type == MI_TYPE_BINARY && !def->variable && value->len < def->bytes)
		pad(value, def->bytes, scratch);
}

/* UUID, INET4 and INET6 travel as strings, with the zeros at their end cut off. */
static void take_fixed(struct mi_bytes *in, const struct mi_layout_column *column,
                       struct mi_buf *scratch)
{
	char bytes[MI_UUID] = {0};
	struct mi_span value = mi_take(in, mi_take_u8(in));

	if (in->bad || value.len > column->length || column->length > sizeof bytes) {
		in->bad = true;
		return;
	}
	memcpy(bytes, value.data, value.len);
	if (column->column->type == MI_TYPE_UUID)
		put_uuid(bytes, scratch);
	else
		put_inet(mi_span(bytes, column->length), scratch);
}

/* MariaDB's COMPRESSED columns: a byte with four bits of method (8 zlib, 0 none), a bit that says
 * there is no zlib header, and three bits with the number of length bytes; the length before
 * compression, big-endian; then the compressed bytes. No bytes at all are the empty value.
 * "Storage-Engine Independent Column Compression" in MariaDB's documentation. */
static void take_compressed(struct mi_bytes *in, unsigned length_bytes, struct mi_buf *scratch,
                            struct mi_span *value)
{
	struct mi_span stored = mi_take(in, mi_take_le(in, length_bytes));
	struct mi_bytes part = mi_bytes(stored);
	unsigned head;
	uint64_t len;

	*value = stored;
	if (in->bad || stored.len == 0)
		return;
	head = mi_take_u8(&part);
	*value = mi_bytes_rest(&part);
	if (head == 0)
		return;
	len = mi_take_be(&part, head & 7);
	*value = (struct mi_span){0};
	if (head >> 4 != 8 || part.bad || !mi_inflate(mi_bytes_rest(&part), head & 8, len, scratch))
		in->bad = true;
}

/* Appends the text of a number, BIT, ENUM, SET or temporal value. False: a column of another
 * type. */
static bool put_text(struct mi_bytes *in, const struct mi_layout_column *column,
                     struct mi_buf *scratch)
{
	switch (column->code) {
	case MI_CODE_TINY:
	case MI_CODE_SHORT:
	case MI_CODE_INT24:
	case MI_CODE_LONG:
	case MI_CODE_LONGLONG:
		put_int(in, int_bytes(column->code), column->column && column->column->is_unsigned,
		        scratch);
		return true;
	case MI_CODE_FLOAT:
		put_float(in, scratch);
		return true;
	case MI_CODE_DOUBLE:
		put_double(in, scratch);
		return true;
	case MI_CODE_NEWDECIMAL:
		mi_decimal_take(in, column->length, column->scale, scratch);
		return true;
	case MI_CODE_BIT:
		put_unsigned(scratch, mi_take_be(in, (column->length + 7) / 8));
		return true;
	case MI_CODE_ENUM:
	case MI_CODE_SET:
		put_unsigned(scratch, mi_take_le(in, column->length));
		return true;
	case MI_CODE_YEAR:
		put_year(in, scratch);
		return true;
	case MI_CODE_DATE:
	case MI_CODE_NEWDATE:
		mi_date_take(in, scratch);
		return true;
	case MI_CODE_TIME:
	case MI_CODE_TIME2:
		put_time(in, column, scratch);
		return true;
	case MI_CODE_DATETIME:
	case MI_CODE_DATETIME2:
		put_datetime(in, column, scratch);
		return true;
	case MI_CODE_TIMESTAMP:
	case MI_CODE_TIMESTAMP2:
		put_timestamp(in, column, scratch);
		return true;
	default:
		return false;
	}
}

void mi_value_take(struct mi_bytes *in, const struct mi_layout_column *column,
                   struct mi_buf *scratch, struct mi_span *value)
{
	const struct mi_column *def = column->column;

	*value = (struct mi_span){0};
	if (put_text(in, column, scratch))
		return;
	switch (column->code) {
	case MI_CODE_STRING:
		if (def && (def->type == MI_TYPE_UUID || def->type == MI_TYPE_INET)) {
			take_fixed(in, column, scratch);
			return;
		}
		take_string(in, column, scratch, value);
		return;
	case MI_CODE_VARCHAR:
		take_string(in, column, scratch, value);
		return;
	case MI_CODE_BLOB:
	case MI_CODE_JSON:
	case MI_CODE_GEOMETRY:
	case MI_CODE_VECTOR:
		*value = mi_take(in, mi_take_le(in, column->length));
		return;
	case MI_CODE_VARCHAR_COMPRESSED:
		take_compressed(in, column->length > 255 ? 2 : 1, scratch, value);
		return;
	case MI_CODE_BLOB_COMPRESSED:
		take_compressed(in, column->length, scratch, value);
		return;
	default:
		in->bad = true; /* no layout has another type */
	}
}
