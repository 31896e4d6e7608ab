/* One value of a row image, from the event's bytes to its form in a stream (enum mi_type). For the
 * other places that make or take this form see table/type.h. */
#ifndef MI_BINLOG_VALUE_H
#define MI_BINLOG_VALUE_H

#include "base/buf.h"
#include "base/bytes.h"
#include "binlog/layout.h"

/* Takes a value that is not NULL off in. Bytes that need no change stay where they are: *value
 * points into in. Else the value is appended to scratch and value->data is NULL: scratch may move
 * while it grows, so that the caller remembers where the value begins in it. JSON is left in its
 * binary form; see value/json.h. Malformed bytes set in->bad. */
void mi_value_take(struct mi_bytes *in, const struct mi_layout_column *column,
                   struct mi_buf *scratch, struct mi_span *value);

#endif
