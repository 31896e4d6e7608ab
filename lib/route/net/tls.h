/* TLS towards clients. (TLS towards servers is in server/tls_files.h.) */
#ifndef MI_ROUTE_NET_TLS_H
#define MI_ROUTE_NET_TLS_H

#include "base/err.h"

#include <openssl/ssl.h>

/* A context with the router's certificate and key (in one file when key is NULL). ca may be NULL;
 * else a client that shows a certificate must show one that ca has signed. MI_CONFIG: a file cannot
 * be used. The caller frees *ctx. */
MI_MUST int mi_route_tls_open(SSL_CTX **ctx, const char *cert, const char *key, const char *ca,
                              struct mi_err *err);

/* A connection with the server's role, for mi_channel_start_tls; NULL when OpenSSL has no memory.
 */
SSL *mi_route_tls_accept(SSL_CTX *ctx);

#endif
