/* AUTO_INCREMENT counters of the imported tables: read at the old writer, and raised at the new one
 * before its first write, which must give no number that the old one has given. */
#ifndef MI_FENCE_COUNTERS_H
#define MI_FENCE_COUNTERS_H

#include "base/err.h"
#include "fence/fence.h"

#include <stdint.h>

/* Calls tell for each table whose counter has passed the value that tell was last given for it (at
 * first: any value), with the counter plus headroom: the smaller of 10,000 and a hundredth of the
 * column's range. */
MI_MUST int mi_fence_counters(struct mi_fence *fence, mi_fence_counter *tell, void *user,
                              struct mi_err *err);

/* Raises a table's counter to value, unless it is as high already. db is the database's name here.
 * MI_CONFIG: no such table is imported. MI_AGAIN: the table could not be had within a second. */
MI_MUST int mi_fence_raise(struct mi_fence *fence, const char *db, const char *table,
                           uint64_t value, struct mi_err *err);

#endif
