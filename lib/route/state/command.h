/* The command that a session works on ("the command in hand"), and its packet. */
#ifndef MI_ROUTE_STATE_COMMAND_H
#define MI_ROUTE_STATE_COMMAND_H

#include "base/buf.h"
#include "route/auth/users.h"
#include "route/replica/marks.h"
#include "route/state/decide.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_route_session;

/* The command in hand. session/command*.c, session/choose.c, session/stmt_command.c and
 * session/session_command.c write it on its way out; session/relay.c, back/reply.c and
 * back/command_answer.c as it is answered, repeated or over. */
struct mi_route_command {
	uint8_t code;            /* enum mi_command */
	uint8_t seq;             /* sequence number of its last packet so far */
	enum mi_route_kind kind; /* as decided */
	enum mi_route_side side; /* as decided */
	bool local_infile;       /* as decided: LOAD DATA LOCAL, whose answer may ask for a file */
	bool untouched;          /* as decided: no command of the router's may run before it */
	struct mi_effects effects; /* as decided: what its answer will mean for the session */
	/* the session counts as busy while it is decided whether a hold lets it go on */
	bool claimed;
	bool cut;     /* it is decided on by the beginning of its text */
	bool running; /* it was sent, and its answer is awaited or the rest of its bytes is still to
	                 come */
	bool body;    /* more of its bytes are still to come from the client */
	bool unheard; /* the client has gone, which the server was shown */
	bool dropped; /* the router answered it: the rest of its bytes is thrown away */
	bool written; /* a byte of it was written to a back end */
	bool full; /* the packet being relayed has the greatest length: another one continues it */
	bool cursor; /* COM_STMT_EXECUTE asks for a cursor, or COM_STMT_FETCH reads from one */
	bool again;  /* a read that was sent before, without an answer, and is sent a second time */
	bool elsewhere; /* the reading side failed to answer it: it must not go there again */
	/* what it changes in the session (default database, option) is recorded already */
	bool begun;
	bool watched;      /* it was watched for what the target lacks, or passed over */
	bool waited;       /* it has waited for the reading side */
	uint32_t left;     /* bytes that are still to come of the packet being relayed */
	uint32_t stmt;     /* the client's id of the prepared statement; 0: none */
	uint64_t began;    /* ms: when it was first decided on */
	uint64_t began_us; /* the same moment in us, for the latencies */
	/* what had to be seen when the command first asked whether the target has it */
	struct mi_causal_need asked;
	struct mi_buf kept; /* MI_KIND_READ: a copy of its bytes, to repeat it */
	/* the payload of an ERR that answers it instead of being sent; empty: none */
	struct mi_buf denied;

	/* relay.c */
	bool answered;     /* a byte of its answer was written to the client */
	bool file;         /* the client is sending a file (LOAD DATA LOCAL) */
	bool file_refused; /* the server asked for a file without LOAD DATA LOCAL: its answer is not
	                      relayed */
};

/* ---- The packet at the front of data, of which at least the header is here ---- */

/* The payload's length as the header says. */
uint32_t mi_command_payload_len(struct mi_span data);
/* Has all of the packet arrived? */
bool mi_command_is_whole(struct mi_span data);
/* The part of the payload that has arrived. */
struct mi_span mi_command_payload(struct mi_span data);

/* ---- The command's text ---- */

/* The statement of the command in hand: of a COM_STMT_EXECUTE as it was prepared, else from the
 * bytes that are kept to repeat it. Empty when neither is known. */
struct mi_span mi_command_text(struct mi_route_session *session);

#endif
