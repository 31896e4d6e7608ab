#include "base/set.h"
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

static void grow(struct mi_set *set, size_t room)
{
	uint64_t *old = set->slots;
	size_t old_room = set->room;

	set->room = room;
	set->slots = mi_alloc(room * sizeof *set->slots);
	for (size_t i = 0; i < old_room; i++) {
		size_t at = (size_t)(old[i] >> 32) & (room - 1);

		if (!old[i])
			continue;
		while (set->slots[at])
			at = (at + 1) & (room - 1);
		set->slots[at] = old[i];
	}
	free(old);
}

void mi_set_reserve(struct mi_set *set, size_t items)
{
	size_t room = MI_SET_FIRST_ROOM;

	if (2 * items <= set->room)
		return;
	while (room < 2 * items)
		room *= 2;
	grow(set, room);
}

void mi_set_clear(struct mi_set *set)
{
	if (set->count)
		memset(set->slots, 0, set->room * sizeof *set->slots);
	set->count = 0;
}

void mi_set_release(struct mi_set *set)
{
	free(set->slots);
	*set = (struct mi_set){0};
}
