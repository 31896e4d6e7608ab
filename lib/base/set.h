/* A set of items that the caller keeps in an array of its own and numbers from 0: finds an item's
 * number by a hash of the item's key. Open addressing; a slot keeps the hash's low half
 * beside the number, so that neither searching past others nor growing touches the items. */
#ifndef MI_BASE_SET_H
#define MI_BASE_SET_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* {0} is empty, and good. */
struct mi_set {
	uint64_t *slots; /* the low half of the hash, and the number + 1; 0: free */
	size_t room;     /* a power of two, or 0; at most half of it is taken */
	size_t count;
};

enum { MI_SET_FIRST_ROOM = 64 };
#define MI_SET_NONE SIZE_MAX

/* Is the item of this number the one that is looked for? Called when the hashes agree. */
typedef bool mi_set_is_fn(const void *user, size_t item);

/* FNV-1a, 64 bits, good for the functions below; hash begins as MI_SET_HASH. */
#define MI_SET_HASH UINT64_C(0xcbf29ce484222325)
static inline uint64_t mi_set_hash(uint64_t hash, struct mi_span bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		hash = (hash ^ (unsigned char)bytes.data[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* Makes room for so many items in all, so that no put has to grow. */
void mi_set_reserve(struct mi_set *set, size_t items);

/* Both empty the set: _clear keeps the memory for the next use, _release frees it. */
void mi_set_clear(struct mi_set *set);
void mi_set_release(struct mi_set *set);

/* Searching is inline for the sake of what is compared: a batch of changes looks for each row. */

static inline uint64_t mi_set_slot(uint64_t hash, size_t item)
{
	return hash << 32 | (uint32_t)(item + 1);
}

/* The place of the item, or the free place where it belongs. */
static inline size_t mi_set_place(const struct mi_set *set, uint64_t slot, mi_set_is_fn *is,
                                  const void *user)
{
	size_t at = (size_t)(slot >> 32) & (set->room - 1);

	for (; set->slots[at]; at = (at + 1) & (set->room - 1))
		if (set->slots[at] >> 32 == slot >> 32 &&
		    is(user, (size_t)(uint32_t)set->slots[at] - 1))
			break;
	return at;
}

/* The number of the item; MI_SET_NONE when the set has none. */
static inline size_t mi_set_find(const struct mi_set *set, uint64_t hash, mi_set_is_fn *is,
                                 const void *user)
{
	uint64_t slot = 0;

	if (set->room)
		slot = set->slots[mi_set_place(set, mi_set_slot(hash, 0), is, user)];
	return slot ? (size_t)(uint32_t)slot - 1 : MI_SET_NONE;
}

/* As mi_set_find, but an item that is not there is put in under the number item (below 2^32 - 1),
 * which is returned then. */
static inline size_t mi_set_put(struct mi_set *set, uint64_t hash, mi_set_is_fn *is,
                                const void *user, size_t item)
{
	uint64_t slot = mi_set_slot(hash, item);
	size_t at;

	if (2 * (set->count + 1) > set->room)
		mi_set_reserve(set, set->count + 1);
	at = mi_set_place(set, slot, is, user);
	if (set->slots[at])
		return (size_t)(uint32_t)set->slots[at] - 1;
	set->slots[at] = slot;
	set->count++;
	return item;
}

#endif
