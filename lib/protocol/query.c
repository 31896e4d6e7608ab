#include "protocol/query.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "protocol/caps.h"
#include "protocol/packet.h"

/* Column types by the names of the protocol's documentation, "enum_field_types". */
enum {
	TYPE_DECIMAL = 0,
	TYPE_TINY = 1,
	TYPE_SHORT = 2,
	TYPE_LONG = 3,
	TYPE_FLOAT = 4,
	TYPE_DOUBLE = 5,
	TYPE_NULL = 6,
	TYPE_TIMESTAMP = 7,
	TYPE_LONGLONG = 8,
	TYPE_INT24 = 9,
	TYPE_DATE = 10,
	TYPE_TIME = 11,
	TYPE_DATETIME = 12,
	TYPE_YEAR = 13,
	TYPE_VARCHAR = 15,
	TYPE_BIT = 16,
	TYPE_JSON = 245,
	TYPE_NEWDECIMAL = 246,
	TYPE_ENUM = 247,
	TYPE_SET = 248,
	TYPE_TINY_BLOB = 249,
	TYPE_MEDIUM_BLOB = 250,
	TYPE_LONG_BLOB = 251,
	TYPE_BLOB = 252,
	TYPE_VAR_STRING = 253,
	TYPE_STRING = 254,
	TYPE_GEOMETRY = 255,
};

static bool skip_value(struct mi_bytes *in, unsigned type)
{
	switch (type) {
	case TYPE_NULL:
		return true;
	case TYPE_TINY:
		(void)mi_take(in, 1);
		break;
	case TYPE_SHORT:
	case TYPE_YEAR:
		(void)mi_take(in, 2);
		break;
	case TYPE_LONG:
	case TYPE_INT24:
	case TYPE_FLOAT:
		(void)mi_take(in, 4);
		break;
	case TYPE_LONGLONG:
	case TYPE_DOUBLE:
		(void)mi_take(in, 8);
		break;
	case TYPE_DATE:
	case TYPE_DATETIME:
	case TYPE_TIMESTAMP:
	case TYPE_TIME:
		(void)mi_take(in, mi_take_u8(in));
		break;
	case TYPE_DECIMAL:
	case TYPE_VARCHAR:
	case TYPE_BIT:
	case TYPE_JSON:
	case TYPE_NEWDECIMAL:
	case TYPE_ENUM:
	case TYPE_SET:
	case TYPE_TINY_BLOB:
	case TYPE_MEDIUM_BLOB:
	case TYPE_LONG_BLOB:
	case TYPE_BLOB:
	case TYPE_VAR_STRING:
	case TYPE_STRING:
	case TYPE_GEOMETRY:
		(void)mi_take_string(in);
		break;
	default:
		return false;
	}
	return !in->bad;
}

static bool is_null(struct mi_span bitmap, uint64_t i)
{
	return (unsigned char)bitmap.data[i / 8] >> i % 8 & 1;
}

static bool skip_attributes(struct mi_bytes *in, uint64_t count)
{
	struct mi_span bitmap = mi_take(in, (count + 7) / 8);
	struct mi_bytes types;

	if (mi_take_u8(in) != 1 || in->bad) /* new_params_bind_flag: attributes bring their types */
		return false;
	types = *in;
	for (uint64_t i = 0; i < count && !in->bad; i++) {
		(void)mi_take_u16(in);
		(void)mi_take_string(in);
	}
	for (uint64_t i = 0; i < count && !in->bad; i++) {
		unsigned type = mi_take_u16(&types) & 0xff;

		(void)mi_take_string(&types);
		if (!is_null(bitmap, i) && !skip_value(in, type))
			return false;
	}
	return !in->bad;
}

bool mi_query_text(struct mi_span payload, uint64_t caps, struct mi_span *text)
{
	struct mi_bytes in = mi_bytes(payload);

	(void)mi_take_u8(&in);
	if (caps & MI_CAP_QUERY_ATTRIBUTES) {
		uint64_t count = mi_take_lenenc(&in);

		if (mi_take_lenenc(&in) != 1) /* parameter_set_count */
			return false;
		if (count > 0 && (count > UINT16_MAX || !skip_attributes(&in, count)))
			return false;
	}
	*text = mi_bytes_rest(&in);
	return !in.bad;
}
