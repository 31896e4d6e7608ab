/* Unix sockets: addresses, listening, connecting. */
#ifndef MI_BASE_UNIX_SOCKET_H
#define MI_BASE_UNIX_SOCKET_H

#include "base/err.h"

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <time.h>

/* Fills address with a path. MI_CONFIG when the path is empty or longer than an address holds (107
 * bytes). */
MI_MUST int mi_unix_address(struct sockaddr_un *address, const char *path, struct mi_err *err);

/* The file of a socket that this process listens at: no other file by that path is ever removed. */
struct mi_unix_file {
	dev_t device;
	ino_t inode; /* 0: none */
	struct timespec
	    made; /* an inode may be given again; 0 where the file system does not say */
};

/* Listens at the address; the file there gets the mode (0600...) whatever the umask is. The umask
 * is changed meanwhile for the whole process: call this before other threads make files. flags:
 * SOCK_NONBLOCK or 0; closed on exec anyway. A socket of this user's at which nobody listens any
 * more, as a killed process leaves, is replaced. Returns the socket, the caller's, and fills in
 * *file; else -1: MI_CONFIG for anything else that is there (a file, another user's socket),
 * MI_UNAVAILABLE when somebody listens there, MI_DENIED, or MI_CONFIG for what the system refuses
 * besides. */
MI_MUST int mi_unix_listen(const struct sockaddr_un *address, unsigned mode, int flags, int backlog,
                           struct mi_unix_file *file, struct mi_err *err);

/* Removes the file of a socket, if that is what is still at path. Harmless on {0}. */
void mi_unix_remove(const char *path, const struct mi_unix_file *file);

/* Connects to the address. flags: as of mi_unix_listen; with SOCK_NONBLOCK a full backlog is
 * EAGAIN. Returns the socket, the caller's; -1 with errno set (ECONNREFUSED: nobody listens at the
 * file).
 */
int mi_unix_connect(const struct sockaddr_un *address, int flags);

#endif
