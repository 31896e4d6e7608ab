/* Which writes a read must see, and whether the target has them yet.
 *
 * Every write that the router sees acknowledged leaves a mark: its GTIDs. Marks are numbered in the
 * order in which they came (tickets); the target's applied set moves a counter up to the last
 * ticket all of whose predecessors it contains. So what a session's reads must see is one number,
 * and asking whether the target has that is one comparison, for MySQL sets and MariaDB positions
 * ("every seq up to n of that domain") alike.
 *
 * UNKNOWN: after an answer that told no GTID (an error, a lost connection...) it is not known what
 * must be seen. A need then takes a number for the moment; when the writer's set has been read
 * after that moment, all needs of earlier moments are known at once.
 *
 * All functions may be called from any thread. Times are ms of one monotonic clock. */
#ifndef MI_ROUTE_REPLICA_MARKS_H
#define MI_ROUTE_REPLICA_MARKS_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_causal; /* one for a router */

/* What a session, or a user's sessions together, must see. {0}: nothing. */
struct mi_causal_need {
	uint64_t ticket;
	uint64_t unknown; /* the moment since which the need is not known; 0: it is known */
};

/* max_lag_ms: a target that is further behind is not read from, whatever is needed; 0: no bound. */
struct mi_causal *mi_causal_new(uint64_t max_lag_ms);
void mi_causal_free(struct mi_causal *causal);

/* ---- Writes ---- */

/* A write was acknowledged with these GTIDs (a set or a position in text, as the tracker told it).
 * need, which may be NULL, and the router's high-water mark grow. Text that is no GTID set makes
 * them UNKNOWN. In the usual case, one GTID, nothing is allocated. */
void mi_causal_wrote(struct mi_causal *causal, struct mi_causal_need *need, struct mi_span gtids);

/* Something may have been written, and nobody said what. */
void mi_causal_unknown(struct mi_causal *causal, struct mi_causal_need *need);

/* Anybody may have written, and nobody said what: at the start, and when the mode becomes replica.
 */
void mi_causal_unknown_all(struct mi_causal *causal);

/* need grows to include other. Not atomic: need is the caller's. */
void mi_causal_join(struct mi_causal_need *need, const struct mi_causal_need *other);

/* The router's high-water mark: what all sessions together have written. */
struct mi_causal_need mi_causal_high(struct mi_causal *causal);

/* ---- UNKNOWN, resolved ---- */

/* Is anybody's need UNKNOWN, and no question under way? */
bool mi_causal_wants_set(struct mi_causal *causal);

/* Call before the writer is asked for its set (gtid_executed, gtid_binlog_pos). Returns what to
 * give to mi_causal_resolve with the answer. */
uint64_t mi_causal_asking(struct mi_causal *causal);

/* The writer has answered with set: all that was UNKNOWN at mi_causal_asking is known now.
 * MI_PROTOCOL: set is no GTID set. After that, or when the writer gave no answer, call
 * mi_causal_asked_in_vain. */
MI_MUST int mi_causal_resolve(struct mi_causal *causal, uint64_t asked, struct mi_span set,
                              struct mi_err *err);
void mi_causal_asked_in_vain(struct mi_causal *causal);

/* ---- The target ---- */

/* The epoch that a follower must have; a follower with another epoch is not believed. */
void mi_causal_expect(struct mi_causal *causal, uint64_t epoch);

/* A line from mi-apply --notify, without its newline:
 *   flow NAME epoch N   the first; what was known of the target is forgotten
 *   all SET             what the target has at the start, by the follower's row there
 *   add SET             what a COMMIT added
 *   beat LAG_MS         how far behind the source it is
 * A line with another word is passed over. MI_PROTOCOL: the line is not of this form, and the
 * caller closes the socket. */
MI_MUST int mi_causal_line(struct mi_causal *causal, struct mi_span line, uint64_t now,
                           struct mi_err *err);

/* The follower's socket was closed: what the target has is not known any more. */
void mi_causal_lost(struct mi_causal *causal);

/* ---- Reads ---- */

enum mi_causal_answer {
	MI_CAUSAL_HAS, /* the target has what must be seen */
	/* not yet; the lag is less than wait_ms, so the target may have it in time */
	MI_CAUSAL_WAITS,
	MI_CAUSAL_BEHIND, /* not yet, and not soon, or too far behind: read at the source */
	MI_CAUSAL_SILENT, /* no follower that can be believed: read at the source */
	/* need is UNKNOWN, see mi_causal_wants_set: wait, the writer may answer in time */
	MI_CAUSAL_ASKED,
	MI_CAUSAL_UNKNOWN, /* need is UNKNOWN, and will not be known in time: read at the source */
};

/* A follower that has said nothing for so long is not believed. */
enum { MI_CAUSAL_SILENCE_MS = 1000 };

/* Has the target what need says? now: of the clock of mi_causal_line; wait_ms: how long the caller
 * may wait. One comparison in the usual case, without a lock. A need that was UNKNOWN and is
 * resolved by now becomes known. */
enum mi_causal_answer mi_causal_ask(struct mi_causal *causal, struct mi_causal_need *need,
                                    uint64_t now, uint64_t wait_ms);

/* A read has waited for wait_ms in vain: until the target's counter moves, mi_causal_ask does not
 * answer MI_CAUSAL_WAITS any more, nor MI_CAUSAL_ASKED until the writer has answered. */
void mi_causal_waited_in_vain(struct mi_causal *causal);

/* A session has read at the source: its need now includes whatever it may have seen there. */
void mi_causal_saw_source(struct mi_causal *causal, struct mi_causal_need *need);

struct mi_causal_status {
	bool told;                /* a follower has said what the target has */
	uint64_t epoch, expected; /* the follower's, and the one that it must have */
	uint64_t silent_ms;       /* since it said something */
	bool behind;              /* further than max_lag_ms */
	bool believed; /* a follower speaks, of the right epoch, and not longer than a second ago */
	uint64_t lag_ms;      /* as the follower said last */
	uint64_t pending;     /* marks that the target has not got */
	bool unknown;         /* some mark is not known */
	struct mi_buf target; /* the target's set in text; the caller releases both buffers */
	struct mi_buf high;   /* the marks pending, joined, in text; empty: the target has all */
};
void mi_causal_status(struct mi_causal *causal, uint64_t now, struct mi_causal_status *status);

#endif
