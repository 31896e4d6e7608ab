/* Locks on a source's tables: for an exact snapshot, and for the fence of a switch. A lock is held
 * by a session of its own, and a second session is its watchdog (with a thread), so that nobody
 * waits for it for long. One thread uses it. */
#ifndef MI_SOURCE_LOCK_H
#define MI_SOURCE_LOCK_H

#include "base/err.h"
#include "server/conn.h"
#include "table/table.h"

#include <stdint.h>

struct mi_src_lock;

/* Logs in both sessions; options must outlive the lock. MI_AGAIN: another server answers than that
 * of this identity (mi_conn_same_server). */
MI_MUST int mi_src_lock_new(struct mi_src_lock **lock, const struct mi_conn_options *options,
                            const char *identity, struct mi_err *err);
void mi_src_lock_free(struct mi_src_lock *lock); /* ends any lock; harmless on NULL */

/* FLUSH TABLES WITH READ LOCK, or LOCK TABLES ... READ of all tables. MI_AGAIN when it is not
 * granted in time, MI_DENIED without the privilege. Others wait while the lock is waited for as
 * well as while it is held: the watchdog kills the lock session `ms` milliseconds after the call,
 * unless the lock is released before; if this process is suspended, the server does within a second
 * more.
 *
 * What a flush has begun cannot be taken back: the server closes all tables, and a statement that
 * must open one again waits until every statement that used it has ended, though the flush has been
 * given up. When one of those waits for a row lock, and who holds that waits for the table, both
 * wait until innodb_lock_wait_timeout. Call mi_src_row_wait just before. */
MI_MUST int mi_src_lock_flush(struct mi_src_lock *lock, unsigned ms, struct mi_err *err);
MI_MUST int mi_src_lock_tables(struct mi_src_lock *lock, const struct mi_tables *tables,
                               unsigned ms, struct mi_err *err);

/* The fence of a switch: LOCK TABLES of all tables READ, and of `written` (a quoted name; NULL:
 * none) WRITE, so that the session can still write its bookkeeping. The lock is granted when every
 * transaction that has changed one of the tables is over, also those whose client has gone, and
 * from then on nobody can change the tables. `ms` milliseconds after the call the lock session is
 * ended, whether it still waits or holds the lock: by the watchdog or, if this process is
 * suspended, by the server within two seconds more. MI_AGAIN when it was not granted in time. The
 * lock session has autocommit=0 from then on: a COMMIT keeps the locks, START TRANSACTION would
 * drop them. */
MI_MUST int mi_src_lock_fence(struct mi_src_lock *lock, const struct mi_tables *tables,
                              const char *written, unsigned ms, struct mi_err *err);

/* The lock session. While it holds LOCK TABLES it may use the locked tables only. */
struct mi_conn *mi_src_lock_conn(struct mi_src_lock *lock);

/* Checks that the lock is still held: else MI_AGAIN. */
MI_MUST int mi_src_lock_check(struct mi_src_lock *lock, struct mi_err *err);

/* Kills the sessions that wait for the lock to change one of the tables: after its release they
 * would write to a side that is no longer the writer. They are found by their statement in SHOW
 * PROCESSLIST, so a statement that names no table (CALL) is not found. *ended: how many were
 * killed. */
MI_MUST int mi_src_lock_end_waiters(struct mi_src_lock *lock, const struct mi_tables *tables,
                                    unsigned *ended, struct mi_err *err);

/* UNLOCK TABLES. Success proves that the lock was held until now; MI_AGAIN means that it was not,
 * so that what was read under it proves nothing. */
MI_MUST int mi_src_lock_release(struct mi_src_lock *lock, struct mi_err *err);

/* Finds the longest-running statement of at least `seconds`: a flush would have to wait for it, and
 * all new statements behind the flush. *id is its session, *age its seconds; *id 0: none. Without
 * the PROCESS privilege only the own account's sessions are seen. */
MI_MUST int mi_src_long_query(struct mi_conn *conn, uint64_t seconds, uint64_t *id, uint64_t *age,
                              struct mi_err *err);

/* Finds a transaction that waits for a row lock and has waited for all of `ms` milliseconds, which
 * is how long this takes; 0: that waits now. *id is its session; 0: none. MI_DENIED without the
 * PROCESS privilege. */
MI_MUST int mi_src_row_wait(struct mi_conn *conn, unsigned ms, uint64_t *id, struct mi_err *err);

#endif
