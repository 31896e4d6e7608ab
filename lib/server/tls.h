/* Logging in under an ssl-mode: what the modes ask for beyond what a client library does by itself.
 * Two implementations, one per client library: server/tls_connector_c.c and server/tls_oracle.c. */
#ifndef MI_SERVER_TLS_H
#define MI_SERVER_TLS_H

#include "base/err.h"
#include "server/conn.h"
#include "server/options.h"

#include <stdbool.h>

/* Prepares the library for mi_tls_connect. Once, from the program's first thread, while it has no
 * other: it may change the environment. */
MI_MUST int mi_tls_init(struct mi_err *err);

/* Connects conn->mysql (initialised, its other options set) and logs in, never to a server that
 * mode forbids: nothing of the login is sent before the certificate has been checked. A certificate
 * that mode refuses, and a combination of mode and options that this client library cannot keep,
 * are MI_CONFIG; other failures as in mi_conn_explain_number. Safe from several threads. */
MI_MUST int mi_tls_connect(struct mi_conn *conn, enum mi_tls mode,
                           const struct mi_conn_place *place, struct mi_err *err);

/* What a logged-in connection's bytes go through beneath the client library: *ssl is OpenSSL's
 * handle (struct ssl_st is SSL), still the library's; NULL: the bytes go plain. False: they go
 * through TLS, and the library does not show its handle. */
struct ssl_st;
bool mi_tls_beneath(const struct mi_conn *conn, struct ssl_st **ssl);

#endif
