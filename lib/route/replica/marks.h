/* Which writes a read must see, and whether the target has them yet.
 *
 * Every write that the router sees acknowledged leaves a mark: its GTIDs. Marks are numbered in the
 * order in which they came (tickets); the target's applied set moves a counter up to the last
 * ticket all of whose predecessors it contains. So what a session needs is one number, and asking
 * whether the target has it is one comparison, for MySQL sets and MariaDB positions ("every seq up
 * to n of that domain") alike.
 *
 * UNKNOWN: after an answer that told no GTID (an error, a lost connection...) what must be seen is
 * not known. Those who need it take the number of the moment; a set that was read from the writer
 * after that moment resolves all of them at once.
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
	uint64_t unknown; /* the moment since which it is not known; 0: known */
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

/* The same for everybody: at the start, and when the mode becomes replica. */
void mi_causal_unknown_all(struct mi_causal *causal);

/* need grows to include other. */
void mi_causal_join(struct mi_causal_need *need, const struct mi_causal_need *other);

/* The router's high-water mark: what all sessions together have written. */
struct mi_causal_need mi_causal_high(struct mi_causal *causal);

/* ---- UNKNOWN, resolved ---- */

/* Is anybody's need UNKNOWN, and no question under way? */
bool mi_causal_wants_set(struct mi_causal *causal);

/* Before the question for the writer's set (gtid_executed, gtid_binlog_pos) is sent: returns what
 * to give back with its answer. */
uint64_t mi_causal_asking(struct mi_causal *causal);

/* The answer: all that was UNKNOWN when it was asked is now known. Fails (MI_PROTOCOL) when set is
 * no GTID set; then, or when the question failed, mi_causal_asked_in_vain. */
MI_MUST int mi_causal_resolve(struct mi_causal *causal, uint64_t asked, struct mi_span set,
                              struct mi_err *err);
void mi_causal_asked_in_vain(struct mi_causal *causal);

/* ---- The target ---- */

/* The epoch that a follower must have; lines of one with another are not believed. */
void mi_causal_expect(struct mi_causal *causal, uint64_t epoch);

/* A line from mi-apply --notify, without its newline:
 *   flow NAME epoch N   the first; what was known of the target is forgotten
 *   all SET             what its row holds at the start
 *   add SET             what a COMMIT added
 *   beat LAG_MS         how far behind the source it is
 * Another word is passed over. MI_PROTOCOL: not of this form; the caller closes the socket. */
MI_MUST int mi_causal_line(struct mi_causal *causal, struct mi_span line, uint64_t now,
                           struct mi_err *err);

/* The socket is gone: what the target has is not known any more. */
void mi_causal_lost(struct mi_causal *causal);

/* ---- Reads ---- */

enum mi_causal_answer {
	MI_CAUSAL_HAS,     /* the target has it */
	MI_CAUSAL_WAITS,   /* not yet; the lag is less than wait_ms, so it may have it in time */
	MI_CAUSAL_BEHIND,  /* not yet, and not soon, or too far behind: read at the source */
	MI_CAUSAL_SILENT,  /* no follower that can be believed: read at the source */
	MI_CAUSAL_UNKNOWN, /* need is UNKNOWN: read at the source, and see mi_causal_wants_set */
};

enum { MI_CAUSAL_SILENCE_MS = 1000 };

/* One comparison in the usual case, without a lock. A need that was UNKNOWN and is resolved by now
 * becomes known. */
enum mi_causal_answer mi_causal_ask(struct mi_causal *causal, struct mi_causal_need *need,
                                    uint64_t now, uint64_t wait_ms);

/* Somebody waited for as long as anybody may: until the target has moved nobody waits again. */
void mi_causal_waited_in_vain(struct mi_causal *causal);

/* need was read at the source: from now on it includes whatever may have been seen there. */
void mi_causal_saw_source(struct mi_causal *causal, struct mi_causal_need *need);

struct mi_causal_status {
	bool believed; /* a follower speaks, of the right epoch, and not longer than a second ago */
	uint64_t lag_ms;      /* its last word of that */
	uint64_t pending;     /* marks that the target has not got */
	bool unknown;         /* some mark is not known */
	struct mi_buf target; /* its set in text; the caller releases it */
	struct mi_buf high;   /* the marks pending, joined, in text; empty: the target has all */
};
void mi_causal_status(struct mi_causal *causal, uint64_t now, struct mi_causal_status *status);

#endif
