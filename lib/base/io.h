/* Whole reads and writes on file descriptors: EINTR is retried, a short result is an error or a
 * clean end, never a surprise. */
#ifndef MI_BASE_IO_H
#define MI_BASE_IO_H

#include "base/buf.h"
#include "base/err.h"

/* Reads until len bytes or the end of file; *got tells how many. */
MI_MUST int mi_read_full(int fd, void *into, size_t len, size_t *got, struct mi_err *err);

/* As mi_read_full, but fails with MI_AGAIN once mi_stop_asked, also while waiting for a slow
 * writer. */
MI_MUST int mi_read_or_stop(int fd, void *into, size_t len, size_t *got, struct mi_err *err);

/* Writes all len bytes. MI_IO: writing failed; after EPIPE the text says that the reader has gone.
 */
MI_MUST int mi_fd_write(int fd, const void *data, size_t len, struct mi_err *err);

/* Appends a whole file to into; more than max bytes is an error (MI_DATA). "-" is standard input.
 */
MI_MUST int mi_read_file(const char *path, size_t max, struct mi_buf *into, struct mi_err *err);

/* Closes fd, and fails with MI_IO when a write error shows only now. what: fd's name, for the
 * message. */
MI_MUST int mi_fd_close(int fd, const char *what, struct mi_err *err);

#endif
