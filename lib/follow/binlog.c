#include "follow/binlog.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/msg.h"
#include "base/stop.h"
#include "binlog/event.h"
#include "binlog/reader.h"
#include "gtid/gtid.h"
#include "server/conn.h"
#include "server/name.h"
#include "server/open.h"
#include "follow/link.h"
#include "sql/literal.h"
#include "source/position.h"

#include <inttypes.h>
#include <openssl/rand.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	FIRST_PAUSE_MS = 100,
	LONGEST_PAUSE_MS = 10 * 1000,
	PATIENCE_MS = 10 * 60 * 1000, /* for connecting again */
	GRACE_MS = 5 * 1000,          /* of silence, beyond two heartbeats */
	REPLICA_MS = 30 * 1000,       /* for a replica to get what is to be followed from */
	REPLICA_PAUSE_MS = 50,        /* between looks */
};

struct mi_src_binlog {
	struct mi_src_binlog_options options;
	struct mi_conn control;
	char identity[64];
	int64_t clock_ahead; /* microseconds that the source's clock is ahead of ours */
	struct mi_binlog_link *link;
	struct mi_binlog_reader *reader;
	mi_binlog_event *event;
	void *user;
	uint64_t heard_ms, bytes;
	struct mi_buf file; /* the log file that the events are in */
	uint64_t position;  /* in it, of the last whole event's end */
	char place[600];
	bool moved; /* events have come since the last start */
};

/* ---- Events ---- */

static int note_rotate(struct mi_src_binlog *b, const struct mi_event *event, struct mi_err *err)
{
	struct mi_event_rotate rotate;

	if (mi_event_rotate(event, &rotate, err) != 0)
		return -1;
	mi_buf_reset(&b->file);
	mi_buf_add_span(&b->file, rotate.file);
	b->position = rotate.position;
	return 0;
}

static int take_event(void *user, const struct mi_event *event, struct mi_err *err)
{
	struct mi_src_binlog *b = user;

	if (event->type == MI_EVENT_ROTATE)
		return note_rotate(b, event, err);
	if (b->event(b->user, event, err) != 0)
		return -1;
	if (event->next_pos && !event->inner)
		b->position = event->next_pos;
	return 0;
}

/* ---- Who we are to the server ---- */

/* *found: a registered replica has this id. An account that may not ask learns nothing, which is no
 * failure. */
static int find_replica(struct mi_src_binlog *b, uint32_t id, bool *found, struct mi_err *err)
{
	bool old = b->control.flavour == MI_FLAVOUR_MARIADB || b->control.version < 80022;
	MYSQL_RES *result;
	MYSQL_ROW row;

	*found = false;
	if (mi_conn_query(&b->control, err, old ? "SHOW SLAVE HOSTS" : "SHOW REPLICAS", &result) !=
	    0) {
		if (err->code != MI_DENIED)
			return -1;
		mi_detail("cannot see which server ids the replicas have: %s", err->text);
		*err = (struct mi_err){0};
		return 0;
	}
	while ((row = mysql_fetch_row(result)))
		*found = *found || (row[0] && strtoul(row[0], NULL, 10) == id);
	mysql_free_result(result);
	return 0;
}

static int check_server_id(struct mi_src_binlog *b, uint32_t id, bool *taken, struct mi_err *err)
{
	uint64_t own;

	if (mi_conn_number(&b->control, err, "SELECT @@GLOBAL.server_id", &own) != 0)
		return -1;
	if (own == id) {
		*taken = true;
		return 0;
	}
	return find_replica(b, id, taken, err);
}

/* Checks the given id, or makes one: from the upper half of the numbers, where people seldom choose
 * theirs. */
static int choose_server_id(struct mi_src_binlog *b, struct mi_err *err)
{
	bool taken = true;

	if (b->options.server_id) {
		if (check_server_id(b, b->options.server_id, &taken, err) != 0)
			return -1;
		return !taken ? 0
		              : mi_fail(err, MI_CONFIG,
		                        "--server-id=%" PRIu32 ": a server has this id already",
		                        b->options.server_id);
	}
	while (taken) {
		uint32_t id;

		if (RAND_bytes((unsigned char *)&id, sizeof id) != 1)
			return mi_fail(err, MI_AGAIN, "no random numbers for a server id");
		b->options.server_id = id | UINT32_C(0x80000000);
		if (check_server_id(b, b->options.server_id, &taken, err) != 0)
			return -1;
	}
	return 0;
}

/* ---- The connection for questions ---- */

static int read_clock(struct mi_src_binlog *b, struct mi_err *err)
{
	uint64_t theirs, before = mi_wall_us();

	if (mi_conn_number(&b->control, err,
	                   "SELECT CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS UNSIGNED)",
	                   &theirs) != 0)
		return -1;
	b->clock_ahead = (int64_t)theirs - (int64_t)(before + (mi_wall_us() - before) / 2);
	return 0;
}

static int connect_to(const struct mi_src_binlog *b, struct mi_conn *conn, struct mi_err *err)
{
	const char *identity = *b->identity ? b->identity : b->options.identity;

	if (mi_conn_open(conn, b->options.source, MI_ROLE_PLAIN, err) != 0)
		return -1;
	if (conn->flavour == MI_FLAVOUR_VITESS)
		return mi_fail(err, MI_CONFIG, "%s is a gateway and has no binary log to follow",
		               mi_conn_name(conn));
	if (identity && mi_conn_same_server(conn, identity, err) != 0)
		return -1;
	return mi_src_position_require(conn, err);
}

/* After a failure the old connection stays, lost as it is: whoever asks it learns that. */
static int ask(struct mi_src_binlog *b, struct mi_err *err)
{
	struct mi_conn fresh = {0};

	if (connect_to(b, &fresh, err) != 0) {
		mi_conn_close(&fresh);
		return -1;
	}
	mi_conn_close(&b->control);
	b->control = fresh;
	return read_clock(b, err);
}

int mi_src_binlog_open(struct mi_src_binlog **out, const struct mi_src_binlog_options *options,
                       mi_binlog_event *event, void *user, struct mi_err *err)
{
	struct mi_src_binlog *b = mi_alloc(sizeof *b);

	b->options = *options;
	b->event = event;
	b->user = user;
	b->reader = mi_binlog_reader_new(true, take_event, b);
	if (ask(b, err) != 0 || choose_server_id(b, err) != 0) {
		mi_src_binlog_close(b);
		return -1;
	}
	(void)snprintf(b->identity, sizeof b->identity, "%s", b->control.server_id);
	*out = b;
	return 0;
}

void mi_src_binlog_close(struct mi_src_binlog *b)
{
	if (!b)
		return;
	mi_binlog_link_close(b->link);
	mi_binlog_reader_free(b->reader);
	mi_conn_close(&b->control);
	mi_buf_release(&b->file);
	free(b);
}

struct mi_conn *mi_src_binlog_control(struct mi_src_binlog *b)
{
	return &b->control;
}

int mi_src_binlog_executed(struct mi_src_binlog *b, struct mi_gtid_set **set, struct mi_err *err)
{
	struct mi_buf text = {0};
	int ret = mi_src_position(&b->control, &text, err);

	if (ret == 0)
		ret = mi_gtid_parse(mi_buf_span(&text), set, err);
	mi_buf_release(&text);
	return ret;
}

uint64_t mi_src_binlog_clock(const struct mi_src_binlog *b)
{
	return mi_wall_us() + (uint64_t)b->clock_ahead;
}

/* ---- How long logs are kept ---- */

/* Where the source has a limit in seconds, its limit in days does not count; without automatic
 * purging neither does. */
static int read_keeps(struct mi_src_binlog *b, uint64_t *seconds, struct mi_err *err)
{
	bool purges = true;
	double by_seconds = 0, by_days = 0;
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (mi_conn_query(&b->control, err,
	                  "SHOW GLOBAL VARIABLES WHERE Variable_name IN "
	                  "('binlog_expire_logs_seconds', 'expire_logs_days', "
	                  "'binlog_expire_logs_auto_purge')",
	                  &result) != 0)
		return -1;
	while ((row = mysql_fetch_row(result))) {
		if (!row[0] || !row[1])
			continue;
		if (strcmp(row[0], "binlog_expire_logs_seconds") == 0)
			by_seconds = strtod(row[1], NULL);
		else if (strcmp(row[0], "expire_logs_days") == 0)
			by_days = strtod(row[1], NULL); /* MariaDB has parts of days */
		else
			purges = strcmp(row[1], "OFF") != 0;
	}
	mysql_free_result(result);
	*seconds = !purges ? 0 : (uint64_t)(by_seconds > 0 ? by_seconds : by_days * 86400);
	return 0;
}

int mi_src_binlog_keeps(struct mi_src_binlog *b, uint64_t *seconds, struct mi_err *err)
{
	if (b->control.mysql && read_keeps(b, seconds, err) == 0)
		return 0;
	if (b->control.mysql && err->code != MI_UNAVAILABLE)
		return -1;
	*err = (struct mi_err){0};
	return ask(b, err) == 0 ? read_keeps(b, seconds, err) : -1;
}

/* ---- Starting ---- */

/* Adds ": " and the set's text, cut at 300 bytes, to the error's text. */
static void add_set(struct mi_err *err, const struct mi_gtid_set *set)
{
	struct mi_buf text = {0};
	size_t len = strlen(err->text);

	mi_gtid_print(set, &text);
	(void)snprintf(err->text + len, sizeof err->text - len, ": %.300s%s", mi_buf_cstr(&text),
	               text.len > 300 ? "..." : "");
	mi_buf_release(&text);
}

static int fail_forgotten(struct mi_src_binlog *b, const struct mi_gtid_set *since,
                          const struct mi_gtid_set *executed, struct mi_err *err)
{
	struct mi_gtid_set *lacking = mi_gtid_copy(since);
	struct mi_err ignored = {0};

	(void)mi_fail(err, MI_DATA, "%s has never executed transactions that have been followed",
	              mi_conn_name(&b->control));
	(void)mi_hint(err, "it is another server, or has lost its latest transactions in a crash "
	                   "and will use their numbers again: copy anew");
	if (mi_gtid_subtract(lacking, executed, &ignored) == 0)
		add_set(err, lacking);
	else
		add_set(err, since); /* positions of MariaDB cannot be subtracted */
	mi_gtid_free(lacking);
	return -1;
}

static int fail_purged(struct mi_src_binlog *b, const struct mi_gtid_set *lost, struct mi_err *err)
{
	(void)mi_fail(err, MI_CONFIG, "%s has purged transactions that are still needed",
	              mi_conn_name(&b->control));
	(void)mi_hint(err, "they cannot be had any more: copy anew, or name a server that still "
	                   "has them; and let the source keep its binary logs for longer "
	                   "(binlog_expire_logs_seconds)");
	add_set(err, lost);
	return -1;
}

/* The name of the oldest log file. */
static int oldest_file(struct mi_src_binlog *b, struct mi_buf *name, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (mi_conn_query(&b->control, err, "SHOW BINARY LOGS", &result) != 0)
		return -1;
	if ((row = mysql_fetch_row(result)) && row[0])
		mi_buf_add_str(name, row[0]);
	mysql_free_result(result);
	return 0;
}

/* Appends what has been purged. MariaDB has no list of it: where the oldest file begins. */
static int read_purged(struct mi_src_binlog *b, struct mi_buf *text, struct mi_err *err)
{
	struct mi_buf name = {0}, sql = {0};
	int ret;

	if (b->control.flavour != MI_FLAVOUR_MARIADB)
		return mi_conn_value(&b->control, err, "SELECT @@GLOBAL.gtid_purged", text, NULL);
	ret = oldest_file(b, &name, err);
	if (ret == 0 && name.len > 0) {
		mi_buf_add_str(&sql, "SELECT COALESCE(BINLOG_GTID_POS(");
		mi_sql_string_span(&sql, mi_buf_span(&name));
		mi_buf_add_str(&sql, ",4),'')");
		ret = mi_conn_value(&b->control, err, mi_buf_cstr(&sql), text, NULL);
	}
	mi_buf_release(&name);
	mi_buf_release(&sql);
	return ret;
}

int mi_src_binlog_lost(struct mi_src_binlog *b, const struct mi_gtid_set *since,
                       struct mi_gtid_set **lost, struct mi_err *err)
{
	struct mi_buf text = {0};
	int ret = read_purged(b, &text, err);

	*lost = NULL;
	if (ret == 0)
		ret = mi_gtid_parse(mi_buf_span(&text), lost, err);
	mi_buf_release(&text);
	if (ret != 0)
		return -1;
	if (mi_gtid_contains(since, *lost)) {
		mi_gtid_free(*lost);
		*lost = mi_gtid_new();
	}
	return mi_gtid_family(*lost) == MI_GTID_MYSQL ? mi_gtid_subtract(*lost, since, err) : 0;
}

static int check_purged(struct mi_src_binlog *b, const struct mi_gtid_set *since,
                        struct mi_err *err)
{
	struct mi_gtid_set *lost;
	int ret = mi_src_binlog_lost(b, since, &lost, err);

	if (ret == 0 && !mi_gtid_is_empty(lost))
		ret = fail_purged(b, lost, err);
	mi_gtid_free(lost);
	return ret;
}

/* The source is a replica whose own replication is behind, or does not run. */
static int fail_behind(struct mi_src_binlog *b, struct mi_err *err)
{
	(void)mi_fail(err, MI_AGAIN, "%s, a replica, has not got yet what is to be followed from",
	              mi_conn_name(&b->control));
	return mi_hint(err, "does its own replication run?");
}

/* Waits; -1: somebody has asked to stop. */
static int pause_ms(unsigned ms)
{
	struct pollfd stop = {.fd = mi_stop_fd(), .events = POLLIN};

	(void)poll(&stop, 1, (int)ms);
	return mi_stop_asked() ? -1 : 0;
}

int mi_src_binlog_reaches(struct mi_src_binlog *b, const struct mi_gtid_set *since,
                          struct mi_err *err)
{
	uint64_t begun = mi_now_ms();
	struct mi_gtid_set *executed;
	bool reaches = false;

	for (;;) {
		if (mi_src_binlog_executed(b, &executed, err) != 0)
			return -1;
		reaches = mi_gtid_contains(executed, since);
		if (reaches || !b->options.is_replica)
			break;
		mi_gtid_free(executed);
		if (mi_now_ms() - begun > REPLICA_MS)
			return fail_behind(b, err);
		if (pause_ms(REPLICA_PAUSE_MS) != 0)
			return mi_stop_fail(err);
	}
	if (!reaches)
		(void)!fail_forgotten(b, since, executed, err);
	mi_gtid_free(executed);
	return reaches ? 0 : -1;
}

int mi_src_binlog_start(struct mi_src_binlog *b, const struct mi_gtid_set *since,
                        struct mi_err *err)
{
	struct mi_binlog_request request = {.source = b->options.source,
	                                    .identity = b->identity,
	                                    .since = since,
	                                    .server_id = b->options.server_id,
	                                    .heartbeat_seconds = b->options.heartbeat_seconds};

	mi_binlog_link_close(b->link);
	b->link = NULL;
	if (mi_src_binlog_reaches(b, since, err) != 0 || check_purged(b, since, err) != 0 ||
	    mi_binlog_link_open(&b->link, &request, err) != 0)
		return -1;
	mi_binlog_reader_restart(b->reader, true);
	b->heard_ms = mi_now_ms();
	b->moved = false;
	return 0;
}

/* ---- Starting again ---- */

static int try_again(struct mi_src_binlog *b, const struct mi_gtid_set *since, struct mi_err *err)
{
	return ask(b, err) == 0 ? mi_src_binlog_start(b, since, err) : -1;
}

int mi_src_binlog_restart(struct mi_src_binlog *b, const struct mi_gtid_set *since,
                          struct mi_err *err)
{
	uint64_t begun = mi_now_ms();
	/* a link that died before any event may have been refused for a reason: no hurry */
	unsigned pause = b->moved ? FIRST_PAUSE_MS : 10 * FIRST_PAUSE_MS;

	for (;;) {
		if (pause_ms(pause) != 0)
			return mi_stop_fail(err);
		if (try_again(b, since, err) == 0)
			return 0;
		if (err->code != MI_UNAVAILABLE || mi_now_ms() - begun > PATIENCE_MS)
			return -1;
		mi_detail("%s", err->text);
		pause = pause * 2 < LONGEST_PAUSE_MS ? pause * 2 : LONGEST_PAUSE_MS;
	}
}

/* ---- Reading ---- */

uint64_t mi_src_binlog_offset(const struct mi_src_binlog *b)
{
	return b->position;
}

/* "binlog.000003:1234", the end of the last whole event. Text inside b. */
static const char *place_of(struct mi_src_binlog *b)
{
	(void)snprintf(b->place, sizeof b->place, "%.*s:%" PRIu64, (int)b->file.len,
	               b->file.len ? b->file.data : "", b->position);
	return b->place;
}

static enum mi_log_state silence(struct mi_src_binlog *b, struct mi_err *err)
{
	uint64_t limit = (uint64_t)b->options.heartbeat_seconds * 2000 + GRACE_MS;

	if (mi_now_ms() - b->heard_ms <= limit)
		return MI_LINK_NOTHING;
	(void)mi_fail(err, MI_UNAVAILABLE, "%s: nothing heard for %" PRIu64 " seconds",
	              mi_conn_name(&b->control), limit / 1000);
	return MI_LINK_LOST;
}

enum mi_log_state mi_src_binlog_next(struct mi_src_binlog *b, unsigned wait_ms, bool heed_stop,
                                     struct mi_err *err)
{
	struct mi_span bytes;
	bool last;
	enum mi_log_state state =
	    mi_binlog_link_next(b->link, wait_ms, heed_stop, &bytes, &last, err);

	if (state == MI_LINK_NOTHING)
		return silence(b, err);
	if (state != MI_LINK_EVENT)
		return state;
	b->heard_ms = mi_now_ms();
	b->moved = true;
	b->bytes += bytes.len;
	if (mi_binlog_push(b->reader, bytes, last, err) == 0)
		return MI_LINK_EVENT;
	if (err->code == MI_UNAVAILABLE)
		return MI_LINK_LOST;
	(void)mi_within(err, "after %s", place_of(b));
	return MI_LINK_REFUSED;
}

bool mi_src_binlog_pending(struct mi_src_binlog *b)
{
	return mi_binlog_link_pending(b->link);
}

uint64_t mi_src_binlog_bytes(struct mi_src_binlog *b)
{
	uint64_t bytes = b->bytes;

	b->bytes = 0;
	return bytes;
}
