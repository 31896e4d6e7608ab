#include "base/unix_socket.h"
#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
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

/* Removes a socket that a killed process of this user has left. Anything else that is there is in
 * the way. */
static int clear_place(const struct sockaddr_un *address, struct mi_err *err)
{
	const char *path = address->sun_path;
	struct stat found;
	int fd;

	if (lstat(path, &found) != 0)
		return 0; /* what else is wrong, bind will say */
	if (!S_ISSOCK(found.st_mode) || found.st_uid != geteuid()) {
		(void)mi_fail(err, MI_CONFIG, "cannot listen at %s: %s is there", path,
		              S_ISSOCK(found.st_mode) ? "another user's socket"
		                                      : "something that is no socket");
		return mi_hint(err, "name another path; nothing there was touched");
	}
	/* without waiting: one whose backlog is full has a listener, too */
	fd = mi_unix_connect(address, SOCK_NONBLOCK);
	if (fd < 0 && errno == ECONNREFUSED)
		return unlink(path) == 0 || errno == ENOENT
		           ? 0
		           : mi_fail_errno(err, MI_CONFIG, errno, "cannot replace %s", path);
	if (fd >= 0)
		(void)close(fd);
	(void)mi_fail(err, MI_UNAVAILABLE, "cannot listen at %s: somebody listens there", path);
	return mi_hint(err, "another server or router is there already");
}

static int note_file(const char *path, struct mi_unix_file *file)
{
	struct statx found;

	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &found) != 0)
		return -1;
	*file = (struct mi_unix_file){.device = makedev(found.stx_dev_major, found.stx_dev_minor),
	                              .inode = found.stx_ino};
	if (found.stx_mask & STATX_BTIME)
		file->made = (struct timespec){found.stx_btime.tv_sec, found.stx_btime.tv_nsec};
	return 0;
}

static int bind_and_listen(const struct sockaddr_un *address, unsigned mode, int flags, int backlog,
                           struct mi_unix_file *file)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0), bound;
	mode_t before;

	if (fd < 0)
		return -1;
	before = umask(0777 & ~mode);
	bound = bind(fd, (const struct sockaddr *)address, sizeof *address);
	(void)umask(before);
	return bound == 0 && note_file(address->sun_path, file) == 0 && listen(fd, backlog) == 0
	           ? fd
	           : fail_closed(fd);
}

int mi_unix_listen(const struct sockaddr_un *address, unsigned mode, int flags, int backlog,
                   struct mi_unix_file *file, struct mi_err *err)
{
	int fd;

	if (clear_place(address, err) != 0)
		return -1;
	fd = bind_and_listen(address, mode, flags, backlog, file);
	if (fd < 0)
		return mi_fail_errno(err, errno == EACCES ? MI_DENIED : MI_CONFIG, errno,
		                     "cannot listen at %s", address->sun_path);
	return fd;
}

void mi_unix_remove(const char *path, const struct mi_unix_file *file)
{
	struct mi_unix_file now;

	if (file->inode && note_file(path, &now) == 0 && now.device == file->device &&
	    now.inode == file->inode && now.made.tv_sec == file->made.tv_sec &&
	    now.made.tv_nsec == file->made.tv_nsec)
		(void)unlink(path);
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
