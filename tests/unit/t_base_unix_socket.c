/* Sockets in the file system: paths, modes, and who is at the other end. */
#include "base/err.h"
#include "base/unix_socket.h"
#include "t.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void paths(void)
{
	struct sockaddr_un address;
	struct mi_err err = {0};
	char path[200];

	memset(path, 'x', sizeof path);
	path[0] = '/';
	path[107] = '\0';
	CHECK(mi_unix_address(&address, path, &err) == 0 && strcmp(address.sun_path, path) == 0 &&
	          address.sun_family == AF_UNIX,
	      "107 bytes fit");
	path[107] = 'x';
	path[108] = '\0';
	CHECK(mi_unix_address(&address, path, &err) != 0 && err.code == MI_CONFIG, "108 do not: %s",
	      err.text);
	CHECK(mi_unix_address(&address, "", &err) != 0 && err.code == MI_CONFIG, "nor none: %s",
	      err.text);
}

static unsigned mode_of(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? status.st_mode & 0777 : 0;
}

static void ends(const char *path)
{
	struct sockaddr_un address;
	struct mi_err err = {0};
	mode_t mask = umask(027);
	struct mi_unix_file file = {0}, other = {0};
	int server, client, peer;
	char byte = 0;

	CHECK(mi_unix_address(&address, path, &err) == 0, "an address");
	CHECK(mi_unix_connect(&address, 0) < 0 && errno == ENOENT, "no file yet");
	server = mi_unix_listen(&address, 0600, 0, 4, &file, &err);
	CHECK(server >= 0 && mode_of(path) == 0600, "a socket of mode 0600");
	CHECK(fcntl(server, F_GETFD) & FD_CLOEXEC, "closed on exec");
	CHECK(mi_unix_listen(&address, 0600, 0, 4, &other, &err) < 0 && err.code == MI_UNAVAILABLE,
	      "its place is taken: %s", err.text);
	(void)close(accept(server, NULL, NULL)); /* it was tried whether somebody listens */
	client = mi_unix_connect(&address, SOCK_NONBLOCK);
	peer = accept(server, NULL, NULL);
	CHECK(client >= 0 && fcntl(client, F_GETFL) & O_NONBLOCK, "a client that does not block");
	CHECK(peer >= 0 && write(client, "a", 1) == 1 && read(peer, &byte, 1) == 1 && byte == 'a',
	      "a byte goes through");
	(void)close(client);
	(void)close(peer);
	(void)close(server);
	CHECK(mi_unix_connect(&address, 0) < 0 && errno == ECONNREFUSED, "nobody listens any more");
	server = mi_unix_listen(&address, 0777, SOCK_NONBLOCK, 4, &other, &err);
	CHECK(server >= 0 && mode_of(path) == 0777, "replaced; 0777, whatever the umask is");
	mi_unix_remove(path, &file);
	CHECK(mode_of(path) == 0777, "another one's file is not removed");
	CHECK(accept(server, NULL, NULL) < 0 && errno == EAGAIN, "does not block");
	CHECK(umask(mask) == 027, "the umask is what it was");
	(void)close(server);
	mi_unix_remove(path, &other);
	CHECK(mode_of(path) == 0, "its own is");
}

/* What is no socket of ours is never replaced. */
static void in_the_way(const char *path)
{
	struct mi_unix_file file = {0};
	struct sockaddr_un address;
	struct mi_err err = {0};
	char link[80];
	int fd = open(path, O_CREAT | O_WRONLY, 0600);

	CHECK(fd >= 0 && write(fd, "precious", 8) == 8 && close(fd) == 0, "a file");
	(void)snprintf(link, sizeof link, "%s.link", path);
	CHECK(symlink(path, link) == 0, "a link");
	for (int i = 0; i < 2; i++) {
		CHECK(mi_unix_address(&address, i ? link : path, &err) == 0 &&
		          mi_unix_listen(&address, 0600, 0, 4, &file, &err) < 0 &&
		          err.code == MI_CONFIG && err.hint[0],
		      "refused: %s", err.text);
		mi_unix_remove(i ? link : path, &file);
	}
	CHECK(access(path, R_OK) == 0 && access(link, R_OK) == 0, "both are still there");
	(void)unlink(link);
	(void)unlink(path);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	CHECK(mi_unix_address(&address, path, &err) == 0 &&
	          bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
	          mi_unix_listen(&address, 0600, 0, 4, &file, &err) < 0 &&
	          err.code == MI_UNAVAILABLE && access(path, R_OK) == 0,
	      "a socket of another kind, in use: %s", err.text);
	(void)close(fd);
	(void)unlink(path);
}

int main(void)
{
	char folder[] = "/tmp/t_base_unix_socket.XXXXXX", path[64];

	paths();
	CHECK(mkdtemp(folder) != NULL, "a folder");
	(void)snprintf(path, sizeof path, "%s/socket", folder);
	ends(path);
	in_the_way(path);
	(void)rmdir(folder);
	DONE();
}
