#include "route/net/channel.h"
#include "base/buf.h"
#include "base/err.h"
#include "route/net/loop.h"

#include <errno.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_LAST = 16 };

static uint32_t interest(bool out)
{
	return EPOLLIN | EPOLLRDHUP | (out ? EPOLLOUT : 0);
}

/* Unix sockets report EPOLLOUT each time the peer reads, so EPOLLOUT is registered only while
 * needed. */
static int want_out(struct mi_channel *channel, bool want)
{
	if (channel->wants_out == want)
		return 0;
	channel->wants_out = want;
	return mi_loop_rewatch(channel->loop, channel->fd, interest(want), &channel->watch);
}

int mi_channel_open(struct mi_channel *channel, struct mi_loop *loop, int fd, bool connecting,
                    struct mi_err *err)
{
	channel->loop = loop;
	channel->fd = fd;
	channel->readable = channel->hung_up = false;
	channel->wants_out = connecting;
	if (mi_loop_watch(loop, fd, interest(connecting), &channel->watch, err) == 0)
		return 0;
	mi_channel_close(channel);
	return -1;
}

/* Empties in. Somebody who is called now may still read what is in it: see mi_channel_read. */
static void let_go_in(struct mi_channel *channel)
{
	if (channel->in.data)
		mi_loop_free_later(channel->loop, channel->in.data);
	channel->in = (struct mi_buf){0};
}

void mi_channel_close(struct mi_channel *channel)
{
	if (channel->ssl) {
		/* no close_notify is waited for: the peer learns from the socket */
		SSL_set_quiet_shutdown(channel->ssl, 1);
		(void)SSL_shutdown(channel->ssl);
		SSL_free(channel->ssl);
		channel->ssl = NULL;
	}
	if (channel->fd >= 0)
		(void)close(channel->fd);
	channel->fd = -1;
	channel->readable = channel->wants_out = false;
	let_go_in(channel);
	mi_buf_release(&channel->out);
	channel->sent = 0;
}

void mi_channel_event(struct mi_channel *channel, uint32_t events)
{
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		channel->readable = true;
	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		channel->hung_up = true;
}

/* ---- Reading ---- */

static enum mi_channel_got read_tls(struct mi_channel *channel, char *into, size_t room,
                                    size_t *got)
{
	int n;

	ERR_clear_error();
	n = SSL_read(channel->ssl, into, (int)room);
	if (n > 0) {
		*got = (size_t)n;
		return MI_CHANNEL_BYTES; /* more may be in OpenSSL's own buffer */
	}
	switch (SSL_get_error(channel->ssl, n)) {
	case SSL_ERROR_WANT_READ:
		channel->readable = false;
		return MI_CHANNEL_NOTHING;
	case SSL_ERROR_WANT_WRITE:
		if (want_out(channel, true) != 0)
			return MI_CHANNEL_CLOSED;
		return MI_CHANNEL_NOTHING;
	case SSL_ERROR_ZERO_RETURN:
		errno = 0;
		return MI_CHANNEL_CLOSED;
	default:
		ERR_clear_error();
		return MI_CHANNEL_CLOSED;
	}
}

static enum mi_channel_got read_plain(struct mi_channel *channel, char *into, size_t room,
                                      size_t *got)
{
	ssize_t n = recv(channel->fd, into, room, 0);

	if (n > 0) {
		*got = (size_t)n;
		/* a short read has emptied the socket, and what comes next is a new edge; but an
		 * end that epoll has announced already makes no new edge */
		if ((size_t)n < room && !channel->hung_up)
			channel->readable = false;
		return MI_CHANNEL_BYTES;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		channel->readable = errno == EINTR;
		return MI_CHANNEL_NOTHING;
	}
	if (n == 0)
		errno = 0;
	return MI_CHANNEL_CLOSED;
}

enum mi_channel_got mi_channel_read(struct mi_channel *channel, struct mi_span *data)
{
	char *into = mi_loop_buffer(channel->loop);
	size_t tail = channel->in.len, room = MI_LOOP_BUFFER - tail, got = 0;
	enum mi_channel_got what;

	if (tail < MI_LOOP_BUFFER / 2) {
		if (tail)
			memcpy(into, channel->in.data, tail);
	} else { /* the tail is a long packet that is needed whole */
		room = MI_LOOP_BUFFER;
		mi_buf_reserve(&channel->in, room);
		into = channel->in.data;
	}
	what = channel->ssl ? read_tls(channel, into + tail, room, &got)
	                    : read_plain(channel, into + tail, room, &got);
	channel->bytes_in += got;
	if (what == MI_CHANNEL_BYTES)
		*data = mi_span(into, tail + got);
	return what;
}

enum mi_channel_got mi_channel_read_first(struct mi_channel *channel, size_t max,
                                          struct mi_span *data)
{
	char *into = mi_loop_buffer(channel->loop);
	size_t tail = channel->in.len, got = 0;
	enum mi_channel_got what;

	if (channel->ssl || tail >= max)
		return mi_channel_read(channel, data);
	if (tail)
		memcpy(into, channel->in.data, tail);
	what = read_plain(channel, into + tail, max - tail, &got);
	channel->bytes_in += got;
	if (what == MI_CHANNEL_BYTES)
		*data = mi_span(into, tail + got);
	return what;
}

void mi_channel_keep(struct mi_channel *channel, struct mi_span data)
{
	struct mi_buf rest = {0};

	if (data.len && data.data == channel->in.data) {
		channel->in.len = data.len;
		return;
	}
	mi_buf_add_span(&rest, data); /* before the memory that it may lie in is let go */
	let_go_in(channel);
	channel->in = rest;
}

/* Looks at what is there to be read, and leaves it there. */
static size_t peek(struct mi_channel *channel, char *into, size_t room)
{
	ssize_t n;

	if (channel->ssl) {
		ERR_clear_error();
		n = SSL_peek(channel->ssl, into, (int)room);
		ERR_clear_error();
	} else {
		n = recv(channel->fd, into, room, MSG_PEEK);
	}
	return n > 0 ? (size_t)n : 0;
}

bool mi_channel_ends_with(struct mi_channel *channel, struct mi_span last)
{
	char left[MAX_LAST + 1];
	size_t len = channel->in.len;

	if (!channel->hung_up || len > last.len)
		return false;
	if (len)
		memcpy(left, channel->in.data, len);
	len += peek(channel, left + len, last.len + 1 - len);
	return len == 0 || mi_span_eq(mi_span(left, len), last);
}

/* ---- Writing ---- */

void mi_channel_end(struct mi_channel *channel)
{
	if (channel->fd >= 0)
		(void)shutdown(channel->fd, SHUT_WR);
}

/* How much of data the socket takes now; -1: lost. */
static ssize_t write_some(struct mi_channel *channel, struct mi_span data)
{
	ssize_t n;

	if (channel->ssl) {
		ERR_clear_error();
		n = SSL_write(channel->ssl, data.data,
		              data.len > INT32_MAX ? INT32_MAX : (int)data.len);
		if (n > 0)
			return n;
		switch (SSL_get_error(channel->ssl, (int)n)) {
		case SSL_ERROR_WANT_READ:
		case SSL_ERROR_WANT_WRITE:
			return 0;
		default:
			ERR_clear_error();
			return -1;
		}
	}
	n = send(channel->fd, data.data, data.len, MSG_NOSIGNAL);
	if (n >= 0)
		return n;
	return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

int mi_channel_write(struct mi_channel *channel, struct mi_span data)
{
	if (channel->fd < 0)
		return -1;
	channel->bytes_out += data.len;
	while (data.len > 0 && channel->out.len == 0) {
		ssize_t n = write_some(channel, data);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		data.data += n;
		data.len -= (size_t)n;
	}
	if (data.len == 0)
		return 0;
	mi_buf_add_span(&channel->out, data);
	return want_out(channel, true);
}

int mi_channel_flush(struct mi_channel *channel)
{
	if (channel->fd < 0)
		return -1;
	while (channel->sent < channel->out.len) {
		ssize_t n = write_some(channel, mi_span(channel->out.data + channel->sent,
		                                        channel->out.len - channel->sent));

		if (n < 0)
			return -1;
		if (n == 0)
			return 0;
		channel->sent += (size_t)n;
	}
	channel->sent = 0;
	mi_buf_release(&channel->out);
	return want_out(channel, false);
}

/* ---- TLS ---- */

void mi_channel_start_tls(struct mi_channel *channel, SSL *ssl)
{
	channel->ssl = ssl;
	(void)SSL_set_fd(ssl, channel->fd);
	SSL_set_read_ahead(ssl, 1);
	(void)SSL_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
	                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	channel->readable = true;
}

enum mi_channel_got mi_channel_handshake(struct mi_channel *channel, struct mi_err *err)
{
	unsigned long reason;
	long verified;
	int n;

	ERR_clear_error();
	n = SSL_do_handshake(channel->ssl);
	if (n == 1) {
		channel->readable = true; /* the peer's next bytes may be in OpenSSL's buffer */
		return want_out(channel, false) == 0 ? MI_CHANNEL_BYTES : MI_CHANNEL_CLOSED;
	}
	switch (SSL_get_error(channel->ssl, n)) {
	case SSL_ERROR_WANT_READ:
		return want_out(channel, false) == 0 ? MI_CHANNEL_NOTHING : MI_CHANNEL_CLOSED;
	case SSL_ERROR_WANT_WRITE:
		return want_out(channel, true) == 0 ? MI_CHANNEL_NOTHING : MI_CHANNEL_CLOSED;
	default:
		break;
	}
	reason = ERR_peek_last_error();
	verified = SSL_get_verify_result(channel->ssl);
	if (verified != X509_V_OK)
		(void)mi_fail(err, MI_CONFIG, "TLS: %s", X509_verify_cert_error_string(verified));
	else
		(void)mi_fail(err, MI_PROTOCOL, "TLS: %s",
		              reason ? ERR_reason_error_string(reason) : "the peer hung up");
	ERR_clear_error();
	return MI_CHANNEL_CLOSED;
}
