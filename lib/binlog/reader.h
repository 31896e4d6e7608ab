/* Makes binary log events of the bytes of packets, which may be whole events or pieces of them.
 * Follows FORMAT_DESCRIPTION, verifies checksums, and opens compressed transactions, so that the
 * user sees one flat sequence of events.
 *
 * Memory: the largest event (which is about the largest row), not the largest transaction. */
#ifndef MI_BINLOG_READER_H
#define MI_BINLOG_READER_H

#include "base/buf.h"
#include "base/err.h"
#include "binlog/event.h"

#include <stdbool.h>

struct mi_binlog_reader; /* opaque */

/* Called with each event, which is good during the call. In place of a TRANSACTION_PAYLOAD event
 * come the events inside it, the last of them only after the outer checksum was right. -1 with err
 * filled ends the reading. */
typedef int mi_binlog_event(void *user, const struct mi_event *event, struct mi_err *err);

/* checksums: whether they were negotiated, for the ROTATE before the first FORMAT_DESCRIPTION. */
struct mi_binlog_reader *mi_binlog_reader_new(bool checksums, mi_binlog_event *event, void *user);
void mi_binlog_reader_free(struct mi_binlog_reader *reader); /* harmless on NULL */

/* Takes the next piece of an event; last: the event ends with it. Pieces may be of any size; whole
 * events are not copied. After a failure the reader is good for mi_binlog_reader_restart and _free
 * only. */
MI_MUST int mi_binlog_push(struct mi_binlog_reader *reader, struct mi_span piece, bool last,
                           struct mi_err *err);

/* Forgets a half-read event and the format, for another connection. */
void mi_binlog_reader_restart(struct mi_binlog_reader *reader, bool checksums);

#endif
