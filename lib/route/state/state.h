/* clang-format off */
/* A client's session: its own channel, and a back-end session for each side, opened when first
 * needed. All of it runs in the thread of the session's loop.
 *
 * Where bytes go (file: what it does with them):
 *
 *   the client's channel is readable
 *     session/client           until it is logged in: greeting, TLS, authentication
 *     session/command          finds commands; stmt_command takes those about prepared
 *                              statements, session_command those that change the session itself
 *     session/command_send     asks choose where a command goes, asks back/prepare whether that
 *                              side is ready, and writes the command to it
 *     session/choose           gathers the facts for state/decide, the pure function that says
 *                              where a statement goes, and what it does to the session
 *   a back end's channel is readable
 *     back/login               until the router is logged in there
 *     back/prepare             commands of the router's own, which bring a back end into the state
 *                              that a command needs; back/prepare_answer takes their answers
 *     session/relay            answers to the client's command: bodies pass unchanged, an OK is
 *                              rewritten; state/note and state/trans are given each OK, EOF and ERR
 *
 *   session/pump moves bytes as long as any may move. A command that waits stays in client.in, and
 *   mi_session_resume has it looked at again from its beginning. back/reply answers in the router's
 *   name, back/lost decides what becomes of a session whose server has gone.
 *
 * The states, and every step that may be taken; state.c ends the program at any other:
 *
 *   the session   HELLO ───login──→ AUTH ──ok──→ LOGIN_BACK ──writer is there──→ READY
 *                 HELLO ──TLS──→ TLS ──→ AUTH    (in a hold: does not wait for the writer)
 *                 READY ──→ CHANGE_USER ──ok──→ LOGIN_BACK
 *                 READY ──the client goes while its command runs──→ GONE        any ──→ CLOSED
 *
 *   a back end    NONE → CONNECTING → GREETING → [TLS →] LOGIN → IDLE           any ──→ NONE
 *                 IDLE ⇄ PREPARE   a command of the router's own runs
 *                 IDLE ⇄ RELAY     the client's command runs
 *
 *   a command     arrives → claimed → decided → sent → answered → done
 *                              ↑         ├ waits for BACK, HOLD or CAUSAL; then again
 *                              └─────────┘ refused, answered here, or repeated once elsewhere
 *
 * Each group of members, and each struct that holds some, belongs to one file or folder, which is
 * named there and writes them. Other files read them, and call its functions to change them. */
/* clang-format on */
#ifndef MI_ROUTE_STATE_STATE_H
#define MI_ROUTE_STATE_STATE_H

#include "base/buf.h"
#include "protocol/response.h"
#include "route/auth/auth.h"
#include "route/auth/users.h"
#include "route/net/channel.h"
#include "route/net/loop.h"
#include "route/net/pool.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"
#include "route/state/carry.h"
#include "route/state/command.h"
#include "route/state/database.h"
#include "route/state/decide.h"
#include "route/state/held.h"
#include "route/state/note.h"
#include "route/state/prepared.h"
#include "route/state/settings.h"
#include "route/state/trans.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_route_session;
struct mi_route_stmts;

/* The state of a back-end session; the steps between them are in the picture above. */
enum mi_back_state {
	MI_BACK_NONE,       /* not open */
	MI_BACK_CONNECTING, /* TCP */
	MI_BACK_GREETING,   /* waits for the server's greeting */
	MI_BACK_TLS,
	MI_BACK_LOGIN,   /* waits for the answer to the login, or to a packet of authentication */
	MI_BACK_PREPARE, /* a command of the router's own is running */
	MI_BACK_IDLE,
	MI_BACK_RELAY, /* the client's command is running */
	MI_BACK_STATES
};

/* The phase of the session as a whole; the steps between them are in the picture above. */
enum mi_session_phase {
	MI_SESSION_HELLO, /* greeting sent */
	MI_SESSION_TLS,
	MI_SESSION_AUTH,
	MI_SESSION_LOGIN_BACK, /* waits for the writer's login, then answers OK */
	MI_SESSION_READY,      /* takes commands; one may be running */
	MI_SESSION_CHANGE_USER,
	MI_SESSION_GONE,   /* the client has gone; the answer to its last command is awaited */
	MI_SESSION_CLOSED, /* will be freed at the end of a turn */
	MI_SESSION_PHASES
};

/* Does a hold have to wait for a session? */
enum mi_session_load {
	MI_SESSION_FREE,  /* idle, or in a transaction that has only read */
	MI_SESSION_BUSY,  /* a command that may write is under way, or a transaction has written */
	MI_SESSION_PINNED /* holds state on the writer that cannot move */
};

/* A session's connection to one server. */
struct mi_backend {
	struct mi_channel channel;
	struct mi_route_session *session;
	enum mi_route_side side;
	enum mi_back_state state; /* state.c */
	bool commits; /* state.c: the command that runs may commit, so that others see it */
	/* state.c: when opening, or the router's own command, fails; ms, 0: never */
	uint64_t deadline;
	bool broken; /* command_send.c: a write failed; mi_session_pump calls mi_session_lost */

	/* back/login.c, from the server's greeting on */
	struct mi_auth_client auth;
	struct mi_buf greeting; /* kept during the TLS handshake, for the login */
	uint64_t caps;          /* agreed on: MI_CAP_* */
	uint32_t connection_id; /* as the server numbers it, for KILL */
	unsigned version;       /* as in mi_route_version */
	bool mariadb;
	uint8_t seq; /* of the next packet, during the login */

	/* to the command that runs, the client's or the router's own */
	struct mi_response response;
	uint16_t status; /* the status flags that the server sent last */

	struct mi_prepared prepared;
	struct mi_back_database database;
	struct mi_back_settings settings;
	struct mi_back_noted noted;
};

/* A session's place among those that have not logged in, in the order in which they came. */
struct mi_door_place {
	struct mi_route_session *before, *after;
	unsigned from_there; /* how many stood there from the same address when this one came */
	bool stands;
};

/* A slow hash that a login waits for. */
struct mi_login_job {
	struct mi_pool_job job;
	struct mi_route_session *session; /* NULL: it was closed meanwhile */
	struct mi_auth_thought *thought;
};

struct mi_route_session {
	struct mi_route *route;
	struct mi_route_sessions *of;
	struct mi_route_session *prev, *next; /* list of the loop's sessions */
	struct mi_channel client;
	struct mi_backend back[MI_ROUTE_SIDES];
	struct mi_task resume;
	/* when the waiting command, or the opening of a back end, is tried again */
	struct mi_timer timer;

	enum mi_session_phase phase; /* state.c */
	enum mi_session_wait wait;   /* state.c: what the command in client.in waits for */
	enum mi_session_load load;   /* reply.c: as the session is counted in route->busy */

	struct mi_route_command command;
	bool vanished; /* pump.c, reply.c: the client has gone without taking its leave */
	bool unread;   /* client.in may hold a whole command: to be looked at before more is read */
	uint8_t seq;   /* reply.c: of the next packet that the router itself sends to the client */
	uint64_t since;   /* reply.c: ms: when the last command ended, or the session began */
	uint64_t drained; /* relay.c: bytes of an answer for a client that has gone */

	/* session.c and client.c: who the client is and how it logged in */
	uint32_t id;   /* the router's connection id, which the client knows */
	uint64_t caps; /* what the client asked for, of what the greeting offered */
	uint16_t collation;
	uint64_t opened;           /* ms: when the login, or COM_CHANGE_USER, began */
	uint64_t caller;           /* the client's address, as of->callers knows it */
	struct mi_door_place door; /* door.c */
	/* a login that must wait before it is looked at, until then (ms); has it waited, or need
	 * not? */
	uint64_t delayed;
	bool waited;
	struct mi_login_job *job; /* NULL: none */
	struct mi_auth_server auth;
	struct mi_route_users *users;
	const struct mi_route_user *user;
	struct mi_buf name;
	struct mi_buf attrs; /* the client's connection attributes, with the router's own added */
	char peer[64];

	bool multi;    /* takes several statements in one command: by the login or COM_SET_OPTION */
	unsigned pins; /* pins.c */
	struct mi_held held;
	struct mi_default_db database;
	struct mi_trans trans;
	struct mi_carry carry;
	struct mi_session_settings settings;
	struct mi_routing routing;

	struct mi_route_stmts *stmts; /* stmt.c; NULL: none yet */
	uint32_t last_stmt;           /* stmt.c: the newest id; no id is given twice */
};

/* The only writers of session->phase, session->wait and back->state. A step that is not in the
 * picture above ends the program, naming both states: nothing that follows could be trusted.
 * mi_back_enter also sets back->deadline when opening, or a command of the router's own, begins,
 * and clears it at their end. */
void mi_session_enter(struct mi_route_session *session, enum mi_session_phase phase);
void mi_session_wait_for(struct mi_route_session *session, enum mi_session_wait wait);
void mi_back_enter(struct mi_backend *back, enum mi_back_state state);

/* At the end of the loop's turn the session waits for nothing any more: the login's last step, or
 * the waiting command, is tried again from its beginning. Any phase; does nothing in CLOSED. */
void mi_session_resume(struct mi_route_session *session);

/* Where the application writes now. */
static inline enum mi_route_side mi_session_writer(const struct mi_route_session *session)
{
	return mi_route_writer(mi_route_mode(session->route));
}

static inline bool mi_back_is_writer(const struct mi_backend *back)
{
	return back->side == mi_session_writer(back->session);
}

#endif
