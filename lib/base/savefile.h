/* Files that are whole or absent, and locks that die with their holder. */
#ifndef MI_BASE_SAVEFILE_H
#define MI_BASE_SAVEFILE_H

#include "base/buf.h"
#include "base/err.h"

/* Replaces path by data: a temporary file beside it, fsync, rename, fsync of the directory. Whoever
 * reads path sees the old text or the new, also after a crash. mode is the new file's (0600...). */
MI_MUST int mi_save_file(const char *path, struct mi_span data, unsigned mode, struct mi_err *err);

/* Takes an exclusive flock(2) on path (created 0600 when absent) and leaves it open in *fd; closing
 * it, or the process's end, lets go. Held by another: fails at once with MI_AGAIN. */
MI_MUST int mi_lock_file(const char *path, int *fd, struct mi_err *err);

#endif
