#include "throttle/throttle.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/msg.h"
#include "program/metric.h"
#include "program/progress.h"
#include "throttle/limits.h"
#include "throttle/pace.h"
#include "throttle/signals.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	TICK_MS = 250,   /* between two looks */
	WAIT_MS = 100,   /* that mi_throttle_ready waits at most */
	RETRY_MS = 1000, /* between two tries to see, which may be logins */
	FILE_MAX = 64 << 10,
	LASTS_MS = 5000,   /* of a pause that the load has made: it may well last */
	NOTICE_MS = 10000, /* between two notices of a pause, so that a load at its limit does not
	                      fill a log */
};

/* Weight of a tick's commits in their mean, and what is left of it after a tick without any: in a
 * pause nothing is committed, and after a while a try is due. */
static const double fresh = 0.5, fading = 0.9;

/* Seconds of the rate that may be had at once after a time without work, such as a wait that was a
 * little too long. */
static const double credit = 0.05;

struct mi_throttle {
	struct mi_throttle_options options;
	pthread_t thread;
	pthread_mutex_t lock; /* of all that follows up to the thread's own */
	pthread_cond_t wake;
	bool stop;
	unsigned pace;
	struct mi_limits limits;
	char why[400];       /* of the pace; "" when nothing holds the work up */
	uint64_t stopped_ms; /* when pace became 0; 0: it is not */
	uint64_t ticked_ms;  /* when the thread last came round */
	uint64_t paid_us;    /* up to when debt has been paid */
	double debt;         /* bytes moved beyond what the rate allows until now */
	unsigned running;    /* threads at work */
	double commits_us;   /* since the last tick, and how many */
	uint64_t commits;
	uint64_t paused_ms; /* in all */
	bool file_was_good; /* its limits have been taken once */
	char file_why[300]; /* what was wrong with it last */

	/* the thread's own */
	struct mi_signals *signals;
	struct stat seen;   /* the file, when it was last read */
	double commit_ms;   /* of late; negative: unknown */
	uint64_t blind_ms;  /* since when; 0: it sees */
	uint64_t failed_ms; /* when it could not see last */
	uint64_t noticed_ms;
	bool notice_paused; /* what the last notice said */
};

static bool is_source(const struct mi_throttle *t)
{
	return strcmp(t->options.side, "source") == 0;
}

/* ---- The file ---- */

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void use_limits(struct mi_throttle *t, const struct mi_limits *limits)
{
	(void)pthread_mutex_lock(&t->lock);
	t->limits = *limits;
	if (t->options.max_rate && !limits->max_rate)
		t->limits.max_rate = t->options.max_rate;
	t->file_was_good = true;
	(void)pthread_mutex_unlock(&t->lock);
	if (limits->history > 0 && is_source(t))
		mi_warn("history-list is not looked at for the source: its list grows for as long "
		        "as the snapshot is read");
}

/* Reads the file if it has changed. One that is absent has no limits; of one that is bad nothing is
 * taken. */
static void read_file(struct mi_throttle *t, bool first)
{
	struct mi_limits limits = {0};
	struct mi_buf text = {0};
	struct stat now = {0};
	struct mi_err err = {0};
	bool is_there = t->options.file && stat(t->options.file, &now) == 0;

	if (!first && is_same(&now, &t->seen))
		return;
	t->seen = now;
	if ((!is_there || mi_read_file(t->options.file, FILE_MAX, &text, &err) == 0) &&
	    mi_limits_parse(mi_buf_span(&text), t->options.side, &limits, &err) == 0) {
		if (!first)
			mi_notice("%s: %s", t->options.file,
			          is_there ? "its limits apply from now on"
			                   : "it has gone, and its limits with it");
		use_limits(t, &limits);
	} else {
		(void)pthread_mutex_lock(&t->lock);
		(void)snprintf(t->file_why, sizeof t->file_why, "%.100s: %.180s", t->options.file,
		               err.text);
		(void)pthread_mutex_unlock(&t->lock);
		mi_warn("%s: %s", t->file_why,
		        t->file_was_good ? "the limits before it stay" : "nothing goes on");
	}
	mi_buf_release(&text);
}

/* ---- The decision ---- */

static void take_commits(struct mi_throttle *t, struct mi_signals_own *own)
{
	(void)pthread_mutex_lock(&t->lock);
	own->running = t->running;
	if (t->commits > 0) {
		double ms = t->commits_us / (double)t->commits / 1000;

		t->commit_ms = t->commit_ms < 0 ? ms : t->commit_ms + (ms - t->commit_ms) * fresh;
	} else if (t->commit_ms > 0) {
		t->commit_ms *= fading;
	}
	t->commits = 0;
	t->commits_us = 0;
	(void)pthread_mutex_unlock(&t->lock);
	own->commit_ms = t->commit_ms;
}

/* Fills the words for a pace, under lock. */
static void explain(struct mi_throttle *t, enum mi_zone zone, const char *why)
{
	if (t->pace == 0)
		(void)snprintf(t->why, sizeof t->why, "paused: %.300s", why);
	else if (zone == MI_ZONE_BLIND)
		(void)snprintf(t->why, sizeof t->why, "at the same pace for now: %.300s", why);
	else if (t->pace < MI_PACE_FULL)
		(void)snprintf(t->why, sizeof t->why, "slowed to %u %%: %.300s",
		               t->pace * 100 / MI_PACE_FULL, why);
	else
		t->why[0] = '\0';
}

/* One look at everything: the next pace, and why. */
static void decide(struct mi_throttle *t)
{
	struct mi_limits limits = t->limits; /* only this thread writes them */
	struct mi_signals_own own;
	struct mi_reading reading;
	struct mi_err err = {0};
	enum mi_zone zone;
	uint64_t now;
	bool over;

	take_commits(t, &own);
	if (t->blind_ms && mi_now_ms() - t->failed_ms < RETRY_MS)
		return;
	if (mi_signals_read(t->signals, &limits, &own, &reading, &err) == 0) {
		zone = mi_pace_zone(reading.load);
		t->blind_ms = 0;
	} else {
		zone = MI_ZONE_BLIND;
		t->failed_ms = mi_now_ms();
		(void)snprintf(reading.why, sizeof reading.why, "blind, %.190s", err.text);
	}
	now = mi_now_ms();
	if (zone == MI_ZONE_BLIND && t->blind_ms == 0)
		t->blind_ms = now;
	over = zone == MI_ZONE_BLIND && (double)(now - t->blind_ms) >= limits.blind_seconds * 1000;
	(void)pthread_mutex_lock(&t->lock);
	t->pace = mi_pace_next(t->pace, zone, over);
	explain(t, zone, reading.why);
	if (t->pace > 0)
		t->stopped_ms = 0;
	else if (t->stopped_ms == 0)
		t->stopped_ms = now;
	t->ticked_ms = now;
	(void)pthread_mutex_unlock(&t->lock);
}

/* ---- What is held up, under lock ---- */

/* The words for why nothing may go on now; NULL: it may. */
static const char *why_paused(const struct mi_throttle *t)
{
	if (!t->file_was_good)
		return t->file_why;
	if (t->limits.pause)
		return "the throttle file says so";
	if (mi_limits_need_signals(&t->limits) &&
	    (double)(mi_now_ms() - t->ticked_ms) >= t->limits.blind_seconds * 1000 + TICK_MS)
		return "blind, the server does not answer";
	return NULL;
}

static bool is_paused(const struct mi_throttle *t)
{
	return why_paused(t) || t->pace == 0;
}

static void pay(struct mi_throttle *t, uint64_t now_us)
{
	t->debt -= (double)t->limits.max_rate * (double)(now_us - t->paid_us) / 1e6;
	if (t->debt < -credit * (double)t->limits.max_rate || t->limits.max_rate == 0)
		t->debt = -credit * (double)t->limits.max_rate;
	t->paid_us = now_us;
}

/* Milliseconds until the turn may begin, as far as is known now: WAIT_MS at most; 0: it may. */
static uint64_t wait_ms(struct mi_throttle *t, const struct mi_turn *turn)
{
	uint64_t now = mi_now_us(), rest = mi_pace_rest(t->pace, turn->worked_us);
	uint64_t rested = now - turn->ended_us, ms = 0;

	pay(t, now);
	if (is_paused(t))
		return WAIT_MS;
	if (rest > rested)
		ms = (rest - rested) / 1000 + 1;
	if (t->debt > 0 && t->debt * 1000 / (double)t->limits.max_rate >= (double)ms)
		ms = (uint64_t)(t->debt * 1000 / (double)t->limits.max_rate) + 1;
	return ms < WAIT_MS ? ms : WAIT_MS;
}

/* ---- The thread ---- */

/* Says when a pause begins and when it is over. */
static void notice(struct mi_throttle *t)
{
	struct mi_buf words = {0};
	uint64_t now = mi_now_ms();
	bool paused;

	(void)pthread_mutex_lock(&t->lock);
	paused = is_paused(t);
	if (paused)
		t->paused_ms += TICK_MS;
	(void)pthread_mutex_unlock(&t->lock);
	if (paused == t->notice_paused ||
	    (paused && t->noticed_ms && now - t->noticed_ms < NOTICE_MS))
		return;
	t->notice_paused = paused;
	if (paused)
		t->noticed_ms = now;
	mi_throttle_words(t, &words);
	mi_notice("%s", paused ? mi_buf_cstr(&words) : "goes on");
	mi_buf_release(&words);
}

static bool wait_tick(struct mi_throttle *t)
{
	uint64_t until = mi_now_ms() + TICK_MS;
	bool stop;

	(void)pthread_mutex_lock(&t->lock);
	(void)pthread_cond_broadcast(&t->wake); /* to those who wait for the decision */
	while (!t->stop && mi_cond_wait_until(&t->wake, &t->lock, until))
		;
	stop = t->stop;
	(void)pthread_mutex_unlock(&t->lock);
	return stop;
}

static void *run(void *arg)
{
	struct mi_throttle *t = arg;

	(void)mysql_thread_init();
	do {
		read_file(t, false);
		decide(t);
		notice(t);
	} while (!wait_tick(t));
	mi_signals_free(t->signals);
	mysql_thread_end();
	return NULL;
}

int mi_throttle_start(struct mi_throttle **throttle, const struct mi_throttle_options *options,
                      struct mi_err *err)
{
	struct mi_throttle *t;

	*throttle = NULL;
	if (!options->file && options->max_rate == 0)
		return 0;
	t = mi_alloc(sizeof *t);
	t->options = *options;
	t->pace = MI_PACE_FULL;
	t->commit_ms = -1;
	t->ticked_ms = mi_now_ms();
	t->paid_us = mi_now_us();
	t->signals = mi_signals_new(options->conn, is_source(t));
	(void)pthread_mutex_init(&t->lock, NULL);
	mi_cond_init(&t->wake);
	read_file(t, true);
	if (mi_limits_need_signals(&t->limits))
		t->pace = MI_PACE_FIRST;
	if (pthread_create(&t->thread, NULL, run, t) == 0) {
		*throttle = t;
		return 0;
	}
	mi_signals_free(t->signals);
	(void)pthread_cond_destroy(&t->wake);
	(void)pthread_mutex_destroy(&t->lock);
	free(t);
	return mi_fail(err, MI_AGAIN, "cannot start a thread");
}

void mi_throttle_stop(struct mi_throttle *t)
{
	if (!t)
		return;
	(void)pthread_mutex_lock(&t->lock);
	t->stop = true;
	(void)pthread_cond_broadcast(&t->wake);
	(void)pthread_mutex_unlock(&t->lock);
	(void)pthread_join(t->thread, NULL);
	(void)pthread_cond_destroy(&t->wake);
	(void)pthread_mutex_destroy(&t->lock);
	free(t);
}

/* ---- Work ---- */

bool mi_throttle_ready(struct mi_throttle *t, struct mi_turn *turn)
{
	uint64_t ms;
	bool ready;

	if (!t)
		return true;
	(void)pthread_mutex_lock(&t->lock);
	ms = wait_ms(t, turn);
	if (ms > 0)
		(void)mi_cond_wait_until(&t->wake, &t->lock, mi_now_ms() + ms);
	ready = ms == 0 || wait_ms(t, turn) == 0;
	if (ready) {
		t->running++;
		turn->is_at_work = true;
		turn->began_us = mi_now_us();
	}
	(void)pthread_mutex_unlock(&t->lock);
	return ready;
}

bool mi_throttle_pause_lasts(struct mi_throttle *t)
{
	bool lasts;

	if (!t)
		return false;
	(void)pthread_mutex_lock(&t->lock);
	lasts = why_paused(t) || (t->stopped_ms && mi_now_ms() - t->stopped_ms >= LASTS_MS);
	(void)pthread_mutex_unlock(&t->lock);
	return lasts;
}

void mi_throttle_done(struct mi_throttle *t, struct mi_turn *turn, uint64_t bytes)
{
	uint64_t now = mi_now_us();

	if (!t || !turn->is_at_work)
		return;
	turn->is_at_work = false;
	turn->worked_us = now - turn->began_us;
	turn->ended_us = now;
	(void)pthread_mutex_lock(&t->lock);
	pay(t, now);
	t->debt += t->limits.max_rate ? (double)bytes : 0;
	t->running--;
	(void)pthread_mutex_unlock(&t->lock);
}

void mi_throttle_commit(struct mi_throttle *t, uint64_t us)
{
	if (!t)
		return;
	(void)pthread_mutex_lock(&t->lock);
	t->commits++;
	t->commits_us += (double)us;
	(void)pthread_mutex_unlock(&t->lock);
}

/* ---- Words ---- */

void mi_throttle_words(void *user, struct mi_buf *out)
{
	struct mi_throttle *t = user;
	const char *paused;

	if (!t)
		return;
	(void)pthread_mutex_lock(&t->lock);
	paused = why_paused(t);
	if (paused)
		mi_buf_addf(out, "paused: %s", paused);
	else if (t->why[0])
		mi_buf_add_str(out, t->why);
	else if (t->limits.max_rate)
		mi_buf_addf(out, "at most %llu bytes/s", (unsigned long long)t->limits.max_rate);
	(void)pthread_mutex_unlock(&t->lock);
}

void mi_throttle_metrics(void *user, struct mi_buf *out)
{
	struct mi_throttle *t = user;
	struct mi_buf words = {0};
	double pace, paused;

	if (!t)
		return;
	mi_throttle_words(t, &words);
	(void)pthread_mutex_lock(&t->lock);
	pace = is_paused(t) ? 0 : (double)t->pace / MI_PACE_FULL;
	paused = (double)t->paused_ms / 1000;
	(void)pthread_mutex_unlock(&t->lock);
	mi_progress_metric(out, "mi_throttle_pace", "gauge", "1 is full, 0 is a pause.",
	                   mi_progname(), pace);
	mi_progress_metric(out, "mi_throttle_paused_seconds_total", "counter", "Time in a pause.",
	                   mi_progname(), paused);
	mi_metric_begin(out, "mi_throttle_reason", "gauge", "What holds the work up, in words.");
	mi_metric_count(out, "mi_throttle_reason",
	                MI_LABELS({"tool", mi_progname()}, {"why", mi_buf_cstr(&words)}), 1);
	mi_buf_release(&words);
}
