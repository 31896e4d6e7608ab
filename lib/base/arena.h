/* Memory that is given out piece by piece and taken back all at once: what belongs to one batch of
 * work is allocated here, and nothing of it is freed by itself. */
#ifndef MI_BASE_ARENA_H
#define MI_BASE_ARENA_H

#include "base/buf.h"

struct mi_arena_block;

/* {0} is an empty arena. */
struct mi_arena {
	struct mi_arena_block *blocks; /* the newest first */
	size_t bytes;                  /* taken from the system: what the arena costs */
};

/* Uninitialised memory, aligned for pointers. Out of memory ends the process as in mi_buf. */
void *mi_arena_alloc(struct mi_arena *arena, size_t size);

/* Copies with a NUL behind. The second keeps NULL data NULL. */
char *mi_arena_text(struct mi_arena *arena, const char *text);
struct mi_span mi_arena_copy(struct mi_arena *arena, struct mi_span bytes);

/* Frees all of it; the arena is empty and good for more. */
void mi_arena_release(struct mi_arena *arena);

#endif
