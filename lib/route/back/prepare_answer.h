/* Answers to the router's own commands on a back-end session (route/back/prepare.h). Clients
 * never see them. */
#ifndef MI_ROUTE_BACK_PREPARE_ANSWER_H
#define MI_ROUTE_BACK_PREPARE_ANSWER_H

#include "base/buf.h"

struct mi_backend;

/* Takes bytes of an answer: back is in PREPARE. At its end the next command is sent, or the session
 * is told that back is ready; a refusal ends in a back end that is not chosen any more, an ERR for
 * the waiting command, or the session's end. Back end and session may be closed after the call. */
void mi_prepare_feed(struct mi_backend *back, struct mi_span data);

#endif
