/* How far a back-end session has been brought into the state that the client's next command needs.
 * Written by prepare.c and prepare_answer.c, and here. */
#ifndef MI_ROUTE_STATE_PREPARED_H
#define MI_ROUTE_STATE_PREPARED_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* The router's own commands on a back-end session, one at a time. */
enum mi_prepare_step {
	MI_PREPARE_BASELINE,
	MI_PREPARE_TRACKERS, /* the baseline's session trackers alone */
	MI_PREPARE_AUTOCOMMIT,
	MI_PREPARE_READONLY, /* SET SESSION TRANSACTION READ ONLY or READ WRITE */
	MI_PREPARE_DATABASE, /* COM_INIT_DB */
	MI_PREPARE_RESET,    /* COM_RESET_CONNECTION */
	MI_PREPARE_OPTION,   /* COM_SET_OPTION */
	MI_PREPARE_REPLAY,   /* settings that the client has made at the other side */
	MI_PREPARE_STATEMENT,
	MI_PREPARE_ASK_COLLATION, /* SELECT @@collation_connection where it was changed */
	MI_PREPARE_ASK_ID,        /* SELECT LAST_INSERT_ID() at the old writer */
	MI_PREPARE_SET_ID,        /* SET last_insert_id at the new one */
};

struct mi_prepared {
	bool wants_reset;  /* MI_PREPARE_RESET comes first */
	bool has_baseline; /* character sets, sql_mode, trackers... are set */
	bool read_only;    /* runs SET SESSION TRANSACTION READ ONLY */
	bool multi;        /* takes several statements in one command */

	/* the command of the router's that runs: MI_BACK_PREPARE */
	enum mi_prepare_step step;
	bool asked_read_only; /* READONLY: what was sent; the mode may have changed since */
	uint32_t asked_stmt;  /* STATEMENT: the client's id */
	struct mi_buf answer; /* ASK_ID, ASK_COLLATION: the rows' bytes, packet headers included */
};

/* The connection is new, or gone: multi is what it was logged in with. Keeps nothing. */
static inline void mi_prepared_begin(struct mi_prepared *prepared, bool multi)
{
	mi_buf_release(&prepared->answer);
	*prepared = (struct mi_prepared){.multi = multi};
}

/* The session was reset by the client: what the server's session holds goes before anything else.
 */
static inline void mi_prepared_want_reset(struct mi_prepared *prepared)
{
	prepared->wants_reset = true;
}

#endif
