/* The mode file: which mode the router is in, and the epoch, which grows by one with every change.
 * A switch has happened at the moment when the file is replaced. It has two lines:
 *
 *   mode source|replica|primary|target
 *   epoch N
 *
 * One router at a time works with the file: it holds a lock on FILE.lock, for which others wait. */
#ifndef MI_ROUTE_CONTROL_MODE_H
#define MI_ROUTE_CONTROL_MODE_H

#include "base/buf.h"
#include "base/err.h"
#include "route/shared/names.h"

#include <stdbool.h>
#include <stdint.h>

/* The mode with that name. False: there is none. */
MI_MUST bool mi_mode_of(struct mi_span name, enum mi_route_mode *mode);

/* Reads the file. MI_CONFIG: it is missing, unreadable or not of that form; there is no default. */
MI_MUST int mi_mode_read(const char *path, enum mi_route_mode *mode, uint64_t *epoch,
                         struct mi_err *err);

/* Replaces the file, with mode 0600. After a failure the file has the old or the new content whole:
 * read it again. */
MI_MUST int mi_mode_write(const char *path, enum mi_route_mode mode, uint64_t epoch,
                          struct mi_err *err);

/* Makes the file, with epoch 1. MI_CONFIG: there is one already, which stays as it is. */
MI_MUST int mi_mode_make(const char *path, enum mi_route_mode mode, struct mi_err *err);

/* Waits until this process has the lock; says so once if it has to wait. MI_AGAIN when the process
 * is asked to stop meanwhile. The lock is held until *fd is closed. */
MI_MUST int mi_mode_lock(const char *path, int *fd, struct mi_err *err);

#endif
