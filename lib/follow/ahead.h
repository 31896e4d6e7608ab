/* A look ahead in the source's log: the statements that change tables' definitions, from a place in
 * the log up to what the source has executed by now. They tell whether what the server says of a
 * table today is also what the table was at that place. */
#ifndef MI_FOLLOW_AHEAD_H
#define MI_FOLLOW_AHEAD_H

#include "base/err.h"
#include "follow/binlog.h"
#include "gtid/gtid.h"

#include <stdbool.h>
#include <stddef.h>

struct mi_ahead_statement {
	struct mi_gtid gtid;
	char *db, *text;
	unsigned modes;  /* enum mi_lex_mode */
	bool unreadable; /* it stands for all that may come from there on */
};

struct mi_ahead {
	struct mi_gtid_set *until; /* everything up to here has been looked at; NULL: nothing */
	struct mi_ahead_statement *statements; /* in the log's order */
	size_t count;
	size_t next; /* those before it have been followed */

	/* What the server says was asked for when all of `known` had been executed: it has the
	 * first `sure` statements. Those after them may have come before it answered, or later. */
	size_t sure;
	struct mi_gtid_set *known; /* NULL: nothing */
};

/* Looks at the log after since, and at what has come since the last call: the list grows until it
 * has all of `until`, of which the source has everything. Reads what is missing over a connection
 * of its own, which is as options say, and is made again when it is lost. Fails like
 * follow/binlog.h; a wish to stop is MI_AGAIN. */
MI_MUST int mi_ahead_read(struct mi_ahead *ahead, const struct mi_src_binlog_options *options,
                          const struct mi_gtid_set *since, const struct mi_gtid_set *until,
                          struct mi_err *err);
void mi_ahead_release(struct mi_ahead *ahead);

/* The server is asked now: what has been looked at so far will be in what it says. */
void mi_ahead_mark(struct mi_ahead *ahead);

/* Forgets the statements of transactions in done, and of the transaction at hand. */
void mi_ahead_pass(struct mi_ahead *ahead, const struct mi_gtid_set *done,
                   const struct mi_gtid *now);

enum mi_ahead_fate {
	MI_AHEAD_SAME,    /* no statement ahead touches the table, but to rename it */
	MI_AHEAD_CHANGED, /* one changes or drops it, or cannot be read */
	MI_AHEAD_UNSURE,  /* one touches it of which the server's answer may have the effect or not,
	                   * whether it has been followed or is ahead: ask the server again */
};

/* What becomes of the table up to the server's answer; for SAME, db and name are replaced by those
 * that it has at the end. */
enum mi_ahead_fate mi_ahead_fate(const struct mi_ahead *ahead, bool ignore_case, struct mi_buf *db,
                                 struct mi_buf *name);

#endif
