/* One value of a row image, from the event's bytes to the form that it has in a stream (enum
 * mi_type). */
#ifndef MI_BINLOG_VALUE_H
#define MI_BINLOG_VALUE_H

#include "base/buf.h"
#include "base/bytes.h"
#include "binlog/layout.h"

/* Takes a value that is not NULL. Bytes that need no change are left where they are: *value points
 * into in. Else they are appended to scratch and value->data is NULL: scratch may move while it
 * grows, so its new part is for the caller to remember. in->bad: malformed. JSON is left in its
 * binary form; see value/json.h. */
void mi_value_take(struct mi_bytes *in, const struct mi_layout_column *column,
                   struct mi_buf *scratch, struct mi_span *value);

#endif
