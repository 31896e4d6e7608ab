#include "route/back/open.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/unix_socket.h"
#include "protocol/caps.h"
#include "route/auth/users.h"
#include "route/net/channel.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"
#include "route/state/database.h"
#include "route/state/note.h"
#include "route/state/prepared.h"
#include "route/state/settings.h"
#include "route/state/state.h"
#include "route/state/stmt.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct mi_route_server *mi_back_server(struct mi_backend *back)
{
	return &back->session->route->server[back->side];
}

const struct mi_route_account *mi_back_account(const struct mi_backend *back)
{
	return &back->session->user->side[back->side];
}

int mi_back_resolve(struct mi_route_server *server, struct mi_err *err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list, *old;
	char port[8];
	int code;

	if (!server->given || server->place.socket)
		return 0;
	(void)snprintf(port, sizeof port, "%u", server->place.port);
	code = getaddrinfo(server->place.host, port, &hints, &list);
	if (code != 0)
		return mi_fail(err, MI_UNAVAILABLE, "%s: unknown host: %s", server->place.host,
		               gai_strerror(code));
	(void)pthread_mutex_lock(&server->lock);
	old = server->addresses;
	server->addresses = list;
	(void)pthread_mutex_unlock(&server->lock);
	if (old)
		freeaddrinfo(old);
	return 0;
}

static int begin_connect(int family, const struct sockaddr *address, socklen_t len, int *into)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	if (connect(fd, address, len) == 0 || errno == EINPROGRESS) {
		*into = fd;
		return 0;
	}
	(void)close(fd);
	return -1;
}

static int connect_unix(const struct mi_route_server *server, int *fd)
{
	struct sockaddr_un address;
	struct mi_err err = {0};

	if (mi_unix_address(&address, server->place.socket, &err) != 0) {
		errno = ENAMETOOLONG;
		return -1;
	}
	*fd = mi_unix_connect(&address, SOCK_NONBLOCK);
	return *fd < 0 ? -1 : 0;
}

static int connect_tcp(struct mi_route_server *server, int *fd)
{
	int ret = -1;

	errno = EHOSTUNREACH;
	(void)pthread_mutex_lock(&server->lock);
	for (struct addrinfo *at = server->addresses; at && ret != 0; at = at->ai_next)
		ret = begin_connect(at->ai_family, at->ai_addr, at->ai_addrlen, fd);
	(void)pthread_mutex_unlock(&server->lock);
	return ret;
}

int mi_back_open(struct mi_backend *back, struct mi_err *err)
{
	struct mi_route_session *session = back->session;
	struct mi_route_server *server = mi_back_server(back);
	struct mi_loop *loop = session->client.loop;
	int fd = -1;

	if (back->state != MI_BACK_NONE)
		return 0;
	if (!server->given || !mi_back_account(back)->user)
		return mi_fail(err, MI_CONFIG, "user '%s' has no account at the %s",
		               session->user->name, mi_route_side_names[back->side]);
	back->caps = 0;
	back->seq = 0;
	back->status = MI_STATUS_AUTOCOMMIT;
	back->channel.local = server->place.socket != NULL;
	if ((server->place.socket ? connect_unix(server, &fd) : connect_tcp(server, &fd)) != 0)
		return mi_fail_errno(err, MI_UNAVAILABLE, errno, "cannot connect");
	if (mi_channel_open(&back->channel, loop, fd, true, err) != 0)
		return -1;
	mi_back_enter(back, MI_BACK_CONNECTING);
	return 0;
}

/* Takes leave of the server, which else counts and logs an aborted client. It may do that where the
 * client itself has not taken its leave. */
static void take_leave(struct mi_backend *back)
{
	static const char quit[] = {1, 0, 0, 0, MI_COM_QUIT};

	if (back->state != MI_BACK_IDLE || mi_channel_is_blocked(&back->channel) ||
	    (mi_back_is_writer(back) && back->session->vanished))
		return;
	if (mi_channel_write(&back->channel, mi_span(quit, sizeof quit)) != 0)
		back->broken = true;
}

void mi_back_close(struct mi_backend *back)
{
	if (back->state == MI_BACK_NONE)
		return;
	take_leave(back);
	mi_channel_close(&back->channel);
	mi_buf_release(&back->greeting);
	mi_back_enter(back, MI_BACK_NONE);
	back->status = MI_STATUS_AUTOCOMMIT;
	back->broken = false;
	mi_prepared_begin(&back->prepared, false);
	mi_database_lost(back);
	mi_session_settings_lost(back);
	mi_note_closed(back);
	mi_route_stmts_lost(back);
}
