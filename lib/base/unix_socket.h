/* Unix sockets: addresses, listening, connecting. */
#ifndef MI_BASE_UNIX_SOCKET_H
#define MI_BASE_UNIX_SOCKET_H

#include "base/err.h"

#include <sys/socket.h>
#include <sys/un.h>

/* Fills address with a path. MI_CONFIG when the path is empty or longer than an address holds (107
 * bytes). */
MI_MUST int mi_unix_address(struct sockaddr_un *address, const char *path, struct mi_err *err);

/* Listens at the address; the file there gets the mode (0600...) whatever the umask is. The umask
 * is changed meanwhile for the whole process: call this before other threads make files. flags:
 * SOCK_NONBLOCK or 0; closed on exec anyway. A file that is there already is in the way
 * (EADDRINUSE). Returns the socket, the caller's; -1 with errno set. */
int mi_unix_listen(const struct sockaddr_un *address, unsigned mode, int flags, int backlog);

/* Connects to the address. flags: as of mi_unix_listen; with SOCK_NONBLOCK a full backlog is
 * EAGAIN. Returns the socket, the caller's; -1 with errno set (ECONNREFUSED: nobody listens at the
 * file).
 */
int mi_unix_connect(const struct sockaddr_un *address, int flags);

#endif
