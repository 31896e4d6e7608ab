/* --where: conditions that rows must meet, for every table or for those that match a pattern. */
#ifndef MI_SOURCE_WHERE_H
#define MI_SOURCE_WHERE_H

#include "base/buf.h"
#include "base/err.h"
#include "program/opt.h"
#include "table/table.h"

#include <stdbool.h>

struct mi_where {
	char *pattern;    /* "db.table" with * and ?; NULL: every table */
	const char *expr; /* points into the option's text */
};

struct mi_wheres {
	bool ignore_case; /* in patterns; set by the caller before mi_wheres_parse */
	struct mi_where *items;
	size_t count;
};

/* Splits texts of the form "[DB.TABLE:]EXPR" into items. What stands before the first colon is a
 * pattern when it has a dot and no blank, quote, bracket or operator. An empty EXPR is MI_USAGE; so
 * is a pattern that no table matches, which is surely a mistake. texts must outlive wheres. Release
 * wheres also after a failure. */
MI_MUST int mi_wheres_parse(struct mi_wheres *wheres, const struct mi_opt_list *texts,
                            const struct mi_tables *tables, struct mi_err *err);
void mi_wheres_release(struct mi_wheres *wheres);

/* Appends " AND (expr)" for each condition that applies to table. */
void mi_wheres_add(const struct mi_wheres *wheres, const struct mi_table *table,
                   struct mi_buf *sql);

#endif
