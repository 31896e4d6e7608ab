/* TLS towards clients. (Towards servers: server/tls_files.h.) */
#ifndef MI_ROUTE_NET_TLS_H
#define MI_ROUTE_NET_TLS_H

#include "base/err.h"

#include <openssl/ssl.h>

/* A context with the router's certificate and key (in one file when key is NULL). With ca, a client
 * that shows a certificate must show one that it signed. MI_CONFIG when a file cannot be used. */
MI_MUST int mi_route_tls_open(SSL_CTX **ctx, const char *cert, const char *key, const char *ca,
                              struct mi_err *err);

/* The server's end of one connection; NULL when OpenSSL has no memory. */
SSL *mi_route_tls_accept(SSL_CTX *ctx);

#endif
