#include "value/json_opaque.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "value/decimal.h"
#include "value/temporal.h"
#include "value/type.h"

enum { LINE = 76 }; /* characters in a line of the server's base64 */

static void put_base64(struct mi_buf *out, struct mi_span data)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned column = 0;

	for (size_t i = 0; i < data.len; i += 3, column += 4) {
		size_t left = data.len - i;
		unsigned bits = (unsigned)(unsigned char)data.data[i] << 16;
		char group[4];

		if (left > 1)
			bits |= (unsigned)(unsigned char)data.data[i + 1] << 8;
		if (left > 2)
			bits |= (unsigned char)data.data[i + 2];
		group[0] = digits[bits >> 18];
		group[1] = digits[bits >> 12 & 63];
		group[2] = left > 1 ? digits[bits >> 6 & 63] : '=';
		group[3] = left > 2 ? digits[bits & 63] : '=';
		if (column == LINE) {
			mi_buf_add(out, "\\n", 2);
			column = 0;
		}
		mi_buf_add(out, group, sizeof group);
	}
}

static bool print_decimal(struct mi_buf *out, struct mi_bytes *in)
{
	unsigned precision = mi_take_u8(in), scale = mi_take_u8(in);

	mi_decimal_take(in, precision, scale, out);
	return !in->bad && in->len == 0;
}

static bool print_temporal(struct mi_buf *out, unsigned type, struct mi_bytes *in)
{
	uint64_t packed = mi_take_u64(in);

	mi_buf_add_char(out, '"');
	if (type == MI_CODE_DATE)
		mi_date_packed(packed, out);
	else if (type == MI_CODE_TIME)
		mi_time_packed(packed, out);
	else
		mi_datetime_packed(packed, out);
	mi_buf_add_char(out, '"');
	return !in->bad && in->len == 0;
}

bool mi_json_print_opaque(struct mi_buf *out, unsigned type, struct mi_span data)
{
	struct mi_bytes in = mi_bytes(data);

	switch (type) {
	case MI_CODE_NEWDECIMAL:
		return print_decimal(out, &in);
	case MI_CODE_DATE:
	case MI_CODE_TIME:
	case MI_CODE_DATETIME:
	case MI_CODE_TIMESTAMP:
		return print_temporal(out, type, &in);
	default:
		mi_buf_addf(out, "\"base64:type%u:", type);
		put_base64(out, data);
		mi_buf_add_char(out, '"');
		return true;
	}
}
