#include "table/filter.h"
#include "program/opt.h"
#include "table/table.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool same_byte(char a, char b, bool ignore_case)
{
	if (a == b)
		return true;
	return ignore_case && tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Steps over one UTF-8 character, so that "?" is one character. */
static const char *next_char(const char *at)
{
	at++;
	while (((unsigned char)*at & 0xc0) == 0x80)
		at++;
	return at;
}

/* Matches name against the pattern from at to end. After a mismatch it goes back to the last star
 * only, so that the time is at most the product of the lengths. */
static bool matches(const char *at, const char *end, const char *name, bool ignore_case)
{
	const char *star = NULL, *resume = NULL;

	while (*name) {
		if (at < end && *at == '*') {
			star = ++at;
			resume = name;
		} else if (at < end && *at == '?') {
			at++;
			name = next_char(name);
		} else if (at < end && same_byte(*at, *name, ignore_case)) {
			at++;
			name++;
		} else if (star) {
			at = star;
			name = resume = next_char(resume);
		} else {
			return false;
		}
	}
	while (at < end && *at == '*')
		at++;
	return at == end;
}

bool mi_pattern_takes_db(const char *pattern, const char *db, bool ignore_case)
{
	const char *point = strchr(pattern, '.');

	return !point || matches(pattern, point, db, ignore_case);
}

bool mi_pattern_matches(const char *pattern, const char *db, const char *table, bool ignore_case)
{
	const char *point = strchr(pattern, '.');
	const char *half = point ? point + 1 : pattern;

	return mi_pattern_takes_db(pattern, db, ignore_case) &&
	       matches(half, half + strlen(half), table, ignore_case);
}

bool mi_name_eq(const char *a, const char *b, bool ignore_case)
{
	return (ignore_case ? strcasecmp(a, b) : strcmp(a, b)) == 0;
}

bool mi_db_is_system(const char *db)
{
	static const char *const own[] = {"mysql", "information_schema", "performance_schema",
	                                  "sys", "ndbinfo"};

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (strcasecmp(db, own[i]) == 0)
			return true;
	return false;
}

static bool any_matches(const struct mi_opt_list *list, const char *db, const char *table,
                        bool ignore_case)
{
	for (size_t i = 0; i < list->count; i++)
		if (mi_pattern_matches(list->items[i], db, table, ignore_case))
			return true;
	return false;
}

static bool takes_db(const struct mi_filter *filter, const char *db)
{
	for (size_t i = 0; i < filter->databases.count; i++)
		if (mi_name_eq(filter->databases.items[i], db, filter->ignore_case))
			return true;
	return filter->databases.count == 0 && !(filter->all && mi_db_is_system(db));
}

bool mi_filter_takes(const struct mi_filter *filter, const char *db, const char *table)
{
	if (mi_table_is_ours(table) || !takes_db(filter, db))
		return false;
	if (filter->tables.count && !any_matches(&filter->tables, db, table, filter->ignore_case))
		return false;
	return !any_matches(&filter->exclude, db, table, filter->ignore_case);
}

bool mi_filter_names_db(const struct mi_filter *filter, const char *db)
{
	bool named = filter->all;

	for (size_t i = 0; i < filter->databases.count; i++)
		if (mi_name_eq(filter->databases.items[i], db, filter->ignore_case))
			return true;
	if (filter->databases.count)
		return false;
	for (size_t i = 0; i < filter->tables.count && !named; i++)
		named = strchr(filter->tables.items[i], '.') &&
		        mi_pattern_takes_db(filter->tables.items[i], db, filter->ignore_case);
	return named && !mi_db_is_system(db);
}
