/* Files that are whole or absent, and locks that die with their holder. */
#ifndef MI_BASE_SAVEFILE_H
#define MI_BASE_SAVEFILE_H

#include "base/buf.h"
#include "base/err.h"

/* Replaces path by data: a temporary file beside it, fsync, rename, fsync of the directory. Whoever
 * reads path sees the old text or the new, also after a crash. mode is the new file's (0600...). */
MI_MUST int mi_save_file(const char *path, struct mi_span data, unsigned mode, struct mi_err *err);

/* Takes an exclusive flock(2) on path (created 0600 when absent) and leaves it open in *fd; the
 * lock ends when that is closed, or with the process. MI_AGAIN, at once: another process has the
 * lock. */
MI_MUST int mi_lock_file(const char *path, int *fd, struct mi_err *err);

#endif
