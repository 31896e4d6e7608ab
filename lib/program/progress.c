#include "program/progress.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "program/metric.h"
#include "base/msg.h"
#include "base/savefile.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	TICK_MS = 500, /* between two updates of a terminal's line and of the rates */
	FILE_TICKS = 10,
	LINE_TICKS = 60,
};

/* Weight of the newest tick in the rates: about ten seconds' memory. */
static const double FRESH = 0.1;

struct mi_progress {
	atomic_ullong rows, bytes, all_rows, all_bytes;
	const char *verb;
	char *file;
	struct mi_progress_extra extra;
	bool terminal;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop; /* under lock */

	/* used by the thread alone */
	uint64_t start_us;
	struct mi_progress_now last;
	bool file_failed;
};

/* ---- What to say ---- */

/* 999, 1.2k, 34M: at most four characters and a unit. */
static void add_count(struct mi_buf *out, double n)
{
	static const char units[] = " kMGTPE";
	size_t unit = 0;

	while (n >= 999.5 && units[unit + 1]) {
		n /= 1000;
		unit++;
	}
	mi_buf_addf(out, "%.*f", unit > 0 && n < 9.95, n);
	if (unit > 0)
		mi_buf_add_char(out, units[unit]);
}

static void add_bytes(struct mi_buf *out, double n)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	size_t unit = 0;

	while (n >= 1023.5 && unit + 1 < sizeof units / sizeof *units) {
		n /= 1024;
		unit++;
	}
	mi_buf_addf(out, "%.*f %s", unit > 0 && n < 9.95, n, units[unit]);
}

static void add_seconds(struct mi_buf *out, double seconds)
{
	unsigned long s = (unsigned long)(seconds + 0.5);

	if (s >= 3600)
		mi_buf_addf(out, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
	else
		mi_buf_addf(out, "%lu:%02lu", s / 60, s % 60);
}

/* Which part of all is done, 0 to 1; negative: not known, or the estimate has been passed. */
static double fraction(const struct mi_progress_now *now)
{
	if (now->all_bytes > 0 && now->bytes <= now->all_bytes)
		return (double)now->bytes / (double)now->all_bytes;
	if (now->all_bytes == 0 && now->all_rows > 0 && now->rows <= now->all_rows)
		return (double)now->rows / (double)now->all_rows;
	return -1;
}

static double seconds_left(const struct mi_progress_now *now)
{
	double done = fraction(now);

	if (done < 0)
		return -1;
	if (now->all_bytes > 0)
		return now->byte_rate > 0 ? (double)(now->all_bytes - now->bytes) / now->byte_rate
		                          : -1;
	return now->row_rate > 0 ? (double)(now->all_rows - now->rows) / now->row_rate : -1;
}

void mi_progress_text(const struct mi_progress_now *now, struct mi_buf *out)
{
	double left = seconds_left(now);

	add_count(out, (double)now->rows);
	if (now->all_rows >= now->rows && now->all_rows > 0) {
		mi_buf_add_str(out, " of ");
		add_count(out, (double)now->all_rows);
	}
	mi_buf_add_str(out, " rows");
	if (fraction(now) >= 0)
		mi_buf_addf(out, " (%d%%)", (int)(fraction(now) * 100));
	mi_buf_add_str(out, ", ");
	add_bytes(out, (double)now->bytes);
	mi_buf_add_str(out, ", ");
	add_count(out, now->row_rate);
	mi_buf_add_str(out, " rows/s, ");
	add_bytes(out, now->byte_rate);
	mi_buf_add_str(out, "/s");
	if (left >= 0 && left < 100 * 3600) {
		mi_buf_add_str(out, ", ");
		add_seconds(out, left);
		mi_buf_add_str(out, " left");
	}
}

void mi_progress_metric(struct mi_buf *out, const char *name, const char *kind, const char *help,
                        const char *tool, double value)
{
	mi_metric_begin(out, name, kind, help);
	mi_metric_real(out, name, MI_LABELS({"tool", tool}), MI_METRIC_SHORT, value);
}

/* finished: mi_finished is 1, and no rates follow. */
static void add_metrics(const struct mi_progress_now *now, const char *tool, bool finished,
                        struct mi_buf *out)
{
	double left = seconds_left(now);

	if (!finished)
		mi_progress_metric(out, "mi_rows_per_second", "gauge", "Of late.", tool,
		                   now->row_rate);
	mi_progress_metric(out, "mi_rows_total", "counter", "Rows done.", tool, (double)now->rows);
	mi_progress_metric(out, "mi_bytes_total", "counter", "Bytes done.", tool,
	                   (double)now->bytes);
	mi_progress_metric(out, "mi_rows_expected", "gauge", "Rows in all, estimated; 0 unknown.",
	                   tool, (double)now->all_rows);
	mi_progress_metric(out, "mi_bytes_expected", "gauge", "Bytes in all, estimated; 0 unknown.",
	                   tool, (double)now->all_bytes);
	mi_progress_metric(out, "mi_running_seconds", "gauge", "Time since the start.", tool,
	                   now->seconds);
	if (!finished && left >= 0)
		mi_progress_metric(out, "mi_left_seconds", "gauge", "Time left, estimated.", tool,
		                   left);
	mi_progress_metric(out, "mi_updated_time_seconds", "gauge", "When this was written.", tool,
	                   (double)(mi_wall_us() / 1000000));
	mi_progress_metric(out, "mi_finished", "gauge", "1 once the task is complete.", tool,
	                   finished);
}

/* ---- The thread ---- */

/* A rate's moving average; in the first seconds the plain mean says more. */
static double rate(double old, uint64_t before, uint64_t now, double step, double seconds)
{
	if (seconds < 5 || step <= 0)
		return seconds > 0 ? (double)now / seconds : 0;
	return old * (1 - FRESH) + (double)(now - before) / step * FRESH;
}

static void look(struct mi_progress *progress)
{
	struct mi_progress_now now = progress->last;
	double step;

	now.seconds = (double)(mi_now_us() - progress->start_us) / 1e6;
	step = now.seconds - progress->last.seconds;
	now.rows = atomic_load(&progress->rows);
	now.bytes = atomic_load(&progress->bytes);
	now.all_rows = atomic_load(&progress->all_rows);
	now.all_bytes = atomic_load(&progress->all_bytes);
	now.row_rate = rate(now.row_rate, progress->last.rows, now.rows, step, now.seconds);
	now.byte_rate = rate(now.byte_rate, progress->last.bytes, now.bytes, step, now.seconds);
	progress->last = now;
}

static void show(struct mi_progress *progress, bool as_status)
{
	struct mi_buf text = {0};

	mi_buf_addf(&text, "%s ", progress->verb);
	mi_progress_text(&progress->last, &text);
	if (progress->extra.words) {
		size_t len = text.len;

		mi_buf_add_str(&text, ", ");
		progress->extra.words(progress->extra.user, &text);
		if (text.len == len + 2)
			text.len = len;
	}
	if (as_status)
		mi_msg_status(mi_buf_cstr(&text));
	else
		mi_notice("%s", mi_buf_cstr(&text));
	mi_buf_release(&text);
}

static int save(struct mi_progress *progress, bool finished, struct mi_err *err)
{
	struct mi_buf text = {0};
	int ret;

	if (!progress->file)
		return 0;
	add_metrics(&progress->last, mi_progname(), finished, &text);
	if (progress->extra.add)
		progress->extra.add(progress->extra.user, &text);
	ret = mi_save_file(progress->file, mi_buf_span(&text), 0644, err);
	mi_buf_release(&text);
	return ret;
}

/* A metrics file that cannot be written must not end the work (the disk may be full): warns once.
 */
static void save_or_warn(struct mi_progress *progress, bool finished)
{
	struct mi_err err = {0};

	if (save(progress, finished, &err) != 0 && !progress->file_failed) {
		progress->file_failed = true;
		mi_warn("progress file: %s", err.text);
	}
}

static bool wait_tick(struct mi_progress *progress)
{
	uint64_t until = mi_now_ms() + TICK_MS;
	bool stop;

	(void)pthread_mutex_lock(&progress->lock);
	while (!progress->stop && mi_cond_wait_until(&progress->wake, &progress->lock, until))
		;
	stop = progress->stop;
	(void)pthread_mutex_unlock(&progress->lock);
	return stop;
}

static void *run(void *arg)
{
	struct mi_progress *progress = arg;

	for (unsigned tick = 1; !wait_tick(progress); tick++) {
		look(progress);
		if (progress->terminal)
			show(progress, true);
		else if (tick % LINE_TICKS == 0)
			show(progress, false);
		if (tick % FILE_TICKS == 0)
			save_or_warn(progress, false);
	}
	return NULL;
}

int mi_progress_start_with(struct mi_progress **progress, const char *verb, const char *file,
                           const struct mi_progress_extra *extra, struct mi_err *err)
{
	struct mi_progress *p = mi_alloc(sizeof *p);

	p->verb = verb;
	p->extra = *extra;
	p->file = file ? mi_strdup(file) : NULL;
	p->terminal = isatty(STDERR_FILENO) && mi_msg_verbosity() >= 1;
	p->start_us = mi_now_us();
	(void)pthread_mutex_init(&p->lock, NULL);
	mi_cond_init(&p->wake);
	if (save(p, false, err) != 0)
		(void)mi_within(err, "cannot write progress file");
	else if (pthread_create(&p->thread, NULL, run, p) != 0)
		(void)mi_fail(err, MI_AGAIN, "cannot start a thread");
	else {
		*progress = p;
		return 0;
	}
	(void)pthread_cond_destroy(&p->wake);
	(void)pthread_mutex_destroy(&p->lock);
	free(p->file);
	free(p);
	return -1;
}

int mi_progress_start(struct mi_progress **progress, const char *verb, const char *file,
                      struct mi_err *err)
{
	const struct mi_progress_extra none = {0};

	return mi_progress_start_with(progress, verb, file, &none, err);
}

void mi_progress_expect(struct mi_progress *progress, uint64_t rows, uint64_t bytes)
{
	atomic_fetch_add_explicit(&progress->all_rows, rows, memory_order_relaxed);
	atomic_fetch_add_explicit(&progress->all_bytes, bytes, memory_order_relaxed);
}

void mi_progress_add(struct mi_progress *progress, uint64_t rows, uint64_t bytes)
{
	atomic_fetch_add_explicit(&progress->rows, rows, memory_order_relaxed);
	atomic_fetch_add_explicit(&progress->bytes, bytes, memory_order_relaxed);
}

static void say_end(struct mi_progress *progress)
{
	const struct mi_progress_now *now = &progress->last;
	struct mi_buf text = {0};

	add_count(&text, (double)now->rows);
	mi_buf_add_str(&text, " rows, ");
	add_bytes(&text, (double)now->bytes);
	mi_buf_add_str(&text, " in ");
	add_seconds(&text, now->seconds);
	mi_notice("%s %s", progress->verb, mi_buf_cstr(&text));
	mi_buf_release(&text);
}

void mi_progress_stop(struct mi_progress *progress, bool finished)
{
	if (!progress)
		return;
	(void)pthread_mutex_lock(&progress->lock);
	progress->stop = true;
	(void)pthread_cond_signal(&progress->wake);
	(void)pthread_mutex_unlock(&progress->lock);
	(void)pthread_join(progress->thread, NULL);
	look(progress);
	mi_msg_status("");
	if (finished)
		say_end(progress);
	save_or_warn(progress, finished);
	(void)pthread_cond_destroy(&progress->wake);
	(void)pthread_mutex_destroy(&progress->lock);
	free(progress->file);
	free(progress);
}
