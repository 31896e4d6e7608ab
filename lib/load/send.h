/* A chunk's rows to the server, by LOAD DATA or by INSERT. */
#ifndef MI_LOAD_SEND_H
#define MI_LOAD_SEND_H

#include "base/buf.h"
#include "base/err.h"
#include "load/feed.h"

MI_MUST int mi_send_load(struct mi_feed *feed, struct mi_err *err);
MI_MUST int mi_send_insert(struct mi_feed *feed, struct mi_err *err);
MI_MUST int mi_send_insert_row(struct mi_feed *feed, const struct mi_span *values,
                               struct mi_err *err);

#endif
