#include "route/net/leg.h"
#include "base/buf.h"
#include "base/err.h"
#include "route/net/loop.h"

#include <errno.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

static uint32_t interest(bool out)
{
	return EPOLLIN | EPOLLRDHUP | (out ? EPOLLOUT : 0);
}

/* Unix sockets report EPOLLOUT each time the peer reads, so it is asked for only while needed. */
static int want_out(struct mi_leg *leg, bool want)
{
	if (leg->wants_out == want)
		return 0;
	leg->wants_out = want;
	return mi_loop_rewatch(leg->loop, leg->fd, interest(want), &leg->watch);
}

int mi_leg_open(struct mi_leg *leg, struct mi_loop *loop, int fd, bool connecting,
                struct mi_err *err)
{
	leg->loop = loop;
	leg->fd = fd;
	leg->readable = leg->hung_up = false;
	leg->wants_out = connecting;
	if (mi_loop_watch(loop, fd, interest(connecting), &leg->watch, err) == 0)
		return 0;
	mi_leg_close(leg);
	return -1;
}

void mi_leg_close(struct mi_leg *leg)
{
	if (leg->ssl) {
		/* no close_notify is waited for: the peer learns from the socket */
		SSL_set_quiet_shutdown(leg->ssl, 1);
		(void)SSL_shutdown(leg->ssl);
		SSL_free(leg->ssl);
		leg->ssl = NULL;
	}
	if (leg->fd >= 0)
		(void)close(leg->fd);
	leg->fd = -1;
	leg->readable = leg->wants_out = false;
	mi_buf_release(&leg->in);
	mi_buf_release(&leg->out);
	leg->sent = 0;
}

void mi_leg_event(struct mi_leg *leg, uint32_t events)
{
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		leg->readable = true;
	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		leg->hung_up = true;
}

/* ---- Reading ---- */

static enum mi_leg_got read_tls(struct mi_leg *leg, char *into, size_t room, size_t *got)
{
	int n;

	ERR_clear_error();
	n = SSL_read(leg->ssl, into, (int)room);
	if (n > 0) {
		*got = (size_t)n;
		return MI_LEG_BYTES; /* more may be in OpenSSL's own buffer */
	}
	switch (SSL_get_error(leg->ssl, n)) {
	case SSL_ERROR_WANT_READ:
		leg->readable = false;
		return MI_LEG_NOTHING;
	case SSL_ERROR_WANT_WRITE:
		if (want_out(leg, true) != 0)
			return MI_LEG_CLOSED;
		return MI_LEG_NOTHING;
	case SSL_ERROR_ZERO_RETURN:
		errno = 0;
		return MI_LEG_CLOSED;
	default:
		ERR_clear_error();
		return MI_LEG_CLOSED;
	}
}

static enum mi_leg_got read_plain(struct mi_leg *leg, char *into, size_t room, size_t *got)
{
	ssize_t n = recv(leg->fd, into, room, 0);

	if (n > 0) {
		*got = (size_t)n;
		/* a short read has emptied the socket, and what comes next is a new edge; but an
		 * end that was announced already makes no other */
		if ((size_t)n < room && !leg->hung_up)
			leg->readable = false;
		return MI_LEG_BYTES;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		leg->readable = errno == EINTR;
		return MI_LEG_NOTHING;
	}
	if (n == 0)
		errno = 0;
	return MI_LEG_CLOSED;
}

enum mi_leg_got mi_leg_read(struct mi_leg *leg, struct mi_span *data)
{
	char *into = mi_loop_buffer(leg->loop);
	size_t tail = leg->in.len, room = MI_LOOP_BUFFER - tail, got = 0;
	enum mi_leg_got what;

	if (tail < MI_LOOP_BUFFER / 2) {
		if (tail)
			memcpy(into, leg->in.data, tail);
	} else { /* a long packet that is needed whole */
		room = MI_LOOP_BUFFER;
		mi_buf_reserve(&leg->in, room);
		into = leg->in.data;
	}
	what = leg->ssl ? read_tls(leg, into + tail, room, &got)
	                : read_plain(leg, into + tail, room, &got);
	leg->bytes_in += got;
	if (what == MI_LEG_BYTES)
		*data = mi_span(into, tail + got);
	return what;
}

enum mi_leg_got mi_leg_read_first(struct mi_leg *leg, size_t max, struct mi_span *data)
{
	char *into = mi_loop_buffer(leg->loop);
	size_t tail = leg->in.len, got = 0;
	enum mi_leg_got what;

	if (leg->ssl || tail >= max)
		return mi_leg_read(leg, data);
	if (tail)
		memcpy(into, leg->in.data, tail);
	what = read_plain(leg, into + tail, max - tail, &got);
	leg->bytes_in += got;
	if (what == MI_LEG_BYTES)
		*data = mi_span(into, tail + got);
	return what;
}

void mi_leg_keep(struct mi_leg *leg, struct mi_span data)
{
	bool inside =
	    leg->in.data && data.data >= leg->in.data && data.data <= leg->in.data + leg->in.room;

	if (data.len == 0) {
		mi_buf_release(&leg->in);
	} else if (inside) {
		memmove(leg->in.data, data.data, data.len);
		leg->in.len = data.len;
	} else {
		mi_buf_reset(&leg->in);
		mi_buf_add_span(&leg->in, data);
	}
}

/* ---- Writing ---- */

/* How much of data the socket takes now; -1: lost. */
static ssize_t write_some(struct mi_leg *leg, struct mi_span data)
{
	ssize_t n;

	if (leg->ssl) {
		ERR_clear_error();
		n = SSL_write(leg->ssl, data.data,
		              data.len > INT32_MAX ? INT32_MAX : (int)data.len);
		if (n > 0)
			return n;
		switch (SSL_get_error(leg->ssl, (int)n)) {
		case SSL_ERROR_WANT_READ:
		case SSL_ERROR_WANT_WRITE:
			return 0;
		default:
			ERR_clear_error();
			return -1;
		}
	}
	n = send(leg->fd, data.data, data.len, MSG_NOSIGNAL);
	if (n >= 0)
		return n;
	return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

int mi_leg_write(struct mi_leg *leg, struct mi_span data)
{
	if (leg->fd < 0)
		return -1;
	leg->bytes_out += data.len;
	while (data.len > 0 && leg->out.len == 0) {
		ssize_t n = write_some(leg, data);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		data.data += n;
		data.len -= (size_t)n;
	}
	if (data.len == 0)
		return 0;
	mi_buf_add_span(&leg->out, data);
	return want_out(leg, true);
}

int mi_leg_flush(struct mi_leg *leg)
{
	if (leg->fd < 0)
		return -1;
	while (leg->sent < leg->out.len) {
		ssize_t n =
		    write_some(leg, mi_span(leg->out.data + leg->sent, leg->out.len - leg->sent));

		if (n < 0)
			return -1;
		if (n == 0)
			return 0;
		leg->sent += (size_t)n;
	}
	leg->sent = 0;
	mi_buf_release(&leg->out);
	return want_out(leg, false);
}

/* ---- TLS ---- */

void mi_leg_start_tls(struct mi_leg *leg, SSL *ssl)
{
	leg->ssl = ssl;
	(void)SSL_set_fd(ssl, leg->fd);
	SSL_set_read_ahead(ssl, 1);
	(void)SSL_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
	                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	leg->readable = true;
}

enum mi_leg_got mi_leg_handshake(struct mi_leg *leg, struct mi_err *err)
{
	unsigned long reason;
	long verified;
	int n;

	ERR_clear_error();
	n = SSL_do_handshake(leg->ssl);
	if (n == 1) {
		leg->readable = true; /* the peer's next bytes may be in OpenSSL's buffer */
		return want_out(leg, false) == 0 ? MI_LEG_BYTES : MI_LEG_CLOSED;
	}
	switch (SSL_get_error(leg->ssl, n)) {
	case SSL_ERROR_WANT_READ:
		return want_out(leg, false) == 0 ? MI_LEG_NOTHING : MI_LEG_CLOSED;
	case SSL_ERROR_WANT_WRITE:
		return want_out(leg, true) == 0 ? MI_LEG_NOTHING : MI_LEG_CLOSED;
	default:
		break;
	}
	reason = ERR_peek_last_error();
	verified = SSL_get_verify_result(leg->ssl);
	if (verified != X509_V_OK)
		(void)mi_fail(err, MI_CONFIG, "TLS: %s", X509_verify_cert_error_string(verified));
	else
		(void)mi_fail(err, MI_PROTOCOL, "TLS: %s",
		              reason ? ERR_reason_error_string(reason) : "the peer hung up");
	ERR_clear_error();
	return MI_LEG_CLOSED;
}
