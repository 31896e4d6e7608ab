/* The compressed part of MariaDB's *_COMPRESSED events (log_bin_compress): a byte whose upper bits
 * are 100 and the lower three the number of length bytes, the length (big-endian), a zlib stream
 * (RFC 1950). See "Compressing Events to Reduce Size of the Binary Log" in its documentation. */
#ifndef MI_BINLOG_INFLATE_H
#define MI_BINLOG_INFLATE_H

#include "base/buf.h"
#include "base/err.h"
#include "binlog/event.h"

#include <stdbool.h>
#include <stdint.h>

/* Appends what part, a deflate stream with a zlib header or (bare) without, was before: exactly len
 * bytes, else false. */
MI_MUST bool mi_inflate(struct mi_span part, bool bare, uint64_t len, struct mi_buf *out);

/* Appends what part was before. The claimed length must come out to the byte; memory grows with
 * what comes out, not with the claim. */
MI_MUST int mi_event_inflate(const struct mi_event *event, struct mi_span part, struct mi_buf *out,
                             struct mi_err *err);

#endif
