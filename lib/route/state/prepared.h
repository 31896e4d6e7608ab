/* How far a back-end session has been brought into the state that the client's next command needs.
 * Written by back/prepare.c and back/prepare_answer.c, and by the functions below. */
#ifndef MI_ROUTE_STATE_PREPARED_H
#define MI_ROUTE_STATE_PREPARED_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* The router's own commands on a back-end session, one at a time. */
enum mi_prepare_step {
	MI_PREPARE_BASELINE, /* SET of what every session begins with: route/shared/baseline.h */
	MI_PREPARE_TRACKERS, /* the baseline's session trackers alone */
	MI_PREPARE_AUTOCOMMIT,
	MI_PREPARE_READONLY,  /* SET SESSION TRANSACTION READ ONLY or READ WRITE */
	MI_PREPARE_DATABASE,  /* COM_INIT_DB */
	MI_PREPARE_RESET,     /* COM_RESET_CONNECTION */
	MI_PREPARE_OPTION,    /* COM_SET_OPTION */
	MI_PREPARE_REPLAY,    /* SET of what the client has set at the other side */
	MI_PREPARE_STATEMENT, /* COM_STMT_PREPARE */
	/* SELECT @@collation_connection at the side where it was changed */
	MI_PREPARE_ASK_COLLATION,
	MI_PREPARE_ASK_ID,    /* what LAST_INSERT_ID() is at the old writer, after a switch */
	MI_PREPARE_SELECT_ID, /* ... at one that has no tracker to tell it */
	MI_PREPARE_SET_ID,    /* SET last_insert_id at the new writer */
};

struct mi_prepared {
	bool wants_reset;  /* MI_PREPARE_RESET must run before anything else */
	bool has_baseline; /* MI_PREPARE_BASELINE has run */
	bool read_only;    /* SET SESSION TRANSACTION READ ONLY is in force (trans.c too) */
	bool multi;        /* takes several statements in one command */

	/* in MI_BACK_PREPARE: the router's own command that runs */
	enum mi_prepare_step step;
	/* MI_PREPARE_READONLY: what was sent; the mode may have changed since */
	bool asked_read_only;
	uint32_t asked_stmt; /* MI_PREPARE_STATEMENT: the client's id of the statement */
	bool id_told;        /* MI_PREPARE_ASK_ID: the tracker has told ... */
	uint64_t told_id;    /* ... this */
	/* MI_PREPARE_ASK_COLLATION, _SELECT_ID: the answer's bytes, packet headers included */
	struct mi_buf answer;
};

/* The connection is new, was reset, or is gone: forgets everything. multi: it was logged in to take
 * several statements in one command. */
static inline void mi_prepared_begin(struct mi_prepared *prepared, bool multi)
{
	mi_buf_release(&prepared->answer);
	*prepared = (struct mi_prepared){.multi = multi};
}

/* The client has reset its session: the server's session is reset before anything else runs there.
 */
static inline void mi_prepared_want_reset(struct mi_prepared *prepared)
{
	prepared->wants_reset = true;
}

#endif
