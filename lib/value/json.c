#include "value/json.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "value/json_opaque.h"
#include "value/type.h"
#include "table/shortest.h"

#include <stdint.h>

/* ---- Reading ---- */

bool mi_json_is_object(const struct mi_json *value)
{
	return value->type == MI_JSON_SMALL_OBJECT || value->type == MI_JSON_LARGE_OBJECT;
}

bool mi_json_is_array(const struct mi_json *value)
{
	return value->type == MI_JSON_SMALL_ARRAY || value->type == MI_JSON_LARGE_ARRAY;
}

/* Width of counts, sizes and offsets in a container. */
static unsigned width_of(const struct mi_json *container)
{
	return container->type == MI_JSON_LARGE_OBJECT || container->type == MI_JSON_LARGE_ARRAY
	           ? 4
	           : 2;
}

/* Seven bits in each byte, the lowest first; the top bit says that more follow. */
static uint64_t take_length(struct mi_bytes *in)
{
	uint64_t length = 0;

	for (unsigned shift = 0; shift < 35; shift += 7) {
		unsigned char byte = mi_take_u8(in);

		length |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return length;
	}
	in->bad = true;
	return 0;
}

/* A container: count, size of all of it; in objects, count keys (offset, length of 2 bytes); then
 * count values (type, offset or value). Cuts it off the front of rest. */
static bool cut_container(struct mi_span rest, struct mi_json *value)
{
	struct mi_bytes in = mi_bytes(rest);
	unsigned width = width_of(value);
	uint64_t count = mi_take_le(&in, width), size = mi_take_le(&in, width);
	uint64_t entry = 1 + width + (mi_json_is_object(value) ? width + 2 : 0);

	if (in.bad || size > rest.len || size < 2 * width || count > (size - 2 * width) / entry)
		return false;
	value->bytes = mi_span(rest.data, (size_t)size);
	return true;
}

/* Bytes of a scalar of fixed size; 0: the type has none. */
static unsigned scalar_size(unsigned type)
{
	switch (type) {
	case MI_JSON_LITERAL:
		return 1;
	case MI_JSON_INT16:
	case MI_JSON_UINT16:
		return 2;
	case MI_JSON_INT32:
	case MI_JSON_UINT32:
		return 4;
	case MI_JSON_INT64:
	case MI_JSON_UINT64:
	case MI_JSON_DOUBLE:
		return 8;
	default:
		return 0;
	}
}

/* Cuts a value of the given type off the front of rest. */
static bool cut(unsigned type, struct mi_span rest, struct mi_json *value)
{
	struct mi_bytes in = mi_bytes(rest);
	uint64_t len;

	value->type = type;
	switch (type) {
	case MI_JSON_SMALL_OBJECT:
	case MI_JSON_LARGE_OBJECT:
	case MI_JSON_SMALL_ARRAY:
	case MI_JSON_LARGE_ARRAY:
		return cut_container(rest, value);
	case MI_JSON_STRING:
		len = take_length(&in);
		value->bytes = mi_take(&in, len);
		return !in.bad;
	case MI_JSON_OPAQUE:
		(void)mi_take_u8(&in);
		len = take_length(&in);
		(void)mi_take(&in, len);
		value->bytes = mi_span(rest.data, rest.len - in.len);
		return !in.bad;
	default:
		value->bytes = mi_take(&in, scalar_size(type));
		return !in.bad && scalar_size(type) > 0;
	}
}

bool mi_json_open(struct mi_span document, struct mi_json *value)
{
	static const char null_literal[] = {MI_JSON_LITERAL, 0};
	struct mi_bytes in =
	    mi_bytes(document.len ? document : mi_span(null_literal, sizeof null_literal));
	unsigned type = mi_take_u8(&in);

	return cut(type, mi_bytes_rest(&in), value);
}

bool mi_json_count(const struct mi_json *container, size_t *count)
{
	struct mi_bytes in = mi_bytes(container->bytes);

	*count = (size_t)mi_take_le(&in, width_of(container));
	return !in.bad;
}

static bool is_inlined(unsigned type, unsigned width)
{
	unsigned size = scalar_size(type);

	return size > 0 && size <= width;
}

bool mi_json_element(const struct mi_json *container, size_t index, struct mi_json *value)
{
	unsigned width = width_of(container);
	struct mi_bytes in = mi_bytes(container->bytes);
	size_t count = (size_t)mi_take_le(&in, width);
	size_t keys = mi_json_is_object(container) ? count * (width + 2) : 0;
	unsigned type;
	uint64_t offset;

	if (index >= count)
		return false;
	(void)mi_take(&in, width + keys + index * (1 + width));
	type = mi_take_u8(&in);
	if (is_inlined(type, width))
		return cut(type, mi_bytes_rest(&in), value);
	offset = mi_take_le(&in, width);
	if (in.bad || offset > container->bytes.len)
		return false;
	return cut(type,
	           mi_span(container->bytes.data + offset, container->bytes.len - (size_t)offset),
	           value);
}

bool mi_json_key(const struct mi_json *object, size_t index, struct mi_span *key)
{
	unsigned width = width_of(object);
	struct mi_bytes in = mi_bytes(object->bytes);
	size_t count = (size_t)mi_take_le(&in, width);
	uint64_t offset, len;

	if (index >= count)
		return false;
	(void)mi_take(&in, width + index * (width + 2));
	offset = mi_take_le(&in, width);
	len = mi_take_u16(&in);
	if (in.bad || offset > object->bytes.len || len > object->bytes.len - offset)
		return false;
	*key = mi_span(object->bytes.data + offset, (size_t)len);
	return true;
}

/* ---- Printing ---- */

void mi_json_print_string(struct mi_buf *out, struct mi_span text)
{
	static const char short_forms[] = "btn\0fr"; /* from \x08 on; 0x0b has none */
	size_t from = 0;

	mi_buf_add_char(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		mi_buf_add(out, text.data + from, i - from);
		from = i + 1;
		if (c == '"' || c == '\\')
			mi_buf_addf(out, "\\%c", c);
		else if (c >= 0x08 && c <= 0x0d && c != 0x0b)
			mi_buf_addf(out, "\\%c", short_forms[c - 0x08]);
		else
			mi_buf_addf(out, "\\u%04x", c);
	}
	mi_buf_add(out, text.data + from, text.len - from);
	mi_buf_add_char(out, '"');
}

static bool spend(struct mi_json_printer *printer, size_t bytes)
{
	if (bytes > printer->budget)
		return false;
	printer->budget -= bytes;
	return true;
}

static void print_double(struct mi_buf *out, uint64_t bits)
{
	char room[MI_SHORTEST_ROOM];
	struct mi_span text;
	double value;

	memcpy(&value, &bits, sizeof value);
	text = mi_double_shortest(value, room);
	mi_buf_add_span(out, text);
	if (!memchr(text.data, '.', text.len) && !memchr(text.data, 'e', text.len))
		mi_buf_add_str(out, ".0"); /* without a point it would be read as an integer */
}

/* The code of an opaque scalar, see table/json.h. */
static enum mi_json_code opaque_code(unsigned type)
{
	switch (type) {
	case MI_CODE_NEWDECIMAL:
		return MI_JSON_IS_DECIMAL;
	case MI_CODE_DATE:
		return MI_JSON_IS_DATE;
	case MI_CODE_TIME:
		return MI_JSON_IS_TIME;
	case MI_CODE_DATETIME:
		return MI_JSON_IS_DATETIME;
	case MI_CODE_TIMESTAMP:
		return MI_JSON_IS_TIMESTAMP;
	default:
		return MI_JSON_IS_OPAQUE;
	}
}

static enum mi_json_code code_of(const struct mi_json *value)
{
	struct mi_bytes in = mi_bytes(value->bytes);

	switch (value->type) {
	case MI_JSON_OPAQUE:
		return opaque_code(mi_take_u8(&in));
	case MI_JSON_UINT16:
	case MI_JSON_UINT32:
		return MI_JSON_IS_UNSIGNED;
	case MI_JSON_UINT64:
		return mi_take_u64(&in) > UINT32_MAX ? MI_JSON_IS_PLAIN : MI_JSON_IS_UNSIGNED;
	case MI_JSON_INT64:
		return (int64_t)mi_take_u64(&in) > UINT32_MAX ? MI_JSON_IS_SIGNED
		                                              : MI_JSON_IS_PLAIN;
	default:
		return MI_JSON_IS_PLAIN;
	}
}

static bool print_opaque(struct mi_buf *out, struct mi_bytes *in)
{
	unsigned type = mi_take_u8(in);
	uint64_t len = take_length(in);

	return mi_json_print_opaque(out, type, mi_take(in, len));
}

static bool print_literal(struct mi_buf *out, unsigned char literal)
{
	static const char *const words[] = {"null", "true", "false"};

	if (literal > 2)
		return false;
	mi_buf_add_str(out, words[literal]);
	return true;
}

static bool print_scalar(struct mi_json_printer *printer, const struct mi_json *value)
{
	struct mi_bytes in = mi_bytes(value->bytes);
	struct mi_buf *out = printer->out;
	uint64_t bits;

	if (!spend(printer, value->bytes.len))
		return false;
	if (printer->codes)
		mi_buf_add_char(printer->codes, (char)code_of(value));
	if (value->type == MI_JSON_STRING) {
		mi_json_print_string(out, value->bytes);
		return true;
	}
	if (value->type == MI_JSON_OPAQUE)
		return print_opaque(out, &in);
	bits = mi_take_le(&in, (unsigned)value->bytes.len);
	switch (value->type) {
	case MI_JSON_LITERAL:
		return print_literal(out, (unsigned char)bits);
	case MI_JSON_INT16:
		mi_buf_addf(out, "%d", (int16_t)bits);
		return true;
	case MI_JSON_INT32:
		mi_buf_addf(out, "%d", (int32_t)bits);
		return true;
	case MI_JSON_INT64:
		mi_buf_addf(out, "%lld", (long long)bits);
		return true;
	case MI_JSON_DOUBLE:
		print_double(out, bits);
		return true;
	default:
		mi_buf_addf(out, "%llu", (unsigned long long)bits);
		return true;
	}
}

static bool print_container(struct mi_json_printer *printer, const struct mi_json *value)
{
	bool object = mi_json_is_object(value);
	unsigned width = width_of(value);
	size_t count;

	if (!mi_json_count(value, &count) || !spend(printer, 2 * (size_t)width))
		return false;
	mi_buf_add_char(printer->out, object ? '{' : '[');
	for (size_t i = 0; i < count; i++) {
		struct mi_json element;
		struct mi_span key;

		if (i > 0)
			mi_buf_add(printer->out, ", ", 2);
		if (object) {
			if (!mi_json_key(value, i, &key) || !spend(printer, width + 2 + key.len))
				return false;
			mi_json_print_string(printer->out, key);
			mi_buf_add(printer->out, ": ", 2);
		}
		if (!mi_json_element(value, i, &element))
			return false;
		/* an inlined scalar takes its own bytes from the budget: here only its type's
		 * byte */
		if (!spend(printer, is_inlined(element.type, width) ? 1 : 1 + width) ||
		    !mi_json_print(printer, &element))
			return false;
	}
	mi_buf_add_char(printer->out, object ? '}' : ']');
	return true;
}

bool mi_json_print(struct mi_json_printer *printer, const struct mi_json *value)
{
	bool ok;

	if (!mi_json_is_object(value) && !mi_json_is_array(value))
		return print_scalar(printer, value);
	if (++printer->depth > MI_JSON_DEPTH)
		return false;
	ok = print_container(printer, value);
	printer->depth--;
	return ok;
}

int mi_json_text(struct mi_span document, bool text_only, struct mi_buf *out, struct mi_err *err)
{
	struct mi_buf codes = {0};
	struct mi_json_printer printer = {
	    .out = out, .budget = document.len + 1, .codes = text_only ? NULL : &codes};
	struct mi_json value;
	int ret = 0;

	if (!mi_json_open(document, &value) || !mi_json_print(&printer, &value))
		ret = mi_fail(err, MI_PROTOCOL, "malformed binary JSON (%zu bytes)", document.len);
	else
		mi_json_add_codes(out, mi_buf_span(&codes));
	mi_buf_release(&codes);
	return ret;
}
