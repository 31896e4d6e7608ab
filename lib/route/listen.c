#include "route/listen.h"
#include "base/buf.h"
#include "base/container.h"
#include "base/err.h"
#include "base/msg.h"
#include "base/unix_socket.h"
#include "route/auth/callers.h"
#include "route/back/sessions.h"
#include "route/net/loop.h"
#include "route/session/session.h"
#include "route/shared/shared.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 4096, FULL_MS = 100 };

struct listener {
	struct mi_watch watch;
	struct mi_timer again; /* tries again after the process had no descriptors left */
	struct mi_route *route;
	unsigned loop;
	int fd;
	bool local;
};

struct local {
	char *path;
	struct mi_unix_file file;
};

struct mi_route_listeners {
	struct listener **items;
	size_t count;
	struct local *locals; /* Unix sockets, whose files are to be removed */
	size_t local_count;
};

/* ---- Clients ---- */

static void peer_text(const struct sockaddr_storage *address, bool local, char *text, size_t size)
{
	char host[INET6_ADDRSTRLEN] = "?";

	if (local) {
		(void)snprintf(text, size, "localhost");
		return;
	}
	(void)getnameinfo((const struct sockaddr *)address, sizeof *address, host, sizeof host,
	                  NULL, 0, NI_NUMERICHOST);
	/* an IPv4 client of an IPv6 socket is shown by its IPv4 address */
	(void)snprintf(text, size, "%s", strncmp(host, "::ffff:", 7) == 0 ? host + 7 : host);
}

static uint64_t caller_of(const struct mi_callers *callers, int fd, bool local,
                          const struct sockaddr_storage *address)
{
	struct ucred who = {.uid = (uid_t)-1};
	socklen_t len = sizeof who;

	if (!local)
		return mi_callers_address(callers, (const struct sockaddr *)address,
		                          sizeof *address);
	(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len);
	return mi_callers_local(callers, who.uid);
}

static void on_client(struct mi_watch *watch, uint32_t events)
{
	struct listener *listener = mi_container_of(watch, struct listener, watch);
	struct mi_route *route = listener->route;
	struct sockaddr_storage address;
	char peer[64];
	uint64_t caller;
	int fd, on = 1;

	(void)events;
	for (;;) {
		socklen_t len = sizeof address;

		if (listener->fd < 0)
			return;
		fd = accept4(listener->fd, (struct sockaddr *)&address, &len,
		             SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0)
			break;
		if (!listener->local)
			(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		if (!listener->local)
			(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
		peer_text(&address, listener->local, peer, sizeof peer);
		caller = caller_of(route->sessions[listener->loop]->callers, fd, listener->local,
		                   &address);
		mi_session_open(route->sessions[listener->loop], fd, listener->local, peer, caller);
	}
	if (errno == EAGAIN)
		return;
	mi_warn("cannot take a client: %s", strerror(errno));
	mi_timer_set(route->loops[listener->loop], &listener->again, FULL_MS);
}

static void on_again(struct mi_timer *timer)
{
	struct listener *listener = mi_container_of(timer, struct listener, again);

	on_client(&listener->watch, EPOLLIN);
}

/* ---- Sockets ---- */

static int add(struct mi_route *route, int fd, unsigned loop, bool local, struct mi_err *err)
{
	struct mi_route_listeners *all = route->listeners;
	struct listener *listener = mi_alloc(sizeof *listener), **slot;

	listener->watch.ready = on_client;
	listener->again.fire = on_again;
	listener->route = route;
	listener->loop = loop;
	listener->fd = fd;
	listener->local = local;
	slot = mi_array_add(&all->items, &all->count, sizeof *slot);
	*slot = listener;
	/* several loops share a Unix socket: one of them is woken */
	return mi_loop_watch(route->loops[loop], fd, EPOLLIN | (local ? EPOLLEXCLUSIVE : 0),
	                     &listener->watch, err);
}

static int cannot(const char *place, struct mi_err *err)
{
	(void)mi_fail_errno(err, errno == EACCES ? MI_DENIED : MI_UNAVAILABLE, errno,
	                    "cannot listen at %s", place);
	if (errno == EADDRINUSE)
		(void)mi_hint(err, "another server or router is there already");
	return -1;
}

static int listen_tcp_at(const struct addrinfo *at, bool shared)
{
	int fd = socket(at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1, off = 0;

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (shared)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
	if (at->ai_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
	if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static int listen_tcp(struct mi_route *route, const char *place, struct mi_err *err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *list;
	const char *colon = strrchr(place, ':');
	char host[256];
	int code, ret = 0;

	if (!colon || (size_t)(colon - place) >= sizeof host || !colon[1])
		return mi_fail(err, MI_CONFIG, "--listen=%s is not HOST:PORT and no /path", place);
	memcpy(host, place, (size_t)(colon - place));
	host[colon - place] = '\0';
	if (host[0] == '[' && colon[-1] == ']') { /* an IPv6 address */
		host[colon - place - 1] = '\0';
		memmove(host, host + 1, strlen(host));
	}
	code = getaddrinfo(host[0] ? host : NULL, colon + 1, &hints, &list);
	if (code != 0)
		return mi_fail(err, MI_CONFIG, "--listen=%s: %s", place, gai_strerror(code));
	for (unsigned loop = 0; loop < route->loop_count && ret == 0; loop++) {
		int fd = listen_tcp_at(list, route->loop_count > 1);

		ret = fd < 0 ? cannot(place, err) : add(route, fd, loop, false, err);
	}
	freeaddrinfo(list);
	return ret;
}

static int listen_unix(struct mi_route *route, const char *place, struct mi_err *err)
{
	struct sockaddr_un address;
	struct mi_route_listeners *all = route->listeners;
	struct mi_unix_file file = {0};
	struct local *local;
	int fd, ret = 0;

	if (mi_unix_address(&address, place, err) != 0)
		return mi_within(err, "--listen");
	fd = mi_unix_listen(&address, 0777, SOCK_NONBLOCK, BACKLOG, &file, err);
	if (fd < 0)
		return mi_within(err, "--listen");
	local = mi_array_add(&all->locals, &all->local_count, sizeof *local);
	*local = (struct local){mi_strdup(place), file};
	for (unsigned loop = 0; loop < route->loop_count && ret == 0; loop++) {
		int own = loop ? dup(fd) : fd;

		ret = own < 0 ? cannot(place, err) : add(route, own, loop, true, err);
	}
	return ret;
}

int mi_route_listen(struct mi_route *route, const char *const *places, size_t count,
                    struct mi_err *err)
{
	route->listeners = mi_alloc(sizeof *route->listeners);
	for (size_t i = 0; i < count; i++)
		if ((places[i][0] == '/' ? listen_unix(route, places[i], err)
		                         : listen_tcp(route, places[i], err)) != 0)
			return -1;
	return 0;
}

void mi_route_listen_stop(struct mi_route *route)
{
	struct mi_route_listeners *all = route->listeners;

	for (size_t i = 0; all && i < all->count; i++) {
		struct listener *listener = all->items[i];

		mi_timer_stop(route->loops[listener->loop], &listener->again);
		if (listener->fd >= 0)
			(void)close(listener->fd);
		listener->fd = -1;
	}
	for (size_t i = 0; all && i < all->local_count; i++) {
		mi_unix_remove(all->locals[i].path, &all->locals[i].file);
		free(all->locals[i].path);
	}
	if (all)
		all->local_count = 0;
}

void mi_route_listeners_free(struct mi_route *route)
{
	struct mi_route_listeners *all = route->listeners;

	if (!all)
		return;
	mi_route_listen_stop(route);
	for (size_t i = 0; i < all->count; i++)
		free(all->items[i]);
	free(all->items);
	free(all->locals);
	free(all);
	route->listeners = NULL;
}
