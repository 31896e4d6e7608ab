#include "source/snapshot.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/msg.h"
#include "base/stop.h"
#include "base/words.h"
#include "gtid/gtid.h"
#include "server/conn.h"
#include "server/name.h"
#include "server/open.h"
#include "source/definitions.h"
#include "source/lock.h"
#include "source/order.h"
#include "source/position.h"
#include "source/tables.h"
#include "source/text.h"
#include "table/table.h"

#include <poll.h>
#include <stdlib.h>

enum {
	LOCK_MS =
	    400, /* waiting for a lock and holding it, together, at most: others wait so long */
	PAUSE_MS = 1000, /* between tries of a lock */
	STUCK_MS = 200,  /* a row lock that is waited for so long is not had in a moment */
	LOOKS = 50,      /* for a moment in which nobody waits for a row lock, */
	LOOK_MS = 20,    /* and the time between them */
	FREE_TRIES =
	    10, /* without a lock a try takes milliseconds: so many for each of --lock-tries */
	FREE_PAUSE_MS =
	    16, /* between them at most: of a random length, lest they keep step with writers */
};

/* How one try ended. */
enum outcome {
	TAKEN,
	BUSY,     /* err says why; another try may succeed */
	REFUSED,  /* err says why; this way will not work here */
	PREPARED, /* a prepared XA transaction stands in the way: err names it */
	FAILED,   /* err says why; no way will work */
};

static const char *const lock_words[] = {"auto", "flush", "tables", "none", NULL};

bool mi_snapshot_lock_parse(const char *text, enum mi_snapshot_lock *lock)
{
	int index = mi_word_index(mi_span_str(text), lock_words);

	if (index < 0)
		return false;
	*lock = (enum mi_snapshot_lock)index;
	return true;
}

/* ---- The readers ---- */

/* MariaDB frees what was locked since a savepoint only in a session that does not log (tried
 * on 10.11; the snapshot's position is the same). An account that may not say so keeps the locks to
 * the end. */
static int log_nothing(struct mi_conn *reader, struct mi_err *err)
{
	struct mi_err denied = {0};

	if (reader->flavour != MI_FLAVOUR_MARIADB ||
	    mi_conn_exec(reader, &denied, "SET SESSION sql_log_bin = 0") == 0)
		return 0;
	if (denied.code == MI_DENIED)
		return 0;
	*err = denied;
	return -1;
}

static int open_readers(struct mi_snapshot *snap, struct mi_err *err)
{
	snap->readers = mi_alloc(snap->options->readers * sizeof *snap->readers);
	for (size_t i = 0; i < snap->options->readers; i++) {
		if (mi_conn_open(&snap->readers[i], snap->options->source, MI_ROLE_READER, err) !=
		    0)
			return -1;
		snap->reader_count++;
		if (mi_conn_same_server(&snap->readers[i], snap->control.server_id, err) != 0 ||
		    log_nothing(&snap->readers[i], err) != 0)
			return -1;
		/* a row key may be an invisible index, and FORCE INDEX must find it */
		if (snap->readers[i].flavour == MI_FLAVOUR_MYSQL &&
		    snap->readers[i].version >= 80000 &&
		    mi_conn_exec(&snap->readers[i], err,
		                 "SET SESSION optimizer_switch = 'use_invisible_indexes=on'") != 0)
			return -1;
	}
	return 0;
}

/* Under another isolation level than REPEATABLE READ the server starts the transaction without a
 * snapshot, and says so in a warning only (tried). */
static const char begin_snapshot[] = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

/* All readers at the same time: the less time passes between the first and the last, the less is
 * committed meanwhile, and the shorter is a lock. */
static int tell_readers(struct mi_snapshot *snap, const char *sql, struct mi_err *err)
{
	for (size_t i = 0; i < snap->reader_count; i++)
		if (mi_conn_send(&snap->readers[i], err, sql) != 0)
			return -1;
	for (size_t i = 0; i < snap->reader_count; i++)
		if (mi_conn_answer(&snap->readers[i], err, sql) != 0)
			return -1;
	return 0;
}

static int begin_readers(struct mi_snapshot *snap, struct mi_err *err)
{
	if (tell_readers(snap, begin_snapshot, err) != 0)
		return -1;
	for (size_t i = 0; i < snap->reader_count; i++)
		if (mysql_warning_count(snap->readers[i].mysql) != 0)
			return mi_fail(err, MI_CONFIG, "%s gives no consistent snapshot",
			               mi_conn_name(&snap->readers[i]));
	return 0;
}

static int end_readers(struct mi_snapshot *snap, struct mi_err *err)
{
	return tell_readers(snap, "ROLLBACK", err);
}

/* ---- One try ---- */

static void set_position(struct mi_snapshot *snap, struct mi_buf *low, struct mi_buf *high)
{
	free(snap->low);
	free(snap->high);
	snap->low = mi_strdup(mi_buf_cstr(low));
	snap->high = mi_strdup(mi_buf_cstr(high));
}

static enum outcome prepared(const struct mi_src_xa *xa, struct mi_err *err)
{
	(void)mi_fail(err, MI_AGAIN,
	              "XA transaction %s is prepared: its rows would be in no snapshot", xa->xid);
	(void)mi_hint(err, "commit it or roll it back, see XA RECOVER");
	return PREPARED;
}

/* The outcome that an error of a try means. */
static enum outcome failed(const struct mi_err *err)
{
	if (err->code == MI_AGAIN)
		return BUSY;
	return err->code == MI_DENIED ? REFUSED : FAILED;
}

/* Called with commits locked out: position and snapshots are of one instant. */
static enum outcome take_inside(struct mi_snapshot *snap, struct mi_src_lock *lock,
                                struct mi_src_xa *xa, struct mi_err *err)
{
	struct mi_buf position = {0};
	enum outcome outcome = FAILED;

	if (begin_readers(snap, err) != 0 || mi_src_position(&snap->control, &position, err) != 0 ||
	    mi_src_xa_end(&snap->control, xa, err) != 0)
		goto out;
	if (mi_src_lock_release(lock, err) != 0) {
		outcome = failed(err);
		goto out;
	}
	set_position(snap, &position, &position);
	outcome = xa->xid[0] ? prepared(xa, err) : TAKEN;
out:
	mi_buf_release(&position);
	return outcome;
}

static enum outcome take_locked(struct mi_snapshot *snap, enum mi_snapshot_lock level,
                                struct mi_err *err)
{
	struct mi_src_lock *lock;
	struct mi_src_xa xa;
	enum outcome outcome;
	int ret;

	if (mi_src_xa_begin(&snap->control, &xa, err) != 0)
		return failed(err);
	if (xa.xid[0])
		return prepared(&xa, err);
	if (mi_src_lock_new(&lock, snap->options->source, snap->control.server_id, err) != 0)
		return FAILED;
	ret = level == MI_SNAPSHOT_LOCK_FLUSH
	          ? mi_src_lock_flush(lock, LOCK_MS, err)
	          : mi_src_lock_tables(lock, &snap->tables, LOCK_MS, err);
	outcome = ret == 0 ? take_inside(snap, lock, &xa, err) : failed(err);
	mi_src_lock_free(lock);
	return outcome;
}

/* *high: the union of owned and executed. *exact: no commit has fallen in since low was read. */
static int read_high(struct mi_snapshot *snap, const struct mi_buf *low, struct mi_buf *high,
                     bool *exact, struct mi_err *err)
{
	struct mi_buf owned = {0}, executed = {0};
	struct mi_gtid_set *set = NULL, *more = NULL;
	int ret = -1;

	if (mi_src_position_owned(&snap->control, &owned, &executed, err) != 0)
		goto out;
	*exact = owned.len == 0 && mi_span_eq(mi_buf_span(low), mi_buf_span(&executed));
	if (mi_gtid_parse(mi_buf_span(&owned), &set, err) != 0 ||
	    mi_gtid_parse(mi_buf_span(&executed), &more, err) != 0 ||
	    mi_gtid_union(set, more, err) != 0)
		goto out;
	mi_gtid_print(set, high);
	ret = 0;
out:
	mi_gtid_free(set);
	mi_gtid_free(more);
	mi_buf_release(&owned);
	mi_buf_release(&executed);
	return ret;
}

/* Without a lock, on MySQL. */
static int free_mysql(struct mi_snapshot *snap, bool *exact, struct mi_err *err)
{
	struct mi_buf low = {0}, high = {0};
	int ret = -1;

	if (mi_src_position(&snap->control, &low, err) == 0 && begin_readers(snap, err) == 0 &&
	    read_high(snap, &low, &high, exact, err) == 0) {
		set_position(snap, &low, &high);
		ret = 0;
	}
	mi_buf_release(&low);
	mi_buf_release(&high);
	return ret;
}

/* Takes one reader's position into *low (the intersection) and *high (the union). */
static int add_position(const struct mi_buf *text, struct mi_gtid_set **low,
                        struct mi_gtid_set **high, struct mi_err *err)
{
	struct mi_gtid_set *set;
	int ret = -1;

	if (mi_gtid_parse(mi_buf_span(text), &set, err) != 0)
		return -1;
	if (!*low) {
		*low = mi_gtid_copy(set);
		*high = mi_gtid_copy(set);
		ret = 0;
	} else if (mi_gtid_intersect(*low, set, err) == 0 && mi_gtid_union(*high, set, err) == 0) {
		ret = 0;
	}
	mi_gtid_free(set);
	return ret;
}

static int join_offsets(struct mi_snapshot *snap, const struct mi_src_offset *offsets,
                        struct mi_err *err)
{
	struct mi_gtid_set *low = NULL, *high = NULL;
	struct mi_buf text = {0}, least = {0}, greatest = {0};
	int ret = -1;

	for (size_t i = 0; i < snap->reader_count; i++) {
		mi_buf_reset(&text);
		if (mi_src_offset_position(&snap->control, &offsets[i], &text, err) != 0 ||
		    add_position(&text, &low, &high, err) != 0)
			goto out;
	}
	mi_gtid_print(low, &least);
	mi_gtid_print(high, &greatest);
	set_position(snap, &least, &greatest);
	ret = 0;
out:
	mi_gtid_free(low);
	mi_gtid_free(high);
	mi_buf_release(&text);
	mi_buf_release(&least);
	mi_buf_release(&greatest);
	return ret;
}

/* Without a lock, on MariaDB. The server reads its binary log to tell an offset's position, which
 * is asked for only when the snapshots are to be kept. */
static int free_mariadb(struct mi_snapshot *snap, bool last, bool *exact, struct mi_err *err)
{
	struct mi_src_offset *offsets = mi_alloc(snap->reader_count * sizeof *offsets);
	size_t different = 0;
	int ret = -1;

	if (begin_readers(snap, err) != 0)
		goto out;
	for (size_t i = 0; i < snap->reader_count; i++)
		if (mi_src_snapshot_offset(&snap->readers[i], &offsets[i], err) != 0)
			goto out;
	for (size_t i = 1; i < snap->reader_count; i++)
		different += offsets[i].position != offsets[0].position ||
		             strcmp(offsets[i].file, offsets[0].file) != 0;
	if (different == 0 || last) {
		if (join_offsets(snap, offsets, err) != 0)
			goto out;
		*exact = strcmp(snap->low, snap->high) == 0;
	}
	ret = 0;
out:
	free(offsets);
	return ret;
}

/* BUSY here means that the snapshot is not exact; the last try's is taken all the same. */
static enum outcome take_free(struct mi_snapshot *snap, bool last, struct mi_err *err)
{
	struct mi_src_xa xa;
	bool exact = false;
	int ret;

	if (mi_src_xa_begin(&snap->control, &xa, err) != 0)
		return FAILED;
	if (xa.xid[0])
		return prepared(&xa, err);
	ret = snap->control.flavour == MI_FLAVOUR_MARIADB ? free_mariadb(snap, last, &exact, err)
	                                                  : free_mysql(snap, &exact, err);
	if (ret != 0 || mi_src_xa_end(&snap->control, &xa, err) != 0)
		return FAILED;
	if (xa.xid[0])
		return prepared(&xa, err);
	return exact ? TAKEN : BUSY;
}

/* ---- Tries ---- */

static int pause_ms(int milliseconds, struct mi_err *err)
{
	struct pollfd stop = {.fd = mi_stop_fd(), .events = POLLIN};

	(void)poll(&stop, 1, milliseconds);
	return mi_stop_asked() ? mi_stop_fail(err) : 0;
}

/* Waits until no prepared transaction is left, xa_seconds at most: then err stays as it was, which
 * names one. */
static int wait_prepared(struct mi_snapshot *snap, struct mi_err *err)
{
	struct mi_src_xa xa;

	for (uint64_t i = 0; i <= snap->options->xa_seconds * 1000 / PAUSE_MS; i++) {
		struct mi_err stopped = {0};

		if (mi_src_xa_begin(&snap->control, &xa, &stopped) != 0 ||
		    (xa.xid[0] && pause_ms(PAUSE_MS, &stopped) != 0)) {
			*err = stopped;
			return -1;
		}
		if (!xa.xid[0])
			return 0;
		if (i == 0)
			mi_notice("waiting for prepared XA transaction %s", xa.xid);
	}
	return -1;
}

static enum outcome busy_session(uint64_t id, const char *what, struct mi_err *err)
{
	(void)mi_fail(err, MI_AGAIN,
	              "session %llu %s: a lock would wait for it, and others behind the lock",
	              (unsigned long long)id, what);
	return BUSY;
}

/* A lock waits for running statements, and new statements wait behind the lock. */
static enum outcome look_for_long_query(struct mi_snapshot *snap, struct mi_err *err)
{
	uint64_t bound = snap->options->guard_seconds, id, age;
	char what[80];

	if (bound == 0)
		return TAKEN;
	if (mi_src_long_query(&snap->control, bound, &id, &age, err) != 0)
		return FAILED;
	if (id == 0)
		return TAKEN;
	(void)snprintf(what, sizeof what, "runs a statement for %llu s already",
	               (unsigned long long)age);
	(void)busy_session(id, what, err);
	(void)mi_hint(err, "end it, raise --long-query-guard, or take --lock=none");
	return BUSY;
}

/* Who waits for a row lock keeps its tables in use until somebody else goes on, who would wait
 * behind our lock. LOCK TABLES may be tried without seeing them, because nothing of it stays once
 * it has been given up; a flush may not. */
static enum outcome look_for_row_wait(struct mi_snapshot *snap, enum mi_snapshot_lock level,
                                      struct mi_err *err)
{
	bool flush = level == MI_SNAPSHOT_LOCK_FLUSH;
	uint64_t id = 0;

	/* a flush cannot be taken back: there must be no wait at all at this moment */
	for (unsigned i = 0; i < (flush ? LOOKS : 1); i++) {
		if (i > 0 && pause_ms(LOOK_MS, err) != 0)
			return FAILED;
		if (mi_src_row_wait(&snap->control, flush ? 0 : STUCK_MS, &id, err) != 0) {
			if (err->code != MI_DENIED)
				return FAILED;
			(void)mi_within(err, "row locks that are waited for cannot be seen");
			if (flush)
				return REFUSED;
			mi_detail("%s", err->text);
			*err = (struct mi_err){0};
			return TAKEN;
		}
		if (id == 0)
			return TAKEN;
	}
	return busy_session(id, "waits for a row lock", err);
}

static enum outcome take_once(struct mi_snapshot *snap, enum mi_snapshot_lock level, bool last,
                              struct mi_err *err)
{
	enum outcome outcome;

	if (level == MI_SNAPSHOT_LOCK_NONE)
		return take_free(snap, last, err);
	outcome = look_for_long_query(snap, err);
	if (outcome == TAKEN)
		outcome = look_for_row_wait(snap, level, err);
	return outcome == TAKEN ? take_locked(snap, level, err) : outcome;
}

static int pause_between(enum mi_snapshot_lock level, struct mi_err *err)
{
	if (level == MI_SNAPSHOT_LOCK_NONE)
		return pause_ms((int)(mi_now_us() % FREE_PAUSE_MS), err);
	return pause_ms(PAUSE_MS, err);
}

/* Without a lock: BUSY after the last try when `tries` of them were not exact, and `keep` is not
 * set; else the last one's snapshot is kept, with low and high that differ. */
static enum outcome take_level(struct mi_snapshot *snap, enum mi_snapshot_lock level,
                               uint64_t tries, bool keep, struct mi_err *err)
{
	bool is_free = level == MI_SNAPSHOT_LOCK_NONE;
	enum outcome outcome = BUSY;

	for (uint64_t i = 0; i < tries; i++) {
		bool last = keep && i + 1 == tries;

		if (i > 0 && (end_readers(snap, err) != 0 || pause_between(level, err) != 0))
			return FAILED;
		outcome = take_once(snap, level, last, err);
		if (outcome == PREPARED && wait_prepared(snap, err) != 0)
			return PREPARED;
		if (outcome == TAKEN || outcome == REFUSED || outcome == FAILED)
			return outcome;
		if (is_free && outcome == BUSY)
			(void)mi_fail(err, MI_AGAIN, "transactions were committed meanwhile");
		mi_detail("try %llu with --lock=%s: %s", (unsigned long long)i + 1,
		          lock_words[level], err->text);
		if (is_free && outcome == BUSY && last) {
			*err = (struct mi_err){0};
			return TAKEN; /* not exact: low and high differ */
		}
	}
	return outcome;
}

/* A way to take the snapshot. */
struct way {
	enum mi_snapshot_lock level;
	bool keep; /* without a lock: also when it is not exact */
};

/* The first that works: in peace and exact, exact, and what is always to be had. A flush is taken
 * only when it is asked for. */
static const struct way automatic[] = {{MI_SNAPSHOT_LOCK_NONE, false},
                                       {MI_SNAPSHOT_LOCK_TABLES, false},
                                       {MI_SNAPSHOT_LOCK_NONE, true}};

static enum outcome take_way(struct mi_snapshot *snap, const struct way *way, struct mi_err *err)
{
	uint64_t tries = snap->options->lock_tries;

	if (way->level == MI_SNAPSHOT_LOCK_NONE)
		tries *= FREE_TRIES;
	snap->lock = way->level;
	return take_level(snap, way->level, tries, way->keep, err);
}

static int take_automatic(struct mi_snapshot *snap, struct mi_err *err)
{
	size_t count = sizeof automatic / sizeof *automatic;

	for (size_t i = 0;; i++) {
		enum outcome outcome = take_way(snap, &automatic[i], err);

		if (outcome == TAKEN)
			return 0;
		if (outcome == FAILED || outcome == PREPARED || i + 1 == count)
			return -1;
		mi_notice("no exact snapshot with --lock=%s: %s; trying --lock=%s",
		          lock_words[automatic[i].level], err->text,
		          lock_words[automatic[i + 1].level]);
		*err = (struct mi_err){0};
		if (end_readers(snap, err) != 0)
			return -1;
	}
}

static int take(struct mi_snapshot *snap, struct mi_err *err)
{
	struct way asked = {snap->options->lock, true};

	if (snap->options->lock == MI_SNAPSHOT_LOCK_AUTO)
		return take_automatic(snap, err);
	return take_way(snap, &asked, err) == TAKEN ? 0 : -1;
}

/* ---- Definitions ---- */

/* texts: the text of the definitions, too, which costs a question for each table. */
static int check_definitions(struct mi_snapshot *snap, bool texts, struct mi_err *err)
{
	struct mi_tables now = {0};
	const struct mi_table *changed;
	int ret = -1;

	if (mi_src_tables(&snap->control, snap->options->filter, &now, err) != 0) {
		if (err->code == MI_CONFIG) /* a table named by --tables was there and is not */
			err->code = MI_DATA;
		goto out;
	}
	if (texts && mi_src_texts(&snap->control, &now, err) != 0)
		goto out;
	changed = mi_src_changed(&snap->tables, &now);
	if (changed) {
		(void)mi_fail(err, MI_DATA,
		              "%s.%s has been altered or dropped while it was being copied",
		              changed->db, changed->name);
		(void)mi_hint(err, "run it again, and let no DDL run meanwhile");
		goto out;
	}
	ret = 0;
out:
	mi_tables_release(&now);
	return ret;
}

int mi_snapshot_check(struct mi_snapshot *snap, struct mi_err *err)
{
	return check_definitions(snap, true, err);
}

/* Between low and high, changes are applied again one by one, without cascades: wrong, unless the
 * source logs what its cascades did (MySQL from 9.6 on, unless innodb_native_foreign_keys is
 * set). */
static int require_one_position(struct mi_snapshot *snap, struct mi_err *err)
{
	const struct mi_table *child;
	uint64_t native = 1;

	if (strcmp(snap->low, snap->high) == 0 && !snap->options->resumed)
		return 0;
	child = mi_src_cascade(&snap->tables);
	if (!child)
		return 0;
	if (snap->control.flavour == MI_FLAVOUR_MYSQL && snap->control.version >= 90600 &&
	    mi_conn_number(&snap->control, err, "SELECT @@global.innodb_native_foreign_keys",
	                   &native) != 0)
		return -1;
	if (native == 0)
		return 0;
	(void)mi_fail(
	    err, MI_CONFIG,
	    "%s.%s has a foreign key with an action, which this server does not log: it can be "
	    "copied from one exact snapshot only",
	    child->db, child->name);
	return mi_hint(err, "use --lock=flush or tables; to go on later, keep the stream in a file "
	                    "instead of --skip");
}

/* ---- Open and close ---- */

/* What mi_snapshot_let_go goes back to. Tried on both flavours: the snapshot stays, and what was
 * locked since is free. vtgate is left alone: its connections to the tablets are its own. */
static bool keeps_locks(const struct mi_conn *reader)
{
	return reader->flavour != MI_FLAVOUR_VITESS;
}

static int mark_readers(struct mi_snapshot *snap, struct mi_err *err)
{
	return snap->reader_count > 0 && keeps_locks(&snap->readers[0])
	           ? tell_readers(snap, "SAVEPOINT mi_snapshot", err)
	           : 0;
}

int mi_snapshot_let_go(struct mi_conn *reader, struct mi_err *err)
{
	return keeps_locks(reader) ? mi_conn_exec(reader, err, "ROLLBACK TO SAVEPOINT mi_snapshot")
	                           : 0;
}

/* Definitions that are equal before and after a snapshot are the snapshot's. What decides how rows
 * are read is compared at once, the rest by mi_snapshot_check, when the rows have been read. */
static int take_with_definitions(struct mi_snapshot *snap, struct mi_err *err)
{
	if (mi_src_tables(&snap->control, snap->options->filter, &snap->tables, err) != 0 ||
	    mi_src_texts(&snap->control, &snap->tables, err) != 0 ||
	    mi_src_find_misordered(&snap->control, &snap->tables, err) != 0 ||
	    mi_src_require_snapshots(&snap->tables, err) != 0)
		return -1;
	if (snap->tables.count == 0)
		mi_notice("there is no table to dump");
	if (take(snap, err) != 0 || mark_readers(snap, err) != 0 ||
	    check_definitions(snap, false, err) != 0)
		return -1;
	return require_one_position(snap, err);
}

int mi_snapshot_open(struct mi_snapshot *snapshot, const struct mi_snapshot_options *options,
                     struct mi_err *err)
{
	struct mi_snapshot snap = {.options = options};

	if (mi_conn_open(&snap.control, options->source, MI_ROLE_PLAIN, err) != 0 ||
	    mi_src_position_require(&snap.control, err) != 0 || open_readers(&snap, err) != 0 ||
	    take_with_definitions(&snap, err) != 0) {
		mi_snapshot_close(&snap);
		return -1;
	}
	mi_notice("snapshot with --lock=%s at %s%s%s", lock_words[snap.lock], snap.low,
	          strcmp(snap.low, snap.high) == 0 ? "" : " ... ",
	          strcmp(snap.low, snap.high) == 0 ? "" : snap.high);
	*snapshot = snap;
	return 0;
}

void mi_snapshot_close(struct mi_snapshot *snap)
{
	for (size_t i = 0; i < snap->reader_count; i++)
		mi_conn_close(&snap->readers[i]);
	free(snap->readers);
	mi_conn_close(&snap->control);
	mi_tables_release(&snap->tables);
	free(snap->low);
	free(snap->high);
	*snap = (struct mi_snapshot){0};
}
