/* mi-gtid: GTID set arithmetic for shell scripts. */
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/msg.h"
#include "program/opt.h"
#include "gtid/gtid.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { MAX_TEXT = 64 << 20 }; /* of one set; a set of 10,000 sources with 100 holes is 20 MB */

static int read_set(const char *arg, struct mi_gtid_set **set, struct mi_err *err)
{
	struct mi_buf text = {0};
	int ret;

	if (arg[0] != '@')
		return mi_gtid_parse(mi_span_str(arg), set, err);
	ret = mi_read_file(arg + 1, MAX_TEXT, &text, err);
	if (ret == 0 && (ret = mi_gtid_parse(mi_buf_span(&text), set, err)) != 0)
		(void)mi_within(err, "%s", arg + 1);
	mi_buf_release(&text);
	return ret;
}

static int print_line(const struct mi_gtid_set *set, struct mi_err *err)
{
	struct mi_buf out = {0};
	bool ok;

	mi_gtid_print(set, &out);
	mi_buf_add_char(&out, '\n');
	ok = fwrite(out.data, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
	mi_buf_release(&out);
	return ok ? 0 : mi_fail_errno(err, MI_IO, errno, "cannot write to standard output");
}

typedef int combine_fn(struct mi_gtid_set *a, const struct mi_gtid_set *b, struct mi_err *err);

/* print, union, subtract, intersect: folds all sets into the first and prints it. */
static int fold(combine_fn *combine, char **args, int count, struct mi_err *err)
{
	struct mi_gtid_set *result = NULL, *next = NULL;
	int ret = read_set(args[0], &result, err);

	for (int i = 1; i < count && ret == 0; i++) {
		ret = read_set(args[i], &next, err);
		if (ret == 0)
			ret = combine(result, next, err);
		mi_gtid_free(next);
		next = NULL;
	}
	if (ret == 0)
		ret = print_line(result, err);
	mi_gtid_free(result);
	return ret == 0 ? MI_OK : mi_report(err);
}

static int compare(bool (*holds)(const struct mi_gtid_set *, const struct mi_gtid_set *),
                   char **args, struct mi_err *err)
{
	struct mi_gtid_set *a = NULL, *b = NULL;
	int ret = MI_NO;

	if (read_set(args[0], &a, err) != 0 || read_set(args[1], &b, err) != 0)
		ret = mi_report(err);
	else if (holds(a, b))
		ret = MI_OK;
	mi_gtid_free(a);
	mi_gtid_free(b);
	return ret;
}

static int count_one(char **args, struct mi_err *err)
{
	struct mi_gtid_set *set = NULL;
	uint64_t count;
	int ret = read_set(args[0], &set, err);

	if (ret == 0)
		ret = mi_gtid_count(set, &count, err);
	mi_gtid_free(set);
	if (ret == 0 && (printf("%llu\n", (unsigned long long)count) < 0 || fflush(stdout) != 0))
		ret = mi_fail_errno(err, MI_IO, errno, "cannot write to standard output");
	return ret == 0 ? MI_OK : mi_report(err);
}

static const struct {
	const char *word;
	int min, max;
	combine_fn *combine;
} words[] = {
    {"contains", 2, 2, NULL},
    {"equal", 2, 2, NULL},
    {"count", 1, 1, NULL},
    {"print", 1, 1, mi_gtid_union},
    {"union", 1, 1 << 20, mi_gtid_union},
    {"intersect", 1, 1 << 20, mi_gtid_intersect},
    {"subtract", 2, 2, mi_gtid_subtract},
};

int main(int argc, char **argv)
{
	const struct mi_opt opts[] = {MI_OPT_END};
	const struct mi_opt_tool tool = {
	    "contains|equal|subtract A B | union|intersect A... | count|print A",
	    "Computes with GTID sets: MySQL's, or MariaDB's positions. @FILE reads a set, @- from\n"
	    "standard input.",
	    opts,
	};
	struct mi_err err = {0};
	int first, count;

	mi_msg_init(argv[0]);
	first = mi_opt_parse(argc, argv, &tool);
	count = argc - first - 1;
	for (size_t i = 0; count >= 0 && i < sizeof words / sizeof *words; i++) {
		if (strcmp(argv[first], words[i].word) != 0)
			continue;
		if (count < words[i].min || count > words[i].max)
			return mi_usage_error("%s wants %s", words[i].word,
			                      words[i].max == 1   ? "one set"
			                      : words[i].max == 2 ? "two sets"
			                                          : "sets");
		if (words[i].combine)
			return fold(words[i].combine, argv + first + 1, count, &err);
		if (words[i].max == 1)
			return count_one(argv + first + 1, &err);
		return compare(i == 0 ? mi_gtid_contains : mi_gtid_equal, argv + first + 1, &err);
	}
	if (count < 0)
		return mi_usage_error("what is to be computed?");
	return mi_usage_error("'%s' is no operation", argv[first]);
}
