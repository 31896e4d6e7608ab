#include "load/ddl.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "load/alter.h"
#include "load/pool.h"
#include "schema/meant.h"
#include "server/conn.h"
#include "server/link.h"
#include "server/recode.h"
#include "sql/literal.h"
#include "stream/parse.h"
#include "table/dbmap.h"
#include "target/compare.h"
#include "target/object.h"

#include <stdlib.h>

static const char *const key_kinds[] = {"index", "unique", "fulltext", "spatial", NULL};
static const char *const object_kinds[] = {"sequence", "view", "routine", "trigger", "event", NULL};

static bool is_kind(const struct mi_ddl *ddl, const char *const *kinds)
{
	for (; *kinds; kinds++)
		if (strcmp(ddl->kind, *kinds) == 0)
			return true;
	return false;
}

static bool is_foreign_key(const struct mi_ddl *ddl)
{
	return strcmp(ddl->kind, "foreign-key") == 0;
}

bool mi_ddl_is_immediate(const struct mi_ddl *ddl)
{
	return strcmp(ddl->kind, "database") == 0 || strcmp(ddl->kind, "table") == 0;
}

/* ---- Databases and tables ---- */

struct create {
	const struct mi_ddl *ddl;
	const struct mi_map *map;
	bool existed;
};

static int count_where(struct mi_conn *conn, const char *table, const char *schema_column,
                       const char *into, const char *name_column, const char *name, uint64_t *count,
                       struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_addf(&sql, "SELECT COUNT(*) FROM information_schema.%s WHERE %s=", table,
	            schema_column);
	mi_sql_string(&sql, into);
	if (name_column) {
		mi_buf_addf(&sql, " AND %s=", name_column);
		mi_sql_string(&sql, name);
	}
	ret = mi_conn_number(conn, err, mi_buf_cstr(&sql), count);
	mi_buf_release(&sql);
	return ret;
}

static int create_database(void *user, struct mi_link *link, struct mi_err *err)
{
	struct create *create = user;
	const char *into = mi_map_db(create->map, create->ddl->object);
	uint64_t found;

	if (count_where(&link->conn, "SCHEMATA", "SCHEMA_NAME", into, NULL, NULL, &found, err) != 0)
		return -1;
	if (found > 0)
		return 0;
	return mi_object_run(create->ddl, create->map, link, err);
}

int mi_load_database(const struct mi_ddl *ddl, const struct mi_map *map, struct mi_link *link,
                     struct mi_err *err)
{
	struct create create = {ddl, map, false};

	if (mi_link_run(link, create_database, &create, err) != 0)
		return mi_within(err, "database %s", ddl->object);
	return 0;
}

/* Drops the table that has just been made, so that it is not found later and taken for what was
 * meant. */
static void drop_made(const struct mi_ddl *ddl, const char *into, struct mi_conn *conn)
{
	struct mi_err ignored = {0};
	struct mi_buf sql = {0};

	mi_buf_add_str(&sql, "DROP TABLE ");
	mi_sql_name(&sql, into, ddl->object);
	if (mi_conn_exec_span(conn, &ignored, mi_buf_span(&sql)) != 0)
		mi_detail("%s", ignored.text);
	mi_buf_release(&sql);
}

/* Reads back the table that has just been made. */
static int check_meant(const struct mi_ddl *ddl, const char *into, struct mi_conn *conn,
                       struct mi_err *err)
{
	struct mi_buf made = {0};
	int ret = mi_target_show_table(into, ddl->object, conn, &made, err);

	if (ret == 0)
		ret = mi_meant_table(ddl->text, mi_buf_cstr(&made), mi_recode, conn, err);
	mi_buf_release(&made);
	if (ret != 0 && err->code == MI_DATA)
		drop_made(ddl, into, conn);
	return ret;
}

static int create_table(void *user, struct mi_link *link, struct mi_err *err)
{
	struct create *create = user;
	const char *into = mi_map_db(create->map, create->ddl->db);
	uint64_t found;

	if (count_where(&link->conn, "TABLES", "TABLE_SCHEMA", into, "TABLE_NAME",
	                create->ddl->object, &found, err) != 0)
		return -1;
	create->existed = found > 0;
	if (create->existed)
		return 0;
	if (mi_object_run(create->ddl, create->map, link, err) != 0)
		return -1;
	return check_meant(create->ddl, into, &link->conn, err);
}

int mi_load_table(const struct mi_ddl *ddl, const struct mi_map *map, struct mi_link *link,
                  bool *existed, struct mi_err *err)
{
	struct create create = {ddl, map, false};

	if (mi_link_run(link, create_table, &create, err) != 0)
		return mi_within(err, "table %s.%s", mi_map_db(map, ddl->db), ddl->object);
	*existed = create.existed;
	return 0;
}

/* ---- Keeping ---- */

static const char *own(const char *text)
{
	return mi_strdup(text);
}

static void disown(const char *text)
{
	union {
		const char *text;
		void *memory;
	} owned = {text};

	free(owned.memory);
}

int mi_ddls_keep(struct mi_ddls *ddls, const struct mi_ddl *ddl, struct mi_err *err)
{
	struct mi_ddl *kept;

	if (!is_kind(ddl, key_kinds) && !is_kind(ddl, object_kinds) && !is_foreign_key(ddl))
		return mi_fail(err, MI_DATA, "bad stream: a DDL record of unknown kind '%s'",
		               ddl->kind);
	if ((is_kind(ddl, key_kinds) || is_foreign_key(ddl)) && (!*ddl->db || !*ddl->object))
		return mi_fail(err, MI_DATA, "bad stream: a key that belongs to no table");
	kept = mi_array_add(&ddls->items, &ddls->count, sizeof *kept);
	*kept = (struct mi_ddl){
	    .section = own(ddl->section),
	    .kind = own(ddl->kind),
	    .db = own(ddl->db),
	    .object = own(ddl->object),
	    .name = own(ddl->name),
	    .text = own(ddl->text),
	};
	for (size_t i = 0; i < MI_DDL_SETTINGS; i++)
		if (ddl->settings[i])
			kept->settings[i] = own(ddl->settings[i]);
	return 0;
}

void mi_ddls_release(struct mi_ddls *ddls)
{
	for (size_t i = 0; i < ddls->count; i++) {
		const struct mi_ddl *ddl = &ddls->items[i];
		const char *strings[] = {ddl->section, ddl->kind, ddl->db,
		                         ddl->object,  ddl->name, ddl->text};

		for (size_t k = 0; k < sizeof strings / sizeof *strings; k++)
			disown(strings[k]);
		for (size_t k = 0; k < MI_DDL_SETTINGS; k++)
			disown(ddl->settings[k]);
	}
	free(ddls->items);
	ddls->items = NULL;
	ddls->count = 0;
}

/* ---- Flushing ---- */

static bool same_table(const struct mi_ddl *a, const struct mi_ddl *b)
{
	return strcmp(a->db, b->db) == 0 && strcmp(a->object, b->object) == 0;
}

static int flush_keys(struct mi_ddls *ddls, struct mi_pool *pool, struct mi_err *err)
{
	bool *taken = mi_alloc(ddls->count * sizeof *taken + 1);
	int ret = -1;

	for (size_t i = 0; i < ddls->count; i++) {
		struct mi_alter *alter;

		if (taken[i] || !is_kind(&ddls->items[i], key_kinds))
			continue;
		alter = mi_alter_new(ddls->map, &ddls->items[i]);
		for (size_t k = i; k < ddls->count; k++) {
			if (!is_kind(&ddls->items[k], key_kinds) ||
			    !same_table(&ddls->items[i], &ddls->items[k]))
				continue;
			taken[k] = true;
			mi_alter_add(alter, &ddls->items[k]);
		}
		if (mi_pool_put(pool, &alter->job, err) != 0)
			goto out;
	}
	ret = mi_pool_drain(pool, err);
out:
	free(taken);
	return ret;
}

/* ---- What fails while others can still be made ---- */

struct failures {
	struct mi_err *items;
	size_t count;
};

/* Takes err when it is about this definition alone; false when it ends the work: the server is not
 * there, or nobody may do anything. */
static bool take_failure(struct failures *failures, struct mi_err *err)
{
	struct mi_err *kept;

	if (err->code != MI_DATA && err->code != MI_CONFIG && err->code != MI_DENIED)
		return false;
	kept = mi_array_add(&failures->items, &failures->count, sizeof *failures->items);
	*kept = *err;
	*err = (struct mi_err){0};
	return true;
}

/* One failure is reported as it is; of several each gets its line, and err counts them. */
static int report_failures(const struct failures *failures, struct mi_err *err)
{
	int code = MI_DATA;

	if (failures->count == 0)
		return 0;
	if (failures->count == 1) {
		*err = failures->items[0];
		return -1;
	}
	for (size_t i = 0; i < failures->count; i++)
		mi_warn("%s", failures->items[i].text);
	for (size_t i = 0; i < failures->count; i++)
		if (i == 0 || failures->items[i].code == code)
			code = failures->items[i].code;
		else
			code = MI_DATA;
	(void)mi_fail(err, code, "%zu definitions could not be made; all others are there",
	              failures->count);
	return mi_hint(err, "mend what is named above, on the source or here, and run it again");
}

static int flush_foreign_keys(struct mi_ddls *ddls, struct mi_link *link, struct failures *failures,
                              struct mi_err *err)
{
	for (size_t i = 0; i < ddls->count; i++) {
		struct mi_alter *alter;
		int ret;

		if (!is_foreign_key(&ddls->items[i]))
			continue;
		alter = mi_alter_new(ddls->map, &ddls->items[i]);
		mi_alter_add(alter, &ddls->items[i]);
		ret = mi_alter_run(alter, link, err);
		alter->job.free(&alter->job);
		if (ret != 0 && !take_failure(failures, err))
			return -1;
	}
	return 0;
}

/* Tries every object that is not there yet, once. *left: those that failed. */
static int try_objects(struct mi_ddls *ddls, struct mi_link *link, bool *done, bool *progress,
                       struct failures *left, struct mi_err *err)
{
	*progress = false;
	for (size_t i = 0; i < ddls->count; i++) {
		struct mi_object object = {.ddl = &ddls->items[i],
		                           .map = ddls->map,
		                           .state = ddls->state,
		                           .leave_others = ddls->into_existing};

		if (done[i] || !is_kind(object.ddl, object_kinds))
			continue;
		done[i] = mi_object_create(&object, link, err) == 0;
		if (!done[i] && !take_failure(left, err))
			return -1;
		*progress |= done[i];
	}
	return 0;
}

/* Makes all other objects, whatever the order in which they came: those that fail are tried again
 * while any other succeeds, because that one may be what they need. Which error says that something
 * is missing is left open: servers have many. */
static int flush_objects(struct mi_ddls *ddls, struct mi_link *link, struct failures *failures,
                         struct mi_err *err)
{
	bool *done = mi_alloc(ddls->count * sizeof *done + 1);
	struct failures left = {0};
	bool progress;
	int ret = 0;

	do {
		left.count = 0;
		ret = try_objects(ddls, link, done, &progress, &left, err);
	} while (ret == 0 && left.count > 0 && progress);
	for (size_t i = 0; ret == 0 && i < left.count; i++)
		(void)take_failure(failures, &left.items[i]);
	free(left.items);
	free(done);
	return ret;
}

int mi_ddls_flush(struct mi_ddls *ddls, struct mi_pool *pool, struct mi_link *link,
                  struct mi_err *err)
{
	struct failures failures = {0};
	int ret = -1;

	if (flush_keys(ddls, pool, err) == 0 &&
	    flush_foreign_keys(ddls, link, &failures, err) == 0 &&
	    flush_objects(ddls, link, &failures, err) == 0)
		ret = report_failures(&failures, err);
	free(failures.items);
	mi_ddls_release(ddls);
	return ret;
}
