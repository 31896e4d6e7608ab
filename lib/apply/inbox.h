/* Bundles of transactions on their way from the thread that reads them to the one that applies
 * them, with a bound on the memory that they hold. */
#ifndef MI_APPLY_INBOX_H
#define MI_APPLY_INBOX_H

#include "base/err.h"
#include "change/bundle.h"

#include <stdbool.h>

struct mi_inbox;

/* bytes: putting waits while this much is in the inbox or with the taker. */
struct mi_inbox *mi_inbox_new(size_t bytes);
void mi_inbox_free(struct mi_inbox *inbox);

/* The reader's side. False when the taker wants no more: the bundle is freed. */
bool mi_inbox_put(struct mi_inbox *inbox, struct mi_bundle *bundle);

/* Waits until the taker has finished with all bundles. False when it wants no more. */
bool mi_inbox_wait_done(struct mi_inbox *inbox);

/* No more will come: because the input is complete (err NULL), or because of err. */
void mi_inbox_close(struct mi_inbox *inbox, const struct mi_err *err);

/* The taker's side: the next bundle; NULL when none came within wait_ms (-1: however long), or
 * none will come any more. */
struct mi_bundle *mi_inbox_take(struct mi_inbox *inbox, int wait_ms);

/* True once the reader has closed it and all has been taken; *err says why. */
bool mi_inbox_ended(struct mi_inbox *inbox, struct mi_err *err);

/* Frees a bundle that was taken. */
void mi_inbox_done(struct mi_inbox *inbox, struct mi_bundle *bundle);

/* The taker wants no more: the reader is woken and its puts fail. */
void mi_inbox_refuse(struct mi_inbox *inbox);

#endif
