#include "base/arena.h"
#include "base/buf.h"

#include <stdlib.h>

/* Blocks grow with the arena, so that a small one costs little and a large one few calls. They stay
 * below malloc's threshold for mappings of their own. */
enum { FIRST_BLOCK = 2 << 10, LARGEST_BLOCK = 64 << 10, ALIGN = sizeof(void *) };

struct mi_arena_block {
	struct mi_arena_block *next;
	size_t used, room; /* of the bytes behind this header */
};

static struct mi_arena_block *add_block(struct mi_arena *arena, size_t size)
{
	size_t room = arena->bytes < FIRST_BLOCK ? FIRST_BLOCK : arena->bytes;
	struct mi_arena_block *block;

	if (room > LARGEST_BLOCK)
		room = LARGEST_BLOCK;
	if (room < size)
		room = size;
	block = mi_realloc(NULL, sizeof *block + room);
	*block = (struct mi_arena_block){.next = arena->blocks, .room = room};
	arena->bytes += sizeof *block + room;
	arena->blocks = block;
	return block;
}

void *mi_arena_alloc(struct mi_arena *arena, size_t size)
{
	struct mi_arena_block *block = arena->blocks;
	char *at;

	size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (!block || block->room - block->used < size)
		block = add_block(arena, size);
	at = (char *)(block + 1) + block->used;
	block->used += size;
	return at;
}

struct mi_span mi_arena_copy(struct mi_arena *arena, struct mi_span bytes)
{
	char *copy;

	if (!bytes.data)
		return bytes;
	copy = mi_arena_alloc(arena, bytes.len + 1);
	memcpy(copy, bytes.data, bytes.len);
	copy[bytes.len] = '\0';
	return mi_span(copy, bytes.len);
}

char *mi_arena_text(struct mi_arena *arena, const char *text)
{
	size_t len = strlen(text);

	return memcpy(mi_arena_alloc(arena, len + 1), text, len + 1);
}

void mi_arena_release(struct mi_arena *arena)
{
	while (arena->blocks) {
		struct mi_arena_block *next = arena->blocks->next;

		free(arena->blocks);
		arena->blocks = next;
	}
	arena->bytes = 0;
}
