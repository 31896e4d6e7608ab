/* MySQL's option files, as "Using Option Files" in the MySQL manual defines them: [group] lines,
 * `name` and `name=value` lines, quotes, escapes, comments, !include and !includedir. */
#ifndef MI_PROGRAM_OPTFILE_H
#define MI_PROGRAM_OPTFILE_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

/* One option as read. The text is good during the callback only, and is wiped after it. */
struct mi_optfile_option {
	const char *group; /* without brackets */
	const char *name;  /* small letters, dashes for underscores, without `loose-` */
	const char *value; /* quotes and escapes taken away; NULL when there was no `=` */
	const char *file;
	unsigned line;
	bool world_readable; /* everybody on the machine can read that file */
};

/* Called for each option of each group, in the order of the file. Returns 0, or -1 with err filled
 * to stop. */
typedef int mi_optfile_fn(void *arg, const struct mi_optfile_option *option, struct mi_err *err);

/* Called for `!include path` and `!includedir path` (is_dir). Returns 0 or -1 like mi_optfile_fn.
 */
typedef int mi_optfile_include_fn(void *arg, const char *path, bool is_dir, struct mi_err *err);

/* What is to be done with one file's bytes; file is its name, for messages. */
struct mi_optfile_parser {
	const char *file;
	bool world_readable;
	mi_optfile_fn *option;
	mi_optfile_include_fn *include;
	void *arg;
};
/* Parses one file's bytes. MI_CONFIG, with file and line: a line that is of none of the forms, or
 * an option before the first group. */
MI_MUST int mi_optfile_parse(const struct mi_optfile_parser *parser, struct mi_span bytes,
                             struct mi_err *err);

/* Reads a file and what it includes: up to 10 files deep, 1 MiB each, the *.cnf of a directory in
 * name order. A file that is missing, or that everybody may write to, is MI_CONFIG. Every copy of
 * the bytes is wiped. */
MI_MUST int mi_optfile_read(const char *path, mi_optfile_fn *option, void *arg, struct mi_err *err);

#endif
