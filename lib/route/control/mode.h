/* The mode file: which mode the router is in, and the epoch, which grows with every change. Its
 * replacement is the moment at which a switch has happened. It has two lines:
 *
 *   mode source|replica|primary|target
 *   epoch N
 *
 * One router works with it at a time: it holds a lock on FILE.lock, and another waits for that. */
#ifndef MI_ROUTE_CONTROL_MODE_H
#define MI_ROUTE_CONTROL_MODE_H

#include "base/buf.h"
#include "base/err.h"
#include "route/shared/names.h"

#include <stdbool.h>
#include <stdint.h>

/* False: there is no such mode. */
MI_MUST bool mi_mode_of(struct mi_span name, enum mi_route_mode *mode);

/* A file that is missing, unreadable or says anything else is MI_CONFIG: there is no default. */
MI_MUST int mi_mode_read(const char *path, enum mi_route_mode *mode, uint64_t *epoch,
                         struct mi_err *err);

/* Replaces the file, 0600. When it fails the file says the old or the new mode, read it again. */
MI_MUST int mi_mode_write(const char *path, enum mi_route_mode mode, uint64_t epoch,
                          struct mi_err *err);

/* Makes the file, with epoch 1. One that is there already stays as it is: MI_CONFIG. */
MI_MUST int mi_mode_make(const char *path, enum mi_route_mode mode, struct mi_err *err);

/* Waits until this process is the one that works with the file; says so once if it has to wait.
 * MI_AGAIN when it is asked to stop meanwhile. *fd keeps the lock until it is closed. */
MI_MUST int mi_mode_lock(const char *path, int *fd, struct mi_err *err);

#endif
