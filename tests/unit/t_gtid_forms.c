/* One GTID at a time, sets in rows, and sets in MySQL's binary form. */
#include "base/buf.h"
#include "base/err.h"
#include "gtid.h"
#include "gtid/gtid.h"
#include "t.h"

#include <stdlib.h>
#include <time.h>

static void check_set(const struct mi_gtid_set *set, const char *want, const char *what)
{
	char *text = print(set);

	CHECK_STR(text, want, what);
	free(text);
}

static void one_parsed(void)
{
	static const char *const bad[] = {"",           "x", U1 ":1-2", U1 ":1:3", U1 ":1," U2 ":1",
	                                  "0-1-1,1-1-1"};
	static const char *const good[] = {U1 ":7", U1 ":tag_1:9223372036854775806",
	                                   "0-4294967295-18446744073709551615"};
	struct mi_gtid gtid;
	struct mi_err err = {0};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(mi_gtid_parse_one(mi_span_str(bad[i]), &gtid, &err) != 0 &&
		          err.code == MI_USAGE,
		      "no single GTID: '%s': %s", bad[i], err.text);
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct mi_buf out = {0};

		CHECK(mi_gtid_parse_one(mi_span_str(good[i]), &gtid, &err) == 0, "a GTID");
		mi_gtid_print_one(&gtid, &out);
		CHECK_STR(mi_buf_cstr(&out), good[i], "printed as it was");
		mi_buf_release(&out);
	}
}

static int add(struct mi_gtid_set *set, const char *text, struct mi_err *err)
{
	struct mi_gtid gtid;

	if (mi_gtid_parse_one(mi_span_str(text), &gtid, err) != 0)
		abort();
	return mi_gtid_add(set, &gtid, err);
}

static void one_added(void)
{
	static const struct {
		const char *set, *one, *want; /* want NULL: refused */
	} rows[] = {
	    {"", U1 ":5", U1 ":5"},
	    {U1 ":1-4", U1 ":5", U1 ":1-5"},
	    {U1 ":1-4:6-9", U1 ":5", U1 ":1-9"},
	    {U1 ":6-9", U1 ":5", U1 ":5-9"},
	    {U1 ":1:9", U1 ":5", U1 ":1:5:9"},
	    {U1 ":1-9", U1 ":5", U1 ":1-9"},
	    {U2 ":1", U1 ":5", U1 ":5," U2 ":1"},
	    {U1 ":1", U1 ":t:1", U1 ":1," U1 ":t:1"},
	    {"0-1-5", U1 ":5", NULL},
	    {U1 ":5", "0-1-5", NULL},
	    {"0-1-5", "0-2-5", NULL},
	    {"0-1-5", "0-2-4", NULL},
	    {"0-1-5", "0-2-6", "0-2-6"},
	    {"1-1-5", "0-2-6", "0-2-6,1-1-5"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct mi_gtid_set *set = parse(rows[i].set);
		struct mi_err err = {0};
		int ret = add(set, rows[i].one, &err);

		if (rows[i].want)
			check_set(set, rows[i].want, "added");
		else
			CHECK(ret != 0 && err.code == MI_DATA, "refused: %s", err.text);
		mi_gtid_free(set);
	}
}

/* ---- Random GTIDs against a bitmap ---- */

enum { IDS = 5, NUMBERS = 50 };

static struct mi_gtid numbered(int id, int number)
{
	struct mi_gtid gtid = {.family = MI_GTID_MYSQL, .number = (uint64_t)number};

	memset(gtid.uuid, id / 2, sizeof gtid.uuid);
	(void)snprintf(gtid.tag, sizeof gtid.tag, "%s", id % 2 ? "tag" : "");
	return gtid;
}

static bool same_set(const struct mi_gtid_set *a, const struct mi_gtid_set *b)
{
	struct mi_buf bytes = {0};
	struct mi_gtid_set *back = NULL;
	struct mi_err err = {0};
	bool ok = mi_gtid_equal(a, b) && mi_gtid_encode(a, &bytes, &err) == 0 &&
	          mi_gtid_decode(mi_buf_span(&bytes), &back, &err) == 0 && mi_gtid_equal(back, a);

	mi_gtid_free(back);
	mi_buf_release(&bytes);
	return ok;
}

/* Adds random GTIDs one by one; at the end the text of all of them must be the same set. */
static bool random_round(void)
{
	bool has[IDS][NUMBERS + 1] = {0}, ok = true;
	struct mi_gtid_set *set = mi_gtid_new(), *want;
	struct mi_buf text = {0};
	struct mi_err err = {0};

	for (int left = rand() % 200; left > 0; left--) {
		int id = rand() % IDS, number = 1 + rand() % NUMBERS;
		struct mi_gtid gtid = numbered(id, number);

		ok = ok && mi_gtid_has(set, &gtid) == has[id][number] &&
		     mi_gtid_add(set, &gtid, &err) == 0 && mi_gtid_has(set, &gtid);
		has[id][number] = true;
	}
	for (int id = 0; id < IDS; id++) {
		for (int number = 1; number <= NUMBERS; number++) {
			struct mi_gtid gtid = numbered(id, number);

			if (!has[id][number])
				continue;
			if (text.len > 0)
				mi_buf_add_char(&text, ',');
			mi_gtid_print_one(&gtid, &text);
		}
	}
	want = parse(mi_buf_cstr(&text));
	ok = ok && same_set(set, want);
	mi_gtid_free(set);
	mi_gtid_free(want);
	mi_buf_release(&text);
	return ok;
}

static void properties(void)
{
	const char *given = getenv("SEED");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
	int bad = 0;

	printf("# SEED=%u\n", seed);
	srand(seed);
	for (int round = 0; round < 2000; round++)
		bad += !random_round();
	CHECK(bad == 0, "2000 sets made one GTID at a time: %d wrong", bad);
}

/* ---- Rows ---- */

static int collect(void *user, struct mi_span sid, struct mi_span intervals, struct mi_err *err)
{
	struct mi_buf *text = user;

	(void)err;
	mi_buf_addf(text, "%.*s=%.*s;", (int)sid.len, sid.data, (int)intervals.len, intervals.data);
	return 0;
}

static int join(void *user, struct mi_span sid, struct mi_span intervals, struct mi_err *err)
{
	(void)err;
	mi_gtid_join_row(user, sid, intervals);
	return 0;
}

static int stop(void *user, struct mi_span sid, struct mi_span intervals, struct mi_err *err)
{
	++*(int *)user;
	(void)sid;
	(void)intervals;
	return mi_fail(err, MI_NO, "enough");
}

static void rows(void)
{
	static const struct {
		const char *set, *rows;
	} cases[] = {
	    {"", ""},
	    {U1 ":1-5:7", U1 "=1-5:7;"},
	    {U1 ":1," U1 ":t:2-3," U2 ":9", U1 "=1;" U1 ":t=2-3;" U2 "=9;"},
	    {"0-1-5,4294967295-7-9", "0=1-5;4294967295=7-9;"},
	};
	struct mi_err err = {0};
	int calls = 0;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct mi_gtid_set *set = parse(cases[i].set), *back;
		struct mi_buf text = {0}, joined = {0};

		CHECK(mi_gtid_each(set, collect, &text, &err) == 0, "walked");
		CHECK_STR(mi_buf_cstr(&text), cases[i].rows, "a row for each source");
		CHECK(mi_gtid_each(set, join, &joined, &err) == 0, "walked");
		back = parse(mi_buf_cstr(&joined));
		CHECK(mi_gtid_equal(back, set), "the rows make the set again");
		mi_buf_release(&text);
		mi_buf_release(&joined);
		mi_gtid_free(set);
		mi_gtid_free(back);
	}
	struct mi_gtid_set *set = parse("0-1-1,1-1-1");

	CHECK(mi_gtid_each(set, stop, &calls, &err) == -1 && calls == 1, "-1 ends the walk");
	mi_gtid_free(set);
}

/* ---- Binary ---- */

#define ID "\x3e\x11\xfa\x47\x71\xca\x11\xe1\x9e\x33\xc8\x0a\xa9\x42\x95\x62"
#define ONE "\x01\0\0\0\0\0\0\0"
#define TWO "\x02\0\0\0\0\0\0\0"
#define FIVE "\x05\0\0\0\0\0\0\0"
#define SIX "\x06\0\0\0\0\0\0\0"
#define TAGGED_ONE "\x01\x01\0\0\0\0\0\x01"
#define BYTES(literal)                      \
	{                                   \
		literal, sizeof literal - 1 \
	}

static void binary(void)
{
	static const struct {
		struct mi_span bytes;
		const char *text;
	} good[] = {
	    {BYTES("\0\0\0\0\0\0\0\0"), ""},
	    {BYTES(ONE ID ONE ONE SIX), U1 ":1-5"},
	    {BYTES(ONE ID TWO ONE TWO FIVE SIX), U1 ":1:5"},
	    {BYTES(TAGGED_ONE ID "\x06"
	                         "foo" ONE ONE SIX),
	     U1 ":foo:1-5"},
	};
	static const struct mi_span bad[] = {
	    BYTES(""),
	    BYTES(ONE),
	    BYTES(ONE ID),
	    BYTES(ONE ID ONE),
	    BYTES(ONE ID ONE ONE "\x06\0\0\0\0\0\0"),
	    BYTES(ONE ID ONE ONE SIX "x"),
	    BYTES(ONE ID "\0\0\0\0\0\0\0\0"),
	    BYTES(ONE ID ONE SIX ONE),
	    BYTES(ONE ID ONE ONE ONE),
	    BYTES(ONE ID ONE "\0\0\0\0\0\0\0\0" ONE),
	    BYTES(ONE ID ONE ONE "\0\0\0\0\0\0\0\x80"),
	    BYTES(ONE ID TWO ONE SIX TWO SIX),
	    BYTES(ONE ID "\xff\xff\xff\xff\xff\xff\xff\xff" ONE SIX),
	    BYTES("\xff\xff\xff\xff\xff\xff\xff\0" ID ONE ONE SIX),
	    BYTES("\x01\0\0\0\0\0\0\x02" ID ONE ONE SIX),
	    BYTES("\x02\x01\0\0\0\0\0\x01" ID "\0" ONE ONE SIX),
	    BYTES(TAGGED_ONE ID "\x06"
	                        "fo"),
	    BYTES(TAGGED_ONE ID "\x07"
	                        "foo" ONE ONE SIX),
	    BYTES(TAGGED_ONE ID "\x06"
	                        "Foo" ONE ONE SIX),
	    BYTES(TAGGED_ONE ID "\xfe" ONE ONE SIX),
	};
	struct mi_gtid_set *set;
	struct mi_err err = {0};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(mi_gtid_decode(bad[i], &set, &err) != 0 && err.code == MI_PROTOCOL,
		      "malformed %zu: %s", i, err.text);
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct mi_buf out = {0};

		if (!CHECK(mi_gtid_decode(good[i].bytes, &set, &err) == 0, "decoded"))
			continue;
		check_set(set, good[i].text, "the set");
		CHECK(mi_gtid_encode(set, &out, &err) == 0 &&
		          mi_span_eq(mi_buf_span(&out), good[i].bytes),
		      "encoded as it was");
		mi_buf_release(&out);
		mi_gtid_free(set);
	}
	set = parse("0-1-1");
	struct mi_buf none = {0};
	CHECK(mi_gtid_encode(set, &none, &err) != 0 && err.code == MI_USAGE,
	      "MariaDB has no binary form");
	mi_gtid_free(set);
}

int main(void)
{
	one_parsed();
	one_added();
	properties();
	rows();
	binary();
	DONE();
}
