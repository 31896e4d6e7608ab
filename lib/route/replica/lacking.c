#include "route/replica/lacking.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/msg.h"
#include "base/thread.h"
#include "route/replica/lacking_ask.h"
#include "route/replica/lacking_list.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"
#include "server/conn.h"
#include "server/known.h"
#include "server/open.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	QUEUED_MAX = 200,    /* statements that wait to be asked about; further ones come again */
	IDLE_MS = 10 * 1000, /* the connections are closed when there was nothing to ask */
	PAUSE_MS = 1000,     /* after a failure, ... */
	PAUSE_MAX_MS = 30 * 1000, /* ... and after many */
	TRIES = 3,        /* for a statement, each over new connections, before it is dropped */
	KNOWN_MAX = 5000, /* functions that are remembered */
};

/* A statement that waits to be asked about. */
struct item {
	uint64_t key;
	char *digest;
	struct mi_buf text;
	unsigned modes;
	unsigned tries;
};

struct mi_route_lacking {
	struct mi_route *route;
	struct mi_lacking_list *list;
	atomic_bool off; /* a server does not answer for itself */

	pthread_mutex_t lock; /* of the queue, of stopping and of lines */
	pthread_cond_t wake;
	struct item *queue[QUEUED_MAX]; /* a ring: count of them from first on */
	size_t first, count;
	bool stopping;
	/* the open connections' sockets, once more, for the close to break off what is waited for
	 * there; 0: none */
	int lines[MI_ROUTE_SIDES];
	pthread_t thread;
	bool has_thread;

	/* The thread's own. */
	struct mi_conn conn[MI_ROUTE_SIDES];
	struct mi_knowns knowns;
	unsigned failures; /* one after another */
};

static void free_item(struct item *item)
{
	mi_buf_release(&item->text);
	free(item->digest);
	free(item);
}

/* ---- Connections ---- */

/* fd: a copy of the connection's socket, or 0: there is none any more. */
static void set_line(struct mi_route_lacking *lacking, int side, int fd)
{
	(void)pthread_mutex_lock(&lacking->lock);
	if (lacking->lines[side] > 0)
		(void)close(lacking->lines[side]);
	lacking->lines[side] = fd;
	if (fd > 0 && lacking->stopping)
		(void)shutdown(fd, SHUT_RDWR);
	(void)pthread_mutex_unlock(&lacking->lock);
}

static void hang_up(struct mi_route_lacking *lacking)
{
	for (int side = 0; side < MI_ROUTE_SIDES; side++) {
		set_line(lacking, side, 0);
		mi_conn_close(&lacking->conn[side]);
	}
	mi_knowns_release(&lacking->knowns); /* a server may come back as another version */
}

/* A question must not wait for long behind a change of a table that the statement names. */
static int call(struct mi_route_lacking *lacking, int side, struct mi_err *err)
{
	struct mi_conn *conn = &lacking->conn[side];

	if (conn->mysql)
		return 0;
	if (mi_conn_open(conn, &lacking->route->server[side].options, MI_ROLE_PLAIN, err) != 0)
		return mi_within(err, "the %s", mi_route_side_names[side]);
	set_line(lacking, side, fcntl((int)conn->mysql->net.fd, F_DUPFD_CLOEXEC, 1));
	if (conn->flavour == MI_FLAVOUR_VITESS) {
		mi_notice("statements are not watched for what the target lacks: the %s is Vitess, "
		          "which does not answer for the servers behind it",
		          mi_route_side_names[side]);
		atomic_store(&lacking->off, true);
		return 0;
	}
	return mi_conn_exec(conn, err, "SET SESSION lock_wait_timeout=1");
}

/* ---- Asking ---- */

struct finding {
	struct mi_route_lacking *lacking;
	const struct item *item;
};

static void find(void *user, unsigned error, struct mi_span what)
{
	const struct finding *finding = user;

	mi_lacking_list_add(finding->lacking->list, finding->item->key, error, what,
	                    mi_span_str(finding->item->digest));
}

static int ask_about(struct mi_route_lacking *lacking, struct item *item, struct mi_err *err)
{
	struct finding finding = {lacking, item};

	if (call(lacking, MI_ROUTE_TARGET, err) != 0 || call(lacking, MI_ROUTE_SOURCE, err) != 0)
		return -1;
	if (atomic_load(&lacking->off))
		return 0;
	if (lacking->knowns.count >= KNOWN_MAX)
		mi_knowns_release(&lacking->knowns);
	item->tries++;
	return mi_lacking_ask(&lacking->conn[MI_ROUTE_SOURCE], &lacking->conn[MI_ROUTE_TARGET],
	                      &lacking->knowns, mi_buf_span(&item->text), item->modes, find,
	                      &finding, err);
}

/* Deals with the first item of the queue, with the lock held, which is given up meanwhile. */
static void take_one(struct mi_route_lacking *lacking)
{
	struct item *item = lacking->queue[lacking->first];
	struct mi_err err = {0};
	int ret;

	(void)pthread_mutex_unlock(&lacking->lock);
	ret = ask_about(lacking, item, &err);
	lacking->failures = ret == 0 ? 0 : lacking->failures + 1;
	if (ret != 0)
		hang_up(lacking);
	(void)pthread_mutex_lock(&lacking->lock);
	if (lacking->failures == 1 && !lacking->stopping)
		mi_detail("a statement cannot be looked at now for what the target lacks: %s",
		          err.text);
	if (ret != 0 && item->tries < TRIES)
		return;
	lacking->first = (lacking->first + 1) % QUEUED_MAX;
	lacking->count--;
	free_item(item);
}

static void rest(struct mi_route_lacking *lacking)
{
	unsigned doublings = lacking->failures < 6 ? lacking->failures - 1 : 5;
	uint64_t ms = (uint64_t)PAUSE_MS << doublings;
	uint64_t until = mi_now_ms() + (ms < PAUSE_MAX_MS ? ms : PAUSE_MAX_MS);

	while (!lacking->stopping && mi_cond_wait_until(&lacking->wake, &lacking->lock, until))
		;
}

/* Waits until there is something to ask. */
static void wait_for_item(struct mi_route_lacking *lacking)
{
	if (!lacking->conn[MI_ROUTE_TARGET].mysql && !lacking->conn[MI_ROUTE_SOURCE].mysql) {
		(void)pthread_cond_wait(&lacking->wake, &lacking->lock);
		return;
	}
	if (mi_cond_wait_until(&lacking->wake, &lacking->lock, mi_now_ms() + IDLE_MS))
		return;
	(void)pthread_mutex_unlock(&lacking->lock);
	hang_up(lacking);
	(void)pthread_mutex_lock(&lacking->lock);
}

static void *run(void *arg)
{
	struct mi_route_lacking *lacking = arg;

	(void)pthread_mutex_lock(&lacking->lock);
	while (!lacking->stopping) {
		if (lacking->count == 0)
			wait_for_item(lacking);
		else
			take_one(lacking);
		if (lacking->failures)
			rest(lacking);
	}
	(void)pthread_mutex_unlock(&lacking->lock);
	hang_up(lacking);
	mysql_thread_end();
	return NULL;
}

/* ---- Looking ---- */

bool mi_route_lacking_takes(struct mi_route_lacking *lacking, size_t len, uint64_t now)
{
	return len > 0 && len <= MI_LACKING_TEXT_MAX &&
	       !atomic_load_explicit(&lacking->off, memory_order_relaxed) &&
	       mi_lacking_list_takes(lacking->list, now);
}

static void put(struct mi_route_lacking *lacking, struct item *item)
{
	(void)pthread_mutex_lock(&lacking->lock);
	if (lacking->count < QUEUED_MAX) {
		lacking->queue[(lacking->first + lacking->count++) % QUEUED_MAX] = item;
		item = NULL;
		(void)pthread_cond_signal(&lacking->wake);
	}
	(void)pthread_mutex_unlock(&lacking->lock);
	if (item) /* other loops were quicker: this kind is left out */
		free_item(item);
}

static bool has_room(struct mi_route_lacking *lacking)
{
	bool has;

	(void)pthread_mutex_lock(&lacking->lock);
	has = lacking->count < QUEUED_MAX;
	(void)pthread_mutex_unlock(&lacking->lock);
	return has;
}

void mi_route_lacking_see(struct mi_route_lacking *lacking, const struct mi_lacking_text *text,
                          struct mi_span digest)
{
	struct item *item;
	uint64_t key;

	if (!mi_lacking_list_sees(lacking->list, digest, has_room(lacking), &key))
		return;
	item = mi_alloc(sizeof *item);
	item->key = key;
	item->modes = text->modes;
	item->digest = mi_strndup(digest.data ? digest.data : "", digest.len);
	if (mi_lacking_is_asked(text, &item->text))
		put(lacking, item);
	else
		free_item(item);
}

/* ---- The list ---- */

size_t mi_route_lacking_count(struct mi_route_lacking *lacking)
{
	return mi_lacking_list_count(lacking->list);
}

void mi_route_lacking_print(struct mi_route_lacking *lacking, struct mi_buf *text)
{
	mi_lacking_list_print(lacking->list, text);
}

/* ---- Life ---- */

int mi_route_lacking_open(struct mi_route_lacking **out, struct mi_route *route, struct mi_err *err)
{
	struct mi_route_lacking *lacking = mi_alloc(sizeof *lacking);

	lacking->route = route;
	lacking->list = mi_lacking_list_new();
	(void)pthread_mutex_init(&lacking->lock, NULL);
	mi_cond_init(&lacking->wake);
	if (mi_thread_start(&lacking->thread, run, lacking, err) != 0) {
		mi_route_lacking_close(lacking);
		return -1;
	}
	lacking->has_thread = true;
	*out = lacking;
	return 0;
}

/* Answers that a server does not give are not waited for. */
static void break_off(struct mi_route_lacking *lacking)
{
	(void)pthread_mutex_lock(&lacking->lock);
	lacking->stopping = true;
	for (int side = 0; side < MI_ROUTE_SIDES; side++)
		if (lacking->lines[side] > 0)
			(void)shutdown(lacking->lines[side], SHUT_RDWR);
	(void)pthread_cond_signal(&lacking->wake);
	(void)pthread_mutex_unlock(&lacking->lock);
}

void mi_route_lacking_close(struct mi_route_lacking *lacking)
{
	if (!lacking)
		return;
	break_off(lacking);
	if (lacking->has_thread)
		(void)pthread_join(lacking->thread, NULL);
	for (size_t i = 0; i < lacking->count; i++)
		free_item(lacking->queue[(lacking->first + i) % QUEUED_MAX]);
	mi_lacking_list_free(lacking->list);
	(void)pthread_cond_destroy(&lacking->wake);
	(void)pthread_mutex_destroy(&lacking->lock);
	free(lacking);
}
