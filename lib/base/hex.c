#include "base/hex.h"
#include "base/buf.h"

const char mi_hex_lower[17] = "0123456789abcdef", mi_hex_upper[17] = "0123456789ABCDEF";

int mi_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20; /* a small letter of a capital one; no other byte becomes a to f */
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool mi_hex_read(struct mi_span text, void *bytes, size_t len)
{
	unsigned char *to = bytes;

	if (text.len != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = mi_hex_digit(text.data[2 * i]), low = mi_hex_digit(text.data[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		to[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

void mi_hex_write(char *text, const void *bytes, size_t len, const char *digits)
{
	const unsigned char *from = bytes;

	for (size_t i = 0; i < len; i++) {
		*text++ = digits[from[i] >> 4];
		*text++ = digits[from[i] & 15];
	}
}

void mi_hex_add(struct mi_buf *out, struct mi_span bytes, const char *digits)
{
	if (bytes.len == 0)
		return;
	mi_buf_reserve(out, 2 * bytes.len);
	mi_hex_write(out->data + out->len, bytes.data, bytes.len, digits);
	out->len += 2 * bytes.len;
}

/* The bytes of each of a UUID's parts, between which dashes stand. */
static const size_t uuid_parts[] = {4, 2, 2, 2, 6};

enum { UUID_PARTS = sizeof uuid_parts / sizeof *uuid_parts };

void mi_uuid_write(char *text, const void *uuid)
{
	const char *from = uuid;

	for (size_t i = 0; i < UUID_PARTS; i++) {
		if (i > 0)
			*text++ = '-';
		mi_hex_write(text, from, uuid_parts[i], mi_hex_lower);
		text += 2 * uuid_parts[i];
		from += uuid_parts[i];
	}
}

bool mi_uuid_read(struct mi_span text, void *uuid)
{
	const char *from = text.data;
	char *to = uuid;

	if (text.len < MI_UUID_TEXT)
		return false;
	for (size_t i = 0; i < UUID_PARTS; i++) {
		if (i > 0 && *from++ != '-')
			return false;
		if (!mi_hex_read(mi_span(from, 2 * uuid_parts[i]), to, uuid_parts[i]))
			return false;
		from += 2 * uuid_parts[i];
		to += uuid_parts[i];
	}
	return true;
}
