/* A channel: a socket to a client or to a server, perhaps under TLS, that is read into the loop's
 * buffer and written to at once. What the socket does not take is kept, and the session then stops
 * reading at its other channel (whose readable flag remembers that there is more); so a channel
 * keeps at most a loop's buffer and one packet of the router's own. An idle channel holds no memory
 * but this struct and OpenSSL's. */
#ifndef MI_ROUTE_NET_CHANNEL_H
#define MI_ROUTE_NET_CHANNEL_H

#include "base/buf.h"
#include "base/err.h"
#include "route/net/loop.h"

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

struct mi_channel {
	struct mi_watch watch;
	struct mi_loop *loop;
	int fd; /* -1: closed */
	SSL *ssl;
	bool readable; /* epoll has reported bytes, and not all were read */
	/* the peer has closed its side: reading will come to MI_CHANNEL_CLOSED */
	bool hung_up;
	bool local;        /* a Unix socket: as secure as TLS */
	bool wants_out;    /* registered for EPOLLOUT: backpressure, connect or TLS */
	struct mi_buf in;  /* the beginning of what could not be worked on yet */
	struct mi_buf out; /* what the socket did not take */
	size_t sent;       /* bytes of out that were sent */
	uint64_t bytes_in, bytes_out;
};

/* Takes over fd, which is non-blocking, and registers it: watch.ready, which the owner has set, is
 * called from then on. connecting: connect(2) is under way. On -1 the channel is closed. */
MI_MUST int mi_channel_open(struct mi_channel *channel, struct mi_loop *loop, int fd,
                            bool connecting, struct mi_err *err);
/* Closes the socket, and frees what was kept. Harmless when closed. */
void mi_channel_close(struct mi_channel *channel);

static inline bool mi_channel_is_open(const struct mi_channel *channel)
{
	return channel->fd >= 0;
}

/* Records epoll's events in the flags. Then the owner reads and flushes. */
void mi_channel_event(struct mi_channel *channel, uint32_t events);

enum mi_channel_got {
	MI_CHANNEL_NOTHING, /* nothing more to read for now: watch.ready will be called */
	MI_CHANNEL_BYTES,
	MI_CHANNEL_CLOSED, /* the end, or an error; errno says which (0: the end) */
};

/* Reads once. The tail that channel->in holds comes first: *data is the tail and the new bytes in
 * one piece (in the loop's buffer, or in memory of the channel's when the tail is too long for
 * that). *data, and what points into it, stays as it is until the next read, or the callback's
 * return: whatever becomes of the channel meanwhile, be it kept, emptied or closed. */
enum mi_channel_got mi_channel_read(struct mi_channel *channel, struct mi_span *data);
/* As mi_channel_read, but at most max bytes with the tail, so that what follows stays in the
 * socket. */
enum mi_channel_got mi_channel_read_first(struct mi_channel *channel, size_t max,
                                          struct mi_span *data);
/* Keeps data, the end of what mi_channel_read gave, as the tail. Empty data: there is none. */
void mi_channel_keep(struct mi_channel *channel, struct mi_span data);

/* The peer has closed its side, and of what it sent nothing is left to be read, or only last, of at
 * most 16 bytes. */
bool mi_channel_ends_with(struct mi_channel *channel, struct mi_span last);

/* Nothing more will be written: the peer sees the end, and may still answer. */
void mi_channel_end(struct mi_channel *channel);

/* Writes, or keeps what the socket does not take. -1: the connection is lost. */
MI_MUST int mi_channel_write(struct mi_channel *channel, struct mi_span data);
/* Writes what was kept. -1: the connection is lost. */
MI_MUST int mi_channel_flush(struct mi_channel *channel);

static inline bool mi_channel_is_blocked(const struct mi_channel *channel)
{
	return channel->out.len > 0;
}

/* TLS: ssl is new, with its role set, and becomes the channel's. Then call _handshake, and again on
 * each event as long as it returns MI_CHANNEL_NOTHING. MI_CHANNEL_BYTES: the handshake is complete;
 * MI_CHANNEL_CLOSED: it has failed, and err says why. */
void mi_channel_start_tls(struct mi_channel *channel, SSL *ssl);
enum mi_channel_got mi_channel_handshake(struct mi_channel *channel, struct mi_err *err);

#endif
