/* Floating-point numbers in as few digits as they need. The doubles' texts are what MySQL prints.
 */
#include "base/buf.h"
#include "t.h"
#include "table/shortest.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

static void doubles(void)
{
	static const struct {
		double value;
		const char *want;
	} rows[] = {
	    {0.0, "0"},
	    {-0.0, "-0"},
	    {1, "1"},
	    {-1.5, "-1.5"},
	    {0.1, "0.1"},
	    {0.30000000000000004, "0.30000000000000004"},
	    {100000000000000, "100000000000000"},
	    {123456789012345, "123456789012345"},
	    {1e15, "1e15"},
	    {1234567890123456, "1.234567890123456e15"},
	    {1234567890123456.5, "1234567890123456.5"},
	    {9007199254740993, "9.007199254740992e15"},
	    {1e22, "1e22"},
	    {0.001, "0.001"},
	    {1e-15, "0.000000000000001"},
	    {1e-16, "1e-16"},
	    {5.684341886080802e-14, "0.00000000000005684341886080802"}, /* 2^-44 */
	    {9.5367431640625e-7, "0.00000095367431640625"},
	    {1.7976931348623157e308, "1.7976931348623157e308"},
	    {2.2250738585072014e-308, "2.2250738585072014e-308"},
	    {5e-324, "5e-324"},
	    {-1.5e-323, "-1.5e-323"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char room[MI_SHORTEST_ROOM], text[MI_SHORTEST_ROOM + 1];
		struct mi_span got = mi_double_shortest(rows[i].value, room);

		(void)snprintf(text, sizeof text, "%.*s", (int)got.len, got.data);
		CHECK_STR(text, rows[i].want, "a double");
	}
}

static void floats(void)
{
	static const struct {
		float value;
		const char *want;
	} rows[] = {
	    {0.1f, "0.1"},
	    {16777216.0f, "16777216"},
	    {3.4028234e38f, "3.4028235e38"},
	    {1.17549435e-38f, "1.1754944e-38"},
	    {1e-45f, "1e-45"},
	    {-7.038531e-26f, "-7.0385307e-26"},
	    {8.589973e9f, "8589974000"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char room[MI_SHORTEST_ROOM], text[MI_SHORTEST_ROOM + 1];
		struct mi_span got = mi_float_shortest(rows[i].value, room);

		(void)snprintf(text, sizeof text, "%.*s", (int)got.len, got.data);
		CHECK_STR(text, rows[i].want, "a float");
	}
}

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

/* Digits that printf needs to tell the number from all others: never fewer than the shortest. */
static int enough(double value)
{
	char text[40];
	int digits = 1;

	do
		(void)snprintf(text, sizeof text, "%.*e", digits - 1, value);
	while (strtod(text, NULL) != value && digits++ < 17);
	return digits;
}

static void random_doubles(void)
{
	const char *given = getenv("SEED");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
	int lost = 0, long_ones = 0;

	printf("# SEED=%u\n", seed);
	srand(seed);
	for (int i = 0; i < 100000; i++) {
		char room[MI_SHORTEST_ROOM], text[MI_SHORTEST_ROOM + 1];
		uint64_t bits = (uint64_t)rand() << 42 ^ (uint64_t)rand() << 21 ^ (uint64_t)rand();
		struct mi_span got;
		double value;

		if (i % 4 == 0)
			bits &= UINT64_C(0xfff) << 52; /* powers of two */
		memcpy(&value, &bits, sizeof value);
		if (!isfinite(value))
			continue;
		got = mi_double_shortest(value, room);
		(void)snprintf(text, sizeof text, "%.*s", (int)got.len, got.data);
		lost += strtod(text, NULL) != value;
		long_ones += significant(text) > enough(value);
	}
	CHECK(lost == 0 && long_ones == 0,
	      "100,000 random doubles: %d do not read back, %d have a digit too many", lost,
	      long_ones);
}

int main(void)
{
	doubles();
	floats();
	random_doubles();
	DONE();
}
