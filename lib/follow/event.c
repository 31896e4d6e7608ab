/* Which event of a binary log does what to the event stream; transactions' beginnings and ends. A
 * part of follow/follow.h. */
#include "base/buf.h"
#include "base/err.h"
#include "base/hex.h"
#include "binlog/event.h"
#include "binlog/gtid.h"
#include "binlog/rows.h"
#include "gtid/gtid.h"
#include "follow/binlog.h"
#include "follow/past.h"
#include "follow/query.h"
#include "follow/rows.h"
#include "follow/state.h"
#include "follow/trx.h"
#include "follow/retention.h"
#include "stream/parse.h"
#include "stream/write.h"

/* ---- Events ---- */

static int refuse_anonymous(const struct mi_event *event, struct mi_err *err)
{
	(void)mi_event_fail(event, MI_DATA, err, "a transaction without a GTID");
	return mi_hint(err, "set gtid_mode=ON on the source");
}

/* Refuses MariaDB's ALTER TABLE in two phases: the definition changes at some time between two
 * GTIDs. */
static int check_extra(const struct mi_event *event, const struct mi_event_gtid *gtid,
                       struct mi_err *err)
{
	if (!(gtid->extra & (MI_GTID_START_ALTER | MI_GTID_COMMIT_ALTER | MI_GTID_ROLLBACK_ALTER)))
		return 0;
	(void)mi_event_fail(event, MI_DATA, err, "an ALTER TABLE that was logged in two phases");
	return mi_hint(err, "set binlog_alter_two_phase=OFF on the source");
}

/* A transaction that has been followed already must not come again. */
static int check_new(struct mi_follow *f, const struct mi_event *event,
                     const struct mi_event_gtid *gtid, struct mi_err *err)
{
	if (!mi_gtid_has(f->done, &gtid->gtid))
		return 0;
	mi_buf_reset(&f->scratch);
	mi_gtid_print_one(&gtid->gtid, &f->scratch);
	if (gtid->gtid.family == MI_GTID_MYSQL)
		return mi_event_fail(event, MI_PROTOCOL, err, "transaction %s was sent before",
		                     mi_buf_cstr(&f->scratch));
	(void)mi_event_fail(event, MI_DATA, err, "the sequence does not grow within the domain: %s",
	                    mi_buf_cstr(&f->scratch));
	return mi_hint(err, "a position cannot tell it from one that has been followed: set "
	                    "gtid_strict_mode=ON on the source, and copy anew");
}

static int on_gtid(struct mi_follow *f, const struct mi_event *event, struct mi_err *err)
{
	struct mi_event_gtid gtid;

	if (mi_event_gtid(event, &gtid, err) != 0)
		return -1;
	if (gtid.gtid.family == MI_GTID_NONE)
		return refuse_anonymous(event, err);
	if (f->now.open)
		return mi_event_fail(event, MI_PROTOCOL, err, "inside of transaction %s",
		                     mi_buf_cstr(&f->now.text));
	if (check_new(f, event, &gtid, err) != 0)
		return -1;
	f->now.open = true;
	f->now.passing = mi_follow_past_is(f, &gtid.gtid);
	f->now.compound = gtid.gtid.family == MI_GTID_MARIADB && !(gtid.flags & MI_GTID_STANDALONE);
	f->now.xa = gtid.flags & MI_GTID_PREPARED_XA;
	f->now.gtid = gtid.gtid;
	f->now.commit_us = gtid.commit_us ? gtid.commit_us : event->time * UINT64_C(1000000);
	mi_gtid_print_one(&gtid.gtid, &f->now.text);
	return f->now.passing ? 0 : check_extra(event, &gtid, err);
}

static int on_commit(struct mi_follow *f, const struct mi_event *event, struct mi_err *err)
{
	uint64_t number;

	if (mi_event_xid(event, &number, err) != 0)
		return -1;
	if (!f->now.open)
		return mi_event_fail(event, MI_PROTOCOL, err, "the end of no transaction");
	return mi_follow_end(f, err);
}

static void print_hex(struct mi_span bytes, struct mi_buf *out)
{
	mi_buf_add_str(out, "X'");
	mi_hex_add(out, bytes, mi_hex_lower);
	mi_buf_add_str(out, "'");
}

/* In the form in which XA COMMIT statements in the log name a transaction. */
static void print_xid(const struct mi_xid *xid, struct mi_buf *out)
{
	print_hex(xid->gtrid, out);
	mi_buf_add_str(out, ",");
	print_hex(xid->bqual, out);
	mi_buf_addf(out, ",%u", xid->format);
}

static int on_xa_prepare(struct mi_follow *f, const struct mi_event *event, struct mi_err *err)
{
	struct mi_event_xa_prepare xa;

	if (mi_event_xa_prepare(event, &xa, err) != 0)
		return -1;
	if (!f->now.open)
		return mi_event_fail(event, MI_PROTOCOL, err, "the end of no transaction");
	/* recorded also without wanted rows: the later XA COMMIT does not say what was changed */
	if (!xa.one_phase && !f->now.passing) {
		if (!f->now.xa)
			return mi_event_fail(event, MI_PROTOCOL, err,
			                     "it prepares a transaction that did not begin as XA");
		f->now.decided = true;
		if (mi_follow_begin(f, err) != 0)
			return -1;
		mi_buf_reset(&f->scratch);
		print_xid(&xa.xid, &f->scratch);
		if (mi_record_xa(f->events, MI_XA_PREPARE, mi_buf_span(&f->scratch), err) != 0)
			return -1;
	}
	return mi_follow_end(f, err);
}

/* A log file begins while a transaction is open: its server died in the middle of writing the
 * transaction, and has rolled it back. */
static int on_format(struct mi_follow *f, const struct mi_event *event, struct mi_err *err)
{
	if (!f->now.open || (event->flags & MI_EVENT_ARTIFICIAL))
		return 0;
	return mi_follow_abort(f, err);
}

/* Heartbeats come when the log has nothing new, and also while the server skips transactions that
 * have been followed before. Only those of the first kind say that everything has been read: their
 * position is where the last event ended. */
static int on_heartbeat(struct mi_follow *f, const struct mi_event *event, struct mi_err *err)
{
	uint64_t now = mi_src_binlog_clock(f->binlog);

	if (f->now.open || event->next_pos != mi_src_binlog_offset(f->binlog))
		return 0;
	mi_src_retention_reached(f->options->retention, now);
	if (mi_follow_write_skipped(f, err) != 0 || mi_record_heartbeat(f->events, now, err) != 0)
		return -1;
	return mi_writer_flush(f->events, err);
}

static int on_incident(const struct mi_event *event, struct mi_err *err)
{
	struct mi_event_incident incident;

	if (mi_event_incident(event, &incident, err) != 0)
		return -1;
	(void)mi_event_fail(event, MI_DATA, err, "the source has lost changes: %.*s",
	                    (int)incident.message.len,
	                    incident.message.len ? incident.message.data : "");
	return mi_hint(err, "copy anew");
}

static int refuse(const struct mi_event *event, struct mi_err *err)
{
	switch (event->type) {
	case MI_EVENT_APPEND_BLOCK:
	case MI_EVENT_DELETE_FILE:
	case MI_EVENT_BEGIN_LOAD:
	case MI_EVENT_EXECUTE_LOAD:
		(void)mi_event_fail(event, MI_DATA, err, "LOAD DATA was logged as a statement");
		return mi_hint(err,
		               "set binlog_format=ROW for all sessions of the source, and copy "
		               "the tables anew");
	case MI_EVENT_START_ENCRYPTION:
		return mi_event_fail(event, MI_DATA, err, "the log is encrypted");
	default:
		return mi_event_fail(event, MI_DATA, err, "type %u is not known", event->type);
	}
}

int mi_follow_event(void *user, const struct mi_event *event, struct mi_err *err)
{
	struct mi_follow *f = user;

	if (f->now.passing && mi_follow_past_event(f, event))
		return 0;
	if (mi_rows_are_in(event->type))
		return mi_follow_rows(f, event, err);
	switch (event->type) {
	case MI_EVENT_GTID:
	case MI_EVENT_GTID_TAGGED:
	case MI_EVENT_ANONYMOUS_GTID:
	case MI_EVENT_GTID_MARIADB:
		return on_gtid(f, event, err);
	case MI_EVENT_QUERY:
	case MI_EVENT_QUERY_COMPRESSED:
		return mi_follow_query(f, event, err);
	case MI_EVENT_TABLE_MAP:
		return mi_follow_map(f, event, err);
	case MI_EVENT_XID:
		return on_commit(f, event, err);
	case MI_EVENT_XA_PREPARE:
		return on_xa_prepare(f, event, err);
	case MI_EVENT_FORMAT:
		return on_format(f, event, err);
	case MI_EVENT_HEARTBEAT:
	case MI_EVENT_HEARTBEAT_V2:
		return on_heartbeat(f, event, err);
	case MI_EVENT_INCIDENT:
		return on_incident(event, err);
	case MI_EVENT_STOP:
	case MI_EVENT_PREVIOUS_GTIDS:
	case MI_EVENT_GTID_LIST:
	case MI_EVENT_BINLOG_CHECKPOINT:
	case MI_EVENT_ROWS_QUERY:
	case MI_EVENT_ANNOTATE_ROWS:
	case MI_EVENT_IGNORABLE:
	case MI_EVENT_TRANSACTION_CONTEXT:
	case MI_EVENT_VIEW_CHANGE:
		/* parts of a statement, whose QUERY event comes next */
	case MI_EVENT_INTVAR:
	case MI_EVENT_RAND:
	case MI_EVENT_USER_VAR:
		return 0;
	default:
		return event->flags & MI_EVENT_MAY_IGNORE ? 0 : refuse(event, err);
	}
}
