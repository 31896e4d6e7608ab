/* Options: a row's default, then the environment, then the command line. */
#include "program/opt.h"
#include "t.h"

#include <getopt.h>
#include <stdlib.h>

struct places {
	uint64_t number, size, kept;
	const char *word, *text;
	struct mi_opt_list list;
	bool flag;
};

static struct places parse(char *a, char *b, int *operand)
{
	struct places p = {.kept = 7};
	const struct mi_opt opts[] = {
	    MI_NUMBER('n', "t-number", "N", &p.number, 1, 100, "42", "a number"),
	    MI_SIZE(0, "t-size", "SIZE", &p.size, 0, 0, "16M", "a size"),
	    MI_NUMBER(0, "t-kept", "N", &p.kept, 0, 0, NULL, "no default"),
	    MI_WORD(0, "t-word", "WORD", &p.word, "auto", "a word"),
	    MI_TEXT(0, "t-text", "TEXT", &p.text, "a text"),
	    MI_LIST(0, "t-list", "ITEM", &p.list, "a list"),
	    MI_FLAG('f', "t-flag", &p.flag, "a flag"),
	    MI_OPT_END};
	const struct mi_opt_tool tool = {"[options]", "Tests.", opts};
	char name[] = "t_program_opt";
	char *argv[] = {name, a, b, NULL};

	optind = 0; /* glibc begins anew */
	*operand = mi_opt_parse(1 + (a != NULL) + (b != NULL), argv, &tool);
	return p;
}

static void defaults(void)
{
	int operand;
	struct places p = parse(NULL, NULL, &operand);

	CHECK(p.number == 42 && p.size == 16 << 20, "numbers");
	CHECK_STR(p.word, "auto", "a word");
	CHECK(!p.text && !p.flag && p.list.count == 0, "nothing where there is no default");
	CHECK(p.kept == 7, "a place without a default keeps what it held");
	CHECK(operand == 1, "no operands");
}

static void given(void)
{
	char number[] = "-n5", size[] = "--t-size=3K", flag[] = "-f", rest[] = "rest";
	int operand;
	struct places p;

	(void)setenv("MI_T_NUMBER", "6", 1);
	(void)setenv("MI_T_WORD", "other", 1);
	(void)setenv("MI_T_LIST", "a,b", 1);
	p = parse(NULL, NULL, &operand);
	CHECK(p.number == 6 && strcmp(p.word, "other") == 0, "the environment's");
	CHECK(p.list.count == 2 && strcmp(p.list.items[1], "b") == 0, "a list at commas");
	free((void *)(uintptr_t)p.list.items[0]); /* a copy, as the comma was no end */
	free(p.list.items);
	(void)unsetenv("MI_T_LIST");
	p = parse(number, size, &operand);
	CHECK(p.number == 5 && p.size == 3 << 10, "the command line's");
	p = parse(flag, rest, &operand);
	CHECK(p.flag && operand == 2, "a flag, and an operand");
}

static void numbers(void)
{
	uint64_t n = 0;

	CHECK(mi_opt_number("18446744073709551615", &n) && n == UINT64_MAX, "the largest");
	CHECK(!mi_opt_number("18446744073709551616", &n), "one more");
	CHECK(!mi_opt_number("-1", &n) && !mi_opt_number("", &n) && !mi_opt_number(" 1", &n) &&
	          !mi_opt_number("1x", &n),
	      "what is no number");
}

int main(void)
{
	defaults();
	given();
	numbers();
	DONE();
}
