/* Prepared statements of a session. Their ids towards the client are the router's own; each server
 * has its own, and gets the statement when it is first executed there. */
#ifndef MI_ROUTE_STATE_STMT_H
#define MI_ROUTE_STATE_STMT_H

#include "base/buf.h"
#include "route/auth/users.h"
#include "route/state/state.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_route_stmt {
	uint32_t id;                        /* the client's; 0: a free slot */
	uint32_t server_id[MI_ROUTE_SIDES]; /* 0: not prepared there */
	bool types_sent[MI_ROUTE_SIDES];
	uint16_t params, columns;
	char *text; /* NULL: too long to keep; it stays where it was prepared */
	size_t text_len;
	char *types; /* the last block of types that the client sent */
	size_t types_len;
	enum mi_route_side home; /* where it was prepared */
	enum mi_route_side last; /* where it was executed last */
	bool fixed; /* only at home: its text is not known, or means another thing elsewhere */
	bool writer_only; /* the side that only reads refused it */
	bool long_data;   /* some was sent, at home, and not executed yet */
	bool cursor;      /* open at last */
};

/* The statement of an id that the client sent (0xffffffff: the last prepared); NULL: none. */
struct mi_route_stmt *mi_route_stmt_find(struct mi_route_session *session, uint32_t id);

/* A prepare's first answer has come from back: remembers the statement whose text was announced
 * with mi_route_stmt_begin, and writes the client's id into packet (header included). */
void mi_route_stmt_begin(struct mi_route_session *session, struct mi_span text);
void mi_route_stmt_prepared(struct mi_backend *back, char *packet);

/* The same for a statement that the router prepared by itself. False: it is another one there
 * (parameters differ). */
bool mi_route_stmt_prepared_again(struct mi_backend *back, const char *packet);

/* An execute or a fetch is over: is a cursor open? status is the server's. */
void mi_route_stmt_executed(struct mi_route_session *session, uint32_t id, uint16_t status);

/* Pins the session while a cursor is open or long data waits, and no longer. */
void mi_route_stmts_pin(struct mi_route_session *session);

void mi_route_stmt_forget(struct mi_route_session *session, struct mi_route_stmt *stmt);
/* The server's session has gone: its ids are no more. */
void mi_route_stmts_lost(struct mi_backend *back);
void mi_route_stmts_free(struct mi_route_session *session);

/* Where the block of types is in a COM_STMT_EXECUTE, whose packet header is here whole and part of
 * *at. Bytes behind the packet are not looked at. */
enum mi_route_types {
	MI_TYPES_SHORT, /* more of the packet is needed */
	MI_TYPES_NONE, /* the client sent none: insert them at *at (after setting the flag there) */
	MI_TYPES_GIVEN, /* *len bytes at *at */
	MI_TYPES_NO_PARAMS,
	MI_TYPES_BAD,
};
enum mi_route_types mi_route_stmt_types(const struct mi_route_stmt *stmt, struct mi_span packet,
                                        uint64_t caps, size_t *at, size_t *len);
void mi_route_stmt_keep_types(struct mi_route_stmt *stmt, struct mi_span types);

#endif
