#include "source/where.h"
#include "base/buf.h"
#include "base/err.h"
#include "program/opt.h"
#include "table/filter.h"
#include "table/table.h"

#include <stdlib.h>

static bool applies(const struct mi_wheres *wheres, const struct mi_where *where,
                    const struct mi_table *table)
{
	return !where->pattern ||
	       mi_pattern_matches(where->pattern, table->db, table->name, wheres->ignore_case);
}

static bool matches_any(const struct mi_wheres *wheres, const struct mi_where *where,
                        const struct mi_tables *tables)
{
	for (size_t i = 0; i < tables->count; i++)
		if (applies(wheres, where, tables->items[i]))
			return true;
	return false;
}

/* Length of the pattern before the first colon; 0 when there is no pattern. */
static size_t pattern_length(const char *text)
{
	size_t len = strcspn(text, ":");

	if (text[len] != ':' || text[len + 1] == '=' || strcspn(text, " \t\n'\"`()=<>!") < len ||
	    !memchr(text, '.', len))
		return 0;
	return len;
}

int mi_wheres_parse(struct mi_wheres *wheres, const struct mi_opt_list *texts,
                    const struct mi_tables *tables, struct mi_err *err)
{
	for (size_t i = 0; i < texts->count; i++) {
		struct mi_where *where =
		    mi_array_add(&wheres->items, &wheres->count, sizeof *where);
		const char *text = texts->items[i];
		size_t len = pattern_length(text);

		where->pattern = len > 0 ? mi_strndup(text, len) : NULL;
		where->expr = len > 0 ? text + len + 1 : text;
		if (where->expr[strspn(where->expr, " \t\n")] == '\0')
			return mi_fail(err, MI_USAGE, "--where='%s' has no condition", text);
		if (!matches_any(wheres, where, tables))
			return mi_fail(err, MI_USAGE, "--where='%s' names no table that is dumped",
			               text);
	}
	return 0;
}

void mi_wheres_release(struct mi_wheres *wheres)
{
	for (size_t i = 0; i < wheres->count; i++)
		free(wheres->items[i].pattern);
	free(wheres->items);
	*wheres = (struct mi_wheres){0};
}

void mi_wheres_add(const struct mi_wheres *wheres, const struct mi_table *table, struct mi_buf *sql)
{
	for (size_t i = 0; i < wheres->count; i++) {
		if (!applies(wheres, &wheres->items[i], table))
			continue;
		mi_buf_add_str(sql, " AND (");
		mi_buf_add_str(sql, wheres->items[i].expr);
		mi_buf_add_str(sql, "\n)"); /* the newline ends a trailing -- comment */
	}
}
