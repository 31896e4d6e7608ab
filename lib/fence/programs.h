/* Triggers and events of the imported databases, which belong to the side that is written by the
 * application: read from a schema stream, made and dropped as the side changes. */
#ifndef MI_FENCE_PROGRAMS_H
#define MI_FENCE_PROGRAMS_H

#include "base/buf.h"
#include "base/err.h"
#include "fence/fence.h"

/* Appends a digest of what triggers and events of the imported databases are now. */
MI_MUST int mi_fence_digest(struct mi_fence *fence, struct mi_buf *digest, struct mi_err *err);

/* Reads triggers and events from a schema stream (mi-schema --section=programs). MI_DATA: one
 * cannot be told under the database's name here. */
MI_MUST int mi_fence_programs(struct mi_fence *fence, const char *path, struct mi_err *err);

/* Makes those of a kind ("trigger" or "event") that were read, in the stream's order, in the place
 * of what is there of the same name. *count: how many. */
MI_MUST int mi_fence_make(struct mi_fence *fence, const char *kind, unsigned *count,
                          struct mi_err *err);

/* Drops those of a kind that were read: nothing whose text is not kept. */
MI_MUST int mi_fence_drop(struct mi_fence *fence, const char *kind, unsigned *count,
                          struct mi_err *err);

#endif
