/* How far a long task has come: a line on a terminal that is rewritten, a plain line every 30
 * seconds elsewhere, and, when wanted, a file of Prometheus metrics for the node exporter's
 * textfile collector. The work only counts; a thread of its own speaks. */
#ifndef MI_PROGRAM_PROGRESS_H
#define MI_PROGRAM_PROGRESS_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* What there is to say at one moment. */
struct mi_progress_now {
	uint64_t rows, bytes;         /* done so far */
	uint64_t all_rows, all_bytes; /* expected in all; 0: unknown. Estimates: may be passed */
	double seconds;               /* since the start */
	double row_rate, byte_rate;   /* per second, of late */
};

/* Appends "1.2M of 4.0M rows (30%), 230 MiB, 120k rows/s, 20 MiB/s, 0:32 left". */
void mi_progress_text(const struct mi_progress_now *now, struct mi_buf *out);

struct mi_progress;

/* Starts the thread. verb begins each line ("dumped"). file: where the metrics go, or NULL; the
 * file is written at once, so that a path that cannot be written fails before the work starts. */
MI_MUST int mi_progress_start(struct mi_progress **progress, const char *verb, const char *file,
                              struct mi_err *err);

/* What a tool adds: metrics to the file's, and words behind a line's numbers, such as what holds
 * the work up; nothing, when there is none. Either may be NULL; both are called in the thread. */
struct mi_progress_extra {
	void (*add)(void *user, struct mi_buf *out);
	void (*words)(void *user, struct mi_buf *out);
	void *user;
};
MI_MUST int mi_progress_start_with(struct mi_progress **progress, const char *verb,
                                   const char *file, const struct mi_progress_extra *extra,
                                   struct mi_err *err);
/* Appends one metric with its help, kind and label tool. */
void mi_progress_metric(struct mi_buf *out, const char *name, const char *kind, const char *help,
                        const char *tool, double value);

/* From any thread, as often as wanted. */
void mi_progress_expect(struct mi_progress *progress, uint64_t rows, uint64_t bytes); /* adds */
void mi_progress_add(struct mi_progress *progress, uint64_t rows, uint64_t bytes);

/* Ends the thread and frees. finished: the task is complete, which is said and put into the file;
 * else the file keeps the last counts and mi_finished 0. Harmless on NULL. */
void mi_progress_stop(struct mi_progress *progress, bool finished);

#endif
