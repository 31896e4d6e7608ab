/* The TLS part of the connection options, as settings of OpenSSL. */
#ifndef MI_SERVER_TLS_FILES_H
#define MI_SERVER_TLS_FILES_H

#include "base/err.h"
#include "server/conn.h"
#include "server/options.h"

#include <openssl/ssl.h>
#include <stdbool.h>

/* Where a kind of the system's authorities is: what the environment's variable says, else path. */
const char *mi_tls_authorities_at(const char *variable, const char *path);

/* From now on whoever asks OpenSSL for the system's authorities gets none, but for
 * mi_tls_files_ctx, which knows where they are. It changes the environment (SSL_CERT_FILE,
 * SSL_CERT_DIR): once, while there is one thread. MI_AGAIN: out of memory. */
MI_MUST int mi_tls_hide_authorities(struct mi_err *err);

/* A context for connections to a server: authorities, client certificate and key, and verification
 * as mode asks. A file that cannot be used is MI_CONFIG. Free with SSL_CTX_free. */
MI_MUST int mi_tls_files_ctx(const struct mi_conn_options *options, enum mi_tls mode, SSL_CTX **ctx,
                             struct mi_err *err);

/* A client's SSL object of ctx: with SNI when ssl-server-name is set and no IP address, and with
 * VERIFY_IDENTITY the name to expect (ssl-server-name, else host). A name that cannot be one is
 * MI_CONFIG. Free with SSL_free. */
MI_MUST int mi_tls_files_ssl(SSL_CTX *ctx, const struct mi_conn_options *options,
                             const struct mi_conn_place *place, enum mi_tls mode, SSL **ssl,
                             struct mi_err *err);

/* The first reason in this thread's queue of OpenSSL errors, which is then emptied; if there is
 * none, that the connection was closed. Constant text, or strerror's. */
const char *mi_tls_reason(void);

/* True when text is an IP address: certificates name those in another way than hosts, and SNI
 * carries none. */
bool mi_tls_is_address(const char *text);

#endif
