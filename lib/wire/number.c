#include "wire/number.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	DIGITS_MAX = 24,     /* of a double's shortest text: 17 */
	FLOAT_SAFE = 6,      /* FLT_DIG: so many decimal digits always survive */
	FLOAT_ENOUGH = 9,    /* FLT_DECIMAL_DIG: so many always tell floats apart */
	POSITIONAL_MAX = 15, /* beyond, an exponent is shorter */
	POSITIONAL_MIN = -5,
};

struct mi_span mi_number_trim(struct mi_span text)
{
	while (text.len > 1 && text.data[0] == '0' && isdigit((unsigned char)text.data[1])) {
		text.data++;
		text.len--;
	}
	return text;
}

/* value = 0.d1d2d3... * 10^point */
struct decimal {
	char digits[DIGITS_MAX];
	int count;
	int point;
	bool negative;
};

/* False when the text is none that a server prints for a double. */
static bool parse(struct mi_span text, struct decimal *d)
{
	size_t i = 0;
	bool after_point = false;

	*d = (struct decimal){0};
	if (i < text.len && text.data[i] == '-') {
		d->negative = true;
		i++;
	}
	for (; i < text.len && text.data[i] != 'e'; i++) {
		char c = text.data[i];

		if (c == '.' && !after_point) {
			after_point = true;
			continue;
		}
		if (!isdigit((unsigned char)c))
			return false;
		if (c == '0' && d->count == 0) {
			d->point -= after_point;
			continue;
		}
		d->point += !after_point;
		if (d->count == DIGITS_MAX) {
			if (c != '0')
				return false;
			continue; /* 1e22 in full: zeros that only move the point */
		}
		d->digits[d->count++] = c;
	}
	while (d->count > 0 && d->digits[d->count - 1] == '0')
		d->count--;
	if (i < text.len)
		d->point += (int)strtol(text.data + i + 1, NULL, 10);
	return true;
}

/* The first `count` digits, rounded half up; a carry may leave fewer. */
static struct decimal rounded(const struct decimal *from, int count)
{
	struct decimal d = *from;
	bool up = d.digits[count] >= '5';

	d.count = count;
	while (up && d.count > 0 && d.digits[d.count - 1] == '9')
		d.count--;
	if (up && d.count > 0) {
		d.digits[d.count - 1]++;
	} else if (up) {
		d.digits[d.count++] = '1';
		d.point++;
	}
	while (d.count > 1 && d.digits[d.count - 1] == '0')
		d.count--;
	return d;
}

static char *put_zeros(char *at, int count)
{
	while (count-- > 0)
		*at++ = '0';
	return at;
}

static char *put_digits(char *at, const struct decimal *d, int from, int to)
{
	for (int i = from; i < to; i++)
		*at++ = i < d->count ? d->digits[i] : '0';
	return at;
}

/* At most 1 + 1 + 9 digits + 15 zeros + point, or an exponent: fits room. */
static size_t print(const struct decimal *d, char room[MI_NUMBER_ROOM])
{
	char *at = room;
	int exponent = d->point - 1;

	if (d->negative)
		*at++ = '-';
	if (exponent > POSITIONAL_MAX || exponent < POSITIONAL_MIN) {
		at = put_digits(at, d, 0, 1);
		if (d->count > 1)
			*at++ = '.';
		at = put_digits(at, d, 1, d->count);
		at += snprintf(at, 8, "e%d", exponent);
	} else if (d->point <= 0) {
		*at++ = '0';
		*at++ = '.';
		at = put_zeros(at, -d->point);
		at = put_digits(at, d, 0, d->count);
	} else {
		at = put_digits(at, d, 0, d->point);
		if (d->count > d->point)
			*at++ = '.';
		at = put_digits(at, d, d->point, d->count);
	}
	*at = '\0';
	return (size_t)(at - room);
}

struct mi_span mi_float_shorten(struct mi_span text, char room[MI_NUMBER_ROOM])
{
	struct decimal all;
	float want;
	int least;

	if (text.len >= MI_NUMBER_ROOM || !parse(text, &all))
		return text;
	memcpy(room, text.data, text.len);
	room[text.len] = '\0';
	want = (float)strtod(room, NULL);
	/* denormals have fewer digits to spare, and fewer to tell */
	least = fabsf(want) < FLT_MIN ? 1 : FLOAT_SAFE;
	for (int count = least; count <= FLOAT_ENOUGH && count < all.count; count++) {
		struct decimal d = rounded(&all, count);
		size_t len = print(&d, room);

		if ((float)strtod(room, NULL) == want)
			return mi_span(room, len);
	}
	return text;
}

struct mi_span mi_float_for_server(struct mi_span text)
{
	static const char greatest[] = "-3.4028234663852886e38";
	char copy[MI_NUMBER_ROOM];
	double value;

	/* such a text ends in e38, or e+38 */
	if (text.len < 4 || text.len >= sizeof copy || text.data[text.len - 1] != '8' ||
	    text.data[text.len - 2] != '3')
		return text;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	value = strtod(copy, NULL);
	if (fabs(value) <= (double)FLT_MAX || fabsf((float)value) > FLT_MAX)
		return text;
	return mi_span_str(value < 0 ? greatest : greatest + 1);
}
