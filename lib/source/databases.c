#include "source/databases.h"
#include "base/buf.h"
#include "base/err.h"
#include "program/opt.h"
#include "server/conn.h"
#include "table/filter.h"

#include <stdlib.h>

static void add_name(char ***names, size_t *count, const char *name)
{
	*(char **)mi_array_add(names, count, sizeof **names) = mi_strdup(name);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void mi_src_databases_free(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

static int list_all(struct mi_conn *conn, char ***names, size_t *count, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (mi_conn_query(conn, err, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA",
	                  &result) != 0)
		return mi_within(err, "listing databases");
	while ((row = mysql_fetch_row(result)))
		add_name(names, count, row[0]);
	mysql_free_result(result);
	if (*count)
		qsort(*names, *count, sizeof **names, compare_names);
	return 0;
}

static bool list_has(const struct mi_opt_list *list, const char *name, bool ignore_case)
{
	for (size_t i = 0; i < list->count; i++)
		if (mi_name_eq(list->items[i], name, ignore_case))
			return true;
	return false;
}

static bool patterns_have_databases(const struct mi_filter *filter)
{
	for (size_t i = 0; i < filter->tables.count; i++)
		if (strchr(filter->tables.items[i], '.'))
			return true;
	return false;
}

static bool chosen(const struct mi_filter *filter, const struct mi_opt_list *named, const char *db)
{
	return named->count ? list_has(named, db, filter->ignore_case)
	                    : mi_filter_names_db(filter, db);
}

static int check_named(const struct mi_filter *filter, const struct mi_opt_list *named,
                       char *const *names, size_t count, struct mi_err *err)
{
	for (size_t i = 0; i < named->count; i++) {
		bool found = false;

		for (size_t j = 0; j < count && !found; j++)
			found = mi_name_eq(named->items[i], names[j], filter->ignore_case);
		if (!found && !filter->absent_is_none)
			return mi_fail(err, MI_CONFIG,
			               "there is no database %s, or the account "
			               "may not see it",
			               named->items[i]);
	}
	return 0;
}

/* Which databases are named: *named is the list of --databases or, when no option says which, the
 * connection's default (own and *own_name are its storage). */
static int find_named(struct mi_conn *conn, const struct mi_filter *filter,
                      struct mi_opt_list *named, struct mi_buf *own, const char **own_name,
                      struct mi_err *err)
{
	bool none;

	*named = filter->databases;
	if (named->count || filter->all || patterns_have_databases(filter))
		return 0;
	if (mi_conn_value(conn, err, "SELECT DATABASE()", own, &none) != 0)
		return -1;
	if (none)
		return mi_fail(err, MI_USAGE,
		               "no database named: give --databases, --all-databases, --tables "
		               "or --database");
	*own_name = mi_buf_cstr(own);
	*named = (struct mi_opt_list){own_name, 1};
	return 0;
}

int mi_src_databases(struct mi_conn *conn, struct mi_filter *filter, char ***names, size_t *count,
                     struct mi_err *err)
{
	struct mi_opt_list named = {0};
	struct mi_buf own = {0};
	const char *own_name;
	uint64_t lower;
	size_t kept = 0;
	int ret = -1;

	*names = NULL;
	*count = 0;
	if (mi_conn_number(conn, err, "SELECT @@lower_case_table_names", &lower) != 0)
		return -1;
	filter->ignore_case = lower != 0;
	if (find_named(conn, filter, &named, &own, &own_name, err) != 0 ||
	    list_all(conn, names, count, err) != 0 ||
	    check_named(filter, &named, *names, *count, err) != 0)
		goto done;
	for (size_t i = 0; i < *count; i++) {
		if (chosen(filter, &named, (*names)[i]))
			(*names)[kept++] = (*names)[i];
		else
			free((*names)[i]);
	}
	*count = kept;
	ret = 0;
done:
	if (ret != 0) {
		mi_src_databases_free(*names, *count);
		*names = NULL;
		*count = 0;
	}
	mi_buf_release(&own);
	return ret;
}
