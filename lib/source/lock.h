/* The lock under which a snapshot is exact. It lives in a session of its own, with a second one as
 * its watchdog, so that whatever happens to the dump the source is locked for seconds at most. */
#ifndef MI_SOURCE_LOCK_H
#define MI_SOURCE_LOCK_H

#include "base/err.h"
#include "server/conn.h"
#include "table/table.h"

#include <stdint.h>

struct mi_src_lock;

/* Logs in both sessions. The lock session waits at most 3 seconds for any lock. */
MI_MUST int mi_src_lock_new(struct mi_src_lock **lock, const struct mi_conn_options *options,
                            struct mi_err *err);
void mi_src_lock_free(struct mi_src_lock *lock); /* lets go of everything; harmless on NULL */

/* FLUSH TABLES WITH READ LOCK, or LOCK TABLES ... READ of all tables. MI_AGAIN when others hold
 * what it needs, MI_DENIED without the privilege. From the call on, the watchdog kills the lock
 * session after `seconds`. */
MI_MUST int mi_src_lock_flush(struct mi_src_lock *lock, unsigned seconds, struct mi_err *err);
MI_MUST int mi_src_lock_tables(struct mi_src_lock *lock, const struct mi_tables *tables,
                               unsigned seconds, struct mi_err *err);

/* The fence of a switch: LOCK TABLES of all tables READ, and of `written` (a quoted name; NULL:
 * none) WRITE, so that the session can still write its bookkeeping. It is granted when every
 * transaction that has changed one of them is over, also those whose client has gone, and from then
 * on nobody can change them. In `ms` milliseconds from the call on the session ends, whether it
 * still waits or holds the lock: by the watchdog, and if this process is stopped, by the server
 * within two seconds more. Afterwards the session is in autocommit=0: a COMMIT keeps the locks,
 * START TRANSACTION would drop them. */
MI_MUST int mi_src_lock_fence(struct mi_src_lock *lock, const struct mi_tables *tables,
                              const char *written, unsigned ms, struct mi_err *err);

/* The session that holds the lock. While one is held it may use the tables that are locked only. */
struct mi_conn *mi_src_lock_conn(struct mi_src_lock *lock);

/* The lock is still held: else MI_AGAIN. */
MI_MUST int mi_src_lock_check(struct mi_src_lock *lock, struct mi_err *err);

/* Ends the sessions that wait to change one of the tables: let go, they would write to a side that
 * is the writer no longer. Told by what SHOW PROCESSLIST says, so one that names no table (CALL) is
 * not found. *ended: how many. */
MI_MUST int mi_src_lock_end_waiters(struct mi_src_lock *lock, const struct mi_tables *tables,
                                    unsigned *ended, struct mi_err *err);

/* UNLOCK TABLES. Success proves that the lock was held until now; MI_AGAIN that it was not, so that
 * what was read under it proves nothing. */
MI_MUST int mi_src_lock_release(struct mi_src_lock *lock, struct mi_err *err);

/* The longest-running statement older than `seconds` that a flush would have to wait for, and then
 * all new statements behind it: *id and *age, *id 0 when there is none. Without the PROCESS
 * privilege it sees its own account's sessions only. */
MI_MUST int mi_src_long_query(struct mi_conn *conn, uint64_t seconds, uint64_t *id, uint64_t *age,
                              struct mi_err *err);

#endif
