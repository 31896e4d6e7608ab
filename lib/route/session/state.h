/* A client's session: its own channel and a back-end session for each side, opened when first
 * needed.
 *
 * How data flows:
 *
 *   client channel readable   route/session/client.c (until logged in), then
 * route/session/command.c: finds the commands in the bytes. At a command's beginning,
 * mi_route_choose (route/session/choose.c) says to which side it goes and what it is;
 * route/session/back_event.c brings that side's session into the needed state (connected, baseline,
 * database, variables, READ ONLY, statement prepared) by commands of its own whose answers the
 * client never sees; then header and body are relayed. while a command waits it stays in client.in
 * and session->wait says for what; mi_session_resume looks at it again from the beginning. back end
 * readable route/session/relay.c: mi_response finds the answer's packets; bodies pass unchanged, OK
 * packets are rewritten for the client, and each OK, EOF and ERR is shown to mi_route_note_*
 * (route/session/choose.c). At the answer's end mi_session_settle counts the session as free, busy
 * or pinned. a loss                route/session/session.c, mi_session_lost: never a second write
 * of a command of which a byte was written, unless it was chosen as a read.
 *
 * All of it runs in the thread of the session's loop. */
#ifndef MI_ROUTE_SESSION_STATE_H
#define MI_ROUTE_SESSION_STATE_H

#include "base/buf.h"
#include "protocol/response.h"
#include "route/auth/auth.h"
#include "route/auth/users.h"
#include "route/net/channel.h"
#include "route/net/loop.h"
#include "route/shared/shared.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_route_session;
struct mi_route_stmts;

/* What a command is. UNKNOWN counts as a write in everything but the metrics. */
enum mi_route_kind {
	MI_KIND_UNKNOWN, /* not looked at */
	MI_KIND_WRITE,
	MI_KIND_READ, /* may be repeated elsewhere while nothing of its answer was relayed */
};

/* The state of a back-end session. */
enum mi_back_state {
	MI_BACK_NONE,       /* not open */
	MI_BACK_CONNECTING, /* TCP */
	MI_BACK_GREETING,   /* waits for the server's */
	MI_BACK_TLS,
	MI_BACK_LOGIN,   /* waits for the answer to the login, or within it */
	MI_BACK_PREPARE, /* a command of the router's is running */
	MI_BACK_IDLE,
	MI_BACK_RELAY, /* the client's command is running */
};

/* The router's own commands on a back-end session. */
enum mi_back_prepare {
	MI_PREPARE_BASELINE,
	MI_PREPARE_TRACKERS, /* the baseline's session trackers alone */
	MI_PREPARE_AUTOCOMMIT,
	MI_PREPARE_READONLY, /* SET SESSION TRANSACTION READ ONLY or READ WRITE */
	MI_PREPARE_DATABASE, /* COM_INIT_DB */
	MI_PREPARE_RESET,    /* COM_RESET_CONNECTION */
	MI_PREPARE_OPTION,   /* COM_SET_OPTION */
	MI_PREPARE_REPLAY,   /* mi_route_replay's statements */
	MI_PREPARE_PREPARE,
	MI_PREPARE_ASK_COLLATION, /* SELECT @@collation_connection where it was changed */
	MI_PREPARE_ASK_ID,        /* SELECT LAST_INSERT_ID() at the old writer */
	MI_PREPARE_SET_ID,        /* and SET last_insert_id at the new one */
};

struct mi_backend {
	struct mi_channel channel;
	struct mi_route_session *session;
	enum mi_route_side side;
	enum mi_back_state state;
	enum mi_back_prepare own;
	struct mi_auth_client auth;
	struct mi_response response; /* of the command that runs */
	uint64_t caps;
	uint64_t deadline;      /* ms: of connecting and logging in, or of the router's command */
	uint32_t connection_id; /* the server's, for KILL */
	uint32_t own_stmt;      /* MI_PREPARE_PREPARE: the client's id */
	uint32_t own_database;  /* MI_PREPARE_DATABASE: of which generation the name was */
	bool
	    own_read_only; /* MI_PREPARE_READONLY: what was sent; the mode may have changed since */
	unsigned version;  /* of the server, as in mi_route_version */
	bool mariadb;
	uint8_t seq;          /* next, while logging in */
	uint16_t status;      /* the last status flags it sent */
	bool wants_reset;     /* MI_PREPARE_RESET comes first */
	bool has_baseline;    /* character sets, sql_mode, trackers... are set */
	bool wants_trackers;  /* the client has set some of the trackers among other things */
	bool read_only;       /* runs SET SESSION TRANSACTION READ ONLY */
	bool has_database;    /* its default database is the session's */
	bool had_database;    /* so it was before the change that is being tried */
	bool stateful;        /* the server reported state that is not made again elsewhere */
	bool multi;           /* takes several statements in one command */
	bool broken;          /* a write failed: mi_session_pump deals with it */
	uint64_t replayed;    /* of mi_route_replay: for whoever counts generations */
	struct mi_buf answer; /* MI_PREPARE_ASK_ID, MI_PREPARE_ASK_COLLATION: the rows' bytes,
	                         packet headers included */
};

/* Where the session as a whole is. */
enum mi_session_phase {
	MI_SESSION_HELLO, /* greeting sent */
	MI_SESSION_TLS,
	MI_SESSION_AUTH,
	MI_SESSION_LOGIN_BACK, /* waits for the writer's login, then answers OK */
	MI_SESSION_READY,      /* takes commands, one is perhaps running */
	MI_SESSION_CHANGE_USER,
	MI_SESSION_GONE,   /* the client has gone; the answer of its last command is awaited */
	MI_SESSION_CLOSED, /* is freed at the end of the turn */
};

/* Why a command waits in client.in. */
enum mi_session_wait {
	MI_WAIT_NOTHING,
	MI_WAIT_BACK, /* a back end is being opened or brought into state */
	MI_WAIT_HOLD,
	MI_WAIT_CAUSAL, /* the target has not got the session's mark yet; a timer runs */
};

/* What a hold thinks of a session. */
enum mi_session_load {
	MI_SESSION_FREE,  /* idle, or in a transaction that has only read */
	MI_SESSION_BUSY,  /* a command runs on the writer, or a transaction has written */
	MI_SESSION_PINNED /* holds state on the writer that cannot move */
};

/* What pins a session to its writer, by bits. */
enum mi_session_pin {
	MI_PIN_TEMPORARY = 1,
	MI_PIN_LOCK_TABLES = 2,
	MI_PIN_USER_LOCK = 4,
	MI_PIN_HANDLER = 8,
	MI_PIN_CURSOR = 16,
	MI_PIN_LONG_DATA = 32,
	MI_PIN_XA = 64,
	MI_PIN_FLUSH_LOCK = 128,
	MI_PIN_STATE = 256, /* user variables, PREPARE, variables that cannot be replayed */
};

/* The command in hand. */
struct mi_route_command {
	uint8_t code; /* enum mi_command */
	uint8_t seq;  /* of its last packet so far */
	enum mi_route_kind kind;
	enum mi_route_side side;
	bool claimed;      /* counted as busy before it was looked at whether that is allowed */
	bool running;      /* its answer is awaited, or its body still comes */
	bool body;         /* more of its bytes are to come from the client */
	bool dropped;      /* it was refused: the rest of its body goes nowhere */
	bool local_infile; /* the answer may ask for a file */
	bool file;         /* the client sends one */
	bool file_refused; /* the server asked for one out of the blue: its answer is not relayed */
	bool written;      /* a byte of it was written to a back end */
	bool answered;     /* a byte of its answer was written to the client */
	bool full;         /* the packet being relayed is full: another follows */
	bool cursor;       /* COM_STMT_EXECUTE asks for one */
	bool again;        /* it was sent before, and is sent a second time as a read */
	bool elsewhere;    /* and not to the reading side */
	bool begun;        /* what it changes in the session is noted already */
	uint32_t left;     /* of the packet being relayed */
	uint32_t stmt;     /* the client's id, for the statement commands */
	uint64_t began;    /* ms: when it was first looked at */
	uint64_t began_us; /* the same, for the latencies */
	struct mi_buf kept;   /* MI_KIND_READ: its bytes, to repeat it */
	struct mi_buf denied; /* while it waits: the ERR's payload that it gets instead */
};

struct mi_route_session {
	struct mi_route *route;
	struct mi_route_sessions *of;
	struct mi_route_session *prev, *next; /* of its loop */
	struct mi_channel client;
	struct mi_backend back[MI_ROUTE_SIDES];
	struct mi_task resume;
	struct mi_timer timer; /* of what it waits for */
	enum mi_session_phase phase;
	enum mi_session_wait wait;
	enum mi_session_load load; /* as counted in route->busy */
	struct mi_route_command command;
	bool unread;   /* client.in may hold a whole command */
	uint8_t seq;   /* of the next packet that the router itself sends to the client */
	uint32_t id;   /* the router's */
	uint64_t caps; /* the client's, cut to the greeting's */
	uint16_t collation;
	uint64_t since;  /* ms: of the last command's end */
	uint64_t opened; /* ms */
	struct mi_auth_server auth;
	struct mi_route_users *users;
	const struct mi_route_user *user;
	struct mi_buf name;           /* as the client logs in */
	struct mi_buf database;       /* the client's name of its default database; empty: none */
	uint32_t database_generation; /* counts its changes */
	struct mi_buf attrs;          /* its connection attributes, with the router's own */
	char peer[64];
	struct mi_route_stmts *stmts;    /* route/session/stmt.h; NULL: none yet */
	uint32_t last_stmt;              /* the newest id: none is ever given twice */
	enum mi_route_side last;         /* which back end answered the last statement */
	enum mi_route_side insert_id_at; /* where LAST_INSERT_ID() was made */
	uint64_t insert_id;              /* as asked at the old writer, while it is carried over */
	bool has_insert_id;              /* an OK told one, or may have kept it to itself */
	enum mi_route_side collation_at; /* where character sets were changed last, and ... */
	bool asks_collation;    /* ... nobody has asked there yet for what no tracker tells */
	bool carries_insert_id; /* insert_id is to be set at the new writer */
	bool has_autocommit;    /* an answer to a command of the client's has told ... */
	bool autocommit;        /* ... this */
	bool in_trans;          /* as the last status said */
	bool trans_as_writer;   /* it was begun at what was the writer then */
	enum mi_route_side trans_side; /* where it is */
	bool wrote;       /* in this transaction, by the tracker or by the kinds of its commands */
	bool evicted;     /* its next statement gets 1213 */
	bool multi;       /* COM_SET_OPTION, or as logged in */
	unsigned pins;    /* enum mi_session_pin */
	uint64_t drained; /* bytes of an answer for a client that has gone */
	void *noted;      /* of route/session/choose.c */
};

#endif
