#include "follow/ahead.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/stop.h"
#include "binlog/event.h"
#include "binlog/query.h"
#include "follow/binlog.h"
#include "follow/bounds.h"
#include "follow/link.h"
#include "follow/touched.h"
#include "gtid/gtid.h"
#include "server/conn.h"
#include "sql/lexer.h"
#include "sql/logged.h"
#include "sql/named.h"
#include "table/filter.h"

#include <stdlib.h>

enum { WAIT_MS = 1000 };

void mi_ahead_release(struct mi_ahead *ahead)
{
	for (size_t i = 0; i < ahead->count; i++) {
		free(ahead->statements[i].db);
		free(ahead->statements[i].text);
	}
	free(ahead->statements);
	mi_gtid_free(ahead->until);
	mi_gtid_free(ahead->known);
	*ahead = (struct mi_ahead){0};
}

void mi_ahead_mark(struct mi_ahead *ahead)
{
	mi_gtid_free(ahead->known);
	ahead->known = ahead->until ? mi_gtid_copy(ahead->until) : NULL;
	ahead->sure = ahead->count;
}

void mi_ahead_pass(struct mi_ahead *ahead, const struct mi_gtid_set *done,
                   const struct mi_gtid *now)
{
	for (; ahead->next < ahead->count; ahead->next++) {
		const struct mi_gtid *gtid = &ahead->statements[ahead->next].gtid;

		if (!mi_gtid_has(done, gtid) && !(now && mi_gtid_same(now, gtid)))
			break;
	}
}

/* ---- Reading ---- */

struct look {
	struct mi_ahead *ahead;
	struct mi_src_binlog *binlog;
	struct mi_bounds bounds;
	const struct mi_gtid_set *until;
	struct mi_buf scratch;
	bool mariadb;
};

static void keep(struct look *look, const struct mi_event_query *query)
{
	struct mi_ahead *ahead = look->ahead;
	struct mi_ahead_statement *kept =
	    mi_array_add(&ahead->statements, &ahead->count, sizeof *ahead->statements);
	struct mi_buf modes = {0};

	mi_sql_mode_print(query->sql_mode, look->mariadb, &modes);
	kept->gtid = look->bounds.gtid;
	kept->db = mi_strndup(query->db.data ? query->db.data : "", query->db.len);
	kept->text = mi_strndup(query->text.data, query->text.len);
	kept->modes = mi_lex_modes(mi_buf_span(&modes));
	mi_buf_release(&modes);
}

static int on_query(struct look *look, const struct mi_event *event, struct mi_err *err)
{
	struct mi_logged statement;
	struct mi_event_query query;

	if (mi_event_query(event, &look->scratch, &query, err) != 0)
		return -1;
	mi_logged_read(query.text, 0, &statement);
	if (statement.kind == MI_LOGGED_DEFINITION && mi_touches_tables(&statement))
		keep(look, &query);
	return mi_bounds_statement(&look->bounds, &statement) ? mi_bounds_end(&look->bounds, err)
	                                                      : 0;
}

static int on_event(void *user, const struct mi_event *event, struct mi_err *err)
{
	struct look *look = user;

	switch (event->type) {
	case MI_EVENT_GTID:
	case MI_EVENT_GTID_TAGGED:
	case MI_EVENT_ANONYMOUS_GTID:
	case MI_EVENT_GTID_MARIADB:
		return mi_bounds_begin(&look->bounds, event, err);
	case MI_EVENT_QUERY:
	case MI_EVENT_QUERY_COMPRESSED:
		return on_query(look, event, err);
	case MI_EVENT_XID:
	case MI_EVENT_XA_PREPARE:
		return look->bounds.open ? mi_bounds_end(&look->bounds, err) : 0;
	default:
		return 0;
	}
}

/* A statement that nobody can read, and that may be about anything. */
static void keep_unreadable(struct look *look)
{
	const struct mi_event_query query = {.text = mi_span_str("?")};

	keep(look, &query);
	look->ahead->statements[look->ahead->count - 1].unreadable = true;
}

/* What cannot be decoded is for the reader that follows to stop at, with its place. Here it counts
 * as no definition where a transaction's rows are read; elsewhere nothing is known from there on.
 */
static int pass_over(struct look *look, struct mi_err *err)
{
	if (err->code != MI_DATA && err->code != MI_PROTOCOL)
		return -1;
	*err = (struct mi_err){0};
	if (!look->bounds.open || !look->bounds.compound) {
		keep_unreadable(look);
		look->bounds.open = false;
		return mi_gtid_union(look->bounds.done, look->until, err);
	}
	if (mi_bounds_end(&look->bounds, err) != 0)
		return -1;
	return mi_src_binlog_restart(look->binlog, look->bounds.done, err);
}

static int read_log(struct look *look, struct mi_err *err)
{
	while (look->bounds.open || !mi_gtid_contains(look->bounds.done, look->until)) {
		switch (mi_src_binlog_next(look->binlog, WAIT_MS, true, err)) {
		case MI_LINK_EVENT:
		case MI_LINK_NOTHING:
			if (mi_stop_asked())
				return mi_stop_fail(err);
			break;
		case MI_LINK_STOPPED:
			return mi_stop_fail(err);
		case MI_LINK_LOST:
			/* a transaction that has come in part comes again */
			look->bounds.open = false;
			*err = (struct mi_err){0};
			if (mi_src_binlog_restart(look->binlog, look->bounds.done, err) != 0)
				return -1;
			break;
		case MI_LINK_REFUSED:
			if (pass_over(look, err) != 0)
				return -1;
			break;
		}
	}
	return 0;
}

static int look_ahead(struct look *look, const struct mi_src_binlog_options *options,
                      struct mi_err *err)
{
	if (mi_gtid_contains(look->bounds.done, look->until))
		return 0;
	if (mi_src_binlog_open(&look->binlog, options, on_event, look, err) != 0)
		return -1;
	look->mariadb = mi_src_binlog_control(look->binlog)->flavour == MI_FLAVOUR_MARIADB;
	if (mi_src_binlog_start(look->binlog, look->bounds.done, err) != 0)
		return -1;
	return read_log(look, err);
}

int mi_ahead_read(struct mi_ahead *ahead, const struct mi_src_binlog_options *options,
                  const struct mi_gtid_set *since, const struct mi_gtid_set *until,
                  struct mi_err *err)
{
	struct look look = {.ahead = ahead, .until = until};
	size_t before = ahead->count;
	int ret;

	look.bounds.done = mi_gtid_copy(ahead->until ? ahead->until : since);
	ret = look_ahead(&look, options, err);
	mi_src_binlog_close(look.binlog);
	mi_buf_release(&look.scratch);
	if (ret == 0) {
		mi_gtid_free(ahead->until);
		ahead->until = look.bounds.done;
		return 0;
	}
	mi_gtid_free(look.bounds.done);
	while (ahead->count > before) {
		ahead->count--;
		free(ahead->statements[ahead->count].db);
		free(ahead->statements[ahead->count].text);
	}
	return mi_within(err, "looking ahead for changes of definitions");
}

/* ---- Fates ---- */

struct fate {
	bool ignore_case, changed;
	bool sure;         /* the server's answer has the statement's effect */
	bool renamed;      /* the next TO is the new name */
	bool unless_there; /* CREATE TABLE IF NOT EXISTS */
	struct mi_buf *db, *name;
};

/* Does the role change what a table's rows look like, or whether it is there? A database that is
 * altered leaves its tables as they are, and one that may be there already makes none anew. */
static bool changes(const struct fate *fate, enum mi_named_role role, const char *name)
{
	switch (role) {
	case MI_NAMED_CREATED:
		return !fate->unless_there;
	case MI_NAMED_ALTERED:
		return *name;
	case MI_NAMED_TRUNCATED:
	case MI_NAMED_EXCHANGED:
		return false;
	default:
		return mi_named_changes(role);
	}
}

static void on_touched(void *user, enum mi_named_role role, const char *db, const char *name)
{
	struct fate *fate = user;
	bool hit = mi_name_eq(mi_buf_cstr(fate->db), db, fate->ignore_case) &&
	           (!*name || mi_name_eq(mi_buf_cstr(fate->name), name, fate->ignore_case));

	if (!fate->sure) {
		fate->changed |= hit && (role == MI_NAMED_FROM || changes(fate, role, name));
	} else if (role == MI_NAMED_TO && fate->renamed) {
		mi_buf_reset(fate->db);
		mi_buf_add_str(fate->db, db);
		mi_buf_reset(fate->name);
		mi_buf_add_str(fate->name, name);
		fate->renamed = false;
	} else if (hit && role == MI_NAMED_FROM) {
		fate->renamed = true;
	} else if (hit && changes(fate, role, name)) {
		fate->changed = true;
	}
}

/* An ALTER TABLE that renames may do more. */
static bool only_renames(const struct mi_ahead_statement *statement)
{
	struct mi_logged logged;

	mi_logged_read(mi_span_str(statement->text), statement->modes, &logged);
	return strcmp(logged.verb, "RENAME") == 0;
}

/* One statement's part in the fate. */
static void meet(struct fate *fate, const struct mi_ahead_statement *at)
{
	const struct mi_touching touching = {at->text, at->db, at->modes};
	struct mi_buf before = {0}, after = {0};

	if (at->unreadable) {
		fate->changed = true;
		return;
	}
	/* most statements are about others: they need not be taken apart for each table */
	if (!mi_logged_may_name(mi_span_str(at->text), mi_buf_cstr(fate->name)) &&
	    !mi_logged_may_name(mi_span_str(at->text), mi_buf_cstr(fate->db)))
		return;
	fate->unless_there = mi_touches_unless_there(&touching);
	mi_buf_addf(&before, "%s.%s", mi_buf_cstr(fate->db), mi_buf_cstr(fate->name));
	if (!mi_touched_each(&touching, on_touched, fate) &&
	    mi_logged_may_name(mi_span_str(at->text), mi_buf_cstr(fate->name)))
		fate->changed = true;
	if (fate->renamed)
		fate->changed = true; /* to what could not be read */
	mi_buf_addf(&after, "%s.%s", mi_buf_cstr(fate->db), mi_buf_cstr(fate->name));
	if (strcmp(mi_buf_cstr(&before), mi_buf_cstr(&after)) != 0 && !only_renames(at))
		fate->changed = true;
	mi_buf_release(&before);
	mi_buf_release(&after);
}

enum mi_ahead_fate mi_ahead_fate(const struct mi_ahead *ahead, bool ignore_case, struct mi_buf *db,
                                 struct mi_buf *name)
{
	struct fate fate = {.ignore_case = ignore_case, .db = db, .name = name};
	/* what the answer may lack counts though it has been followed */
	size_t first = ahead->next < ahead->sure ? ahead->next : ahead->sure;

	for (size_t i = first; i < ahead->count; i++) {
		fate.sure = i < ahead->sure;
		meet(&fate, &ahead->statements[i]);
		if (fate.changed)
			return fate.sure ? MI_AHEAD_CHANGED : MI_AHEAD_UNSURE;
	}
	return MI_AHEAD_SAME;
}
