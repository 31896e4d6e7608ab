/* The options that all tools which write streams have, and their checking. */
#ifndef MI_STREAM_OPTS_H
#define MI_STREAM_OPTS_H

#include "base/err.h"
#include "program/opt.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_stream_opts {
	uint64_t level;        /* --compress */
	const char *import_id; /* --import; "" when not given, once checked */
	const char *json;      /* --json; NULL: the tool has not the option */
	const char *progress;  /* --progress, or NULL */
	bool json_as_text;     /* --json is "text"; set by mi_stream_opt_check */
};

/* Rows of an option table; those of MI_STREAM_DATA_OPT_ROWS are for tools that carry rows or
 * changes. */
/* clang-format off */
#define MI_STREAM_OPT_ROWS(s) \
	MI_NUMBER('Z', "compress", "LEVEL", &(s)->level, 0, 9, "1", \
	          "0 stores, 1 is fast, 9 is small"), \
	MI_TEXT(0, "import", "ID", &(s)->import_id, "name of the import this belongs to")
#define MI_STREAM_DATA_OPT_ROWS(s) \
	MI_WORD(0, "json", "HOW", &(s)->json, "exact", \
	        "exact: JSON with the types that its text loses; text: without"), \
	MI_TEXT(0, "progress", "FILE", &(s)->progress, "write metrics in Prometheus' format")
/* clang-format on */

/* Checks the options, and sets import_id and json_as_text. is_stream: standard output gets a
 * stream, and so must be no terminal; otherwise, the end of the message about that, says what else
 * could be asked for (", or ask for --sql"), or is "". Returns MI_OK, or MI_USAGE after a
 * message. */
MI_MUST int mi_stream_opt_check(struct mi_stream_opts *opts, bool is_stream, const char *otherwise);

#endif
