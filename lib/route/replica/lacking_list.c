#include "route/replica/lacking_list.h"
#include "base/buf.h"
#include "base/set.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* A kind of statements. The 64 bits of its digest's hash stand for it: where two kinds have the
 * same, one of them is not asked about. */
struct seen {
	uint64_t key;
	uint64_t count;
	size_t first; /* its first entry's number + 1; 0: none */
};

struct entry {
	uint64_t key; /* entries of one kind lie side by side */
	uint64_t count;
	unsigned error;
	char *what, *digest;
};

struct mi_lacking_list {
	/* ms: so many statements were looked at as would be in this time; see _takes */
	atomic_uint_fast64_t due;
	pthread_mutex_t lock; /* of the rest */
	struct seen *seen;
	size_t seen_count;
	struct mi_set set; /* of seen, by key */
	struct entry *entries;
	size_t count;
};

struct mi_lacking_list *mi_lacking_list_new(void)
{
	struct mi_lacking_list *list = mi_alloc(sizeof *list);

	(void)pthread_mutex_init(&list->lock, NULL);
	return list;
}

void mi_lacking_list_free(struct mi_lacking_list *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->count; i++) {
		free(list->entries[i].what);
		free(list->entries[i].digest);
	}
	free(list->entries);
	free(list->seen);
	mi_set_release(&list->set);
	(void)pthread_mutex_destroy(&list->lock);
	free(list);
}

/* A token bucket in one number: each statement that is looked at takes the time that lies between
 * two at full rate, and that time may begin a second ago. Threads that look at the same moment may
 * take one statement less. */
bool mi_lacking_list_takes(struct mi_lacking_list *list, uint64_t now)
{
	enum { EACH_MS = 1000 / MI_LACKING_PER_SECOND, BURST_MS = 1000 };
	uint64_t due = atomic_load_explicit(&list->due, memory_order_relaxed);
	uint64_t begin = now > BURST_MS && due < now - BURST_MS ? now - BURST_MS : due;

	return begin < now &&
	       atomic_compare_exchange_strong_explicit(&list->due, &due, begin + EACH_MS,
	                                               memory_order_relaxed, memory_order_relaxed);
}

/* ---- Kinds ---- */

struct wanted {
	const struct seen *seen;
	uint64_t key;
};

static bool is_wanted(const void *user, size_t item)
{
	const struct wanted *wanted = user;

	return wanted->seen[item].key == wanted->key;
}

static struct seen *find_seen(struct mi_lacking_list *list, uint64_t key)
{
	const struct wanted wanted = {list->seen, key};
	size_t at = mi_set_find(&list->set, key, is_wanted, &wanted);

	return at == MI_SET_NONE ? NULL : &list->seen[at];
}

static struct seen *remember(struct mi_lacking_list *list, uint64_t key)
{
	struct wanted wanted = {list->seen, key};
	struct seen *seen;

	if (list->seen_count == MI_LACKING_SEEN) {
		list->seen_count = 0;
		mi_set_clear(&list->set);
	}
	(void)mi_set_put(&list->set, key, is_wanted, &wanted, list->seen_count);
	if (!list->seen)
		list->seen = mi_realloc_array(NULL, MI_LACKING_SEEN, sizeof *seen);
	seen = &list->seen[list->seen_count++];
	*seen = (struct seen){.key = key};
	return seen;
}

/* The number + 1 of the first entry of that kind. */
static size_t find_entry(const struct mi_lacking_list *list, uint64_t key)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->entries[i].key == key)
			return i + 1;
	return 0;
}

static void count_one(struct mi_lacking_list *list, struct seen *seen)
{
	seen->count++;
	for (size_t i = seen->first; i && i <= list->count && list->entries[i - 1].key == seen->key;
	     i++)
		list->entries[i - 1].count++;
}

bool mi_lacking_list_sees(struct mi_lacking_list *list, struct mi_span digest, bool wanted,
                          uint64_t *key)
{
	bool is_new = false;
	struct seen *seen;

	*key = mi_set_hash(MI_SET_HASH, digest);
	(void)pthread_mutex_lock(&list->lock);
	seen = find_seen(list, *key);
	if (!seen && (wanted || find_entry(list, *key))) {
		seen = remember(list, *key);
		seen->first = find_entry(list, *key);
		is_new = !seen->first;
	}
	if (seen)
		count_one(list, seen);
	(void)pthread_mutex_unlock(&list->lock);
	return is_new;
}

/* ---- Entries ---- */

static bool is_listed(const struct mi_lacking_list *list, uint64_t key, unsigned error,
                      struct mi_span what)
{
	for (size_t i = find_entry(list, key); i && i <= list->count; i++)
		if (list->entries[i - 1].key == key && list->entries[i - 1].error == error &&
		    mi_span_is(what, list->entries[i - 1].what))
			return true;
	return false;
}

void mi_lacking_list_add(struct mi_lacking_list *list, uint64_t key, unsigned error,
                         struct mi_span what, struct mi_span digest)
{
	struct entry *entry;
	struct seen *seen;

	(void)pthread_mutex_lock(&list->lock);
	if (list->count < MI_LACKING_LISTED && !is_listed(list, key, error, what)) {
		seen = find_seen(list, key);
		entry = mi_array_add(&list->entries, &list->count, sizeof *entry);
		*entry = (struct entry){.key = key,
		                        .count = seen ? seen->count : 1,
		                        .error = error,
		                        .what = mi_strndup(what.data ? what.data : "", what.len),
		                        .digest =
		                            mi_strndup(digest.data ? digest.data : "", digest.len)};
		if (seen && !seen->first)
			seen->first = list->count;
	}
	(void)pthread_mutex_unlock(&list->lock);
}

size_t mi_lacking_list_count(struct mi_lacking_list *list)
{
	size_t count;

	(void)pthread_mutex_lock(&list->lock);
	count = list->count;
	(void)pthread_mutex_unlock(&list->lock);
	return count;
}

/* Entries that are as frequent stay in the order in which they were found: their addresses' order.
 */
static int by_count(const void *a, const void *b)
{
	const struct entry *left = *(const struct entry *const *)a;
	const struct entry *right = *(const struct entry *const *)b;

	if (left->count != right->count)
		return left->count < right->count ? 1 : -1;
	return left < right ? -1 : 1;
}

void mi_lacking_list_print(struct mi_lacking_list *list, struct mi_buf *text)
{
	const struct entry **sorted;

	(void)pthread_mutex_lock(&list->lock);
	sorted = mi_realloc_array(NULL, list->count + 1, sizeof(void *));
	for (size_t i = 0; i < list->count; i++)
		sorted[i] = &list->entries[i];
	qsort(sorted, list->count, sizeof(void *), by_count);
	for (size_t i = 0; i < list->count; i++)
		mi_buf_addf(text, "%llu %u %s %s\n", (unsigned long long)sorted[i]->count,
		            sorted[i]->error, *sorted[i]->what ? sorted[i]->what : "-",
		            sorted[i]->digest);
	(void)pthread_mutex_unlock(&list->lock);
	free(sorted);
}
