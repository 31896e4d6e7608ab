#include "follow/retention.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/msg.h"
#include "program/progress.h"
#include "binlog/retention.h"
#include "follow/binlog.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	LOOK_SECONDS = 60, /* between looks, at most */
	LOOKS = 60,        /* at least so many in the time for which logs are kept */
	WARN_SECONDS = 600 /* between warnings */
};

struct mi_src_retention {
	pthread_mutex_t lock; /* of state: another thread reads it for metrics */
	struct mi_retention state;
	uint64_t last_us;      /* reached at the last look; 0: nothing yet */
	uint64_t since_us;     /* the latest time reached since then; 0: none */
	double looked, warned; /* when, in seconds of mi_now_ms; 0: never */
};

struct mi_src_retention *mi_src_retention_new(void)
{
	struct mi_src_retention *w = mi_alloc(sizeof *w);

	(void)pthread_mutex_init(&w->lock, NULL);
	return w;
}

void mi_src_retention_free(struct mi_src_retention *w)
{
	if (!w)
		return;
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

/* A session may set its own time (SET timestamp), and so the time in the log: of the times since
 * the last look the latest counts. */
void mi_src_retention_reached(struct mi_src_retention *w, uint64_t us)
{
	if (us > w->since_us)
		w->since_us = us;
}

static double look_every(const struct mi_retention *r)
{
	double seconds = r->keeps / LOOKS;

	return r->keeps <= 0 || seconds > LOOK_SECONDS ? LOOK_SECONDS : seconds;
}

static void span(double seconds, char *out, size_t size)
{
	unsigned long s = (unsigned long)seconds;

	(void)snprintf(out, size, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
}

static void warn(const struct mi_retention *r)
{
	char keeps[32], left[32];

	span(r->keeps, keeps, sizeof keeps);
	span(mi_retention_left(r), left, sizeof left);
	if (mi_retention_left(r) <= 0)
		mi_warn("the source keeps its binary logs for %s, and what is read now is older",
		        keeps);
	else
		mi_warn("the source keeps its binary logs for %s, and may purge what is to be read "
		        "next in %s%s",
		        keeps, left,
		        r->has_speed && r->speed < 1 ? "; this falls further behind" : "");
	mi_warn("hint: let the source keep them for longer (binlog_expire_logs_seconds)");
}

void mi_src_retention_tick(struct mi_src_retention *w, struct mi_src_binlog *binlog)
{
	double now = (double)mi_now_ms() / 1e3, theirs;
	struct mi_err err = {0};
	uint64_t keeps;
	struct mi_retention r;

	if (w->last_us == 0 && w->since_us == 0)
		return;
	if (w->looked > 0 && now - w->looked < look_every(&w->state))
		return;
	w->looked = now;
	if (mi_src_binlog_keeps(binlog, &keeps, &err) != 0) {
		mi_detail("how long are binary logs kept? %s", err.text);
		return;
	}
	if (w->since_us)
		w->last_us = w->since_us;
	w->since_us = 0;
	theirs = (double)mi_src_binlog_clock(binlog) / 1e6;
	(void)pthread_mutex_lock(&w->lock);
	mi_retention_look(&w->state, (double)keeps, theirs, fmin((double)w->last_us / 1e6, theirs));
	r = w->state;
	(void)pthread_mutex_unlock(&w->lock);
	if (mi_retention_warns(&r) && (w->warned <= 0 || now - w->warned >= WARN_SECONDS)) {
		warn(&r);
		w->warned = now;
	}
}

void mi_src_retention_metrics(void *watch, struct mi_buf *out)
{
	struct mi_src_retention *w = watch;
	const char *tool = mi_progname();
	struct mi_retention r;

	(void)pthread_mutex_lock(&w->lock);
	r = w->state;
	(void)pthread_mutex_unlock(&w->lock);
	if (r.now <= 0)
		return;
	mi_progress_metric(out, "mi_source_time_seconds", "gauge",
	                   "The source's time up to which all is read.", tool, r.reached);
	mi_progress_metric(out, "mi_retention_seconds", "gauge",
	                   "How long the source keeps its binary logs; 0: for ever.", tool,
	                   r.keeps);
	if (r.keeps <= 0)
		return;
	mi_progress_metric(out, "mi_purge_left_seconds", "gauge",
	                   "Until the source may purge what is to be read next.", tool,
	                   mi_retention_left(&r));
	mi_progress_metric(out, "mi_purge_warning", "gauge",
	                   "1: little is left, or will be at the present speed.", tool,
	                   mi_retention_warns(&r));
}
