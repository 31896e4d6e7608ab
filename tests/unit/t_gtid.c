#include "base/buf.h"
#include "base/err.h"
#include "gtid.h"
#include "gtid/gtid.h"
#include "t.h"

#include <stdlib.h>
#include <time.h>

static void malformed(void)
{
	static const char *const bad[] = {
	    "x",
	    ",",
	    U1,
	    U1 ":",
	    U1 ":0",
	    U1 ":1-",
	    U1 ":5-4",
	    U1 ":1;" U2 ":1",
	    U1 ":-1",
	    U1 ":9223372036854775807",
	    U1 ":18446744073709551617",
	    U1 ":tag",
	    U1 ":1:tag",
	    U1 ":t-g:1",
	    U1 ":0tag:1",
	    U1 ":a23456789012345678901234567890123:1",
	    U1 " 1",
	    "3e11fa4771ca-11e1-9e33-c80aa9429562:1",
	    "3e11fa47-71ca-11e1-9e33-c80aa942956g:1",
	    "3e11fa47-71ca-11e1-9e33-c80aa94295:1",
	    "0-1",
	    "0-1-",
	    "0-1-2-3",
	    "0--1-2",
	    "-1-1-2",
	    "4294967296-1-1",
	    "0-4294967296-1",
	    "0-1-18446744073709551616",
	    "0-1-5,0-2-6",
	    "0-1-5," U1 ":1",
	    U1 ":1,0-1-5",
	    U1 ":1,,",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct mi_gtid_set *set = NULL;
		struct mi_err err = {0};

		CHECK(mi_gtid_parse(mi_span_str(bad[i]), &set, &err) != 0 && err.code == MI_USAGE &&
		          !set,
		      "refused: '%s': %s", bad[i], err.text);
	}
}

static void normal_form(void)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"", ""},
	    {" \n", ""},
	    {U1 ":1", U1 ":1"},
	    {"3E11FA47-71CA-11E1-9E33-C80AA9429562:1-1", U1 ":1"},
	    {U1 ":5:1-3:4", U1 ":1-5"},
	    {U1 ":1-3:7,\n" U2 ":2", U1 ":1-3:7," U2 ":2"},
	    {U2 ":2," U1 ":1," U2 ":1", U1 ":1," U2 ":1-2"},
	    {U1 ": 1 - 3 , " U2 ":9,", U1 ":1-3," U2 ":9"},
	    {U1 ":1-3:Tag:1-5:a:7," U2 ":1", U1 ":1-3," U1 ":a:7," U1 ":tag:1-5," U2 ":1"},
	    {U1 ":9223372036854775806", U1 ":9223372036854775806"},
	    {"0-1-5", "0-1-5"},
	    {"7-1-5, 0-2-18446744073709551615", "0-2-18446744073709551615,7-1-5"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct mi_gtid_set *set = parse(rows[i].in);
		char *text = print(set);

		CHECK_STR(text, rows[i].out, "the normal form");
		free(text);
		mi_gtid_free(set);
	}
}

enum op { UNION, INTERSECT, SUBTRACT };

static int apply(enum op op, struct mi_gtid_set *a, const struct mi_gtid_set *b, struct mi_err *err)
{
	return op == UNION       ? mi_gtid_union(a, b, err)
	       : op == INTERSECT ? mi_gtid_intersect(a, b, err)
	                         : mi_gtid_subtract(a, b, err);
}

static void arithmetic(void)
{
	static const struct {
		enum op op;
		const char *a, *b, *out; /* out NULL: refused */
	} rows[] = {
	    {UNION, "", "", ""},
	    {UNION, U1 ":1-3", U1 ":4", U1 ":1-4"},
	    {UNION, U1 ":1-3", U1 ":t:4", U1 ":1-3," U1 ":t:4"},
	    {INTERSECT, U1 ":1-10", U1 ":5-20," U2 ":1", U1 ":5-10"},
	    {INTERSECT, U1 ":1-10", U1 ":t:1-10", ""},
	    {SUBTRACT, U1 ":1-10", U1 ":3:5-6", U1 ":1-2:4:7-10"},
	    {SUBTRACT, U1 ":1-2:4-5:7-8", U1 ":2-7", U1 ":1:8"},
	    {SUBTRACT, U1 ":1-10", U1 ":1-10", ""},
	    {SUBTRACT, U1 ":1-9223372036854775806", U1 ":2-9223372036854775806", U1 ":1"},
	    {UNION, "0-1-5,2-1-1", "0-2-9,1-1-1", "0-2-9,1-1-1,2-1-1"},
	    {INTERSECT, "0-1-5,2-1-1", "0-2-9,1-1-1", "0-1-5"},
	    {SUBTRACT, "0-1-5", "0-1-4", NULL},
	    {UNION, "0-1-5", U1 ":1", NULL},
	    {UNION, "0-1-5", "", "0-1-5"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct mi_gtid_set *a = parse(rows[i].a), *b = parse(rows[i].b);
		struct mi_err err = {0};
		int ret = apply(rows[i].op, a, b, &err);
		char *text = print(a);

		if (rows[i].out)
			CHECK_STR(ret == 0 ? text : err.text, rows[i].out, "arithmetic");
		else
			CHECK(ret != 0 && err.code == MI_USAGE, "refused: %s", err.text);
		free(text);
		mi_gtid_free(a);
		mi_gtid_free(b);
	}
}

static void relations(void)
{
	static const struct {
		const char *a, *b;
		bool contains, equal;
	} rows[] = {
	    {"", "", true, true},
	    {U1 ":1", "", true, false},
	    {"", U1 ":1", false, false},
	    {U1 ":1-5:7", U1 ":2-3:7", true, false},
	    {U1 ":1-5:7", U1 ":5-7", false, false},
	    {U1 ":1-5," U2 ":1", U2 ":1," U1 ":1-5", true, true},
	    {U1 ":t:1", U1 ":1", false, false},
	    {"0-1-5", "0-2-5", true, true},
	    {"0-1-5", "0-2-6", false, false},
	    {"0-1-5,1-1-1", "0-2-4", true, false},
	    {"0-1-5", "1-1-1", false, false},
	    {"0-1-5", U1 ":1", false, false},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct mi_gtid_set *a = parse(rows[i].a), *b = parse(rows[i].b);

		CHECK(mi_gtid_contains(a, b) == rows[i].contains &&
		          mi_gtid_equal(a, b) == rows[i].equal,
		      "'%s' and '%s'", rows[i].a, rows[i].b);
		mi_gtid_free(a);
		mi_gtid_free(b);
	}
}

/* ---- Random sets against bitmaps ---- */

enum { IDS = 4, NUMBERS = 40 };

struct model {
	bool has[IDS][NUMBERS + 1];
};

static const char *const ids[IDS] = {U1, U1 ":t", U2, U2 ":a"};

static struct mi_gtid_set *random_set(struct model *model)
{
	struct mi_buf text = {0};
	struct mi_gtid_set *set;

	memset(model, 0, sizeof *model);
	for (int pieces = rand() % 8; pieces > 0; pieces--) {
		int id = rand() % IDS, first = 1 + rand() % NUMBERS;
		int last = first + rand() % (NUMBERS + 1 - first);

		for (int n = first; n <= last; n++)
			model->has[id][n] = true;
		mi_buf_addf(&text, "%s%s:%d-%d", text.len ? "," : "", ids[id], first, last);
	}
	set = parse(mi_buf_cstr(&text));
	mi_buf_release(&text);
	return set;
}

static struct mi_gtid_set *of_model(const struct model *model)
{
	struct mi_buf text = {0};
	struct mi_gtid_set *set;

	for (int id = 0; id < IDS; id++)
		for (int n = 1; n <= NUMBERS; n++)
			if (model->has[id][n])
				mi_buf_addf(&text, "%s%s:%d", text.len ? "," : "", ids[id], n);
	set = parse(mi_buf_cstr(&text));
	mi_buf_release(&text);
	return set;
}

static bool agrees(enum op op, const struct mi_gtid_set *a, const struct model *x,
                   const struct mi_gtid_set *b, const struct model *y)
{
	struct mi_gtid_set *got = mi_gtid_copy(a), *want;
	struct model model = {0};
	struct mi_err err = {0};
	bool ok;

	for (int id = 0; id < IDS; id++)
		for (int n = 1; n <= NUMBERS; n++)
			model.has[id][n] = op == UNION       ? x->has[id][n] || y->has[id][n]
			                   : op == INTERSECT ? x->has[id][n] && y->has[id][n]
			                                     : x->has[id][n] && !y->has[id][n];
	want = of_model(&model);
	ok = apply(op, got, b, &err) == 0 && mi_gtid_equal(got, want);
	mi_gtid_free(got);
	mi_gtid_free(want);
	return ok;
}

static void properties(void)
{
	const char *given = getenv("SEED");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
	int bad[4] = {0};

	printf("# SEED=%u\n", seed);
	srand(seed);
	for (int round = 0; round < 3000; round++) {
		struct model x, y;
		struct mi_gtid_set *a = random_set(&x), *b = random_set(&y);
		bool subset = true;
		uint64_t count, want = 0;
		struct mi_err err = {0};

		for (int id = 0; id < IDS; id++)
			for (int n = 1; n <= NUMBERS; n++) {
				subset &= !y.has[id][n] || x.has[id][n];
				want += x.has[id][n];
			}
		bad[UNION] += !agrees(UNION, a, &x, b, &y);
		bad[INTERSECT] += !agrees(INTERSECT, a, &x, b, &y);
		bad[SUBTRACT] += !agrees(SUBTRACT, a, &x, b, &y);
		bad[3] += mi_gtid_contains(a, b) != subset || mi_gtid_count(a, &count, &err) != 0 ||
		          count != want;
		mi_gtid_free(a);
		mi_gtid_free(b);
	}
	CHECK(!bad[UNION] && !bad[INTERSECT] && !bad[SUBTRACT] && !bad[3],
	      "3000 random pairs against bitmaps: wrong unions %d, intersections %d, "
	      "differences %d, relations %d",
	      bad[UNION], bad[INTERSECT], bad[SUBTRACT], bad[3]);
}

int main(void)
{
	malformed();
	normal_form();
	arithmetic();
	relations();
	properties();
	DONE();
}
