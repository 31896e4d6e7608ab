/* TLS sessions with one server, kept so that the next connection need not do a whole handshake: the
 * newest, for all loops. A resumed session is as verified as the one that it resumes, which had the
 * same context and the same name. */
#ifndef MI_ROUTE_NET_RESUMPTION_H
#define MI_ROUTE_NET_RESUMPTION_H

#include <openssl/ssl.h>

struct mi_route_resumption;

/* From now on the sessions of connections made with ctx are kept. The caller frees the result after
 * all of these connections, before ctx. */
struct mi_route_resumption *mi_route_resumption_new(SSL_CTX *ctx);
void mi_route_resumption_free(struct mi_route_resumption *resumption); /* harmless on NULL */

/* ssl, a connection of ctx before its handshake, asks to resume what is kept, if anything is. */
void mi_route_resumption_offer(struct mi_route_resumption *resumption, SSL *ssl);

#endif
