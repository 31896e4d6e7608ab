/* A stream's header, options and the checkpoint file. */
#ifndef MI_APPLY_BEGIN_H
#define MI_APPLY_BEGIN_H

#include "apply/follower.h"
#include "base/err.h"
#include "change/bundle.h"
#include "gtid/gtid.h"

#include <stdbool.h>

/* A stream's header: the first one finds and claims the checkpoint. */
MI_MUST int mi_follower_header(struct mi_follower *f, const struct mi_bundle *header,
                               struct mi_err *err);

/* "..." or @FILE, parsed. what: the option, for messages. */
MI_MUST int mi_follower_set_option(const char *what, const char *text, struct mi_gtid_set **set,
                                   struct mi_err *err);

/* Writes the checkpoint file: at once, or when its time has come. */
MI_MUST int mi_follower_save(struct mi_follower *f, bool now, struct mi_err *err);

#endif
