#include "follow/catalog.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/words.h"
#include "gtid/gtid.h"
#include "server/conn.h"
#include "source/databases.h"
#include "source/position.h"
#include "source/tables.h"
#include "sql/logged.h"
#include "stream/parse.h"
#include "table/copy.h"
#include "table/filter.h"
#include "table/table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct entry {
	struct mi_table *table;
	bool trusted; /* see mi_catalog_trusted */
};

struct mi_catalog {
	struct mi_filter *filter;
	char **dbs;
	size_t db_count;
	struct entry *entries;
	size_t count;
	struct mi_table **old; /* replaced ones: records and plans may still point to them */
	size_t old_count;
	uint32_t last_id;
	unsigned generation;
	bool from_file;
	bool stale;
	struct mi_gtid_set *horizon; /* executed when the server was asked; NULL: never asked */
};

static void add_db(struct mi_catalog *c, const char *db)
{
	for (size_t i = 0; i < c->db_count; i++)
		if (strcmp(c->dbs[i], db) == 0)
			return;
	*(char **)mi_array_add(&c->dbs, &c->db_count, sizeof *c->dbs) = mi_strdup(db);
}

static void add_table(struct mi_catalog *c, struct mi_table *table)
{
	struct entry *entry = mi_array_add(&c->entries, &c->count, sizeof *entry);

	table->id = ++c->last_id;
	entry->table = table;
}

static struct entry *find(const struct mi_catalog *c, const char *db, const char *name)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct mi_table *table = c->entries[i].table;

		if (mi_name_eq(table->name, name, c->filter->ignore_case) &&
		    mi_name_eq(table->db, db, c->filter->ignore_case))
			return &c->entries[i];
	}
	return NULL;
}

/* ---- From a file ---- */

static int on_header(void *user, const struct mi_stream_header *header, struct mi_err *err)
{
	(void)user;
	if (header->kind == MI_STREAM_SCHEMA)
		return 0;
	return mi_fail(err, MI_CONFIG, "it is no schema stream: mi-schema writes them");
}

static int on_table(void *user, const struct mi_table *table, struct mi_err *err)
{
	struct mi_catalog *c = user;
	struct entry *known;

	if (!mi_filter_takes(c->filter, table->db, table->name))
		return 0;
	known = find(c, table->db, table->name);
	if (known && strcmp(known->table->digest, table->digest) != 0)
		return mi_fail(err, MI_CONFIG, "it has two definitions of %s.%s", table->db,
		               table->name);
	if (known)
		return 0;
	add_db(c, table->db);
	add_table(c, mi_table_copy(table));
	return 0;
}

static int read_file(struct mi_catalog *c, const char *path, struct mi_err *err)
{
	static const struct mi_stream_ops ops = {.header = on_header,
	                                         .table = on_table,
	                                         .expect = mi_ignore_expect,
	                                         .ddl = mi_ignore_ddl,
	                                         .end = mi_ignore_end};
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return mi_fail_errno(err, MI_CONFIG, errno, "--schema=%s", path);
	ret = mi_parse_stream(fd, &ops, c, err);
	(void)close(fd);
	if (ret != 0)
		return mi_within(err, "--schema=%s", path);
	if (c->count == 0)
		return mi_fail(err, MI_CONFIG, "--schema=%s has none of the wanted tables", path);
	c->from_file = true;
	return 0;
}

static int read_case(struct mi_catalog *c, struct mi_conn *control, struct mi_err *err)
{
	uint64_t mode;

	if (mi_conn_number(control, err, "SELECT @@GLOBAL.lower_case_table_names", &mode) != 0)
		return -1;
	c->filter->ignore_case = mode != 0;
	return 0;
}

/* ---- From the server ---- */

static int read_horizon(struct mi_catalog *c, struct mi_conn *control, struct mi_err *err)
{
	struct mi_buf text = {0};
	struct mi_gtid_set *set;
	int ret = mi_src_position(control, &text, err);

	if (ret == 0)
		ret = mi_gtid_parse(mi_buf_span(&text), &set, err);
	mi_buf_release(&text);
	if (ret != 0)
		return -1;
	mi_gtid_free(c->horizon);
	c->horizon = set;
	return 0;
}

/* Tables that have not changed keep their struct and id. */
static void replace_all(struct mi_catalog *c, struct mi_tables *fresh)
{
	struct entry *before = c->entries;
	size_t count = c->count;

	c->entries = NULL;
	c->count = 0;
	for (size_t i = 0; i < fresh->count; i++) {
		struct mi_table *table = fresh->items[i];
		struct entry *same = NULL;

		for (size_t j = 0; j < count && !same; j++)
			if (before[j].table && strcmp(before[j].table->digest, table->digest) == 0)
				same = &before[j];
		if (!same) {
			add_table(c, table);
			continue;
		}
		mi_table_free(table);
		*(struct entry *)mi_array_add(&c->entries, &c->count, sizeof *c->entries) =
		    (struct entry){.table = same->table};
		same->table = NULL;
	}
	for (size_t j = 0; j < count; j++)
		if (before[j].table)
			*(struct mi_table **)mi_array_add(&c->old, &c->old_count, sizeof *c->old) =
			    before[j].table;
	free(before);
	free(fresh->items);
	c->generation++;
}

static int read_server(struct mi_catalog *c, struct mi_conn *control, struct mi_err *err)
{
	struct mi_tables fresh;

	if (mi_src_tables(control, c->filter, &fresh, err) != 0)
		return mi_within(err, "reading the definitions");
	if (read_horizon(c, control, err) != 0) {
		mi_tables_release(&fresh);
		return -1;
	}
	replace_all(c, &fresh);
	c->stale = false;
	return 0;
}

static int name_databases(struct mi_catalog *c, struct mi_conn *control, struct mi_err *err)
{
	char **names;
	size_t count;

	if (mi_src_databases(control, c->filter, &names, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		add_db(c, names[i]);
	mi_src_databases_free(names, count);
	return 0;
}

/* ---- */

int mi_catalog_open(struct mi_catalog **out, struct mi_conn *control, struct mi_filter *filter,
                    const char *schema_file, struct mi_err *err)
{
	struct mi_catalog *c = mi_alloc(sizeof *c);

	c->filter = filter;
	if ((schema_file
	         ? read_case(c, control, err) != 0 || read_file(c, schema_file, err) != 0
	         : name_databases(c, control, err) != 0 || read_server(c, control, err) != 0)) {
		mi_catalog_close(c);
		return -1;
	}
	*out = c;
	return 0;
}

void mi_catalog_close(struct mi_catalog *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->count; i++)
		mi_table_free(c->entries[i].table);
	for (size_t i = 0; i < c->old_count; i++)
		mi_table_free(c->old[i]);
	mi_src_databases_free(c->dbs, c->db_count);
	mi_gtid_free(c->horizon);
	free(c->entries);
	free(c->old);
	free(c);
}

unsigned mi_catalog_generation(const struct mi_catalog *c)
{
	return c->generation;
}

bool mi_catalog_is_stale(const struct mi_catalog *c)
{
	return c->stale;
}

bool mi_catalog_wants_db(const struct mi_catalog *c, struct mi_span db)
{
	char *name = mi_strndup(db.data, db.len);
	bool wanted = false;

	for (size_t i = 0; i < c->db_count; i++)
		wanted = wanted || mi_name_eq(c->dbs[i], name, c->filter->ignore_case);
	free(name);
	return wanted;
}

bool mi_catalog_may_be_named(const struct mi_catalog *c, struct mi_span text)
{
	for (size_t i = 0; i < c->db_count; i++)
		if (mi_logged_may_name(text, c->dbs[i]))
			return true;
	return false;
}

static int fail_unknown(const struct mi_catalog *c, const char *db, const char *name,
                        struct mi_err *err)
{
	(void)mi_fail(err, MI_DATA, "rows of table %s.%s, which is not defined", db, name);
	return mi_hint(err, "it was dropped or renamed later%s",
	               c->from_file ? "" : "; give the definitions as of the start by --schema");
}

int mi_catalog_find(struct mi_catalog *c, struct mi_conn *control, struct mi_span db_span,
                    struct mi_span name_span, struct mi_table **table, struct mi_err *err)
{
	char *db = mi_strndup(db_span.data, db_span.len);
	char *name = mi_strndup(name_span.data, name_span.len);
	struct entry *entry = NULL;
	int ret = 0;

	*table = NULL;
	if (!mi_catalog_wants_db(c, db_span) || !mi_filter_takes(c->filter, db, name))
		goto out;
	if (c->stale && (ret = read_server(c, control, err)) != 0)
		goto out;
	entry = find(c, db, name);
	if (entry)
		*table = entry->table;
	else if (!c->from_file || c->horizon)
		ret = fail_unknown(c, db, name, err);
out:
	free(db);
	free(name);
	return ret;
}

void mi_catalog_trusted(struct mi_catalog *c, const struct mi_table *table)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->entries[i].table == table)
			c->entries[i].trusted = true;
}

/* ---- Changes ---- */

static bool changes_tables(const struct mi_logged *statement)
{
	static const char *const others[] = {"view", "trigger", "event", "routine", NULL};

	return mi_word_index(mi_span_str(statement->object), others) < 0 &&
	       !statement->bookkeeping && strcmp(statement->verb, "TRUNCATE") != 0;
}

/* A table that the statement creates had no rows before, which could have been decoded wrongly. */
static bool makes_new_table(const struct mi_logged *statement, struct mi_span text)
{
	return strcmp(statement->verb, "CREATE") == 0 && strcmp(statement->object, "table") == 0 &&
	       !mi_logged_may_name(text, "REPLACE");
}

static int check_trusted(const struct mi_catalog *c, struct mi_span text, struct mi_err *err)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct mi_table *table = c->entries[i].table;

		if (!c->entries[i].trusted || !mi_logged_may_name(text, table->name))
			continue;
		(void)mi_fail(err, MI_DATA,
		              "rows of %s.%s before this statement were decoded by a definition "
		              "from after it",
		              table->db, table->name);
		return mi_hint(err, "give the definitions as of the start by --schema, and apply "
		                    "the stream anew; or set binlog_row_metadata=FULL");
	}
	return 0;
}

int mi_catalog_changed(struct mi_catalog *c, const struct mi_gtid *gtid,
                       const struct mi_logged *statement, struct mi_span text, struct mi_err *err)
{
	if (!changes_tables(statement))
		return 0;
	if (c->horizon && mi_gtid_has(c->horizon, gtid))
		return makes_new_table(statement, text) ? 0 : check_trusted(c, text, err);
	c->stale = true;
	return 0;
}
