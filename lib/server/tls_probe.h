/* A connection to a server made with OpenSSL, to verify its certificate as the ssl-modes say and to
 * learn the certificate's fingerprints. For client libraries that cannot verify so themselves, but
 * can be told to accept one certificate alone, and for saying why a certificate was refused. */
#ifndef MI_SERVER_TLS_PROBE_H
#define MI_SERVER_TLS_PROBE_H

#include "base/err.h"
#include "server/conn.h"
#include "server/options.h"

/* Fingerprints of the server's certificate, in upper-case hexadecimal. */
struct mi_tls_seen {
	char sha1[41];
	char sha256[65];
};

/* Connects, reads the greeting, does the TLS handshake as mode and options ask (chain from
 * VERIFY_CA on; with VERIFY_IDENTITY the name, ssl-server-name, else host; SNI when ssl-server-name
 * is set) and hangs up without logging in. A certificate that mode refuses, a server without TLS
 * and an unusable certificate file are MI_CONFIG; a server that cannot be reached or breaks off
 * MI_UNAVAILABLE; one that sends no greeting of MySQL's MI_PROTOCOL. */
MI_MUST int mi_tls_probe(const struct mi_conn_options *options, const struct mi_conn_place *place,
                         enum mi_tls mode, struct mi_tls_seen *seen, struct mi_err *err);

#endif
