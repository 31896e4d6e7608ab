#include "source/lock.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/msg.h"
#include "base/stop.h"
#include "server/conn.h"
#include "server/open.h"
#include "sql/literal.h"
#include "sql/logged.h"
#include "table/table.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

/* Seconds, of lock_wait_timeout and wait_timeout, should this process be suspended: the least that
 * the server knows. */
enum { SUSPENDED = 1 };

struct mi_src_lock {
	struct mi_conn holder, watch; /* the lock session; the watchdog's */
	pthread_t dog;
	pthread_mutex_t guard; /* of disarmed and bitten, while dog runs */
	pthread_cond_t wake;
	bool running;      /* dog is to be joined */
	bool disarmed;     /* dog is to end without killing the session */
	bool bitten;       /* dog has decided to kill the session */
	uint64_t deadline; /* of mi_now_ms */
};

int mi_src_lock_new(struct mi_src_lock **lock, const struct mi_conn_options *options,
                    const char *identity, struct mi_err *err)
{
	struct mi_src_lock *l = mi_alloc(sizeof *l);

	(void)pthread_mutex_init(&l->guard, NULL);
	mi_cond_init(&l->wake);
	if (mi_conn_open(&l->holder, options, MI_ROLE_PLAIN, err) != 0 ||
	    mi_conn_same_server(&l->holder, identity, err) != 0 ||
	    mi_conn_open(&l->watch, options, MI_ROLE_PLAIN, err) != 0 ||
	    mi_conn_same_server(&l->watch, identity, err) != 0) {
		mi_src_lock_free(l);
		return -1;
	}
	*lock = l;
	return 0;
}

/* ---- The watchdog ---- */

static void bite(struct mi_src_lock *lock)
{
	struct mi_err err = {0};

	/* KILL without a word ends the session, and with it the lock */
	if (mi_conn_execf(&lock->watch, &err, "KILL %lu", mysql_thread_id(lock->holder.mysql)) != 0)
		mi_warn("cannot end the lock session: %s", err.text);
	else
		mi_detail("the lock has taken too long: its session has been ended");
}

static void *watch(void *arg)
{
	struct mi_src_lock *lock = arg;
	bool in_time = true;

	(void)pthread_mutex_lock(&lock->guard);
	while (!lock->disarmed && in_time)
		in_time = mi_cond_wait_until(&lock->wake, &lock->guard, lock->deadline);
	if (!lock->disarmed)
		lock->bitten = true;
	(void)pthread_mutex_unlock(&lock->guard);
	if (lock->bitten) {
		bite(lock);
		mysql_thread_end();
	}
	return NULL;
}

static int arm(struct mi_src_lock *lock, unsigned ms, struct mi_err *err)
{
	lock->disarmed = lock->bitten = false;
	lock->deadline = mi_now_ms() + ms;
	if (pthread_create(&lock->dog, NULL, watch, lock) != 0)
		return mi_fail(err, MI_AGAIN, "cannot start a thread");
	lock->running = true;
	return 0;
}

static void disarm(struct mi_src_lock *lock)
{
	if (!lock->running)
		return;
	(void)pthread_mutex_lock(&lock->guard);
	lock->disarmed = true;
	(void)pthread_cond_signal(&lock->wake);
	(void)pthread_mutex_unlock(&lock->guard);
	(void)pthread_join(lock->dog, NULL);
	lock->running = false;
}

void mi_src_lock_free(struct mi_src_lock *lock)
{
	if (!lock)
		return;
	disarm(lock);
	mi_conn_close(&lock->holder);
	mi_conn_close(&lock->watch);
	(void)pthread_cond_destroy(&lock->wake);
	(void)pthread_mutex_destroy(&lock->guard);
	free(lock);
}

/* ---- Locks ---- */

/* Runs the locking statement with the watchdog on. */
static int take(struct mi_src_lock *lock, struct mi_span sql, unsigned ms, struct mi_err *err)
{
	if (arm(lock, ms, err) != 0)
		return -1;
	if (mi_conn_exec_span(&lock->holder, err, sql) == 0)
		return 0;
	disarm(lock);
	if (lock->bitten)
		return mi_fail(err, MI_AGAIN, "the lock was not granted within %u ms", ms);
	return -1;
}

/* The same for a short time, after which the server itself gives up. */
static int take_briefly(struct mi_src_lock *lock, struct mi_span sql, unsigned ms,
                        struct mi_err *err)
{
	if (mi_conn_execf(&lock->holder, err,
	                  "SET SESSION lock_wait_timeout = %d, wait_timeout = %d", SUSPENDED,
	                  SUSPENDED) != 0)
		return -1;
	return take(lock, sql, ms, err);
}

int mi_src_lock_flush(struct mi_src_lock *lock, unsigned ms, struct mi_err *err)
{
	return take_briefly(lock, mi_span_str("FLUSH TABLES WITH READ LOCK"), ms, err);
}

/* Appends "LOCK TABLES a READ, b READ"; nothing when there is no table. */
static void add_tables(struct mi_buf *sql, const struct mi_tables *tables)
{
	for (size_t i = 0; i < tables->count; i++) {
		mi_buf_add_str(sql, i ? ", " : "LOCK TABLES ");
		mi_sql_name(sql, tables->items[i]->db, tables->items[i]->name);
		mi_buf_add_str(sql, " READ");
	}
}

int mi_src_lock_tables(struct mi_src_lock *lock, const struct mi_tables *tables, unsigned ms,
                       struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	add_tables(&sql, tables);
	if (sql.len == 0)
		mi_buf_add_str(&sql, "UNLOCK TABLES");
	ret = take_briefly(lock, mi_buf_span(&sql), ms, err);
	mi_buf_release(&sql);
	return ret;
}

int mi_src_lock_fence(struct mi_src_lock *lock, const struct mi_tables *tables, const char *written,
                      unsigned ms, struct mi_err *err)
{
	unsigned seconds = ms / 1000 + 1;
	struct mi_buf sql = {0};
	int ret;

	if (mi_conn_execf(&lock->holder, err,
	                  "SET SESSION lock_wait_timeout=%u, wait_timeout=%u, autocommit=0",
	                  seconds, seconds + 1) != 0)
		return -1;
	add_tables(&sql, tables);
	if (written)
		mi_buf_addf(&sql, "%s%s WRITE", sql.len ? ", " : "LOCK TABLES ", written);
	ret = take(lock, mi_buf_span(&sql), ms, err);
	mi_buf_release(&sql);
	if (ret == 0)
		return 0;
	(void)mi_within(err, "the tables cannot be locked");
	return err->code == MI_AGAIN
	           ? mi_hint(err, "somebody else has a transaction open that changed one of them")
	           : -1;
}

struct mi_conn *mi_src_lock_conn(struct mi_src_lock *lock)
{
	return &lock->holder;
}

int mi_src_lock_check(struct mi_src_lock *lock, struct mi_err *err)
{
	bool bitten;

	(void)pthread_mutex_lock(&lock->guard);
	bitten = lock->bitten;
	(void)pthread_mutex_unlock(&lock->guard);
	if (!lock->running || bitten || mi_conn_exec(&lock->holder, err, "DO 0") != 0)
		return mi_fail(err, MI_AGAIN, "the lock is not held any more");
	return 0;
}

/* ---- Who waits for the lock ---- */

/* Statements that may change rows, or let changes be committed. */
static bool is_change(const char *text)
{
	static const char *const changes[] = {"INSERT", "UPDATE", "DELETE", "REPLACE",
	                                      "LOAD",   "WITH",   "CALL",   "COMMIT"};

	text += strspn(text, " \t\r\n(");
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
		if (strncasecmp(text, changes[i], strlen(changes[i])) == 0)
			return true;
	return false;
}

static bool names_one(const char *text, const struct mi_tables *tables)
{
	for (size_t i = 0; i < tables->count; i++)
		if (mi_logged_may_name(mi_span_str(text), tables->items[i]->name))
			return true;
	return false;
}

int mi_src_lock_end_waiters(struct mi_src_lock *lock, const struct mi_tables *tables,
                            unsigned *ended, struct mi_err *err)
{
	struct mi_err ignored = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;

	*ended = 0;
	if (mi_conn_query(&lock->watch, err, "SHOW FULL PROCESSLIST", &result) != 0)
		return -1;
	while ((row = mysql_fetch_row(result)) != NULL) {
		if (mysql_num_fields(result) < 8 || !row[0] || !row[6] || !row[7] ||
		    !strstr(row[6], "metadata lock") || !is_change(row[7]) ||
		    !names_one(row[7], tables))
			continue;
		mi_warn("ending session %s, which waits to change the old writer: %.80s", row[0],
		        row[7]);
		if (mi_conn_execf(&lock->watch, &ignored, "KILL %s", row[0]) == 0)
			++*ended;
	}
	mysql_free_result(result);
	return 0;
}

int mi_src_lock_release(struct mi_src_lock *lock, struct mi_err *err)
{
	int ret = mi_conn_exec(&lock->holder, err, "UNLOCK TABLES");

	disarm(lock);
	if (ret != 0 || lock->bitten) {
		if (lock->bitten)
			(void)mi_fail(err, MI_AGAIN, "it took too long under the lock");
		else
			(void)mi_within(err, "the lock was lost");
		err->code = MI_AGAIN;
		return -1;
	}
	return 0;
}

/* ---- The guard ---- */

/* Sessions that hold no tables open, whatever their age. */
static bool is_idle(const char *user, const char *command)
{
	static const char *const idle[] = {"Sleep",  "Daemon",   "Connect",         "Binlog Dump",
	                                   "Killed", "Slave_IO", "Binlog Dump GTID"};

	if (!command ||
	    (user && (strcmp(user, "system user") == 0 || strcmp(user, "event_scheduler") == 0)))
		return true;
	for (size_t i = 0; i < sizeof idle / sizeof *idle; i++)
		if (strcasecmp(command, idle[i]) == 0)
			return true;
	return false;
}

int mi_src_long_query(struct mi_conn *conn, uint64_t seconds, uint64_t *id, uint64_t *age,
                      struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	*id = *age = 0;
	/* Id, User, Host, db, Command, Time, State, Info: in every version */
	if (mi_conn_query(conn, err, "SHOW PROCESSLIST", &result) != 0)
		return -1;
	if (mysql_num_fields(result) < 8) {
		mysql_free_result(result);
		return mi_fail(err, MI_PROTOCOL, "SHOW PROCESSLIST has %u columns",
		               mysql_num_fields(result));
	}
	while ((row = mysql_fetch_row(result)) != NULL) {
		long long time = row[5] ? strtoll(row[5], NULL, 10) : 0;

		if (!row[0] || !row[7] || is_idle(row[1], row[4]) || time < 0)
			continue;
		if ((uint64_t)time >= seconds && (uint64_t)time >= *age) {
			*id = strtoull(row[0], NULL, 10);
			*age = (uint64_t)time;
		}
	}
	mysql_free_result(result);
	return 0;
}

/* Appends a word "SESSION:SINCE" for each transaction that waits for a row lock, with a blank after
 * it. */
static int row_waits(struct mi_conn *conn, struct mi_buf *waits, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	/* in every version; what waits for what is told differently by each */
	if (mi_conn_query(conn, err,
	                  "SELECT trx_mysql_thread_id, trx_requested_lock_id, "
	                  "REPLACE(trx_wait_started, ' ', 'T') "
	                  "FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'",
	                  &result) != 0)
		return -1;
	while ((row = mysql_fetch_row(result)) != NULL)
		if (row[0] && row[1] && row[2])
			mi_buf_addf(waits, "%s:%s:%s ", row[0], row[1], row[2]);
	mysql_free_result(result);
	return 0;
}

/* The session of a wait that is in both lists; 0: there is none. */
static uint64_t in_both(struct mi_buf *before, struct mi_buf *now)
{
	const char *word = mi_buf_cstr(before), *all = mi_buf_cstr(now);

	for (; *word; word += strcspn(word, " ") + 1) {
		size_t len = strcspn(word, " ") + 1;

		for (const char *at = all; *at; at += strcspn(at, " ") + 1)
			if (strncmp(at, word, len) == 0)
				return strtoull(word, NULL, 10);
	}
	return 0;
}

int mi_src_row_wait(struct mi_conn *conn, unsigned ms, uint64_t *id, struct mi_err *err)
{
	struct mi_buf before = {0}, now = {0};
	struct pollfd stop = {.fd = mi_stop_fd(), .events = POLLIN};
	int ret = -1;

	*id = 0;
	if (row_waits(conn, &before, err) != 0)
		goto out;
	if (ms > 0 && before.len > 0) {
		(void)poll(&stop, 1, (int)ms);
		if (row_waits(conn, &now, err) != 0)
			goto out;
		*id = in_both(&before, &now);
	} else {
		*id = strtoull(mi_buf_cstr(&before), NULL, 10);
	}
	ret = 0;
out:
	mi_buf_release(&before);
	mi_buf_release(&now);
	return ret;
}
