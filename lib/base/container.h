/* From a member to the structure around it, for callbacks that are given the member. */
#ifndef MI_BASE_CONTAINER_H
#define MI_BASE_CONTAINER_H

#include <stddef.h>

/* The struct type (its name in full, "struct mi_peer") whose member (a path: "channel.watch") ptr
 * points to. */
#define mi_container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#endif
