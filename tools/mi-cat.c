/* mi-cat: prints any stream, touching nothing. */
#include "base/err.h"
#include "base/msg.h"
#include "program/opt.h"
#include "base/stop.h"
#include "stream/print.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct settings {
	bool csv, stats, check, no_names;
	const char *table;
};

static int run_file(const char *path, const struct mi_listing *listing)
{
	struct mi_err err = {0};
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0) {
		(void)mi_fail_errno(&err, MI_IO, errno, "cannot open %s", path);
		return mi_report(&err);
	}
	ret = mi_listing_run(fd, listing, &err);
	if (ret != 0 && !is_stdin)
		(void)mi_within(&err, "%s", path);
	if (!is_stdin)
		(void)close(fd);
	return ret == 0 ? MI_OK : mi_report(&err);
}

int main(int argc, char **argv)
{
	struct settings s = {0};
	const struct mi_opt opts[] = {
	    MI_FLAG(0, "csv", &s.csv, "print the rows of --table as CSV, column names first"),
	    MI_FLAG(0, "stats", &s.stats, "print counts per table and totals"),
	    MI_FLAG(0, "check", &s.check, "print nothing: only say whether it is sound"),
	    MI_TEXT(0, "table", "DB.TABLE", &s.table, "only this table (or just TABLE)"),
	    MI_FLAG(0, "no-names", &s.no_names, "with --csv: no line of column names"),
	    MI_OPT_END,
	};
	const struct mi_opt_tool tool = {
	    "[options] [file ...]",
	    "Prints streams from files or standard input, validating all of it.",
	    opts,
	};
	struct mi_listing listing = {.out = stdout};
	int first, ret = MI_OK;

	mi_msg_init(argv[0]);
	first = mi_opt_parse(argc, argv, &tool);
	mi_stop_install();
	if (s.csv + s.stats + s.check > 1)
		return mi_usage_error("--csv, --stats and --check exclude each other");
	if (s.csv && !s.table)
		return mi_usage_error("--csv needs --table: one table's rows make a CSV file");
	listing.mode = s.csv     ? MI_LIST_CSV
	               : s.stats ? MI_LIST_STATS
	               : s.check ? MI_LIST_CHECK
	                         : MI_LIST_LINES;
	listing.table = s.table;
	listing.no_names = s.no_names;
	if (first == argc && isatty(STDIN_FILENO))
		return mi_usage_error("a stream does not come from a terminal: name a file");
	if (first == argc)
		return run_file("-", &listing);
	for (int i = first; i < argc && ret == MI_OK; i++)
		ret = run_file(argv[i], &listing);
	return ret;
}
