/* The command in hand, and its packet. */
#ifndef MI_ROUTE_STATE_COMMAND_H
#define MI_ROUTE_STATE_COMMAND_H

#include "base/buf.h"
#include "route/auth/users.h"
#include "route/replica/marks.h"
#include "route/state/decide.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_route_session;

/* The command in hand. The files command*.c and stmt_command.c write it as it goes out, relay.c as
 * it is answered. */
struct mi_route_command {
	uint8_t code;              /* enum mi_command */
	uint8_t seq;               /* of its last packet so far */
	enum mi_route_kind kind;   /* as decided */
	enum mi_route_side side;   /* as decided */
	bool local_infile;         /* as decided: the answer may ask for a file */
	struct mi_effects effects; /* as decided: what its answer will mean for the session */
	bool claimed;      /* counted as busy before it was looked at whether that is allowed */
	bool running;      /* its answer is awaited, or its body still comes */
	bool body;         /* more of its bytes are to come from the client */
	bool dropped;      /* it was refused: the rest of its body goes nowhere */
	bool written;      /* a byte of it was written to a back end */
	bool full;         /* the packet being relayed is full: another follows */
	bool cursor;       /* COM_STMT_EXECUTE asks for one */
	bool again;        /* it was sent before, and is sent a second time as a read */
	bool elsewhere;    /* it was sent to the reading side, and must not go there again */
	bool begun;        /* what it changes in the session is noted already */
	bool waited;       /* it has waited for the reading side */
	uint32_t left;     /* of the packet being relayed */
	uint32_t stmt;     /* the client's id, for the statement commands */
	uint64_t began;    /* ms: when it was first looked at */
	uint64_t began_us; /* that moment in us, for the latencies */
	struct mi_causal_need asked; /* the mark as it was when the command first asked for it */
	struct mi_buf kept;          /* MI_KIND_READ: its bytes, to repeat it */
	struct mi_buf denied;        /* while it waits: the ERR's payload that it gets instead */

	/* relay.c */
	bool answered;     /* a byte of its answer was written to the client */
	bool file;         /* the client sends one */
	bool file_refused; /* the server asked for one out of the blue: its answer is not relayed */
};

/* ---- The packet at the front of data, of which at least the header is here ---- */

/* Length of the payload as the header says it. */
uint32_t mi_command_payload_len(struct mi_span data);
bool mi_command_is_whole(struct mi_span data);
/* What of the payload is here. */
struct mi_span mi_command_payload(struct mi_span data);

/* ---- */

/* The statement of the command in hand, from the bytes that are kept to repeat it; empty: none are
 * kept. */
struct mi_span mi_command_text(struct mi_route_session *session);

#endif
