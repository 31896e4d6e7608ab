/* The compressed part of MariaDB's *_COMPRESSED events (log_bin_compress): a byte whose upper five
 * bits are 10000 and whose lower three are the number of length bytes, the length (big-endian), a
 * zlib stream (RFC 1950). See "Compressing Events to Reduce Size of the Binary Log" in MariaDB's
 * documentation. */
#ifndef MI_BINLOG_INFLATE_H
#define MI_BINLOG_INFLATE_H

#include "base/buf.h"
#include "base/err.h"
#include "binlog/event.h"

#include <stdbool.h>
#include <stdint.h>

/* Inflates part, a deflate stream with a zlib header or (bare) without one, and appends it to out.
 * False: part is damaged, or does not make exactly len bytes. Memory grows with what comes out, not
 * with len. */
MI_MUST bool mi_inflate(struct mi_span part, bool bare, uint64_t len, struct mi_buf *out);

/* Inflates the compressed part of an event, and appends it to out. MI_PROTOCOL: part is damaged, or
 * does not have the length that it claims. */
MI_MUST int mi_event_inflate(const struct mi_event *event, struct mi_span part, struct mi_buf *out,
                             struct mi_err *err);

#endif
