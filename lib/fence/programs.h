/* Triggers and events of the imported databases. They belong to the side that the application
 * writes to: at a switch they are dropped on one side, and created from a schema stream on the
 * other. */
#ifndef MI_FENCE_PROGRAMS_H
#define MI_FENCE_PROGRAMS_H

#include "base/buf.h"
#include "base/err.h"
#include "fence/fence.h"

/* Appends a digest, 32 hexadecimal digits, of the definitions of the imported tables' triggers and
 * of the imported databases' events. It changes when one of them does. */
MI_MUST int mi_fence_digest(struct mi_fence *fence, struct mi_buf *digest, struct mi_err *err);

/* Reads triggers and events from the schema stream in file path (mi-schema --section=programs), in
 * the place of what was read before. MI_DATA: the stream has another definition, or one whose
 * database cannot be renamed as the map says. MI_IO: the file cannot be opened. */
MI_MUST int mi_fence_programs(struct mi_fence *fence, const char *path, struct mi_err *err);

/* Creates the triggers or events that were read, in the stream's order; existing ones of these
 * names are dropped. kind: "trigger" or "event". *count: how many. */
MI_MUST int mi_fence_make(struct mi_fence *fence, const char *kind, unsigned *count,
                          struct mi_err *err);

/* Drops the triggers or events that were read, if they exist: so nothing is dropped whose text is
 * not kept. *count: how many were read. */
MI_MUST int mi_fence_drop(struct mi_fence *fence, const char *kind, unsigned *count,
                          struct mi_err *err);

#endif
