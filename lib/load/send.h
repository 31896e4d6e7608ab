/* A chunk's rows to the server, within the chunk's transaction: by LOAD DATA LOCAL, whose lines the
 * client library asks for, or by INSERT of many rows. feed is in a try, see load/feed.h. What the
 * server did with the rows is checked by its counts: MI_DATA when they are not those of the rows
 * sent, or with any warning. */
#ifndef MI_LOAD_SEND_H
#define MI_LOAD_SEND_H

#include "base/buf.h"
#include "base/err.h"
#include "load/feed.h"

/* Parses the job's remaining frames and sends their rows by one LOAD DATA. Where the server refuses
 * LOAD DATA LOCAL: sets feed->never_load and fails, or is MI_CONFIG with must_load_data. */
MI_MUST int mi_send_load(struct mi_feed *feed, struct mi_err *err);

/* Parses the job's remaining frames, whose rows go to mi_send_insert_row, and sends what is
 * left. */
MI_MUST int mi_send_insert(struct mi_feed *feed, struct mi_err *err);

/* MI_CONFIG when a statement of len bytes is too long for the server. */
MI_MUST int mi_send_check_length(const struct mi_feed *feed, size_t len, struct mi_err *err);

/* Adds a row to the statement, which is sent first if it is long enough. A row too long for the
 * server is MI_CONFIG. */
MI_MUST int mi_send_insert_row(struct mi_feed *feed, const struct mi_span *values,
                               struct mi_err *err);

#endif
