/* A queue of bundles of transactions, from the thread that reads the stream to the thread that
 * applies them, with a bound on the memory that they hold. */
#ifndef MI_APPLY_INBOX_H
#define MI_APPLY_INBOX_H

#include "base/err.h"
#include "change/bundle.h"

#include <stdbool.h>

struct mi_inbox;

/* bytes: mi_inbox_put waits while bundles of so many bytes are in the inbox or with the taker. */
struct mi_inbox *mi_inbox_new(size_t bytes);

/* Frees the bundles in it, too. Harmless on NULL. */
void mi_inbox_free(struct mi_inbox *inbox);

/* ---- The reader's side ---- */

/* Gives the bundle to the inbox. False when the taker wants no more: the bundle has been freed. */
bool mi_inbox_put(struct mi_inbox *inbox, struct mi_bundle *bundle);

/* Waits until the taker has finished with all bundles. False when the taker wants no more. */
bool mi_inbox_wait_done(struct mi_inbox *inbox);

/* Says that no more bundles will come: because the input is complete (err NULL), or because of
 * err. */
void mi_inbox_close(struct mi_inbox *inbox, const struct mi_err *err);

/* ---- The taker's side ---- */

/* The next bundle; NULL when none came within wait_ms (-1: no limit), or when none will come. */
struct mi_bundle *mi_inbox_take(struct mi_inbox *inbox, int wait_ms);

/* True once the reader has closed the inbox and all bundles have been taken; *err is then why, with
 * code 0 when the input is complete. */
bool mi_inbox_ended(struct mi_inbox *inbox, struct mi_err *err);

/* Frees a bundle that was taken, and makes room for others. */
void mi_inbox_done(struct mi_inbox *inbox, struct mi_bundle *bundle);

/* Says that the taker wants no more: the reader is woken, and mi_inbox_put fails from then on. */
void mi_inbox_refuse(struct mi_inbox *inbox);

#endif
