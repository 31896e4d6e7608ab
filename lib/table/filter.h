/* Which tables a tool takes: databases, and patterns for tables. */
#ifndef MI_TABLE_FILTER_H
#define MI_TABLE_FILTER_H

#include "program/opt.h"

#include <stdbool.h>

/* Patterns are "db.table", split at the first point; a pattern without a point is for the tables of
 * every database that is taken. "*" stands for any run of characters, "?" for one character. */
struct mi_filter {
	struct mi_opt_list databases; /* --databases DB */
	struct mi_opt_list tables;    /* --tables PATTERN: only these */
	struct mi_opt_list exclude;   /* --exclude PATTERN: but not these */
	bool all;                     /* --all-databases */
	/* names that differ in case alone are one (lower_case_table_names is 1 or 2) */
	bool ignore_case;
	/* a name or a pattern that nothing matches is no mistake: it is about a time before now */
	bool absent_is_none;
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

/* True when the filter takes the table (or view, sequence, ...). Where no databases are named, the
 * patterns alone decide, because the caller knows which databases are meant; but with all set the
 * servers' own databases are left out. Never true for names of mi_table_is_ours. */
bool mi_filter_takes(const struct mi_filter *filter, const char *db, const char *table);

/* True when the filter names the database: in its list; else, with all set, every one but the
 * servers' own; else by the half of a pattern before its point, but for those too. */
bool mi_filter_names_db(const struct mi_filter *filter, const char *db);

/* True when the pattern matches db and table. ignore_case folds ASCII letters only. */
bool mi_pattern_matches(const char *pattern, const char *db, const char *table, bool ignore_case);

/* True when the pattern's half before the point matches db; always for a pattern without point. */
bool mi_pattern_takes_db(const char *pattern, const char *db, bool ignore_case);

/* True for the servers' own databases, in any case: mysql, information_schema, performance_schema,
 * sys, ndbinfo. */
bool mi_db_is_system(const char *db);

/* True when the names are equal; with ignore_case also when ASCII letters differ in case. */
bool mi_name_eq(const char *a, const char *b, bool ignore_case);

#endif
