/* Numbers from the server's text to the stream's: nothing is lost, nothing is longer than needed.
 */
#include "base/buf.h"
#include "t.h"
#include "table/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void trim(const char *text, const char *want)
{
	struct mi_span got = mi_number_trim(mi_span_str(text));
	char copy[64];

	(void)snprintf(copy, sizeof copy, "%.*s", (int)got.len, got.data);
	CHECK_STR(copy, want, text);
}

static void shorten(const char *text, const char *want)
{
	char room[MI_NUMBER_ROOM], copy[MI_NUMBER_ROOM];
	struct mi_span got = mi_float_shorten(mi_span_str(text), room);

	(void)snprintf(copy, sizeof copy, "%.*s", (int)got.len, got.data);
	CHECK_STR(copy, want, text);
}

/* A double's shortest text in the manner of the servers. */
static void server_text(double d, char *out, size_t size)
{
	for (int digits = 1; digits <= 17; digits++) {
		(void)snprintf(out, size, "%.*g", digits, d);
		if (strtod(out, NULL) == d)
			return;
	}
}

static bool same(float a, float b)
{
	return memcmp(&a, &b, sizeof a) == 0;
}

/* Significant digits: zeros in front and at the end do not count. */
static int significant(const char *text)
{
	int digits = 0, upto = 0;

	for (; *text && *text != 'e'; text++) {
		if (*text < '0' || *text > '9' || (*text == '0' && digits == 0))
			continue;
		digits++;
		if (*text != '0')
			upto = digits;
	}
	return upto;
}

/* Every float reads back, and no shorter precision of printf would have. */
static void many_floats(void)
{
	uint32_t bits = 1, wrong = 0, longer = 0;

	for (int i = 0; i < 300000; i++) {
		char text[64], room[MI_NUMBER_ROOM], copy[MI_NUMBER_ROOM], best[64];
		struct mi_span got;
		int digits = 1;
		float f;

		bits = bits * 1664525u + 1013904223u;
		memcpy(&f, &bits, sizeof f);
		if (!isfinite(f))
			continue;
		server_text((double)f, text, sizeof text);
		got = mi_float_shorten(mi_span_str(text), room);
		(void)snprintf(copy, sizeof copy, "%.*s", (int)got.len, got.data);
		wrong += !same((float)strtod(copy, NULL), f);
		do
			(void)snprintf(best, sizeof best, "%.*g", digits, (double)f);
		while (!same((float)strtod(best, NULL), f) && digits++ < 9);
		longer += significant(copy) > (digits < 6 ? 6 : digits);
	}
	CHECK(wrong == 0, "300,000 floats read back (%u do not)", wrong);
	CHECK(longer == 0, "and have no digit too many (%u have)", longer);
}

int main(void)
{
	trim("0", "0");
	trim("00000", "0");
	trim("00042", "42");
	trim("42", "42");
	trim("-7", "-7");
	trim("0000", "0");
	trim("000.50", "0.50");
	trim("0.00", "0.00");
	trim("", "");

	shorten("0", "0");
	shorten("-0", "-0");
	shorten("1.5", "1.5");
	shorten("0.10000000149011612", "0.1");
	shorten("-0.10000000149011612", "-0.1");
	shorten("16777217", "16777217"); /* not a float, so nothing is assumed of it */
	shorten("16777216", "16777216");
	shorten("16777214", "16777214");
	shorten("3.4028234663852886e38", "3.4028235e38");
	shorten("-3.4028234663852886e38", "-3.4028235e38");
	shorten("1.1754943508222875e-38", "1.1754944e-38");
	shorten("1.401298464324817e-45", "1e-45");
	shorten("7.038531e-26", "7.038531e-26");
	shorten("1e20", "1e20");
	shorten("100000002004087730000", "1e20");
	shorten("0.000009999999747378752", "0.00001");
	shorten("9.999999974752427e-7", "0.000001");
	shorten("1.0000000168623835e-16", "1e-16");
	shorten("rubbish", "rubbish");
	shorten("", "");
	many_floats();
	DONE();
}
