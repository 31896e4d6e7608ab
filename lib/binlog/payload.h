/* TRANSACTION_PAYLOAD events: a transaction compressed as a whole (binlog_transaction_compression).
 * "Transaction_payload_event" in the MySQL source documentation.
 *
 * Bytes go in as they come, events come out one by one, so that a transaction needs the memory of
 * its largest event and of zstd's window (up to 8 MiB; 128 MiB for compression levels over 19). */
#ifndef MI_BINLOG_PAYLOAD_H
#define MI_BINLOG_PAYLOAD_H

#include "base/buf.h"
#include "base/err.h"
#include "binlog/event.h"

struct mi_payload; /* opaque */

/* Called with each event of the transaction, which is good during the call. -1 with err filled
 * makes mi_payload_push or mi_payload_end fail. */
typedef int mi_payload_event(void *user, const struct mi_event *event, struct mi_err *err);

struct mi_payload *mi_payload_new(mi_payload_event *event, void *user);
void mi_payload_free(struct mi_payload *payload); /* harmless on NULL */

/* Begins a TRANSACTION_PAYLOAD event, also after a failure. outer is its head, of which a copy is
 * kept; outer->format must live until mi_payload_end. */
void mi_payload_begin(struct mi_payload *payload, const struct mi_event *outer);

/* Takes the next piece of the event's body, without the checksum at its end. The last event that
 * has come out so far is kept back, because only mi_payload_end may let the transaction commit.
 * MI_PROTOCOL: damage; MI_DATA: an unknown compression; MI_CONFIG: the program was built without
 * zstd. */
MI_MUST int mi_payload_push(struct mi_payload *payload, struct mi_span piece, struct mi_err *err);

/* To be called when the body has ended and its checksum was right. Hands out the last event.
 * MI_PROTOCOL: bytes are missing or left over, or the sizes are not those that the event claims. */
MI_MUST int mi_payload_end(struct mi_payload *payload, struct mi_err *err);

#endif
