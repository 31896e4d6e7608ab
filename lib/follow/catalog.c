#include "follow/catalog.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/msg.h"
#include "follow/ahead.h"
#include "follow/binlog.h"
#include "follow/charsets.h"
#include "follow/entries.h"
#include "follow/forward.h"
#include "follow/saved.h"
#include "follow/touched.h"
#include "gtid/file.h"
#include "gtid/gtid.h"
#include "server/conn.h"
#include "server/mysql_errors.h"
#include "source/databases.h"
#include "source/tables.h"
#include "sql/literal.h"
#include "sql/logged.h"
#include "stream/parse.h"
#include "table/copy.h"
#include "table/filter.h"
#include "table/table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	FENCED_AT_ONCE = 50,
	SEEN_EVERY_MS = 1000,
	INCREMENTS = 100, /* a folder gets a new base after so many, and a tenth of the tables */
};

struct mi_catalog {
	struct mi_catalog_options options;
	struct mi_conn *control;
	char **dbs;
	size_t db_count;
	struct mi_entries entries;
	unsigned generation;
	bool narrowed;    /* the folder had tables that are not wanted any more */
	bool from_schema; /* tables that are not in the file are not wanted */
	struct mi_saved *saved;
	uint64_t seen_ms;    /* when that was told how far the log was followed */
	struct mi_gtid last; /* the last transaction whose statement was taken in */

	/* What the server said, once it was asked: the tables, each as of some time between
	 * ahead.known and ahead.until. */
	struct mi_tables fresh;
	struct mi_ahead ahead;
	bool stale; /* it is too old for a statement that was followed since, or is ahead */

	struct mi_charsets charsets;
};

static struct mi_filter *filter_of(const struct mi_catalog *c)
{
	return c->options.filter;
}

static void add_db(struct mi_catalog *c, const char *db)
{
	for (size_t i = 0; i < c->db_count; i++)
		if (strcmp(c->dbs[i], db) == 0)
			return;
	*(char **)mi_array_add(&c->dbs, &c->db_count, sizeof *c->dbs) = mi_strdup(db);
}

bool mi_catalog_wants_db(const struct mi_catalog *c, struct mi_span db)
{
	char *name = mi_strndup(db.data, db.len);
	bool wanted = !c->from_schema && mi_filter_names_db(filter_of(c), name);

	/* the filter names them also before they are made, and after they have been dropped */
	for (size_t i = 0; i < c->db_count && !wanted; i++)
		wanted = mi_name_eq(c->dbs[i], name, filter_of(c)->ignore_case);
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

static bool wants(const struct mi_catalog *c, const char *db, const char *name)
{
	return mi_catalog_wants_db(c, mi_span_str(db)) && mi_filter_takes(filter_of(c), db, name);
}

/* ---- What the server says ---- */

static int touch(struct mi_catalog *c, const struct mi_table *const *tables, size_t count,
                 struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	for (size_t i = 0; i < count; i++) {
		mi_buf_add_str(&sql, i ? " UNION ALL (SELECT 1 FROM " : "(SELECT 1 FROM ");
		mi_sql_name(&sql, tables[i]->db, tables[i]->name);
		mi_buf_add_str(&sql, " LIMIT 0)");
	}
	ret = mi_conn_exec(c->control, err, mi_buf_cstr(&sql));
	mi_buf_release(&sql);
	return ret;
}

static bool is_gone(const struct mi_catalog *c)
{
	unsigned number = mysql_errno(c->control->mysql);

	return number == MI_ER_NO_SUCH_TABLE || number == MI_ER_BAD_DB_ERROR;
}

/* A statement that changes a table holds its lock until its transaction is among those that the
 * server says to have executed. So whoever has read a changed definition and then gets at the table
 * itself, or finds it gone, finds the statement in the log: servers take that lock before they look
 * whether the table is there. */
static int fence(struct mi_catalog *c, const struct mi_table *const *tables, size_t count,
                 struct mi_err *err)
{
	for (size_t i = 0; i < count; i += FENCED_AT_ONCE) {
		size_t some = count - i < FENCED_AT_ONCE ? count - i : FENCED_AT_ONCE;

		if (touch(c, tables + i, some, err) == 0)
			continue;
		if (!is_gone(c))
			return -1;
		for (size_t j = 0; j < some; j++) {
			*err = (struct mi_err){0};
			if (touch(c, tables + i + j, 1, err) != 0 && !is_gone(c))
				return -1;
		}
		*err = (struct mi_err){0};
	}
	return 0;
}

/* Looks at all that the source has executed by now. */
static int look_ahead(struct mi_catalog *c, const struct mi_gtid_set *done, struct mi_err *err)
{
	struct mi_gtid_set *executed;
	int ret;

	if (mi_src_binlog_executed(c->options.binlog, &executed, err) != 0)
		return -1;
	ret = mi_ahead_read(&c->ahead, c->options.looking, done, executed, err);
	mi_gtid_free(executed);
	if (ret == 0)
		mi_ahead_pass(&c->ahead, done, &c->last);
	return ret;
}

/* Asks for all definitions, and looks at the log from done on: before, so that it is known what the
 * answer must have, and afterwards for what it may have. */
static int ask_server(struct mi_catalog *c, const struct mi_gtid_set *done, struct mi_err *err)
{
	mi_tables_release(&c->fresh);
	mi_ahead_release(&c->ahead);
	c->stale = true;
	if (look_ahead(c, done, err) != 0)
		return -1;
	mi_ahead_mark(&c->ahead);
	if (mi_src_tables(c->control, filter_of(c), &c->fresh, err) != 0)
		return mi_within(err, "reading the definitions");
	if (look_ahead(c, done, err) != 0)
		return -1;
	c->stale = false;
	return 0;
}

static struct mi_table *find_fresh(const struct mi_catalog *c, const char *db, const char *name)
{
	for (size_t i = 0; i < c->fresh.count; i++) {
		struct mi_table *table = c->fresh.items[i];

		if (mi_name_eq(table->name, name, filter_of(c)->ignore_case) &&
		    mi_name_eq(table->db, db, filter_of(c)->ignore_case))
			return table;
	}
	return NULL;
}

/* *table: the server's definition, if the look ahead says that it is the one of now, else NULL. */
static enum mi_ahead_fate of_now(const struct mi_catalog *c, const struct mi_entry *entry,
                                 const struct mi_table **table)
{
	struct mi_buf db = {0}, name = {0};
	enum mi_ahead_fate fate;

	mi_buf_add_str(&db, entry->db);
	mi_buf_add_str(&name, entry->name);
	fate = mi_ahead_fate(&c->ahead, filter_of(c)->ignore_case, &db, &name);
	*table = fate == MI_AHEAD_SAME ? find_fresh(c, mi_buf_cstr(&db), mi_buf_cstr(&name)) : NULL;
	mi_buf_release(&db);
	mi_buf_release(&name);
	return fate;
}

static int contradicted(const struct mi_entry *entry, struct mi_err *err)
{
	(void)mi_fail(err, MI_DATA,
	              "rows of %s.%s were decoded by a definition, moved forward by the log's "
	              "statements, that is not the server's",
	              entry->db, entry->name);
	return mi_hint(err, "copy the table again; binlog_row_metadata=FULL prevents this");
}

/* Takes the server's definition in place of one that is not known, or compares it with one that was
 * moved forward. What the server has said becomes stale if it may be from before a statement on the
 * table. */
static int settle(struct mi_catalog *c, const struct mi_gtid_set *done, struct mi_entry *entry,
                  struct mi_err *err)
{
	const struct mi_table *table;

	if (of_now(c, entry, &table) == MI_AHEAD_UNSURE)
		c->stale = true;
	if (!table)
		return 0;
	if (fence(c, &table, 1, err) != 0 || look_ahead(c, done, err) != 0)
		return -1;
	if (of_now(c, entry, &table) == MI_AHEAD_UNSURE)
		c->stale = true;
	if (!table)
		return 0;
	if (entry->table && !mi_entry_agrees(entry->table, table) && entry->trusted)
		return contradicted(entry, err);
	if (mi_entry_set(&c->entries, entry, mi_table_copy(table)))
		c->generation++;
	entry->moved = entry->trusted = false;
	return 0;
}

/* ---- The folder ---- */

static int save_all(struct mi_catalog *c, const struct mi_gtid_set *as_of, struct mi_err *err)
{
	if (mi_saved_begin(c->saved, true, as_of, err) != 0)
		return -1;
	for (size_t i = 0; i < c->entries.count; i++)
		if (c->entries.items[i]->table &&
		    mi_saved_table(c->saved, c->entries.items[i]->table, err) != 0)
			return -1;
	return mi_saved_end(c->saved, err);
}

/* A new base now and then. What stands before it is needed as long as the reader of the stream may
 * begin again there. */
static int keep_short(struct mi_catalog *c, const struct mi_gtid_set *as_of, struct mi_err *err)
{
	struct mi_gtid_set *applied;
	struct mi_err ignored = {0};
	int ret;

	if (mi_saved_increments(c->saved) <= INCREMENTS + c->entries.count / 10)
		return 0;
	if (save_all(c, as_of, err) != 0)
		return -1;
	if (!c->options.applied ||
	    mi_checkpoint_file_load(c->options.applied, MI_CHECKPOINT_MUST_BE, &applied,
	                            &ignored) != 0)
		return 0;
	ret = mi_saved_trim(c->saved, applied, err);
	mi_gtid_free(applied);
	return ret;
}

/* The files are read in order, and in each what is gone before what is there. */
static int save_changes(struct mi_catalog *c, const struct mi_gtid_set *as_of,
                        const struct mi_forward *forward, struct mi_err *err)
{
	int ret = mi_saved_begin(c->saved, false, as_of, err);

	for (size_t i = 0; i < forward->gone_count && ret == 0; i += 2)
		ret = mi_saved_gone(c->saved, forward->gone[i], forward->gone[i + 1], err);
	for (size_t i = 0; i < c->entries.count && ret == 0; i++) {
		const struct mi_entry *entry = c->entries.items[i];

		if (entry->touched)
			ret = entry->table ? mi_saved_table(c->saved, entry->table, err)
			                   : mi_saved_gone(c->saved, entry->db, entry->name, err);
	}
	return ret == 0 ? mi_saved_end(c->saved, err) : -1;
}

/* Called when the statement of transaction now has been taken in. */
static int save(struct mi_catalog *c, const struct mi_gtid_set *done, const struct mi_gtid *now,
                const struct mi_forward *forward, struct mi_err *err)
{
	struct mi_gtid_set *as_of;
	int ret;

	if (!c->saved || (!forward->changed && forward->gone_count == 0))
		return 0;
	as_of = mi_gtid_copy(done);
	ret = mi_gtid_add(as_of, now, err);
	if (ret == 0)
		ret = save_changes(c, as_of, forward, err);
	if (ret == 0)
		ret = keep_short(c, as_of, err);
	mi_gtid_free(as_of);
	return ret;
}

/* What the server has said of a table, which no statement has touched since done. */
static int save_known(struct mi_catalog *c, const struct mi_gtid_set *done,
                      const struct mi_entry *entry, struct mi_err *err)
{
	if (!c->saved)
		return 0;
	if (mi_saved_begin(c->saved, false, done, err) != 0 ||
	    mi_saved_table(c->saved, entry->table, err) != 0 || mi_saved_end(c->saved, err) != 0)
		return -1;
	return keep_short(c, done, err);
}

/* ---- Opening ---- */

static int take_table(void *user, const struct mi_table *table, struct mi_err *err)
{
	struct mi_catalog *c = user;
	struct mi_entry *entry;

	(void)err;
	if (!mi_filter_takes(filter_of(c), table->db, table->name)) {
		c->narrowed = true;
		return 0;
	}
	add_db(c, table->db);
	entry = mi_entries_get(&c->entries, table->db, table->name);
	(void)mi_entry_set(&c->entries, entry, mi_table_copy(table));
	return 0;
}

static void take_gone(void *user, const char *db, const char *name)
{
	struct mi_catalog *c = user;
	struct mi_entry *entry = mi_entries_find(&c->entries, db, name);

	if (entry)
		mi_entries_remove(&c->entries, entry);
}

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
	const struct mi_entry *known = mi_entries_find(&c->entries, table->db, table->name);

	if (known && strcmp(known->table->digest, table->digest) != 0)
		return mi_fail(err, MI_CONFIG, "it has two definitions of %s.%s", table->db,
		               table->name);
	return known ? 0 : take_table(c, table, err);
}

static int read_schema(struct mi_catalog *c, struct mi_err *err)
{
	static const struct mi_stream_ops ops = {.header = on_header,
	                                         .table = on_table,
	                                         .expect = mi_ignore_expect,
	                                         .ddl = mi_ignore_ddl,
	                                         .end = mi_ignore_end};
	const char *path = c->options.schema;
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return mi_fail_errno(err, MI_CONFIG, errno, "--schema=%s", path);
	ret = mi_parse_stream(fd, &ops, c, err);
	(void)close(fd);
	if (ret != 0)
		return mi_within(err, "--schema=%s", path);
	if (c->entries.count == 0)
		return mi_fail(err, MI_CONFIG, "--schema=%s has none of the wanted tables", path);
	c->from_schema = true;
	return 0;
}

static int read_case(struct mi_catalog *c, struct mi_err *err)
{
	uint64_t mode;

	if (mi_conn_number(c->control, err, "SELECT @@GLOBAL.lower_case_table_names", &mode) != 0)
		return -1;
	filter_of(c)->ignore_case = c->entries.ignore_case = mode != 0;
	return 0;
}

static int name_databases(struct mi_catalog *c, struct mi_err *err)
{
	char **names;
	size_t count;

	if (mi_src_databases(c->control, filter_of(c), &names, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		add_db(c, names[i]);
	for (size_t i = 0; i < filter_of(c)->databases.count; i++)
		add_db(c, filter_of(c)->databases.items[i]);
	mi_src_databases_free(names, count);
	return 0;
}

/* Does no statement touch the table, not even to rename it? */
static bool stays(const struct mi_ahead *ahead, bool ignore_case, const struct mi_entry *entry)
{
	struct mi_buf db = {0}, name = {0};
	bool same;

	mi_buf_add_str(&db, entry->db);
	mi_buf_add_str(&name, entry->name);
	same = mi_ahead_fate(ahead, ignore_case, &db, &name) == MI_AHEAD_SAME &&
	       strcmp(mi_buf_cstr(&name), entry->name) == 0 &&
	       strcmp(mi_buf_cstr(&db), entry->db) == 0;
	mi_buf_release(&db);
	mi_buf_release(&name);
	return same;
}

/* The server's definitions count for the beginning where nothing in the log since then has touched
 * them. */
static int read_server(struct mi_catalog *c, struct mi_err *err)
{
	if (ask_server(c, c->options.since, err) != 0 ||
	    fence(c, (const struct mi_table *const *)c->fresh.items, c->fresh.count, err) != 0 ||
	    look_ahead(c, c->options.since, err) != 0)
		return -1;
	for (size_t i = 0; i < c->fresh.count; i++) {
		const struct mi_table *table = c->fresh.items[i];
		struct mi_entry *entry = mi_entries_get(&c->entries, table->db, table->name);

		if (stays(&c->ahead, filter_of(c)->ignore_case, entry))
			(void)mi_entry_set(&c->entries, entry, mi_table_copy(table));
		else
			mi_entries_remove(&c->entries, entry);
	}
	return 0;
}

/* The statements between what was followed with this folder and the position at which it begins
 * now, if it was followed without it: what they touch is not known any more. A log that cannot be
 * read there may have had anything. *forgot: something was. */
static int check_gap(struct mi_catalog *c, bool *forgot, struct mi_err *err)
{
	const struct mi_gtid_set *seen = mi_saved_seen(c->saved);
	struct mi_ahead gap = {0};
	int ret = 0;

	if (seen && mi_gtid_contains(seen, c->options.since))
		return 0;
	if (!seen)
		seen = mi_saved_as_of(c->saved);
	ret = mi_ahead_read(&gap, c->options.looking, seen, c->options.since, err);
	mi_ahead_mark(&gap);
	if (ret != 0 && err->code != MI_AGAIN && err->code != MI_UNAVAILABLE) {
		mi_warn("the definitions in %s are not used: %s", c->options.folder, err->text);
		*err = (struct mi_err){0};
		mi_entries_release(&c->entries);
		c->entries.ignore_case = filter_of(c)->ignore_case;
		ret = read_server(c, err);
	}
	for (size_t i = 0; i < c->entries.count && ret == 0; i++) {
		struct mi_entry *entry = c->entries.items[i];

		if (stays(&gap, c->entries.ignore_case, entry))
			continue;
		mi_entry_forget(&c->entries, entry, "", NULL);
		*forgot = true;
	}
	mi_ahead_release(&gap);
	return ret;
}

static int open_folder(struct mi_catalog *c, bool *found, struct mi_err *err)
{
	const struct mi_saved_reader reader = {take_table, take_gone, c};
	const struct mi_saved_server server = {.identity = c->control->server_id,
	                                       .told_by_gtids =
	                                           c->control->flavour == MI_FLAVOUR_MYSQL};

	if (mi_saved_open(&c->saved, c->options.folder, &server, err) != 0)
		return -1;
	return mi_saved_read(c->saved, c->options.since, &reader, found, err);
}

/* A table that is not wanted for a while is not looked at, and unknown when it is wanted again. */
static int read_definitions(struct mi_catalog *c, struct mi_err *err)
{
	bool found = false, forgot = false;

	if (c->options.folder && open_folder(c, &found, err) != 0)
		return -1;
	filter_of(c)->absent_is_none = found;
	if (!c->options.schema && name_databases(c, err) != 0)
		return -1;
	if (found && check_gap(c, &forgot, err) != 0)
		return -1;
	if (found && !forgot && !c->narrowed && mi_saved_is_compact(c->saved))
		return 0;
	if (!found && (c->options.schema ? read_schema(c, err) : read_server(c, err)) != 0)
		return -1;
	if (!c->saved)
		return 0;
	return save_all(c, c->options.since, err) == 0
	           ? mi_saved_trim(c->saved, c->options.since, err)
	           : -1;
}

int mi_catalog_open(struct mi_catalog **out, const struct mi_catalog_options *options,
                    struct mi_err *err)
{
	struct mi_catalog *c = mi_alloc(sizeof *c);

	c->options = *options;
	c->stale = true; /* it has not been asked */
	c->control = c->charsets.conn = mi_src_binlog_control(options->binlog);
	if (read_case(c, err) != 0 || read_definitions(c, err) != 0) {
		mi_catalog_close(c);
		return -1;
	}
	filter_of(c)->absent_is_none = true;
	c->options.since = NULL;
	*out = c;
	return 0;
}

void mi_catalog_close(struct mi_catalog *c)
{
	if (!c)
		return;
	mi_entries_release(&c->entries);
	mi_tables_release(&c->fresh);
	mi_ahead_release(&c->ahead);
	mi_saved_close(c->saved);
	mi_src_databases_free(c->dbs, c->db_count);
	mi_charsets_release(&c->charsets);
	free(c);
}

int mi_catalog_reached(struct mi_catalog *c, const struct mi_gtid_set *done, bool at_once,
                       struct mi_err *err)
{
	uint64_t now = mi_now_ms();

	if (!c->saved || (!at_once && now - c->seen_ms < SEEN_EVERY_MS))
		return 0;
	c->seen_ms = now;
	return mi_saved_see(c->saved, done, err);
}

unsigned mi_catalog_generation(const struct mi_catalog *c)
{
	return c->generation;
}

/* ---- Finding ---- */

static int fail_unknown(const struct mi_entry *entry, struct mi_err *err)
{
	(void)mi_fail(err, MI_DATA,
	              "rows of table %s.%s, whose definition at that time is not known", entry->db,
	              entry->name);
	if (entry->statement)
		return mi_hint(err,
		               "%s was not understood in \"%s\", and the source has another "
		               "definition by now: copy the table again",
		               entry->why, entry->statement);
	return mi_hint(err,
	               "it was changed, dropped or renamed later: give the definitions as of the "
	               "start by --schema, or copy the table again");
}

/* A definition that is not known, or was only moved forward, is asked for. Where none is at hand,
 * and a statement on the table came while the server answered, it is asked again. */
static int know(struct mi_catalog *c, const struct mi_gtid_set *done, struct mi_entry *entry,
                struct mi_err *err)
{
	const struct mi_table *before = entry->table;

	do {
		if (c->stale && ask_server(c, done, err) != 0)
			return -1;
		mi_ahead_pass(&c->ahead, done, &c->last);
		if (settle(c, done, entry, err) != 0)
			return -1;
	} while (c->stale && !entry->table);
	return entry->table != before ? save_known(c, done, entry, err) : 0;
}

int mi_catalog_find(struct mi_catalog *c, const struct mi_gtid_set *done, struct mi_span db_span,
                    struct mi_span name_span, struct mi_table **table, struct mi_err *err)
{
	char *db = mi_strndup(db_span.data, db_span.len);
	char *name = mi_strndup(name_span.data, name_span.len);
	struct mi_entry *entry;
	int ret = 0;

	*table = NULL;
	if (wants(c, db, name)) {
		entry = mi_entries_find(&c->entries, db, name);
		if (!entry && !c->from_schema)
			entry = mi_entries_get(&c->entries, db, name);
		if (entry && (!entry->table || (entry->moved && c->stale)))
			ret = know(c, done, entry, err);
		if (ret == 0 && entry && !entry->table)
			ret = fail_unknown(entry, err);
		*table = entry ? entry->table : NULL;
	}
	free(db);
	free(name);
	return ret;
}

void mi_catalog_trusted(struct mi_catalog *c, const struct mi_table *table)
{
	struct mi_entry *entry = mi_entries_find(&c->entries, table->db, table->name);

	if (entry && entry->table == table)
		entry->trusted = true;
}

/* ---- Changes ---- */

/* Those that the server can confirm, are confirmed at once while its answer is at hand. */
static int settle_touched(struct mi_catalog *c, const struct mi_gtid_set *done, struct mi_err *err)
{
	for (size_t i = 0; i < c->entries.count; i++)
		if (c->entries.items[i]->touched && settle(c, done, c->entries.items[i], err) != 0)
			return -1;
	return 0;
}

static void forget_touched(struct mi_catalog *c)
{
	for (size_t i = 0; i < c->entries.count; i++)
		c->entries.items[i]->touched = false;
}

static bool wants_it(void *user, const char *db, const char *name)
{
	return wants(user, db, name);
}

int mi_catalog_changed(struct mi_catalog *c, const struct mi_gtid_set *done,
                       const struct mi_gtid *now, const struct mi_ddl *ddl, struct mi_err *err)
{
	struct mi_forward forward = {.entries = &c->entries,
	                             .wants = wants_it,
	                             .user = c,
	                             .mariadb = c->control->flavour == MI_FLAVOUR_MARIADB,
	                             .charsets = &c->charsets};
	struct mi_logged logged;
	int ret = 0;

	mi_logged_read(mi_span_str(ddl->text), 0, &logged);
	/* a transaction is read again when the connection was lost in it */
	if (!mi_touches_tables(&logged) || mi_gtid_same(&c->last, now))
		return 0;
	c->last = *now;
	mi_forward_run(&forward, ddl);
	c->generation += forward.changed;
	mi_ahead_pass(&c->ahead, done, now);
	c->stale = c->stale || !mi_gtid_has(c->ahead.known, now);
	if (!c->stale)
		ret = settle_touched(c, done, err);
	if (ret == 0)
		ret = save(c, done, now, &forward, err);
	forget_touched(c);
	mi_forward_release(&forward);
	return ret;
}
