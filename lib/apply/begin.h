/* How a follower begins: the stream's header, options that are GTID sets, and the checkpoint
 * file. */
#ifndef MI_APPLY_BEGIN_H
#define MI_APPLY_BEGIN_H

#include "apply/follower.h"
#include "base/err.h"
#include "change/bundle.h"
#include "gtid/gtid.h"

#include <stdbool.h>

/* Takes a stream's header. The first one finds the flow's checkpoint row, or makes it (--start),
 * and claims it. Each stream must come from the checkpoint's source (else MI_CONFIG, unless
 * accept_source) and begin where the row ends, or before: else the checkpoint file is written anew,
 * MI_AGAIN. */
MI_MUST int mi_follower_header(struct mi_follower *f, const struct mi_bundle *header,
                               struct mi_err *err);

/* Parses an option's GTID set, given as text or as @FILE. what: the option's name, for messages.
 * *set is new, for the caller to free. */
MI_MUST int mi_follower_set_option(const char *what, const char *text, struct mi_gtid_set **set,
                                   struct mi_err *err);

/* Writes the checkpoint file if it lags: at once (now); else at most every 100 ms, and for a tenth
 * of the time at most. Nothing to do without --checkpoint. */
MI_MUST int mi_follower_save(struct mi_follower *f, bool now, struct mi_err *err);

#endif
