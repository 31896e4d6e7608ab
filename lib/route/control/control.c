#include "route/control/control.h"
#include "base/buf.h"
#include "base/container.h"
#include "base/err.h"
#include "base/msg.h"
#include "base/unix_socket.h"
#include "route/control/commands.h"
#include "route/control/peer.h"
#include "route/control/reload.h"
#include "route/net/channel.h"
#include "route/net/loop.h"
#include "route/shared/shared.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 16, PEERS = 32 };

/* ---- Lines ---- */

/* Takes one line off data and carries it out. False: there is no whole line, or the peer waits for
 * the answer to the one before. */
static bool take_line(struct mi_peer *peer, struct mi_span *data)
{
	const char *end = data->len ? memchr(data->data, '\n', data->len) : NULL;
	char line[MI_CONTROL_LINE + 1];
	size_t len = end ? (size_t)(end - data->data) : data->len;

	if (len > MI_CONTROL_LINE) {
		mi_peer_fail(peer, MI_USAGE, "a line of more than 512 bytes");
		mi_peer_leave(peer);
		return false;
	}
	if (!end || peer->waiting || mi_channel_is_blocked(&peer->channel))
		return false;
	memcpy(line, data->data, len);
	line[len > 0 && line[len - 1] == '\r' ? len - 1 : len] = '\0';
	*data = mi_span(end + 1, data->len - len - 1);
	mi_control_obey(peer, line);
	return !peer->gone;
}

/* Takes lines that were read earlier and kept in the channel. */
static void take_kept(struct mi_peer *peer)
{
	struct mi_buf kept = peer->channel.in;
	struct mi_span data = mi_buf_span(&kept);

	peer->channel.in = (struct mi_buf){0};
	while (take_line(peer, &data))
		continue;
	if (!peer->gone) {
		mi_buf_add_span(&peer->channel.in, data);
		if (peer->channel.in.len == 0)
			mi_buf_release(&peer->channel.in);
	}
	mi_buf_release(&kept);
}

static void read_lines(struct mi_peer *peer)
{
	struct mi_span data;

	while (!peer->gone && peer->channel.readable) {
		switch (mi_channel_read(&peer->channel, &data)) {
		case MI_CHANNEL_BYTES:
			mi_channel_keep(&peer->channel, data);
			take_kept(peer);
			break;
		case MI_CHANNEL_NOTHING:
			return;
		case MI_CHANNEL_CLOSED:
			mi_peer_leave(peer);
			return;
		}
	}
}

static void peer_event(struct mi_watch *watch, uint32_t events)
{
	struct mi_peer *peer = mi_container_of(watch, struct mi_peer, channel.watch);

	if (peer->gone)
		return;
	mi_channel_event(&peer->channel, events);
	if (mi_channel_flush(&peer->channel) != 0) {
		mi_peer_leave(peer);
		return;
	}
	if (peer->channel.in.len)
		take_kept(peer);
	read_lines(peer);
}

/* ---- Who may speak ---- */

static bool may_speak(int fd)
{
	struct ucred who;
	socklen_t size = sizeof who;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 &&
	    (who.uid == 0 || who.uid == geteuid()))
		return true;
	mi_warn("control socket: uid %ld is not heard", (long)who.uid);
	return false;
}

static void refuse(int fd, const char *line)
{
	/* a new socket has room for a line; nobody is told if not */
	ssize_t n = write(fd, line, strlen(line));

	(void)n;
	(void)close(fd);
}

static void welcome(struct mi_control *control, int fd)
{
	struct mi_peer *peer;
	struct mi_err err = {0};

	if (!may_speak(fd)) {
		refuse(fd, "error 77 only root and the router's own user are heard\n");
		return;
	}
	if (control->count >= PEERS) {
		refuse(fd, "error 75 too many connections to the control socket\n");
		return;
	}
	peer = mi_alloc(sizeof *peer);
	peer->control = control;
	peer->channel.watch.ready = peer_event;
	peer->channel.local = true;
	peer->next = control->peers;
	if (peer->next)
		peer->next->prev = peer;
	control->peers = peer;
	control->count++;
	mi_detail("control socket: a peer, %u in all", control->count);
	if (mi_channel_open(&peer->channel, mi_control_loop(control), fd, false, &err) != 0) {
		mi_warn("control socket: %s", err.text);
		mi_peer_leave(peer);
	}
}

static void on_connect(struct mi_watch *watch, uint32_t events)
{
	struct mi_control *control = mi_container_of(watch, struct mi_control, watch);
	int fd;

	(void)events;
	while ((fd = accept4(control->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
		welcome(control, fd);
}

static void free_peer(struct mi_peer *peer)
{
	struct mi_control *control = peer->control;

	if (peer->next)
		peer->next->prev = peer->prev;
	if (peer->prev)
		peer->prev->next = peer->next;
	else
		control->peers = peer->next;
	control->count--;
	mi_buf_release(&peer->text);
	free(peer);
}

/* At the end of a turn: frees the peers that have gone, and goes on with the lines of those that
 * waited and do so no longer. */
static void work(struct mi_task *task)
{
	struct mi_control *control = mi_container_of(task, struct mi_control, work);
	struct mi_peer *next;

	for (struct mi_peer *at = control->peers; at; at = next) {
		next = at->next;
		if (!at->gone && !at->waiting && at->channel.in.len)
			take_kept(at);
		if (at->gone)
			free_peer(at);
	}
}

/* ---- SIGHUP ---- */

static void on_hup(struct mi_watch *watch, uint32_t events)
{
	struct mi_control *control = mi_container_of(watch, struct mi_control, hup);
	struct signalfd_siginfo info;
	struct mi_err err = {0};

	(void)events;
	while (read(control->hup_fd, &info, sizeof info) == (ssize_t)sizeof info)
		if (mi_route_reload(control->route, control->options.users, &err) != 0)
			mi_warn("the users stay as they were: %s", err.text);
}

static int watch_hup(struct mi_control *control, struct mi_err *err)
{
	sigset_t hup;

	(void)sigemptyset(&hup);
	(void)sigaddset(&hup, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &hup, NULL);
	control->hup_fd = signalfd(-1, &hup, SFD_NONBLOCK | SFD_CLOEXEC);
	if (control->hup_fd < 0)
		return mi_fail_errno(err, MI_AGAIN, errno, "cannot wait for a signal");
	return mi_loop_watch(mi_control_loop(control), control->hup_fd, EPOLLIN, &control->hup,
	                     err);
}

/* ---- Life ---- */

static int listen_at(struct mi_control *control, struct mi_err *err)
{
	const char *path = control->options.path;
	struct sockaddr_un address;

	if (mi_unix_address(&address, path, err) != 0)
		return -1;
	control->fd = mi_unix_listen(&address, 0600, SOCK_NONBLOCK, BACKLOG, &control->file, err);
	if (control->fd < 0)
		return mi_within(err, "--control");
	return mi_loop_watch(mi_control_loop(control), control->fd, EPOLLIN, &control->watch, err);
}

int mi_control_open(struct mi_control **out, struct mi_route *route, struct mi_lease *lease,
                    const struct mi_control_options *options, struct mi_err *err)
{
	struct mi_control *control = mi_alloc(sizeof *control);

	control->route = route;
	control->lease = lease;
	control->options = *options;
	control->watch.ready = on_connect;
	control->work.run = work;
	control->warm_timer.fire = mi_control_look_at_warmth;
	control->hup.ready = on_hup;
	control->hup_fd = control->fd = -1;
	if (listen_at(control, err) == 0 && watch_hup(control, err) == 0) {
		*out = control;
		return 0;
	}
	mi_control_close(control);
	return -1;
}

void mi_control_close(struct mi_control *control)
{
	if (!control)
		return;
	for (struct mi_peer *at = control->peers; at; at = at->next)
		mi_peer_leave(at);
	work(&control->work);
	if (control->hup_fd >= 0)
		(void)close(control->hup_fd);
	if (control->fd >= 0) {
		(void)close(control->fd);
		mi_unix_remove(control->options.path, &control->file);
	}
	free(control);
}
