/* Rows with an ENUM's error value (number 0, shown as ''). Strict mode refuses that value in every
 * statement, so these rows are collected apart and inserted in a session without strict mode. That
 * only this value was let through is proved by the number of warnings and by reading the rows
 * back. */
#ifndef MI_LOAD_ENUM_ZERO_H
#define MI_LOAD_ENUM_ZERO_H

#include "base/buf.h"
#include "base/err.h"
#include "load/feed.h"

#include <stdbool.h>

/* Adds a row to those that wait in feed->odd. A value that is none of its column's is MI_DATA. */
MI_MUST int mi_enum_zero_add(struct mi_feed *feed, const struct mi_span *values,
                             struct mi_err *err);
/* True when no more rows should be added before a flush: 64 rows or 1 MiB of SQL. */
bool mi_enum_zero_is_full(const struct mi_enum_zero_rows *odd);

/* Inserts the waiting rows within feed's transaction, checks them, and empties feed->odd. Harmless
 * when none wait. MI_DATA when a check fails. After a failure the link is closed. */
MI_MUST int mi_enum_zero_flush(struct mi_feed *feed, struct mi_err *err);

#endif
