
#include "fence/programs.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/msg.h"
#include "fence/fence.h"
#include "schema/list.h"
#include "schema/text.h"
#include "server/conn.h"
#include "server/name.h"
#include "sql/literal.h"
#include "stream/parse.h"
#include "table/dbmap.h"
#include "table/table.h"
#include "target/object.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static bool is_event(const char *kind)
{
	return strcmp(kind, "event") == 0;
}

/* Columns: db, name, table (events: ''), and whatever may differ between two definitions. */
static const char triggers_query[] =
    "SELECT TRIGGER_SCHEMA,TRIGGER_NAME,EVENT_OBJECT_TABLE,ACTION_TIMING,EVENT_MANIPULATION,"
    "ACTION_ORDER,ACTION_STATEMENT,SQL_MODE,DEFINER FROM information_schema.TRIGGERS WHERE "
    "TRIGGER_SCHEMA IN (";
static const char events_query[] =
    "SELECT EVENT_SCHEMA,EVENT_NAME,'',EVENT_TYPE,EXECUTE_AT,INTERVAL_VALUE,INTERVAL_FIELD,STARTS,"
    "ENDS,STATUS,ON_COMPLETION,EVENT_DEFINITION,SQL_MODE,DEFINER FROM information_schema.EVENTS "
    "WHERE EVENT_SCHEMA IN (";

static int query_programs(struct mi_fence *fence, const char *kind, MYSQL_RES **result,
                          struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_add_str(&sql, is_event(kind) ? events_query : triggers_query);
	for (size_t i = 0; i < fence->db_count; i++) {
		if (i)
			mi_buf_add_char(&sql, ',');
		mi_sql_string(&sql, fence->dbs[i]);
	}
	mi_buf_add_str(&sql, ") ORDER BY 1,2");
	ret = mi_conn_query(&fence->link.conn, err, mi_buf_cstr(&sql), result);
	mi_buf_release(&sql);
	return ret;
}

/* Is it an event, or a trigger of an imported table? Triggers of other tables in the databases stay
 * where they are. */
static bool is_ours(const struct mi_fence *fence, const char *kind, MYSQL_ROW row)
{
	return is_event(kind) || mi_tables_find(&fence->tables, row[0], row[2]);
}

static int add_digest(struct mi_fence *fence, const char *kind, struct mi_hash *hash,
                      struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (query_programs(fence, kind, &result, err) != 0)
		return -1;
	while ((row = mysql_fetch_row(result)))
		for (unsigned i = 0; is_ours(fence, kind, row) && i < mysql_num_fields(result); i++)
			mi_hash_add_str(hash, row[i]);
	mysql_free_result(result);
	return 0;
}

int mi_fence_digest(struct mi_fence *fence, struct mi_buf *digest, struct mi_err *err)
{
	struct mi_hash hash;
	char text[33];

	mi_hash_init(&hash);
	if (add_digest(fence, "trigger", &hash, err) != 0 ||
	    add_digest(fence, "event", &hash, err) != 0)
		return -1;
	mi_hash_hex(&hash, text);
	mi_buf_add_str(digest, text);
	return 0;
}

/* ---- Reading ---- */

static int take_header(void *user, const struct mi_stream_header *header, struct mi_err *err)
{
	(void)user;
	if (header->kind == MI_STREAM_SCHEMA)
		return 0;
	return mi_fail(err, MI_DATA, "not a stream of definitions");
}

static int take_ddl(void *user, const struct mi_ddl *ddl, struct mi_err *err)
{
	struct mi_fence *fence = user;
	struct mi_buf renamed = {0};
	int ret;

	if (strcmp(ddl->kind, "trigger") != 0 && !is_event(ddl->kind))
		return mi_fail(err, MI_DATA, "a definition that is neither trigger nor event: %s",
		               ddl->kind);
	/* tried now, so that what cannot be renamed is known before clients wait */
	ret = mi_ddltext_rename(ddl->text, &fence->options->map, false, &renamed, err);
	mi_buf_release(&renamed);
	if (ret != 0)
		return mi_within(err, "%s %s.%s", ddl->kind, ddl->db, ddl->object);
	mi_ddl_list_add(&fence->programs, ddl);
	return 0;
}

int mi_fence_programs(struct mi_fence *fence, const char *path, struct mi_err *err)
{
	static const struct mi_stream_ops ops = {
	    .header = take_header, .ddl = take_ddl, .end = mi_ignore_end};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return mi_fail_errno(err, MI_IO, errno, "opening %s", path);
	mi_ddl_list_release(&fence->programs);
	ret = mi_parse_stream(fd, &ops, fence, err);
	(void)close(fd);
	return ret == 0 ? 0 : mi_within(err, "%s", path);
}

/* ---- Making and dropping ---- */

static int drop_one(struct mi_fence *fence, const char *kind, const char *db, const char *name,
                    struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_addf(&sql, "DROP %s IF EXISTS ", is_event(kind) ? "EVENT" : "TRIGGER");
	mi_sql_name(&sql, db, name);
	ret = mi_conn_exec_span(&fence->link.conn, err, mi_buf_span(&sql));
	mi_buf_release(&sql);
	return ret == 0 ? 0 : mi_within(err, "%s %s.%s", kind, db, name);
}

/* Warns when the server's scheduler does not run events. */
static int look_at_scheduler(struct mi_fence *fence, struct mi_err *err)
{
	struct mi_buf state = {0};
	int ret = mi_conn_value(&fence->link.conn, err, "SELECT @@event_scheduler", &state, NULL);

	if (ret == 0 && strcmp(mi_buf_cstr(&state), "ON") != 0)
		mi_warn("event_scheduler is %s on %s: its events will not run", mi_buf_cstr(&state),
		        mi_conn_name(&fence->link.conn));
	mi_buf_release(&state);
	return ret;
}

int mi_fence_make(struct mi_fence *fence, const char *kind, unsigned *count, struct mi_err *err)
{
	const struct mi_map *map = &fence->options->map;

	*count = 0;
	for (size_t i = 0; i < fence->programs.count; i++) {
		const struct mi_ddl *ddl = &fence->programs.items[i];

		if (strcmp(ddl->kind, kind) != 0)
			continue;
		if (drop_one(fence, kind, mi_map_db(map, ddl->db), ddl->object, err) != 0)
			return -1;
		if (mi_object_run(ddl, map, &fence->link, err) != 0)
			return mi_within(err, "%s %s.%s", kind, ddl->db, ddl->object);
		++*count;
	}
	return is_event(kind) && *count > 0 ? look_at_scheduler(fence, err) : 0;
}

int mi_fence_drop(struct mi_fence *fence, const char *kind, unsigned *count, struct mi_err *err)
{
	*count = 0;
	for (size_t i = 0; i < fence->programs.count; i++) {
		const struct mi_ddl *ddl = &fence->programs.items[i];

		if (strcmp(ddl->kind, kind) != 0)
			continue;
		if (drop_one(fence, kind, mi_map_db(&fence->options->map, ddl->db), ddl->object,
		             err) != 0)
			return -1;
		++*count;
	}
	return 0;
}
