/* Which tables a tool takes: databases, and patterns for tables. */
#ifndef MI_TABLE_FILTER_H
#define MI_TABLE_FILTER_H

#include "program/opt.h"

#include <stdbool.h>

/* Patterns are "db.table", split at the first point; without a point they are for tables of every
 * database taken. "*" stands for any run of characters, "?" for one character. */
struct mi_filter {
	struct mi_opt_list databases; /* --databases DB */
	struct mi_opt_list tables;    /* --tables PATTERN: only these */
	struct mi_opt_list exclude;   /* --exclude PATTERN: but not these */
	bool all;                     /* --all-databases */
	bool ignore_case; /* names differ by more than case (lower_case_table_names on) */
};

/* clang-format off */
#define MI_FILTER_OPT_ROWS(f) \
	MI_HEADING("Selection"), \
	MI_LIST('d', "databases", "DB", &(f)->databases, \
	        "database to take; may be given again (default: --database)"), \
	MI_FLAG('A', "all-databases", &(f)->all, "take every database but the server's own"), \
	MI_LIST('T', "tables", "DB.TABLE", &(f)->tables, \
	        "only these tables; * and ? match; may be given again"), \
	MI_LIST('X', "exclude", "DB.TABLE", &(f)->exclude, "but not these; may be given again")
/* clang-format on */

/* True when the filter takes the table (or view, sequence, ...). With no databases named it asks
 * the patterns alone: the caller knows which databases are meant. Never true for
 * mi_table_is_ours names. */
bool mi_filter_takes(const struct mi_filter *filter, const char *db, const char *table);

/* True when the pattern matches the name. ignore_case folds ASCII letters only. */
bool mi_pattern_matches(const char *pattern, const char *db, const char *table, bool ignore_case);

/* True when the pattern's database half matches; always so for a pattern without a point. */
bool mi_pattern_takes_db(const char *pattern, const char *db, bool ignore_case);

/* mysql, information_schema, performance_schema, sys and the like. */
bool mi_db_is_system(const char *db);

/* strcmp or strcasecmp. */
bool mi_name_eq(const char *a, const char *b, bool ignore_case);

#endif
