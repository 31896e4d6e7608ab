#include "follow/foreign.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/stop.h"
#include "binlog/event.h"
#include "binlog/query.h"
#include "binlog/rows.h"
#include "binlog/table_map.h"
#include "gtid/gtid.h"
#include "follow/binlog.h"
#include "follow/bounds.h"
#include "source/databases.h"
#include "follow/link.h"
#include "sql/logged.h"
#include "table/filter.h"
#include "table/table.h"

#include <stdlib.h>

enum { WAIT_MS = 1000 };

struct hunt {
	struct mi_filter *filter;
	char **dbs;
	size_t db_count;
	struct mi_src_binlog *binlog;
	struct mi_table_maps maps;
	struct mi_rows *rows;
	struct mi_buf scratch;
	struct mi_gtid_set *until;
	struct mi_buf *out;
	uint64_t count;
	struct mi_bounds bounds;
	bool ours; /* the transaction that is being read changes the project's own tables */
	struct mi_buf touched; /* "db.table": the first imported table that it changes */
};

/* Blanks and control characters become "?", so that a line has three fields. */
static void print_plain(struct mi_buf *out, const char *text)
{
	for (const char *at = text; *at; at++)
		mi_buf_add_char(out, (unsigned char)*at <= ' ' ? '?' : *at);
}

static bool takes_db(const struct hunt *h, const char *db)
{
	for (size_t i = 0; i < h->db_count; i++)
		if (mi_name_eq(h->dbs[i], db, h->filter->ignore_case))
			return true;
	return false;
}

static int end_transaction(struct hunt *h, struct mi_err *err)
{
	if (h->touched.len > 0 && !h->ours) {
		mi_buf_add_str(h->out, "foreign ");
		mi_gtid_print_one(&h->bounds.gtid, h->out);
		mi_buf_addf(h->out, " %s\n", mi_buf_cstr(&h->touched));
		h->count++;
	}
	mi_table_maps_end(&h->maps);
	return mi_bounds_end(&h->bounds, err);
}

/* ---- Events ---- */

static int on_gtid(struct hunt *h, const struct mi_event *event, struct mi_err *err)
{
	if (mi_bounds_begin(&h->bounds, event, err) != 0)
		return -1;
	h->ours = false;
	mi_buf_reset(&h->touched);
	return 0;
}

static int on_map(struct hunt *h, const struct mi_event *event, struct mi_err *err)
{
	struct mi_table_map *map;
	char *name;

	if (mi_table_maps_add(&h->maps, event, &map, err) != 0)
		return -1;
	name = mi_strndup(map->name.data, map->name.len);
	h->ours = h->ours || mi_table_is_ours(name);
	free(name);
	return 0;
}

static int on_rows(struct hunt *h, const struct mi_event *event, struct mi_err *err)
{
	const struct mi_table_map *map;
	struct mi_rows_head head;
	char *db, *name;

	if (mi_rows_open(h->rows, event, &head, err) != 0)
		return -1;
	if (head.dummy || h->touched.len > 0)
		return 0;
	map = mi_table_maps_find(&h->maps, head.table_id);
	if (!map)
		return mi_event_fail(event, MI_PROTOCOL, err,
		                     "rows of a table without a TABLE_MAP");
	db = mi_strndup(map->db.data, map->db.len);
	name = mi_strndup(map->name.data, map->name.len);
	if (takes_db(h, db) && mi_filter_takes(h->filter, db, name)) {
		print_plain(&h->touched, db);
		mi_buf_add_char(&h->touched, '.');
		print_plain(&h->touched, name);
	}
	free(db);
	free(name);
	return 0;
}

static void touch_by_statement(struct hunt *h, const struct mi_event_query *query)
{
	char *db = mi_strndup(query->db.data, query->db.len);

	if (h->touched.len == 0 && takes_db(h, db)) {
		print_plain(&h->touched, db);
		mi_buf_add_str(&h->touched, ".?");
	}
	free(db);
}

static int on_query(struct hunt *h, const struct mi_event *event, struct mi_err *err)
{
	struct mi_logged statement;
	struct mi_event_query query;

	if (mi_event_query(event, &h->scratch, &query, err) != 0)
		return -1;
	mi_logged_read(query.text, 0, &statement);
	if (statement.kind == MI_LOGGED_CHANGE)
		touch_by_statement(h, &query);
	return mi_bounds_statement(&h->bounds, &statement) ? end_transaction(h, err) : 0;
}

static int on_event(void *user, const struct mi_event *event, struct mi_err *err)
{
	struct hunt *h = user;

	if (mi_rows_are_in(event->type))
		return on_rows(h, event, err);
	switch (event->type) {
	case MI_EVENT_GTID:
	case MI_EVENT_GTID_TAGGED:
	case MI_EVENT_ANONYMOUS_GTID:
	case MI_EVENT_GTID_MARIADB:
		return on_gtid(h, event, err);
	case MI_EVENT_QUERY:
	case MI_EVENT_QUERY_COMPRESSED:
		return on_query(h, event, err);
	case MI_EVENT_TABLE_MAP:
		return on_map(h, event, err);
	case MI_EVENT_XID:
	case MI_EVENT_XA_PREPARE:
		return h->bounds.open ? end_transaction(h, err) : 0;
	default:
		return 0;
	}
}

/* ---- The way through the log ---- */

static int begin(struct hunt *h, const struct mi_foreign_options *o, struct mi_err *err)
{
	const struct mi_src_binlog_options binlog = {.source = o->source,
	                                             .server_id = o->server_id,
	                                             .heartbeat_seconds = o->heartbeat_seconds};

	if (mi_src_binlog_open(&h->binlog, &binlog, on_event, h, err) != 0 ||
	    mi_src_databases(mi_src_binlog_control(h->binlog), h->filter, &h->dbs, &h->db_count,
	                     err) != 0 ||
	    mi_src_binlog_executed(h->binlog, &h->until, err) != 0)
		return -1;
	if (strcmp(o->since, "now") == 0) {
		h->bounds.done = mi_gtid_copy(h->until);
		return 0;
	}
	if (mi_gtid_parse(mi_span_str(o->since), &h->bounds.done, err) != 0)
		return mi_within(err, "--since");
	if (mi_gtid_contains(h->bounds.done, h->until))
		return 0;
	return mi_src_binlog_start(h->binlog, h->bounds.done, err);
}

static int read_log(struct hunt *h, struct mi_err *err)
{
	while (h->bounds.open || !mi_gtid_contains(h->bounds.done, h->until)) {
		switch (mi_src_binlog_next(h->binlog, WAIT_MS, true, err)) {
		case MI_LINK_EVENT:
		case MI_LINK_NOTHING:
			break;
		case MI_LINK_STOPPED:
			return mi_stop_fail(err);
		case MI_LINK_LOST:
		case MI_LINK_REFUSED:
			return -1;
		}
	}
	return 0;
}

int mi_src_foreign(const struct mi_foreign_options *options, struct mi_buf *out, uint64_t *count,
                   struct mi_err *err)
{
	struct hunt h = {.filter = options->filter, .rows = mi_rows_new(), .out = out};
	int ret = -1;

	if (begin(&h, options, err) == 0 && read_log(&h, err) == 0) {
		mi_buf_add_str(out, "position ");
		mi_gtid_print(h.bounds.done, out);
		mi_buf_add_char(out, '\n');
		ret = 0;
	}
	*count = h.count;
	mi_src_binlog_close(h.binlog);
	mi_src_databases_free(h.dbs, h.db_count);
	mi_table_maps_release(&h.maps);
	mi_rows_free(h.rows);
	mi_buf_release(&h.scratch);
	mi_buf_release(&h.touched);
	mi_gtid_free(h.bounds.done);
	mi_gtid_free(h.until);
	return ret;
}
