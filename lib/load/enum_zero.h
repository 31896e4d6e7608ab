/* Rows with the ENUM value '' that stands for an error (index 0): only a number in a session
 * without strict mode can write one, so such rows are kept aside, inserted so, and read back. */
#ifndef MI_LOAD_ENUM_ZERO_H
#define MI_LOAD_ENUM_ZERO_H

#include "base/buf.h"
#include "base/err.h"
#include "load/feed.h"

#include <stdbool.h>

/* Keeps a row for later; when there are many, _flush inserts and checks them. */
MI_MUST int mi_enum_zero_add(struct mi_feed *feed, const struct mi_span *values,
                             struct mi_err *err);
bool mi_enum_zero_is_full(const struct mi_enum_zero_rows *odd);
MI_MUST int mi_enum_zero_flush(struct mi_feed *feed, struct mi_err *err);

#endif
