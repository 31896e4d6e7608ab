/* The checks of the tables that are to be imported, and of what in them cannot be. */
#include "base/buf.h"
#include "base/err.h"
#include "base/words.h"
#include "check/check.h"
#include "check/facts.h"
#include "check/run.h"
#include "check/say.h"
#include "check/table.h"
#include "check/try.h"
#include "table/table.h"

#include <stdlib.h>
#include <strings.h>

static bool is_vitess(const struct mi_check_at *at)
{
	enum mi_server_kind kind = mi_check_kind(at->run);

	return kind == MI_SERVER_VITESS || kind == MI_SERVER_PLANETSCALE;
}

int mi_check_databases(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_check_run *run = at->run;
	struct mi_check_names names = {0};

	if (mi_check_what(at->run, err) != 0) {
		if (err->code == MI_UNAVAILABLE || err->code == MI_AGAIN)
			return -1;
		mi_check_block(at,
		               err->hint[0]
		                   ? err->hint
		                   : "name the databases with -d, and grant SELECT on them",
		               "%s", err->text);
		return 0;
	}
	for (size_t i = 0; i < run->database_count; i++)
		mi_check_names_add(&names, run->databases[i], "");
	if (run->database_count == 0)
		mi_check_warn(at, "name the databases with -d, and grant SELECT on them",
		              "there is nothing to import that this account can see");
	else if (run->tables.count == 0)
		mi_check_warn(
		    at, "if there are tables, grant SELECT on them, and look at -T and -X",
		    "no table that this account can see in %s", mi_check_names_text(&names));
	else
		mi_check_ok(at, "%zu table%s in %s", run->tables.count,
		            run->tables.count == 1 ? "" : "s", mi_check_names_text(&names));
	mi_check_names_release(&names);
	return 0;
}

/* ---- Tables, one by one ---- */

typedef bool bad_table(const struct mi_check_at *at, const struct mi_table *table);

/* Adds a finding at level about the tables for which bad is true: text, then their names. Without
 * any: fine. */
static void list_tables(struct mi_check_at *at, bad_table *bad, enum mi_check_level level,
                        const char *fix, const char *text, const char *fine)
{
	const struct mi_tables *tables = &at->run->tables;
	struct mi_check_names names = {0};

	if (mi_check_unread(at))
		return;
	for (size_t i = 0; i < tables->count; i++)
		if (bad(at, tables->items[i]))
			mi_check_names_add(&names, tables->items[i]->db, tables->items[i]->name);
	if (names.count)
		mi_check_say(at, level, fix, "%s: %s", text, mi_check_names_text(&names));
	else
		mi_check_ok(at, "%s", fine);
	mi_check_names_release(&names);
}

static bool lacks_key(const struct mi_check_at *at, const struct mi_table *table)
{
	(void)at;
	return table->row_key < 0;
}

int mi_check_row_key(struct mi_check_at *at, struct mi_err *err)
{
	(void)err;
	list_tables(at, lacks_key, mi_check_follow_level(at),
	            "ALTER TABLE ... ADD PRIMARY KEY, or a UNIQUE key of NOT NULL columns",
	            "no key that names each row", "every table has a key that names each row");
	return 0;
}

static bool lacks_transactions(const struct mi_check_at *at, const struct mi_table *table)
{
	return strcasecmp(table->engine, "InnoDB") != 0 &&
	       (is_vitess(at) || strcasecmp(table->engine, "RocksDB") != 0);
}

int mi_check_engine(struct mi_check_at *at, struct mi_err *err)
{
	(void)err;
	list_tables(at, lacks_transactions, MI_CHECK_BLOCK, "ALTER TABLE ... ENGINE = InnoDB",
	            "not InnoDB", "every table is InnoDB");
	return 0;
}

static bool has_odd_name(const struct mi_check_at *at, const struct mi_table *table)
{
	(void)at;
	for (const char *c = table->name; *c; c++)
		if ((unsigned char)*c >= 0x80)
			return true;
	return false;
}

static bool is_reserved_name(const struct mi_check_at *at, const struct mi_table *table)
{
	return is_vitess(at) && strncasecmp(table->name, "_vt_", 4) == 0;
}

static bool is_bad_name(const struct mi_check_at *at, const struct mi_table *table)
{
	return has_odd_name(at, table) || is_reserved_name(at, table);
}

/* Only Vitess has rules for names; other targets get a warning, for who has not decided yet. */
int mi_check_names(struct mi_check_at *at, struct mi_err *err)
{
	(void)err;
	list_tables(at, is_bad_name, is_vitess(at) ? MI_CHECK_BLOCK : MI_CHECK_WARN,
	            "RENAME TABLE ... TO a name of ASCII characters that does not begin with _vt_",
	            is_vitess(at) ? "names that the target does not take"
	                          : "names that are not ASCII (fine with MySQL and MariaDB)",
	            "every table's name is plain ASCII");
	return 0;
}

/* ---- Columns ---- */

static bool is_vitess_charset(const char *charset)
{
	static const char *const known[] = {"utf8",  "utf8mb3", "utf8mb4", "latin1",
	                                    "ascii", "binary",  NULL};

	return !charset || mi_word_index(mi_span_str(charset), known) >= 0;
}

static bool has_odd_charset(const struct mi_check_at *at, const struct mi_table *table)
{
	(void)at;
	for (size_t i = 0; i < table->column_count; i++)
		if (!is_vitess_charset(table->columns[i].charset))
			return true;
	return false;
}

int mi_check_charsets(struct mi_check_at *at, struct mi_err *err)
{
	(void)err;
	list_tables(at, has_odd_charset, is_vitess(at) ? MI_CHECK_BLOCK : MI_CHECK_WARN,
	            "ALTER TABLE ... CONVERT TO CHARACTER SET utf8mb4",
	            is_vitess(at) ? "character sets other than utf8, utf8mb4, latin1 and ascii"
	                          : "character sets that Vitess would refuse (fine with MySQL and "
	                            "MariaDB that have them)",
	            "character sets are utf8, utf8mb4, latin1, ascii or none");
	return 0;
}

/* PlanetScale's limits; those of the other kinds of servers are wider. */
enum { MOST_COLUMNS = 1017, MOST_TABLES = 2048 };

static bool has_many_columns(const struct mi_check_at *at, const struct mi_table *table)
{
	(void)at;
	return table->column_count > MOST_COLUMNS - 1;
}

int mi_check_limits(struct mi_check_at *at, struct mi_err *err)
{
	(void)err;
	if (!is_vitess(at))
		mi_check_ok(at, "no limits beyond the servers' own");
	else if (at->run->tables.count > MOST_TABLES)
		mi_check_block(at, "leave tables out with -X, or split the import",
		               "%zu tables, of %d at most", at->run->tables.count, MOST_TABLES);
	else
		list_tables(at, has_many_columns, MI_CHECK_BLOCK,
		            "split the table: 1016 columns at most", "too many columns",
		            "within the target's limits of tables and columns");
	return 0;
}

/* ---- Foreign keys ---- */

static bool acts(const char *action)
{
	return strcasecmp(action, "CASCADE") == 0 || strncasecmp(action, "SET", 3) == 0;
}

/* Marks what a walk over acting foreign keys has seen: 0 not yet, 1 on the way, 2 done. */
static bool closes_circle(const struct mi_tables *tables, size_t at, char *seen)
{
	const struct mi_table *table = tables->items[at];

	if (seen[at])
		return seen[at] == 1;
	seen[at] = 1;
	for (size_t k = 0; k < table->fkey_count; k++) {
		const struct mi_fkey *fkey = &table->fkeys[k];

		if (!acts(fkey->on_delete) && !acts(fkey->on_update))
			continue;
		for (size_t i = 0; i < tables->count; i++)
			if (strcmp(tables->items[i]->name, fkey->ref_table) == 0 &&
			    strcmp(tables->items[i]->db, fkey->ref_db) == 0 &&
			    closes_circle(tables, i, seen))
				return true;
	}
	seen[at] = 2;
	return false;
}

static bool has_circle(const struct mi_tables *tables)
{
	char *seen = mi_alloc(tables->count + 1);
	bool found = false;

	for (size_t i = 0; i < tables->count && !found; i++)
		found = tables->items[i]->fkey_count && closes_circle(tables, i, seen);
	free(seen);
	return found;
}

static bool has_foreign_key(const struct mi_check_at *at, const struct mi_table *table)
{
	(void)at;
	return table->fkey_count > 0;
}

int mi_check_foreign_keys(struct mi_check_at *at, struct mi_err *err)
{
	(void)err;
	if (mi_check_unread(at))
		return 0;
	if (is_vitess(at) && has_circle(&at->run->tables))
		mi_check_block(at, "ALTER TABLE ... DROP FOREIGN KEY, one of the circle",
		               "foreign keys with actions form a circle, which Vitess refuses");
	else
		list_tables(
		    at, has_foreign_key, MI_CHECK_WARN,
		    is_vitess(at) ? "an unsharded keyspace with foreign key support switched on"
				  : NULL,
		    mi_check_hidden_cascades(at)
			? "foreign keys, some with actions that the log does not show: the "
			  "copy is one snapshot in a spool file, and changes are applied in the "
			  "source's order"
			: "foreign keys: the copy is one snapshot in a spool file (mi-copy "
			  "does that by itself); a replica is the better source",
		    "no foreign keys");
	return 0;
}

/* ---- Zero dates ---- */

/* Columns whose default is a zero date. Rows are not read for this check. */
static const char zero_dates[] =
    "SELECT TABLE_SCHEMA, TABLE_NAME, CONCAT(COLUMN_NAME, ' ', DATA_TYPE) FROM "
    "information_schema.COLUMNS WHERE DATA_TYPE IN ('date', "
    "'datetime', 'timestamp') AND COLUMN_DEFAULT LIKE '%0000-00-00%' AND TABLE_SCHEMA";

static bool target_forbids_zero(const struct mi_check_at *at)
{
	const struct mi_check_server *target = &at->run->target;
	const char *mode = target->conn ? mi_check_var(target, "sql_mode") : NULL;

	return is_vitess(at) || (mode && strstr(mode, "NO_ZERO_DATE"));
}

int mi_check_zero_dates(struct mi_check_at *at, struct mi_err *err)
{
	struct mi_check_names names = {0};

	if (mi_check_unread(at))
		return 0;
	if (mi_check_list_tables(at, zero_dates, &names, err) != 0)
		return -1;
	if (!names.count)
		mi_check_ok(at, "no column defaults to a zero date");
	else if (at->run->target.conn && !target_forbids_zero(at))
		mi_check_ok(at,
		            "columns default to a zero date, which the target's sql_mode takes: %s",
		            mi_check_names_text(&names));
	else
		mi_check_say(at, is_vitess(at) ? MI_CHECK_BLOCK : MI_CHECK_WARN,
		             "ALTER TABLE ... ALTER COLUMN ... SET DEFAULT NULL, or a date",
		             "columns default to a zero date, which %s: %s",
		             target_forbids_zero(at) ? "the target's sql_mode refuses"
		                                     : "many servers refuse",
		             mi_check_names_text(&names));
	mi_check_names_release(&names);
	return 0;
}

/* ---- Leftovers of online schema changes ---- */

static bool ends_with(const char *text, const char *end)
{
	size_t a = strlen(text), b = strlen(end);

	return a > b && strcmp(text + a - b, end) == 0;
}

/* gh-ost: _t_gho, _t_ghc, _t_del; pt-online-schema-change: _t_new, _t_old; Vitess: _vt_... */
static bool is_leftover(const struct mi_check_at *at, const struct mi_table *table)
{
	static const char *const ends[] = {"_gho", "_ghc", "_del", "_new", "_old"};

	(void)at;
	if (table->name[0] != '_')
		return false;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (ends_with(table->name, ends[i]))
			return true;
	return strncmp(table->name, "_vt_", 4) == 0;
}

int mi_check_leftovers(struct mi_check_at *at, struct mi_err *err)
{
	(void)err;
	list_tables(at, is_leftover, MI_CHECK_WARN,
	            "end the schema change that runs, DROP TABLE what is left of others, or leave "
	            "them out with -X",
	            "tables of gh-ost or pt-online-schema-change", "no tables of schema changes");
	return 0;
}
