#include "side/src_lock.h"
#include "base/msg.h"
#include "wire/sql.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum {
	LOCK_WAIT = 3, /* seconds: while FLUSH waits, everybody else waits behind it */
	IDLE = 30,     /* after which the server itself ends the session, should we be stopped */
};

struct mi_src_lock {
	struct mi_conn holder, watch;
	pthread_t dog;
	pthread_mutex_t guard;
	pthread_cond_t wake;
	bool running;  /* dog is to be joined */
	bool disarmed; /* with guard held, like the rest */
	bool bitten;
	struct timespec deadline;
};

int mi_src_lock_new(struct mi_src_lock **lock, const struct mi_conn_options *options,
                    struct mi_err *err)
{
	struct mi_src_lock *l = mi_alloc(sizeof *l);
	pthread_condattr_t attr;

	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_mutex_init(&l->guard, NULL);
	(void)pthread_cond_init(&l->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (mi_conn_open(&l->holder, options, MI_ROLE_PLAIN, err) != 0 ||
	    mi_conn_open(&l->watch, options, MI_ROLE_PLAIN, err) != 0 ||
	    mi_conn_execf(&l->holder, err, "SET SESSION lock_wait_timeout = %d, wait_timeout = %d",
	                  LOCK_WAIT, IDLE) != 0) {
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

	/* a plain KILL: it ends the session, and with it the lock */
	if (mi_conn_execf(&lock->watch, &err, "KILL %lu", mysql_thread_id(lock->holder.mysql)) != 0)
		mi_warn("cannot end the lock session: %s", err.text);
	else
		mi_warn("the lock was held too long: its session has been ended");
}

static void *watch(void *arg)
{
	struct mi_src_lock *lock = arg;
	int late = 0;

	(void)pthread_mutex_lock(&lock->guard);
	while (!lock->disarmed && late == 0)
		late = pthread_cond_timedwait(&lock->wake, &lock->guard, &lock->deadline);
	if (!lock->disarmed)
		lock->bitten = true;
	(void)pthread_mutex_unlock(&lock->guard);
	if (lock->bitten) {
		bite(lock);
		mysql_thread_end();
	}
	return NULL;
}

static int arm(struct mi_src_lock *lock, unsigned seconds, struct mi_err *err)
{
	lock->disarmed = lock->bitten = false;
	(void)clock_gettime(CLOCK_MONOTONIC, &lock->deadline);
	lock->deadline.tv_sec += (time_t)seconds;
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
static int take(struct mi_src_lock *lock, struct mi_span sql, unsigned seconds, struct mi_err *err)
{
	if (arm(lock, seconds, err) != 0)
		return -1;
	if (mi_conn_exec_span(&lock->holder, err, sql) == 0)
		return 0;
	disarm(lock);
	if (lock->bitten)
		err->code = MI_AGAIN;
	return -1;
}

int mi_src_lock_flush(struct mi_src_lock *lock, unsigned seconds, struct mi_err *err)
{
	return take(lock, mi_span_str("FLUSH TABLES WITH READ LOCK"), seconds, err);
}

int mi_src_lock_tables(struct mi_src_lock *lock, const struct mi_tables *tables, unsigned seconds,
                       struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_add_str(&sql, tables->count ? "LOCK TABLES " : "UNLOCK TABLES");
	for (size_t i = 0; i < tables->count; i++) {
		mi_buf_add_str(&sql, i ? ", " : "");
		mi_sql_name(&sql, tables->items[i]->db, tables->items[i]->name);
		mi_buf_add_str(&sql, " READ");
	}
	ret = take(lock, mi_buf_span(&sql), seconds, err);
	mi_buf_release(&sql);
	return ret;
}

int mi_src_lock_release(struct mi_src_lock *lock, struct mi_err *err)
{
	int ret = mi_conn_exec(&lock->holder, err, "UNLOCK TABLES");

	disarm(lock);
	if (ret != 0 || lock->bitten) {
		if (lock->bitten)
			(void)mi_fail(err, MI_AGAIN, "the snapshot took too long under its lock");
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
	/* Id, User, Host, db, Command, Time, State, Info: the same in every version */
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
