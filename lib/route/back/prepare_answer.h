/* Answers to the router's own commands on a back-end session (route/back/prepare.h). Clients
 * never see them. */
#ifndef MI_ROUTE_BACK_PREPARE_ANSWER_H
#define MI_ROUTE_BACK_PREPARE_ANSWER_H

#include "base/buf.h"

struct mi_backend;

/* back is in PREPARE: takes bytes of an answer. At its end the next command is sent, or the session
 * is told that back is ready. When the server refuses the command, the side is not chosen any more,
 * the waiting command gets an ERR, or the session ends. After the call back may be NONE and the
 * session CLOSED. */
void mi_prepare_feed(struct mi_backend *back, struct mi_span data);

#endif
