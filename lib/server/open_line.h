/* Keeps the client library from showing a password on an open line: TCP without TLS. There a
 * server, or whoever answers in its place, could ask for the password in clear, or encrypted with a
 * key of its own. The libraries' authentication plugins that would comply are wrapped: over TLS and
 * Unix sockets they work as before; on an open line the password is encrypted with the key that the
 * user has given, or not sent.
 *
 * Source: "Client Authentication Plugins" of MySQL's manual (struct st_mysql_client_plugin_...),
 * which both libraries follow; the exchanges are those of route/auth/auth.h, and
 * "sha256_password" of MySQL's protocol documentation. */
#ifndef MI_SERVER_OPEN_LINE_H
#define MI_SERVER_OPEN_LINE_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

/* Wraps the plugins. Once, after the library's own initialisation and before other threads.
 * MI_AGAIN: out of memory. */
MI_MUST int mi_open_line_guard(struct mi_err *err);

/* Before a login of this thread: the server's public key in PEM, or {0}. It must live until the
 * login is over. */
void mi_open_line_begin(struct mi_span key);
/* After it: was the password asked for on an open line, and not sent? */
bool mi_open_line_refused(void);

#endif
