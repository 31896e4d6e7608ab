/* The position of a flow while it is applied: _mi_checkpoint's rows, read and written with the
 * guards that make every source transaction arrive exactly once. mi-checkpoint(5) describes them.
 *
 * The head row's seq is the fence: each target transaction begins by raising it from the value that
 * this process knows. A session of a killed predecessor that still commits, and a second follower,
 * both make that fail. */
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
	uint64_t wanted; /* the only epoch to be accepted; 0: any */
	uint64_t epoch, seq;
	struct mi_gtid_set *set;  /* applied */
	struct mi_gtid_set *high; /* transactions in it may meet rows that are newer */
	char *source;             /* the source server's identity */
	char *intent;             /* what was about to be done; "" for nothing */
	unsigned long claimed_by; /* the connection that has claimed the row; 0: none yet */
	unsigned long asked_by;   /* the one whose claim may or may not have been committed */
};

void mi_position_init(struct mi_position *position, const struct mi_state *state);
void mi_position_release(struct mi_position *position);

/* The database whose _mi_checkpoint has the flow's row: wanted, or whichever has. NULL: none. */
MI_MUST int mi_position_find(struct mi_conn *conn, const char *wanted, const char *flow, char **db,
                             struct mi_err *err);

/* Reads the rows, locking them, and makes this connection their owner: raises seq and records
 * conn_id. A row that a session of a dead predecessor holds is waited for, after that session has
 * been killed where that is allowed. After the first claim: a row that somebody else has claimed
 * since is MI_AGAIN with *lost set, as it is when it is sealed or of another epoch. Before it a row
 * that is sealed is MI_CONFIG, but with a wanted epoch MI_AGAIN, too. No row: MI_CONFIG. */
MI_MUST int mi_position_claim(struct mi_position *position, struct mi_conn *conn, bool *lost,
                              struct mi_err *err);

/* Appends the first statement of a transaction; it must match one row. intent: NULL leaves it as it
 * is. */
void mi_position_fence(const struct mi_position *position, const char *intent, struct mi_buf *sql);

/* Appends the statement that writes the intervals of touched's sources as they are in set. touched
 * must not be empty. */
void mi_position_advance(const struct mi_position *position, const struct mi_gtid_set *touched,
                         const struct mi_gtid_set *set, struct mi_buf *sql);

/* The transaction of a fence has been committed: set (taken over; NULL: as it was) is the position
 * now, intent (NULL: as it was) the intent. */
void mi_position_committed(struct mi_position *position, struct mi_gtid_set *set,
                           const char *intent);

#endif
