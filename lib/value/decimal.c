#include "value/decimal.h"
#include "base/buf.h"
#include "base/bytes.h"

/* Columns have up to 65 digits. In JSON, servers count the digits before the point in whole groups:
 * up to 72 of them, and 9 even where there are none. */
enum { GROUP = 9, MOST_DIGITS = 81, MOST_SCALE = 30, MOST_BYTES = 40 };

/* Bytes of a group, by the number of its digits. */
static const unsigned group_bytes[GROUP + 1] = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};
static const uint32_t powers[GROUP + 1] = {1,      10,      100,      1000,      10000,
                                           100000, 1000000, 10000000, 100000000, 1000000000};

/* A value whose sign has been taken off, in groups of digits. */
struct groups {
	struct mi_bytes in;
	unsigned char bytes[MOST_BYTES];
	struct mi_buf *out;
	bool started; /* a digit has been printed */
	bool bad;
};

static void put_group(struct groups *groups, unsigned digits, bool fraction)
{
	uint64_t value = mi_take_be(&groups->in, group_bytes[digits]);

	if (value >= powers[digits]) {
		groups->bad = true;
		return;
	}
	for (unsigned i = digits; i-- > 0;) {
		char digit = (char)('0' + value / powers[i] % 10);

		if (digit == '0' && !groups->started && !fraction)
			continue;
		groups->started = true;
		mi_buf_add_char(groups->out, digit);
	}
}

static unsigned size_of(unsigned digits)
{
	return digits / GROUP * group_bytes[GROUP] + group_bytes[digits % GROUP];
}

/* Takes size bytes and the sign: the top bit, 1 for positive. The bytes of negative numbers are
 * inverted. */
static bool take_sign(struct mi_bytes *in, unsigned size, struct groups *groups)
{
	struct mi_span bytes = mi_take(in, size);
	unsigned char invert;

	if (in->bad || size == 0)
		return false;
	invert = bytes.data[0] & 0x80 ? 0 : 0xff;
	for (unsigned i = 0; i < size; i++)
		groups->bytes[i] = (unsigned char)(bytes.data[i] ^ invert);
	groups->bytes[0] ^= 0x80;
	groups->in = mi_bytes(mi_span(groups->bytes, size));
	if (invert)
		mi_buf_add_char(groups->out, '-');
	return true;
}

void mi_decimal_take(struct mi_bytes *in, unsigned precision, unsigned scale, struct mi_buf *out)
{
	struct groups groups = {.out = out};
	unsigned whole = precision - scale;

	if (precision > MOST_DIGITS || scale > MOST_SCALE || scale > precision ||
	    !take_sign(in, size_of(whole) + size_of(scale), &groups)) {
		in->bad = true;
		return;
	}
	put_group(&groups, whole % GROUP, false);
	for (unsigned i = 0; i < whole / GROUP; i++)
		put_group(&groups, GROUP, false);
	if (!groups.started)
		mi_buf_add_char(out, '0');
	if (scale > 0)
		mi_buf_add_char(out, '.');
	for (unsigned i = 0; i < scale / GROUP; i++)
		put_group(&groups, GROUP, true);
	put_group(&groups, scale % GROUP, true);
	in->bad |= groups.bad;
}
