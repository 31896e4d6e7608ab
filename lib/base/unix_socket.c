#include "base/unix_socket.h"
#include "base/err.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int mi_unix_address(struct sockaddr_un *address, const char *path, struct mi_err *err)
{
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof address->sun_path)
		return mi_fail(err, MI_CONFIG, "'%s': a socket's path has 1 to %zu bytes", path,
		               sizeof address->sun_path - 1);
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(address->sun_path, path, len);
	return 0;
}

static int fail_closed(int fd)
{
	int why = errno;

	(void)close(fd);
	errno = why;
	return -1;
}

int mi_unix_listen(const struct sockaddr_un *address, unsigned mode, int flags, int backlog)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0), bound;
	mode_t before;

	if (fd < 0)
		return -1;
	before = umask(0777 & ~mode);
	bound = bind(fd, (const struct sockaddr *)address, sizeof *address);
	(void)umask(before);
	return bound == 0 && listen(fd, backlog) == 0 ? fd : fail_closed(fd);
}

int mi_unix_connect(const struct sockaddr_un *address, int flags)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0)
		return fd;
	return fail_closed(fd);
}
