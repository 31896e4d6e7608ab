/* TRANSACTION_PAYLOAD events: a transaction compressed as a whole (binlog_transaction_compression).
 * "Transaction_payload_event" in the MySQL source documentation.
 *
 * Bytes go in as they come, events come out one by one, so a transaction needs the memory of its
 * largest event, and of zstd's window (up to 8 MiB, 128 MiB for compression levels over 19). */
#ifndef MI_BINLOG_PAYLOAD_H
#define MI_BINLOG_PAYLOAD_H

#include "base/buf.h"
#include "base/err.h"
#include "binlog/event.h"

struct mi_payload; /* opaque */

/* Hears of each event of the transaction; the event is good during the call. -1 ends it all. */
typedef int mi_payload_event(void *user, const struct mi_event *event, struct mi_err *err);

struct mi_payload *mi_payload_new(mi_payload_event *event, void *user);
void mi_payload_free(struct mi_payload *payload);

/* Begins an event: its head (of which a copy is kept), before any of its body. */
void mi_payload_begin(struct mi_payload *payload, const struct mi_event *outer);

/* The next piece of the event's body, without its checksum. The last event that has come out so far
 * is kept back, because only mi_payload_end may let the transaction commit. */
MI_MUST int mi_payload_push(struct mi_payload *payload, struct mi_span piece, struct mi_err *err);

/* The body has ended, and its checksum was right. Hands out the last event; fails when bytes are
 * missing or left over, or when the sizes are not those that the event claims. */
MI_MUST int mi_payload_end(struct mi_payload *payload, struct mi_err *err);

#endif
