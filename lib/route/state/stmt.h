/* Prepared statements of a session. The client knows each by an id of the router's, each server by
 * an id of its own. A statement is prepared at the other server when it is first executed there. */
#ifndef MI_ROUTE_STATE_STMT_H
#define MI_ROUTE_STATE_STMT_H

#include "base/buf.h"
#include "route/auth/users.h"
#include "route/state/state.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_route_stmt {
	uint32_t id;                        /* the client's id of it, from 1 on */
	uint32_t server_id[MI_ROUTE_SIDES]; /* each server's id; 0: not prepared there */
	bool types_sent[MI_ROUTE_SIDES];    /* the server has been told the parameters' types */
	uint16_t params, columns;
	char *text; /* NULL: too long to keep, so it can be executed only where it was prepared */
	size_t text_len;
	char *types; /* the last block of parameter types that the client sent */
	size_t types_len;
	enum mi_route_side home; /* where it was prepared, or has long data */
	enum mi_route_side last; /* where it was executed last */
	bool fixed; /* can be executed only at home: the text is not kept, or has other parameters
	               elsewhere */
	bool writer_only; /* the reading side refused to prepare it, or has other parameters */
	/* COM_STMT_SEND_LONG_DATA sent some to home, and no execute has used it yet */
	bool long_data;
	bool cursor; /* the last execute left a cursor open */
};

/* The statement with an id that the client sent (0xffffffff: the one prepared last); NULL: there is
 * none. Valid until it is forgotten. */
struct mi_route_stmt *mi_route_stmt_find(struct mi_route_session *session, uint32_t id);

/* The client's COM_STMT_PREPARE goes out: _begin keeps a copy of its text, if there is room
 * (limits.statement_memory). When back has answered it with packet (header included), _prepared
 * adds the statement, and puts the client's id into packet. */
void mi_route_stmt_begin(struct mi_route_session *session, struct mi_span text);
void mi_route_stmt_prepared(struct mi_backend *back, char *packet);

/* back has answered with packet to the router's own prepare of back->prepared.asked_stmt. False:
 * the text means something else there (it has another number of parameters), and the statement will
 * not be executed at that side. */
bool mi_route_stmt_prepared_again(struct mi_backend *back, const char *packet);

/* An execute or a fetch of the statement is over; status, the server's, tells whether a cursor is
 * open. Unknown ids are passed over. */
void mi_route_stmt_executed(struct mi_route_session *session, uint32_t id, uint16_t status);

/* Sets or clears the session's pins for open cursors and for long data. */
void mi_route_stmts_pin(struct mi_route_session *session);

/* The client closes the statement, which is freed. */
void mi_route_stmt_forget(struct mi_route_session *session, struct mi_route_stmt *stmt);
/* back's session has gone, and with it the server's ids, cursors and long data. */
void mi_route_stmts_lost(struct mi_backend *back);
/* Frees all statements; harmless when there are none. */
void mi_route_stmts_free(struct mi_route_session *session);

/* Where the block of parameter types is in a COM_STMT_EXECUTE. packet begins with the packet's
 * header, which is whole; *at counts from there. Bytes behind the packet are not looked at. */
enum mi_route_types {
	MI_TYPES_SHORT,     /* not all of the block has arrived */
	MI_TYPES_NONE,      /* the client sent none: they may be inserted at *at, with 1 in the byte
	                       before */
	MI_TYPES_GIVEN,     /* the block is the *len bytes at *at */
	MI_TYPES_NO_PARAMS, /* the statement has no parameters */
	MI_TYPES_BAD,       /* the packet is malformed */
};
enum mi_route_types mi_route_stmt_types(const struct mi_route_stmt *stmt, struct mi_span packet,
                                        uint64_t caps, size_t *at, size_t *len);
/* The block goes to side: keeps a copy, for the other server, which has not been told these types,
 * if there is room (limits.statement_memory); else the statement can be executed only at side. */
void mi_route_stmt_keep_types(struct mi_route_session *session, struct mi_route_stmt *stmt,
                              struct mi_span types, enum mi_route_side side);

#endif
