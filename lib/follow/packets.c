#include "follow/packets.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "protocol/packet.h"
#include "server/conn.h"
#include "server/name.h"
#include "server/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { ROOM = 256 << 10, ANSWER_MOST = 64 << 10, PACKET_OK = 0x00 };

struct mi_binlog_packets {
	const struct mi_conn *conn;
	int socket;
	SSL *ssl; /* NULL: plain */
	char *room;
	struct mi_bytes in; /* the bytes in room that have not been walked */
	struct mi_packet_walk walk;
	bool in_event;
	struct mi_buf answer;
};

struct mi_binlog_packets *mi_binlog_packets_new(const struct mi_conn *conn, int socket)
{
	struct mi_binlog_packets *packets;
	SSL *ssl;

	if (!mi_tls_beneath(conn, &ssl))
		return NULL;
	packets = mi_alloc(sizeof *packets);
	packets->conn = conn;
	packets->socket = socket;
	packets->ssl = ssl;
	packets->room = mi_alloc(ROOM);
	return packets;
}

void mi_binlog_packets_free(struct mi_binlog_packets *packets)
{
	if (!packets)
		return;
	free(packets->room);
	mi_buf_release(&packets->answer);
	free(packets);
}

/* ---- Bytes ---- */

static void wait_for(struct mi_binlog_packets *packets, short events)
{
	struct pollfd fd = {.fd = packets->socket, .events = events};

	(void)poll(&fd, 1, -1);
}

static int fail_lost(struct mi_binlog_packets *packets, const char *why, struct mi_err *err)
{
	return mi_fail(err, MI_UNAVAILABLE, "%s: the connection is lost: %s",
	               mi_conn_name(packets->conn), why);
}

/* Reads into room: the number of bytes, or -1. */
static ssize_t read_plain(struct mi_binlog_packets *packets, struct mi_err *err)
{
	for (;;) {
		ssize_t got = recv(packets->socket, packets->room, ROOM, 0);

		if (got > 0)
			return got;
		if (got == 0)
			return fail_lost(packets, "closed by the server", err);
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			wait_for(packets, POLLIN);
		else if (errno != EINTR)
			return fail_lost(packets, strerror(errno), err);
	}
}

static ssize_t read_tls(struct mi_binlog_packets *packets, struct mi_err *err)
{
	for (;;) {
		int got, error;

		ERR_clear_error();
		got = SSL_read(packets->ssl, packets->room, ROOM);
		if (got > 0)
			return got;
		error = SSL_get_error(packets->ssl, got);
		if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
			wait_for(packets, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT);
		else if (error == SSL_ERROR_ZERO_RETURN)
			return fail_lost(packets, "closed by the server", err);
		else if (error != SSL_ERROR_SYSCALL || errno != EINTR)
			return fail_lost(packets, "broken off within TLS", err);
	}
}

static int read_more(struct mi_binlog_packets *packets, struct mi_err *err)
{
	ssize_t got = packets->ssl ? read_tls(packets, err) : read_plain(packets, err);

	if (got < 0)
		return -1;
	packets->in = mi_bytes(mi_span(packets->room, (size_t)got));
	return 0;
}

/* ---- Packets ---- */

/* Looks at the first bytes of a packet's payload: an event behind a byte 0, or another answer. */
static void begin(struct mi_binlog_packets *packets, struct mi_span *part)
{
	packets->in_event = part->len > 0 && part->data[0] == PACKET_OK;
	mi_buf_reset(&packets->answer);
	if (packets->in_event)
		*part = mi_span(part->data + 1, part->len - 1);
}

enum mi_packets_got mi_binlog_packets_next(struct mi_binlog_packets *packets, struct mi_span *piece,
                                           bool *last, struct mi_err *err)
{
	for (;;) {
		enum mi_packet_part part = mi_packet_walk(&packets->walk, &packets->in, piece);

		if (part == MI_PACKET_NOTHING) {
			if (read_more(packets, err) != 0)
				return MI_PACKETS_LOST;
			continue;
		}
		*last = mi_packet_ended(&packets->walk);
		if (part == MI_PACKET_BEGIN)
			begin(packets, piece);
		if (packets->in_event && (piece->len > 0 || *last))
			return MI_PACKETS_EVENT;
		if (packets->in_event)
			continue;
		mi_buf_add_span(&packets->answer, *piece);
		*piece = mi_buf_span(&packets->answer);
		if (*last)
			return MI_PACKETS_ANSWER;
		if (packets->answer.len > ANSWER_MOST) {
			(void)mi_fail(err, MI_PROTOCOL, "%s: a packet that is no event",
			              mi_conn_name(packets->conn));
			return MI_PACKETS_BROKEN;
		}
	}
}
