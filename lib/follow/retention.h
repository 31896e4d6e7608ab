/* Looks now and then how long the source still keeps what is to be read next from its binary log,
 * and warns when that is short: see binlog/retention.h. All functions but _metrics are for one
 * thread. */
#ifndef MI_FOLLOW_RETENTION_H
#define MI_FOLLOW_RETENTION_H

#include "base/buf.h"

#include <stdint.h>

struct mi_src_binlog;

struct mi_src_retention;

struct mi_src_retention *mi_src_retention_new(void);
void mi_src_retention_free(struct mi_src_retention *watch); /* harmless on NULL */

/* Says that all that was committed up to this time has been read; us: microseconds since 1970 by
 * the source's clock. Times in the future and times that go back do no harm. */
void mi_src_retention_reached(struct mi_src_retention *watch, uint64_t us);

/* Looks if it is time to: first when something has been read, then every minute, more often when
 * logs are kept for less than an hour. A source that does not answer is asked again the next
 * time. */
void mi_src_retention_tick(struct mi_src_retention *watch, struct mi_src_binlog *binlog);

/* Appends metrics in Prometheus' text format; for mi_progress_extra, called from another thread.
 * watch is a struct mi_src_retention. */
void mi_src_retention_metrics(void *watch, struct mi_buf *out);

#endif
