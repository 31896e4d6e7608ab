#include "route/replica/incompatible.h"
#include "base/buf.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { LISTED_MAX = 1000 };

struct entry {
	uint64_t count;
	unsigned code;
	bool refused;
	char *digest;
};

struct mi_route_incompatible {
	pthread_mutex_t lock;
	struct entry *entries; /* at most LISTED_MAX; further ones are only counted, in total */
	size_t count;
	atomic_uint_fast64_t total, last; /* last: ms, by mi_loop_now */
	atomic_bool refuses;
};

struct mi_route_incompatible *mi_route_incompatible_new(void)
{
	struct mi_route_incompatible *list = mi_alloc(sizeof *list);

	(void)pthread_mutex_init(&list->lock, NULL);
	return list;
}

void mi_route_incompatible_free(struct mi_route_incompatible *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->count; i++)
		free(list->entries[i].digest);
	free(list->entries);
	(void)pthread_mutex_destroy(&list->lock);
	free(list);
}

static struct entry *find(struct mi_route_incompatible *list, unsigned code, struct mi_span digest)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->entries[i].code == code && mi_span_is(digest, list->entries[i].digest))
			return &list->entries[i];
	return NULL;
}

void mi_route_incompatible_add(struct mi_route_incompatible *list, unsigned code,
                               struct mi_span digest, bool refused, uint64_t now)
{
	struct entry *entry;

	atomic_store(&list->last, now);
	atomic_fetch_add(&list->total, 1);
	(void)pthread_mutex_lock(&list->lock);
	entry = find(list, code, digest);
	if (!entry && list->count < LISTED_MAX) {
		entry = mi_array_add(&list->entries, &list->count, sizeof *entry);
		entry->code = code;
		entry->digest = mi_strndup(digest.data ? digest.data : "", digest.len);
		entry->refused = refused;
		if (refused)
			atomic_store(&list->refuses, true);
	}
	if (entry)
		entry->count++;
	(void)pthread_mutex_unlock(&list->lock);
}

bool mi_route_incompatible_refuses(struct mi_route_incompatible *list)
{
	return atomic_load_explicit(&list->refuses, memory_order_relaxed);
}

bool mi_route_incompatible_is_refused(struct mi_route_incompatible *list, struct mi_span digest)
{
	bool refused = false;

	(void)pthread_mutex_lock(&list->lock);
	for (size_t i = 0; i < list->count && !refused; i++)
		refused = list->entries[i].refused && mi_span_is(digest, list->entries[i].digest);
	(void)pthread_mutex_unlock(&list->lock);
	return refused;
}

uint64_t mi_route_incompatible_total(struct mi_route_incompatible *list)
{
	return atomic_load(&list->total);
}

uint64_t mi_route_incompatible_last(struct mi_route_incompatible *list)
{
	return atomic_load(&list->last);
}

static int by_count(const void *a, const void *b)
{
	uint64_t left = ((const struct entry *)a)->count, right = ((const struct entry *)b)->count;

	return left < right ? 1 : left > right ? -1 : 0;
}

void mi_route_incompatible_print(struct mi_route_incompatible *list, struct mi_buf *text)
{
	(void)pthread_mutex_lock(&list->lock);
	if (list->count)
		qsort(list->entries, list->count, sizeof *list->entries, by_count);
	for (size_t i = 0; i < list->count; i++)
		mi_buf_addf(text, "%llu %u %s\n", (unsigned long long)list->entries[i].count,
		            list->entries[i].code, list->entries[i].digest);
	(void)pthread_mutex_unlock(&list->lock);
}
