/* AUTO_INCREMENT counters of the imported tables: told at the old writer, raised at the new one
 * before its first write. */
#ifndef MI_FENCE_COUNTERS_H
#define MI_FENCE_COUNTERS_H

#include "base/err.h"
#include "fence/fence.h"

#include <stdint.h>

/* Tells of each table whose counter has passed what was told before: the counter plus headroom,
 * which is the least of 10,000 and a hundredth of the column's range. */
MI_MUST int mi_fence_counters(struct mi_fence *fence, mi_fence_counter *tell, void *user,
                              struct mi_err *err);

/* Raises a table's counter to value unless it is there already. Waits a second for the table at
 * most: MI_AGAIN. */
MI_MUST int mi_fence_raise(struct mi_fence *fence, const char *db, const char *table,
                           uint64_t value, struct mi_err *err);

#endif
