#include "route/net/resumption.h"
#include "base/buf.h"

#include <pthread.h>
#include <stdlib.h>

struct mi_route_resumption {
	SSL_CTX *ctx;
	pthread_mutex_t lock;
	SSL_SESSION *newest; /* under lock; NULL: none yet */
};

/* OpenSSL's: 1 takes the session over. */
static int keep(SSL *ssl, SSL_SESSION *session)
{
	struct mi_route_resumption *resumption = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	SSL_SESSION *before;

	if (!resumption)
		return 0;
	(void)pthread_mutex_lock(&resumption->lock);
	before = resumption->newest;
	resumption->newest = session;
	(void)pthread_mutex_unlock(&resumption->lock);
	SSL_SESSION_free(before);
	return 1;
}

struct mi_route_resumption *mi_route_resumption_new(SSL_CTX *ctx)
{
	struct mi_route_resumption *new = mi_alloc(sizeof *new);

	(void)pthread_mutex_init(&new->lock, NULL);
	new->ctx = ctx;
	(void)SSL_CTX_set_app_data(ctx, new);
	(void)SSL_CTX_set_session_cache_mode(ctx,
	                                     SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, keep);
	return new;
}

void mi_route_resumption_free(struct mi_route_resumption *resumption)
{
	if (!resumption)
		return;
	(void)SSL_CTX_set_app_data(resumption->ctx, NULL);
	SSL_SESSION_free(resumption->newest);
	(void)pthread_mutex_destroy(&resumption->lock);
	free(resumption);
}

void mi_route_resumption_offer(struct mi_route_resumption *resumption, SSL *ssl)
{
	SSL_SESSION *session;

	(void)pthread_mutex_lock(&resumption->lock);
	session = resumption->newest;
	if (session)
		(void)SSL_SESSION_up_ref(session);
	(void)pthread_mutex_unlock(&resumption->lock);
	if (!session)
		return;
	(void)SSL_set_session(ssl, session);
	SSL_SESSION_free(session);
}
