/* mi-route --tell: sends one line to a router's control socket and prints the answer. */
#ifndef MI_ROUTE_CONTROL_ASK_H
#define MI_ROUTE_CONTROL_ASK_H

#include "base/err.h"

/* Sends the words to the socket at path, and prints the answer's lines to standard output, each as
 * it comes. Returns the exit code of the last line: 0 for "ok", else the error's, with err filled.
 * After "held TOKEN EPOCH" it stays until the router says how the hold ended, or until standard
 * input ends: then it hangs up, which ends the hold, and returns 0. MI_UNAVAILABLE: no router is
 * there, or it went away. */
int mi_control_ask(const char *path, int count, char *const *words, struct mi_err *err);

#endif
