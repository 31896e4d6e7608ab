#include "table/shortest.h"
#include "base/buf.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	DIGITS_MAX = 17, /* so many digits tell all doubles apart */
	POINT_MAX =
	    15, /* digits of a whole number without an exponent; zeros after the point: less */
	SCIENTIFIC = 32, /* room for "-d.dddddddddddddddde-308" */
};

/* value = 0.d1d2d3... * 10^point */
struct digits {
	char text[DIGITS_MAX + 1];
	int count, point;
};

/* FLOAT or DOUBLE: what counts as the same number, and how many digits always survive. */
struct precision {
	bool (*same)(double a, double b);
	double least; /* the least normal number; below it even fewer digits may be enough */
	int digits;   /* a text of so many digits always survives the way to the number and back */
};

static bool same_double(double a, double b)
{
	return a == b;
}

static bool same_float(double a, double b)
{
	return (float)a == (float)b;
}

static const struct precision of_double = {same_double, DBL_MIN, DBL_DIG};
static const struct precision of_float = {same_float, (double)FLT_MIN, FLT_DIG};

/* Sets digits to the n digits nearest to value, which is positive, and scientific to their text. */
static void round_to(double value, int n, struct digits *digits, char scientific[SCIENTIFIC])
{
	const char *exponent;

	(void)snprintf(scientific, SCIENTIFIC, "%.*e", n - 1, value);
	exponent = strchr(scientific, 'e');
	digits->count = n;
	digits->text[0] = scientific[0];
	if (n > 1)
		memcpy(digits->text + 1, scientific + 2, (size_t)n - 1);
	digits->point = (int)strtol(exponent + 1, NULL, 10) + 1;
}

/* Sets digits and scientific to the next greater number of as many digits. False: that would need
 * one more digit in front. */
static bool increment(struct digits *digits, char scientific[SCIENTIFIC])
{
	int at = digits->count - 1;

	while (at >= 0 && digits->text[at] == '9')
		digits->text[at--] = '0';
	if (at < 0)
		return false;
	digits->text[at]++;
	(void)snprintf(scientific, SCIENTIFIC, "0.%.*se%d", digits->count, digits->text,
	               digits->point);
	return true;
}

/* Tries more and more digits, beginning with the number of them that always survives; zeros at the
 * end are dropped. The numbers that read back as a given power of two reach twice as far above that
 * power as below it. So for a power of two the nearest n digits, if they lie below it, may read
 * back as another number where the next greater n digits read back right. */
static void find(double value, const struct precision *precision, struct digits *digits)
{
	char scientific[SCIENTIFIC];
	int exponent;
	bool power_of_two = frexp(value, &exponent) == 0.5;

	for (int n = value < precision->least ? 1 : precision->digits; n <= DIGITS_MAX; n++) {
		double back;

		round_to(value, n, digits, scientific);
		back = strtod(scientific, NULL);
		if (precision->same(back, value))
			break;
		if (power_of_two && back < value && increment(digits, scientific) &&
		    precision->same(strtod(scientific, NULL), value))
			break;
	}
	while (digits->count > 1 && digits->text[digits->count - 1] == '0')
		digits->count--;
}

static char *put(char *at, const char *text, int count)
{
	memcpy(at, text, (size_t)count);
	return at + count;
}

static char *put_zeros(char *at, int count)
{
	memset(at, '0', (size_t)count);
	return at + count;
}

static char *layout(const struct digits *d, char *at)
{
	int count = d->count, point = d->point;

	if (point < 1 - POINT_MAX || (point > POINT_MAX && count <= point)) {
		at = put(at, d->text, 1);
		if (count > 1) {
			*at++ = '.';
			at = put(at, d->text + 1, count - 1);
		}
		return at + snprintf(at, 8, "e%d", point - 1);
	}
	if (point <= 0) {
		at = put(at, "0.", 2);
		at = put_zeros(at, -point);
		return put(at, d->text, count);
	}
	if (count <= point) {
		at = put(at, d->text, count);
		return put_zeros(at, point - count);
	}
	at = put(at, d->text, point);
	*at++ = '.';
	return put(at, d->text + point, count - point);
}

static struct mi_span shortest(double value, const struct precision *precision,
                               char room[MI_SHORTEST_ROOM])
{
	struct digits digits;
	char *at = room;

	if (!isfinite(value))
		return mi_span(room, (size_t)snprintf(room, MI_SHORTEST_ROOM, "%g", value));
	if (signbit(value))
		*at++ = '-';
	if (value == 0) {
		*at++ = '0';
		return mi_span(room, (size_t)(at - room));
	}
	find(fabs(value), precision, &digits);
	at = layout(&digits, at);
	return mi_span(room, (size_t)(at - room));
}

struct mi_span mi_double_shortest(double value, char room[MI_SHORTEST_ROOM])
{
	return shortest(value, &of_double, room);
}

struct mi_span mi_float_shortest(float value, char room[MI_SHORTEST_ROOM])
{
	return shortest((double)value, &of_float, room);
}
