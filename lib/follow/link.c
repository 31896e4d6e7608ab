#include "follow/link.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/stop.h"
#include "base/thread.h"
#include "server/conn.h"
#include "server/open.h"
#include "follow/request.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	LINK_AHEAD = 4 << 20,       /* bytes that may wait; a larger piece waits alone */
	LENGTH_BYTES = 4,           /* before each piece: its length */
	KEEP_ROOM = 2 * LINK_AHEAD, /* a buffer of more room is freed when it is empty */
};

#define LAST_PIECE UINT32_C(0x80000000) /* bit in a piece's length; packets have under 2 GiB */

struct mi_binlog_link {
	struct mi_conn conn;
	struct mi_binlog_dump *dump;
	pthread_t thread;
	bool started;

	pthread_mutex_t lock;         /* guards what follows, to the blank line */
	pthread_cond_t room;          /* filled has been emptied */
	struct mi_buf filled;         /* by the thread: pieces, each behind its length */
	bool ended, leaving, waiting; /* the thread has ended; it is to end; the caller waits */
	enum mi_log_state end_state;
	struct mi_err end_err;

	int wake_fd;         /* an eventfd, written when there is news and waiting is set */
	struct mi_buf drain; /* the caller's buffer: pieces to be returned */
	size_t at;           /* of the next piece in drain */
};

/* ---- The thread ---- */

/* Wakes the caller if it waits. With the lock. */
static void wake(struct mi_binlog_link *link)
{
	uint64_t one = 1;

	if (!link->waiting)
		return;
	link->waiting = false;
	if (write(link->wake_fd, &one, sizeof one) < 0 && errno != EAGAIN)
		abort();
}

/* Adds a piece to filled, once there is room. False: the link is being closed. */
static bool hand_over(struct mi_binlog_link *link, struct mi_span piece, bool last)
{
	char length[LENGTH_BYTES];
	bool leaving;

	mi_put_u32(length, (uint32_t)piece.len | (last ? LAST_PIECE : 0));
	(void)pthread_mutex_lock(&link->lock);
	while (!link->leaving && link->filled.len && link->filled.len + piece.len > LINK_AHEAD)
		(void)pthread_cond_wait(&link->room, &link->lock);
	leaving = link->leaving;
	if (!leaving) {
		mi_buf_add(&link->filled, length, sizeof length);
		mi_buf_add_span(&link->filled, piece);
		wake(link);
	}
	(void)pthread_mutex_unlock(&link->lock);
	return !leaving;
}

static void *run(void *arg)
{
	struct mi_binlog_link *link = arg;
	struct mi_span piece;
	struct mi_err err = {0};
	enum mi_log_state state;
	bool last;

	while ((state = mi_binlog_dump_next(link->dump, &piece, &last, &err)) == MI_LINK_EVENT)
		if (!hand_over(link, piece, last))
			break;
	(void)pthread_mutex_lock(&link->lock);
	link->ended = true;
	link->end_state = state;
	link->end_err = err;
	wake(link);
	(void)pthread_mutex_unlock(&link->lock);
	mysql_thread_end();
	return NULL;
}

static int start_thread(struct mi_binlog_link *link, struct mi_err *err)
{
	if (mi_thread_start(&link->thread, run, link, err) != 0)
		return -1;
	link->started = true;
	return 0;
}

int mi_binlog_link_open(struct mi_binlog_link **out, const struct mi_binlog_request *request,
                        struct mi_err *err)
{
	struct mi_binlog_link *link = mi_alloc(sizeof *link);

	(void)pthread_mutex_init(&link->lock, NULL);
	(void)pthread_cond_init(&link->room, NULL);
	link->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (link->wake_fd < 0)
		(void)mi_fail_errno(err, MI_AGAIN, errno, "cannot make an eventfd");
	else if (mi_conn_open(&link->conn, request->source, MI_ROLE_PLAIN, err) == 0 &&
	         mi_conn_same_server(&link->conn, request->identity, err) == 0 &&
	         mi_binlog_dump_open(&link->dump, &link->conn, request, err) == 0 &&
	         start_thread(link, err) == 0) {
		*out = link;
		return 0;
	}
	mi_binlog_link_close(link);
	return -1;
}

/* Ends whatever the thread may be waiting for, room or the socket, and joins it. */
static void end_thread(struct mi_binlog_link *link)
{
	(void)pthread_mutex_lock(&link->lock);
	link->leaving = true;
	(void)pthread_cond_signal(&link->room);
	(void)pthread_mutex_unlock(&link->lock);
	(void)shutdown(mi_binlog_dump_socket(link->dump), SHUT_RDWR);
	(void)pthread_join(link->thread, NULL);
}

void mi_binlog_link_close(struct mi_binlog_link *link)
{
	if (!link)
		return;
	if (link->started)
		end_thread(link);
	mi_binlog_dump_close(link->dump);
	mi_conn_close(&link->conn);
	if (link->wake_fd >= 0)
		(void)close(link->wake_fd);
	mi_buf_release(&link->filled);
	mi_buf_release(&link->drain);
	(void)pthread_cond_destroy(&link->room);
	(void)pthread_mutex_destroy(&link->lock);
	free(link);
}

/* ---- The reader ---- */

static struct mi_span take(struct mi_binlog_link *link, bool *last)
{
	uint32_t length = mi_get_u32(link->drain.data + link->at);
	size_t len = length & ~LAST_PIECE;
	struct mi_span piece = mi_span(link->drain.data + link->at + LENGTH_BYTES, len);

	*last = length & LAST_PIECE;
	link->at += LENGTH_BYTES + len;
	return piece;
}

/* Trades the caller's emptied buffer for the filled one. False: that is empty, too, and waiting is
 * set. */
static bool trade(struct mi_binlog_link *link)
{
	struct mi_buf empty = link->drain;
	bool got;

	if (empty.room > KEEP_ROOM)
		mi_buf_release(&empty);
	mi_buf_reset(&empty);
	(void)pthread_mutex_lock(&link->lock);
	got = link->filled.len > 0;
	link->drain = link->filled;
	link->filled = empty;
	link->at = 0;
	link->waiting = !got && !link->ended;
	(void)pthread_cond_signal(&link->room);
	(void)pthread_mutex_unlock(&link->lock);
	return got;
}

/* Waits for news, or a wish to stop. False when the time is over. */
static bool wait_for_more(struct mi_binlog_link *link, unsigned wait_ms, bool heed_stop)
{
	struct pollfd fds[] = {{.fd = link->wake_fd, .events = POLLIN},
	                       {.fd = mi_stop_fd(), .events = POLLIN}};
	uint64_t count;

	if (poll(fds, heed_stop ? 2 : 1, (int)wait_ms) == 0)
		return false;
	if (read(link->wake_fd, &count, sizeof count) < 0 && errno != EAGAIN && errno != EINTR)
		abort();
	return true;
}

/* How the thread ended, once all its pieces are taken; MI_LINK_NOTHING: it has not. */
static enum mi_log_state how_it_ended(struct mi_binlog_link *link, struct mi_err *err)
{
	enum mi_log_state state = MI_LINK_NOTHING;

	(void)pthread_mutex_lock(&link->lock);
	if (link->ended && link->filled.len == 0) {
		state = link->end_state;
		*err = link->end_err;
	}
	(void)pthread_mutex_unlock(&link->lock);
	return state;
}

enum mi_log_state mi_binlog_link_next(struct mi_binlog_link *link, unsigned wait_ms, bool heed_stop,
                                      struct mi_span *piece, bool *last, struct mi_err *err)
{
	enum mi_log_state state;
	bool in_time = true;

	for (;;) {
		if (heed_stop && mi_stop_asked())
			return MI_LINK_STOPPED;
		if (link->at < link->drain.len || trade(link)) {
			*piece = take(link, last);
			return MI_LINK_EVENT;
		}
		state = how_it_ended(link, err);
		if (state != MI_LINK_NOTHING || !in_time)
			return state;
		in_time = wait_for_more(link, wait_ms, heed_stop);
	}
}

bool mi_binlog_link_pending(struct mi_binlog_link *link)
{
	bool pending;

	if (link->at < link->drain.len)
		return true;
	(void)pthread_mutex_lock(&link->lock);
	pending = link->filled.len > 0;
	(void)pthread_mutex_unlock(&link->lock);
	return pending;
}
