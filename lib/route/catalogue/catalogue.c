#include "route/catalogue/catalogue.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/msg.h"
#include "base/thread.h"
#include "route/catalogue/programs.h"
#include "route/catalogue/read.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"
#include "server/conn.h"
#include "server/open.h"
#include "table/filter.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	AGAIN_MS = 60 * 1000, /* definitions may change past the router */
	PAUSE_MS = 500,       /* after a failure */
};

struct mi_catalogue {
	struct mi_route *route;
	const struct mi_filter *filter;

	pthread_rwlock_t lock; /* of programs */
	struct mi_programs *programs;
	atomic_bool pins;

	pthread_mutex_t wait; /* of told, stopping, due and line */
	char *told;           /* the database that a follower has named; NULL: none has */
	pthread_cond_t wake;
	bool stopping, due; /* due: somebody has asked for a reading that has not begun */
	int line; /* a copy of the connection's socket, for the close to break it off; 0: none */
	/* the newest reason to read, and the newest that was heeded */
	atomic_uint_fast64_t wanted, heeded;
	atomic_uint_fast64_t read_ms; /* mi_now_ms: when it was read last; 0: never */
	pthread_t thread;
	bool has_thread;
};

/* ---- Reading ---- */

static void set_line(struct mi_catalogue *catalogue, int fd)
{
	(void)pthread_mutex_lock(&catalogue->wait);
	if (catalogue->line > 0)
		(void)close(catalogue->line);
	catalogue->line = fd;
	if (fd > 0 && catalogue->stopping)
		(void)shutdown(fd, SHUT_RDWR);
	(void)pthread_mutex_unlock(&catalogue->wait);
}

static void replace(struct mi_catalogue *catalogue, struct mi_programs *programs)
{
	struct mi_programs *before;

	(void)pthread_rwlock_wrlock(&catalogue->lock);
	before = catalogue->programs;
	catalogue->programs = programs;
	atomic_store(&catalogue->pins, mi_programs_pin(programs));
	(void)pthread_rwlock_unlock(&catalogue->lock);
	mi_programs_free(before);
}

static bool is_filtered(const struct mi_filter *filter)
{
	return filter->all || filter->databases.count || filter->tables.count;
}

static int read_from(struct mi_catalogue *catalogue, const struct mi_route_server *server,
                     struct mi_conn *conn, struct mi_programs **programs, struct mi_err *err)
{
	struct mi_filter filter = *catalogue->filter;
	char *told = NULL;
	const char *items[1];
	int ret;

	(void)pthread_mutex_lock(&catalogue->wait);
	if (!is_filtered(&filter) && catalogue->told)
		told = mi_strdup(catalogue->told);
	(void)pthread_mutex_unlock(&catalogue->wait);
	items[0] = told;
	if (told)
		filter.databases = (struct mi_opt_list){items, 1};
	ret = mi_programs_read(conn, &filter, server->map_from, server->map_to, programs, err);
	free(told);
	return ret;
}

/* A connection of its own each time: that is seldom. */
static int read_now(struct mi_catalogue *catalogue, struct mi_err *err)
{
	enum mi_route_side side = mi_route_writer(mi_route_mode(catalogue->route));
	const struct mi_route_server *server = &catalogue->route->server[side];
	uint64_t wanted = atomic_load(&catalogue->wanted);
	struct mi_programs *programs;
	struct mi_conn conn = {0};
	int ret;

	if (!server->given)
		return mi_fail(err, MI_CONFIG, "there is no %s", mi_route_side_names[side]);
	if (mi_conn_open(&conn, &server->options, MI_ROLE_PLAIN, err) != 0)
		return -1;
	set_line(catalogue, fcntl((int)conn.mysql->net.fd, F_DUPFD_CLOEXEC, 1));
	ret = read_from(catalogue, server, &conn, &programs, err);
	set_line(catalogue, 0);
	mi_conn_close(&conn);
	if (ret != 0)
		return -1;
	replace(catalogue, programs);
	atomic_store(&catalogue->read_ms, mi_now_ms());
	atomic_store(&catalogue->heeded, wanted);
	return 0;
}

static bool is_wanted(const struct mi_catalogue *catalogue)
{
	return atomic_load(&catalogue->heeded) != atomic_load(&catalogue->wanted);
}

static void *run(void *arg)
{
	struct mi_catalogue *catalogue = arg;
	struct mi_err err = {0};
	uint64_t next = mi_now_ms() + (is_wanted(catalogue) ? PAUSE_MS : AGAIN_MS);

	(void)pthread_mutex_lock(&catalogue->wait);
	while (!catalogue->stopping) {
		bool failed;

		if (mi_cond_wait_until(&catalogue->wake, &catalogue->wait, next) && !catalogue->due)
			continue;
		if (catalogue->stopping)
			break;
		catalogue->due = false;
		(void)pthread_mutex_unlock(&catalogue->wait);
		failed = read_now(catalogue, &err) != 0;
		if (failed)
			mi_detail("what stored programs do cannot be read now: %s", err.text);
		(void)pthread_mutex_lock(&catalogue->wait);
		next = mi_now_ms() + (failed ? PAUSE_MS : catalogue->due ? 0 : AGAIN_MS);
	}
	(void)pthread_mutex_unlock(&catalogue->wait);
	mysql_thread_end();
	return NULL;
}

void mi_catalogue_want(struct mi_catalogue *catalogue)
{
	if (!catalogue)
		return;
	atomic_fetch_add(&catalogue->wanted, 1);
	mi_catalogue_refresh(catalogue);
}

void mi_catalogue_refresh(struct mi_catalogue *catalogue)
{
	if (!catalogue)
		return;
	(void)pthread_mutex_lock(&catalogue->wait);
	catalogue->due = true;
	(void)pthread_cond_signal(&catalogue->wake);
	(void)pthread_mutex_unlock(&catalogue->wait);
}

/* ---- Asking ---- */

bool mi_catalogue_is_known(const struct mi_catalogue *catalogue)
{
	return !is_wanted(catalogue);
}

bool mi_catalogue_pins(const struct mi_catalogue *catalogue)
{
	return atomic_load_explicit(&catalogue->pins, memory_order_relaxed) || is_wanted(catalogue);
}

bool mi_catalogue_has_databases(struct mi_catalogue *catalogue)
{
	bool told;

	(void)pthread_mutex_lock(&catalogue->wait);
	told = catalogue->told != NULL;
	(void)pthread_mutex_unlock(&catalogue->wait);
	return told || is_filtered(catalogue->filter);
}

void mi_catalogue_told(struct mi_catalogue *catalogue, struct mi_span database)
{
	const struct mi_route_server *target = &catalogue->route->server[MI_ROUTE_TARGET];
	bool is_new;

	if (target->map_to && mi_span_is(database, target->map_to))
		database = mi_span_str(target->map_from);
	(void)pthread_mutex_lock(&catalogue->wait);
	is_new = !catalogue->told || !mi_span_is(database, catalogue->told);
	if (is_new) {
		free(catalogue->told);
		catalogue->told = mi_strndup(database.data, database.len);
	}
	(void)pthread_mutex_unlock(&catalogue->wait);
	if (is_new && !is_filtered(catalogue->filter))
		mi_catalogue_want(catalogue);
}

struct mi_program_effects mi_catalogue_of(struct mi_catalogue *catalogue, struct mi_span text,
                                          const struct mi_class_rules *rules, struct mi_span db,
                                          bool reads, bool runs_program)
{
	struct mi_program_effects effects = {0};

	(void)pthread_rwlock_rdlock(&catalogue->lock);
	if (catalogue->programs)
		effects = mi_programs_of(catalogue->programs, text, rules, db, reads);
	(void)pthread_rwlock_unlock(&catalogue->lock);
	if (runs_program && is_wanted(catalogue))
		effects.pins |= MI_CLASS_PIN_STATE | MI_CLASS_PIN_USER_LOCK;
	return effects;
}

void mi_catalogue_status(struct mi_catalogue *catalogue, struct mi_buf *text)
{
	uint64_t read_ms = atomic_load(&catalogue->read_ms), now = mi_now_ms();
	size_t count = 0, unread = 0;

	(void)pthread_rwlock_rdlock(&catalogue->lock);
	if (catalogue->programs)
		count = mi_programs_count(catalogue->programs, &unread);
	(void)pthread_rwlock_unlock(&catalogue->lock);
	mi_buf_addf(text, "programs %zu\nprograms_unread %zu\n", count, unread);
	if (read_ms)
		mi_buf_addf(text, "programs_age %llu\n",
		            (unsigned long long)(now > read_ms ? (now - read_ms) / 1000 : 0));
}

void mi_catalogue_print(struct mi_catalogue *catalogue, struct mi_buf *text)
{
	(void)pthread_rwlock_rdlock(&catalogue->lock);
	if (catalogue->programs)
		mi_programs_print(catalogue->programs, text);
	(void)pthread_rwlock_unlock(&catalogue->lock);
}

/* ---- Life ---- */

int mi_catalogue_open(struct mi_catalogue **out, struct mi_route *route,
                      const struct mi_filter *filter, struct mi_err *err)
{
	struct mi_catalogue *catalogue = mi_alloc(sizeof *catalogue);
	struct mi_err unread = {0};

	catalogue->route = route;
	catalogue->filter = filter;
	catalogue->wanted = 1;
	(void)pthread_rwlock_init(&catalogue->lock, NULL);
	(void)pthread_mutex_init(&catalogue->wait, NULL);
	mi_cond_init(&catalogue->wake);
	if (read_now(catalogue, &unread) != 0)
		mi_notice("what stored programs do cannot be read yet: %s", unread.text);
	if (mi_thread_start(&catalogue->thread, run, catalogue, err) != 0) {
		mi_catalogue_close(catalogue);
		return -1;
	}
	catalogue->has_thread = true;
	*out = catalogue;
	return 0;
}

void mi_catalogue_close(struct mi_catalogue *catalogue)
{
	if (!catalogue)
		return;
	(void)pthread_mutex_lock(&catalogue->wait);
	catalogue->stopping = true;
	if (catalogue->line > 0)
		(void)shutdown(catalogue->line, SHUT_RDWR);
	(void)pthread_cond_signal(&catalogue->wake);
	(void)pthread_mutex_unlock(&catalogue->wait);
	if (catalogue->has_thread)
		(void)pthread_join(catalogue->thread, NULL);
	mi_programs_free(catalogue->programs);
	free(catalogue->told);
	(void)pthread_rwlock_destroy(&catalogue->lock);
	(void)pthread_cond_destroy(&catalogue->wake);
	(void)pthread_mutex_destroy(&catalogue->wait);
	free(catalogue);
}
