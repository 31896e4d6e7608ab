#include "apply/inbox.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "change/bundle.h"

#include <pthread.h>
#include <stdlib.h>

struct mi_inbox {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct mi_bundle *first, *last;
	size_t bytes, limit; /* bytes: of bundles that were put and are not done */
	bool closed, refused;
	struct mi_err err; /* why it was closed; code 0: the input is complete */
};

struct mi_inbox *mi_inbox_new(size_t bytes)
{
	struct mi_inbox *inbox = mi_alloc(sizeof *inbox);

	inbox->limit = bytes;
	(void)pthread_mutex_init(&inbox->lock, NULL);
	mi_cond_init(&inbox->changed);
	return inbox;
}

void mi_inbox_free(struct mi_inbox *inbox)
{
	if (!inbox)
		return;
	while (inbox->first) {
		struct mi_bundle *next = inbox->first->next;

		mi_bundle_free(inbox->first);
		inbox->first = next;
	}
	(void)pthread_cond_destroy(&inbox->changed);
	(void)pthread_mutex_destroy(&inbox->lock);
	free(inbox);
}

bool mi_inbox_put(struct mi_inbox *inbox, struct mi_bundle *bundle)
{
	size_t bytes = mi_bundle_bytes(bundle);
	bool taken;

	(void)pthread_mutex_lock(&inbox->lock);
	while (!inbox->refused && inbox->bytes > 0 && inbox->bytes + bytes > inbox->limit)
		(void)pthread_cond_wait(&inbox->changed, &inbox->lock);
	taken = !inbox->refused;
	if (taken) {
		if (inbox->last)
			inbox->last->next = bundle;
		else
			inbox->first = bundle;
		inbox->last = bundle;
		inbox->bytes += bytes;
		(void)pthread_cond_broadcast(&inbox->changed);
	}
	(void)pthread_mutex_unlock(&inbox->lock);
	if (!taken)
		mi_bundle_free(bundle);
	return taken;
}

bool mi_inbox_wait_done(struct mi_inbox *inbox)
{
	bool refused;

	(void)pthread_mutex_lock(&inbox->lock);
	while (!inbox->refused && inbox->bytes > 0)
		(void)pthread_cond_wait(&inbox->changed, &inbox->lock);
	refused = inbox->refused;
	(void)pthread_mutex_unlock(&inbox->lock);
	return !refused;
}

void mi_inbox_close(struct mi_inbox *inbox, const struct mi_err *err)
{
	(void)pthread_mutex_lock(&inbox->lock);
	inbox->closed = true;
	if (err)
		inbox->err = *err;
	(void)pthread_cond_broadcast(&inbox->changed);
	(void)pthread_mutex_unlock(&inbox->lock);
}

struct mi_bundle *mi_inbox_take(struct mi_inbox *inbox, int wait_ms)
{
	uint64_t until = mi_now_ms() + (wait_ms < 0 ? 0 : (uint64_t)wait_ms);
	struct mi_bundle *bundle;
	bool in_time = true;

	(void)pthread_mutex_lock(&inbox->lock);
	while (!inbox->first && !inbox->closed && wait_ms != 0 && in_time) {
		if (wait_ms < 0)
			(void)pthread_cond_wait(&inbox->changed, &inbox->lock);
		else
			in_time = mi_cond_wait_until(&inbox->changed, &inbox->lock, until);
	}
	bundle = inbox->first;
	if (bundle) {
		inbox->first = bundle->next;
		if (!inbox->first)
			inbox->last = NULL;
		bundle->next = NULL;
	}
	(void)pthread_mutex_unlock(&inbox->lock);
	return bundle;
}

bool mi_inbox_ended(struct mi_inbox *inbox, struct mi_err *err)
{
	bool ended;

	(void)pthread_mutex_lock(&inbox->lock);
	ended = inbox->closed && !inbox->first;
	if (ended)
		*err = inbox->err;
	(void)pthread_mutex_unlock(&inbox->lock);
	return ended;
}

void mi_inbox_done(struct mi_inbox *inbox, struct mi_bundle *bundle)
{
	size_t bytes = mi_bundle_bytes(bundle);

	mi_bundle_free(bundle);
	(void)pthread_mutex_lock(&inbox->lock);
	inbox->bytes -= bytes;
	(void)pthread_cond_broadcast(&inbox->changed);
	(void)pthread_mutex_unlock(&inbox->lock);
}

void mi_inbox_refuse(struct mi_inbox *inbox)
{
	(void)pthread_mutex_lock(&inbox->lock);
	inbox->refused = true;
	(void)pthread_cond_broadcast(&inbox->changed);
	(void)pthread_mutex_unlock(&inbox->lock);
}
