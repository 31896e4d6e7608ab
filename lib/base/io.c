#include "base/io.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

/* Waits until fd can be read, or somebody asks to stop. */
static int wait_to_read(int fd, struct mi_err *err)
{
	struct pollfd wait[] = {{.fd = fd, .events = POLLIN},
	                        {.fd = mi_stop_fd(), .events = POLLIN}};

	if (!mi_stop_asked())
		(void)poll(wait, 2, -1); /* an error shows again at the read that follows */
	return mi_stop_asked() ? mi_stop_fail(err) : 0;
}

static int read_full(int fd, void *into, size_t len, size_t *got, bool may_stop, struct mi_err *err)
{
	*got = 0;
	while (*got < len) {
		ssize_t n;

		if (may_stop && wait_to_read(fd, err) != 0)
			return -1;
		n = read(fd, (char *)into + *got, len - *got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return mi_fail_errno(err, MI_IO, errno, "cannot read");
		if (n == 0)
			break;
		*got += (size_t)n;
	}
	return 0;
}

int mi_read_full(int fd, void *into, size_t len, size_t *got, struct mi_err *err)
{
	return read_full(fd, into, len, got, false, err);
}

int mi_read_or_stop(int fd, void *into, size_t len, size_t *got, struct mi_err *err)
{
	return read_full(fd, into, len, got, true, err);
}

int mi_fd_write(int fd, const void *data, size_t len, struct mi_err *err)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EPIPE)
			return mi_fail(err, MI_IO,
			               "cannot write: the reader of this pipe has gone");
		if (n < 0)
			return mi_fail_errno(err, MI_IO, errno, "cannot write");
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static int read_all(int fd, size_t max, struct mi_buf *into, struct mi_err *err)
{
	size_t start = into->len;

	for (;;) {
		size_t got;

		mi_buf_reserve(into, 65536);
		if (mi_read_full(fd, into->data + into->len, 65536, &got, err) != 0)
			return -1;
		into->len += got;
		if (into->len - start > max)
			return mi_fail(err, MI_DATA, "it is larger than %zu bytes", max);
		if (got < 65536)
			return 0;
	}
}

int mi_read_file(const char *path, size_t max, struct mi_buf *into, struct mi_err *err)
{
	int ret = -1;
	int fd;

	if (strcmp(path, "-") == 0)
		return read_all(STDIN_FILENO, max, into, err);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return mi_fail_errno(err, MI_IO, errno, "cannot open %s", path);
	ret = read_all(fd, max, into, err);
	if (ret != 0)
		(void)mi_within(err, "%s", path);
	(void)close(fd); /* it was only read */
	return ret;
}

int mi_fd_close(int fd, const char *what, struct mi_err *err)
{
	if (close(fd) != 0 && errno != EINTR)
		return mi_fail_errno(err, MI_IO, errno, "cannot close %s", what);
	return 0;
}
