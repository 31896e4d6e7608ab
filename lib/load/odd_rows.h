/* Rows that LOAD DATA, or strict mode, cannot take: they are collected apart and inserted by
 * statements of their own. Two kinds: JSON that only an expression can write (sql/json_value.h),
 * and an ENUM's error value (number 0, shown as ''), which strict mode refuses in every statement:
 * such rows are inserted in a session without it, and that only this value was let through is
 * proved by the number of warnings and by reading the rows back. */
#ifndef MI_LOAD_ODD_ROWS_H
#define MI_LOAD_ODD_ROWS_H

#include "base/buf.h"
#include "base/err.h"
#include "load/feed.h"
#include "load/target.h"

#include <stdbool.h>

/* As mi_loadtext_check, naming the row, too. */
MI_MUST int mi_odd_rows_check(const struct mi_target *target, const struct mi_span *values,
                              struct mi_err *err);

/* Adds a row to those that wait in feed->odd. A value that is none of its column's is MI_DATA. */
MI_MUST int mi_odd_rows_add(struct mi_feed *feed, const struct mi_span *values, struct mi_err *err);

void mi_odd_rows_clear(struct mi_odd_rows *odd); /* forgets the waiting rows */

/* True when no more rows should be added before a flush: 64 rows with error values, or 1 MiB of
 * SQL. */
bool mi_odd_rows_are_full(const struct mi_odd_rows *odd);

/* Inserts the waiting rows within feed's transaction, checks them, and empties feed->odd. Harmless
 * when none wait. MI_DATA when a check fails. After a failure the link is closed. */
MI_MUST int mi_odd_rows_flush(struct mi_feed *feed, struct mi_err *err);

#endif
