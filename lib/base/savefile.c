#include "base/savefile.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int sync_directory_of(const char *path, struct mi_err *err)
{
	const char *slash = strrchr(path, '/');
	char *dir =
	    slash ? mi_strndup(path, slash == path ? 1 : (size_t)(slash - path)) : mi_strdup(".");
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0 || fsync(fd) != 0)
		ret = mi_fail_errno(err, MI_IO, errno, "cannot sync directory %s", dir);
	if (fd >= 0)
		(void)close(fd);
	free(dir);
	return ret;
}

static int write_temp(const char *temp, struct mi_span data, unsigned mode, struct mi_err *err)
{
	int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);

	if (fd < 0)
		return mi_fail_errno(err, MI_IO, errno, "cannot create %s", temp);
	if (mi_fd_write(fd, data.data, data.len, err) != 0) {
		(void)mi_within(err, "%s", temp);
		goto fail;
	}
	if (fchmod(fd, (mode_t)mode) != 0 || fsync(fd) != 0) {
		(void)mi_fail_errno(err, MI_IO, errno, "cannot sync %s", temp);
		goto fail;
	}
	if (mi_fd_close(fd, temp, err) == 0)
		return 0;
	fd = -1;
fail:
	if (fd >= 0)
		(void)close(fd);
	(void)unlink(temp);
	return -1;
}

int mi_save_file(const char *path, struct mi_span data, unsigned mode, struct mi_err *err)
{
	struct mi_buf temp = {0};
	int ret = -1;

	mi_buf_addf(&temp, "%s.new.%ld", path, (long)getpid());
	(void)unlink(mi_buf_cstr(&temp)); /* a killed process with the same pid may have left one */
	if (write_temp(mi_buf_cstr(&temp), data, mode, err) != 0)
		goto out;
	if (rename(temp.data, path) != 0) {
		(void)mi_fail_errno(err, MI_IO, errno, "cannot rename %s to %s", temp.data, path);
		(void)unlink(temp.data);
		goto out;
	}
	ret = sync_directory_of(path, err);
out:
	mi_buf_release(&temp);
	return ret;
}

int mi_lock_file(const char *path, int *fd, struct mi_err *err)
{
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0)
		return mi_fail_errno(err, MI_IO, errno, "cannot open %s", path);
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		(void)mi_fail(err, MI_AGAIN, "%s is locked by another process", path);
	else
		(void)mi_fail_errno(err, MI_IO, errno, "cannot lock %s", path);
	(void)close(*fd);
	*fd = -1;
	return -1;
}
