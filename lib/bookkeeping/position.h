/* The position of a flow while mi-apply applies it: the flow's rows in _mi_checkpoint, read and
 * written with the guards that make every source transaction arrive exactly once. mi-checkpoint(5)
 * describes the rows.
 *
 * The head row's seq is the fence: each transaction on the target begins by raising seq from the
 * value that this process knows. When a session of a killed predecessor still commits, or a second
 * follower is at work, the value is another one, and the statement matches no row. */
#ifndef MI_BOOKKEEPING_POSITION_H
#define MI_BOOKKEEPING_POSITION_H

#include "base/buf.h"
#include "base/err.h"
#include "bookkeeping/load.h"
#include "gtid/gtid.h"
#include "server/conn.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_position {
	const struct mi_state *state;
	uint64_t wanted; /* the only epoch to be accepted; 0: any. Set by the caller after _init */
	uint64_t epoch, seq;
	struct mi_gtid_set *set;  /* the transactions that have been applied */
	struct mi_gtid_set *high; /* transactions in high may meet rows that are newer */
	char *source;             /* the source server's identity */
	char *intent; /* what takes several steps: DDL, a split transaction; "" for nothing */
	unsigned long claimed_by; /* our connection that has claimed the row; 0: none yet */
	unsigned long asked_by;   /* our last one that tried to: its COMMIT may have been lost */
};

/* Begins a position that knows nothing yet. state is the caller's and outlives it. */
void mi_position_init(struct mi_position *position, const struct mi_state *state);
void mi_position_release(struct mi_position *position);

/* Finds the database whose _mi_checkpoint has the flow's head row: wanted or, if that is NULL,
 * whichever; several are MI_CONFIG. *db is the caller's to free; NULL: none has. */
MI_MUST int mi_position_find(struct mi_conn *conn, const char *wanted, const char *flow, char **db,
                             struct mi_err *err);

/* Reads the rows, locking them, and makes this connection their owner, in one transaction: raises
 * seq and records conn_id. Called once per connection, again after each reconnect.
 *
 * When another session holds the rows for 2 s, that session is killed if it is the recorded owner
 * and of this account, and the call fails with MI_AGAIN, to be tried again.
 *
 * *lost: trying again is of no use, because the flow is not, or no longer, ours:
 *   MI_AGAIN   the epoch is not the wanted one; the flow is sealed, and an epoch is wanted or we
 *              had claimed it before; or somebody else has claimed it since we did
 *   MI_CONFIG  the flow is sealed, in all other cases; or it has vanished since we claimed it
 * No row before the first claim, and rows that cannot be read, are MI_CONFIG without *lost. */
MI_MUST int mi_position_claim(struct mi_position *position, struct mi_conn *conn, bool *lost,
                              struct mi_err *err);

/* Appends to sql the first statement of a transaction, which raises seq; the caller checks that it
 * has matched one row. intent: recorded in the head row; "" for none, NULL leaves what is there. */
void mi_position_fence(const struct mi_position *position, const char *intent, struct mi_buf *sql);

/* Appends to sql the statement that writes, for each source id in touched, its intervals in set.
 * touched is a subset of set and not empty. */
void mi_position_advance(const struct mi_position *position, const struct mi_gtid_set *touched,
                         const struct mi_gtid_set *set, struct mi_buf *sql);

/* Says that the transaction which began with the fence has been committed: seq grows by one; set,
 * which position owns from now on, is the new position, intent (copied) the new intent. NULL leaves
 * either as it was. */
void mi_position_committed(struct mi_position *position, struct mi_gtid_set *set,
                           const char *intent);

#endif
