/* A look at a server's TLS with OpenSSL, before the client library logs in: for client libraries
 * that cannot verify as the ssl-modes say, but can be held to one certificate. */
#ifndef MI_SERVER_TLS_PROBE_H
#define MI_SERVER_TLS_PROBE_H

#include "base/err.h"
#include "server/conn.h"
#include "server/options.h"

/* Fingerprints of the server's certificate, in hexadecimal. */
struct mi_tls_seen {
	char sha1[41];
	char sha256[65];
};

/* Connects, reads the greeting, does the TLS handshake as mode and options ask (chain from
 * VERIFY_CA on; the name ssl-server-name, else host, with VERIFY_IDENTITY; SNI when ssl-server-name
 * is set) and hangs up without logging in. A certificate that mode refuses, a server without TLS or
 * an unusable certificate file is MI_CONFIG; a server that cannot be reached MI_UNAVAILABLE. */
MI_MUST int mi_tls_probe(const struct mi_conn_options *options, const struct mi_conn_place *place,
                         enum mi_tls mode, struct mi_tls_seen *seen, struct mi_err *err);

#endif
