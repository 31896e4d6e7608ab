/* Binary log events out of packets: whole ones, or in pieces as large packets arrive. Follows
 * FORMAT_DESCRIPTION, verifies checksums, and opens compressed transactions, so that whoever
 * listens sees one flat sequence of events.
 *
 * Memory: the largest event (which is about the largest row), not the largest transaction. */
#ifndef MI_BINLOG_READER_H
#define MI_BINLOG_READER_H

#include "base/buf.h"
#include "base/err.h"
#include "binlog/event.h"

#include <stdbool.h>

struct mi_binlog_reader; /* opaque */

/* Hears of each event; it is good during the call. TRANSACTION_PAYLOAD events themselves are not
 * heard of: their inner events are, the last of them only after the outer checksum was right. -1
 * with err filled ends the reading. */
typedef int mi_binlog_event(void *user, const struct mi_event *event, struct mi_err *err);

/* checksums: what was negotiated, for the ROTATE that comes before the first FORMAT_DESCRIPTION. */
struct mi_binlog_reader *mi_binlog_reader_new(bool checksums, mi_binlog_event *event, void *user);
void mi_binlog_reader_free(struct mi_binlog_reader *reader);

/* The next piece of an event; last: it is the event's last. Pieces may be of any size; whole events
 * are not copied. After a failure the reader is good for mi_binlog_reader_restart and _free. */
MI_MUST int mi_binlog_push(struct mi_binlog_reader *reader, struct mi_span piece, bool last,
                           struct mi_err *err);

/* Forgets a half event and the format: the connection is another one. */
void mi_binlog_reader_restart(struct mi_binlog_reader *reader, bool checksums);

#endif
