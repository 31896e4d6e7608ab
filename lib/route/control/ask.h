/* mi-route --tell: says one line to a router's control socket and prints what it answers. */
#ifndef MI_ROUTE_CONTROL_ASK_H
#define MI_ROUTE_CONTROL_ASK_H

#include "base/err.h"

/* Prints the answer's lines to standard output, each as it comes. Returns the exit code of the last
 * line: 0 for ok, or the error's, with err filled. For a hold it prints "held TOKEN EPOCH", stays
 * until standard input ends (0: the hold ends with the connection), or until the router says how
 * the hold ended. No router there is MI_UNAVAILABLE, as is one that goes away. */
int mi_control_ask(const char *path, int count, char *const *words, struct mi_err *err);

#endif
