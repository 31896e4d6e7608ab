/* The list of statements that the target lacks something for, and what keeps it cheap: only some
 * statements are looked at, and each kind of them, told by its digest, is asked about once. Of
 * statements it keeps their digests alone, and those of the listed ones only. All functions may be
 * called from any thread. Memory is bounded: about 3 MiB. */
#ifndef MI_ROUTE_REPLICA_LACKING_LIST_H
#define MI_ROUTE_REPLICA_LACKING_LIST_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	MI_LACKING_PER_SECOND = 1000, /* statements looked at, and as many at once after a pause */
	MI_LACKING_SEEN = 48 << 10,   /* kinds of statements that are remembered */
	MI_LACKING_LISTED = 1000,     /* entries; further ones are left out */
};

struct mi_lacking_list;

struct mi_lacking_list *mi_lacking_list_new(void); /* empty */
void mi_lacking_list_free(struct mi_lacking_list *list);

/* Is a statement looked at now? Costs next to nothing, also where most are not. now: mi_loop_now.
 */
bool mi_lacking_list_takes(struct mi_lacking_list *list, uint64_t now);

/* A statement with this digest was looked at; it is counted, *key is its kind. True: it is the
 * first of its kind, so the servers are to be asked about it. wanted: there is room for one more to
 * be asked about; if not, a new kind is not remembered, and is new again the next time. When
 * MI_LACKING_SEEN kinds are remembered, all but the listed ones are forgotten. */
bool mi_lacking_list_sees(struct mi_lacking_list *list, struct mi_span digest, bool wanted,
                          uint64_t *key);

/* What was found of that kind: the error that the target gives, and the function or word that it
 * does not know; empty: not known. Calls for one kind must follow each other. What is listed
 * already is not listed twice. */
void mi_lacking_list_add(struct mi_lacking_list *list, uint64_t key, unsigned error,
                         struct mi_span what, struct mi_span digest);

/* How many entries there are. */
size_t mi_lacking_list_count(struct mi_lacking_list *list);

/* Appends a line for each entry, the most frequent first: count, error, what or -, digest. */
void mi_lacking_list_print(struct mi_lacking_list *list, struct mi_buf *text);

#endif
