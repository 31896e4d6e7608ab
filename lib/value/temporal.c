#include "value/temporal.h"
#include "base/buf.h"
#include "base/bytes.h"

#include <time.h>

/* A point in time or a time of day, taken apart; hours go up to 838. */
struct parts {
	unsigned year, month, day, hour, minute, second, micro;
	bool negative;
};

/* ---- Printing ---- */

/* Appends number with at least width digits. Years have 4, hours 2 or more. */
static void put_number(struct mi_buf *out, unsigned number, unsigned width)
{
	char digits[12];
	unsigned at = sizeof digits;

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	while (sizeof digits - at < width)
		digits[--at] = '0';
	mi_buf_add(out, digits + at, sizeof digits - at);
}

static void put_fraction(struct mi_buf *out, unsigned micro, unsigned fsp)
{
	static const unsigned scale[] = {1000000, 100000, 10000, 1000, 100, 10, 1};

	if (fsp == 0)
		return;
	mi_buf_add_char(out, '.');
	put_number(out, micro / scale[fsp], fsp);
}

static void put_date(struct mi_buf *out, const struct parts *t)
{
	put_number(out, t->year, 4);
	mi_buf_add_char(out, '-');
	put_number(out, t->month, 2);
	mi_buf_add_char(out, '-');
	put_number(out, t->day, 2);
}

static void put_time(struct mi_buf *out, const struct parts *t, unsigned fsp)
{
	if (t->negative)
		mi_buf_add_char(out, '-');
	put_number(out, t->hour, 2);
	mi_buf_add_char(out, ':');
	put_number(out, t->minute, 2);
	mi_buf_add_char(out, ':');
	put_number(out, t->second, 2);
	put_fraction(out, t->micro, fsp);
}

static void put_datetime(struct mi_buf *out, const struct parts *t, unsigned fsp)
{
	put_date(out, t);
	mi_buf_add_char(out, ' ');
	put_time(out, t, fsp);
}

/* ---- Taking apart ---- */

/* From the top: year * 13 + month, then in bits: day 5, hour 5, minute 6, second 6. */
static struct parts of_bits(uint64_t bits)
{
	uint64_t year_month = bits >> 22;

	return (struct parts){
	    .year = (unsigned)(year_month / 13),
	    .month = (unsigned)(year_month % 13),
	    .day = bits >> 17 & 31,
	    .hour = bits >> 12 & 31,
	    .minute = bits >> 6 & 63,
	    .second = bits & 63,
	};
}

/* From the top, in bits: hour 10, minute 6, second 6. */
static struct parts of_time_bits(uint64_t bits)
{
	return (struct parts){
	    .hour = bits >> 12 & 1023,
	    .minute = bits >> 6 & 63,
	    .second = bits & 63,
	};
}

static struct parts of_unix(uint32_t seconds, unsigned micro)
{
	struct parts t = {.micro = micro};
	time_t when = (time_t)seconds;
	struct tm tm;

	if ((seconds == 0 && micro == 0) || !gmtime_r(&when, &tm))
		return t;
	t.year = (unsigned)tm.tm_year + 1900;
	t.month = (unsigned)tm.tm_mon + 1;
	t.day = (unsigned)tm.tm_mday;
	t.hour = (unsigned)tm.tm_hour;
	t.minute = (unsigned)tm.tm_min;
	t.second = (unsigned)tm.tm_sec;
	return t;
}

/* The new forms keep an even number of digits, two to a byte. */
static unsigned fraction_bytes(unsigned fsp)
{
	return (fsp + 1) / 2;
}

static unsigned to_micro(uint64_t fraction, unsigned bytes)
{
	static const unsigned scale[] = {0, 10000, 100, 1};

	return (unsigned)(fraction * scale[bytes]);
}

void mi_date_take(struct mi_bytes *in, struct mi_buf *out)
{
	uint64_t bits = mi_take_le(in, 3);
	struct parts t = {.day = bits & 31, .month = bits >> 5 & 15, .year = (unsigned)(bits >> 9)};

	put_date(out, &t);
}

/* TIME2 is a number around the middle of its range, which stands for 0; the sign is the fraction's,
 * too. */
void mi_time2_take(struct mi_bytes *in, unsigned fsp, struct mi_buf *out)
{
	unsigned bytes = fraction_bytes(fsp);
	uint64_t raw = mi_take_be(in, 3 + bytes), middle = UINT64_C(0x800000) << 8 * bytes;
	uint64_t value = raw < middle ? middle - raw : raw - middle;
	struct parts t = of_time_bits(value >> 8 * bytes);

	t.negative = raw < middle;
	t.micro = to_micro(value & ((UINT64_C(1) << 8 * bytes) - 1), bytes);
	put_time(out, &t, fsp);
}

void mi_datetime2_take(struct mi_bytes *in, unsigned fsp, struct mi_buf *out)
{
	unsigned bytes = fraction_bytes(fsp);
	uint64_t raw = mi_take_be(in, 5), fraction = mi_take_be(in, bytes);
	struct parts t = of_bits(raw & ~UINT64_C(0x8000000000));

	if (!(raw & UINT64_C(0x8000000000)))
		in->bad = true; /* a negative DATETIME, which no server makes */
	t.micro = to_micro(fraction, bytes);
	put_datetime(out, &t, fsp);
}

void mi_timestamp2_take(struct mi_bytes *in, unsigned fsp, struct mi_buf *out)
{
	unsigned bytes = fraction_bytes(fsp);
	uint32_t seconds = (uint32_t)mi_take_be(in, 4);
	struct parts t = of_unix(seconds, to_micro(mi_take_be(in, bytes), bytes));

	put_datetime(out, &t, fsp);
}

/* ---- Old forms ---- */

void mi_time_old_take(struct mi_bytes *in, struct mi_buf *out)
{
	uint64_t raw = mi_take_le(in, 3);
	bool negative = raw & 0x800000;
	unsigned value = (unsigned)(negative ? 0x1000000 - raw : raw);
	struct parts t = {.hour = value / 10000,
	                  .minute = value / 100 % 100,
	                  .second = value % 100,
	                  .negative = negative};

	put_time(out, &t, 0);
}

void mi_datetime_old_take(struct mi_bytes *in, struct mi_buf *out)
{
	uint64_t value = mi_take_u64(in), date = value / 1000000, time = value % 1000000;
	struct parts t = {.year = (unsigned)(date / 10000),
	                  .month = date / 100 % 100,
	                  .day = date % 100,
	                  .hour = (unsigned)(time / 10000),
	                  .minute = time / 100 % 100,
	                  .second = time % 100};

	if (date > 99991231)
		in->bad = true;
	put_datetime(out, &t, 0);
}

void mi_timestamp_old_take(struct mi_bytes *in, struct mi_buf *out)
{
	struct parts t = of_unix(mi_take_u32(in), 0);

	put_datetime(out, &t, 0);
}

/* MariaDB's forms with a fraction are numbers of 10^-fsp seconds, in as many bytes as the greatest
 * needs. */
static const unsigned powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000};

static struct parts of_seconds(uint64_t value, unsigned fsp, uint64_t *rest)
{
	struct parts t = {.micro = (unsigned)(value % powers[fsp]) * powers[6 - fsp]};

	value /= powers[fsp];
	t.second = value % 60;
	t.minute = value / 60 % 60;
	*rest = value / 3600;
	return t;
}

void mi_time_hires_take(struct mi_bytes *in, unsigned fsp, struct mi_buf *out)
{
	static const unsigned bytes[] = {3, 4, 4, 5, 5, 5, 6};
	/* zero lies one second above the greatest TIME, 838:59:59 */
	uint64_t raw = mi_take_be(in, bytes[fsp]), zero = UINT64_C(3020400) * powers[fsp], hour;
	struct parts t = of_seconds(raw < zero ? zero - raw : raw - zero, fsp, &hour);

	t.hour = (unsigned)hour;
	t.negative = raw < zero;
	put_time(out, &t, fsp);
}

void mi_datetime_hires_take(struct mi_bytes *in, unsigned fsp, struct mi_buf *out)
{
	static const unsigned bytes[] = {5, 6, 6, 7, 7, 7, 8};
	uint64_t rest;
	struct parts t = of_seconds(mi_take_be(in, bytes[fsp]), fsp, &rest);

	t.hour = rest % 24;
	t.day = rest / 24 % 32;
	t.month = rest / (24 * 32) % 13;
	t.year = (unsigned)(rest / (24 * 32 * 13) % 10000);
	put_datetime(out, &t, fsp);
}

void mi_timestamp_hires_take(struct mi_bytes *in, unsigned fsp, struct mi_buf *out)
{
	uint32_t seconds = (uint32_t)mi_take_be(in, 4);
	uint64_t fraction = mi_take_be(in, fraction_bytes(fsp));
	struct parts t = of_unix(seconds, (unsigned)(fraction % powers[fsp]) * powers[6 - fsp]);

	put_datetime(out, &t, fsp);
}

/* ---- Binary JSON: the same bits as in DATETIME2 and TIME2 with 24 bits of microseconds ---- */

void mi_date_packed(uint64_t packed, struct mi_buf *out)
{
	struct parts t = of_bits(packed >> 24);

	put_date(out, &t);
}

void mi_time_packed(uint64_t packed, struct mi_buf *out)
{
	bool negative = packed >> 63;
	uint64_t value = negative ? 0 - packed : packed;
	struct parts t = of_time_bits(value >> 24);

	t.negative = negative;
	t.micro = value & 0xffffff;
	put_time(out, &t, 6);
}

void mi_datetime_packed(uint64_t packed, struct mi_buf *out)
{
	struct parts t = of_bits(packed >> 24);

	t.micro = packed & 0xffffff;
	put_datetime(out, &t, 6);
}
