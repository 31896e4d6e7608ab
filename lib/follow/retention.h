/* Looks now and then how long the source still keeps what is to be read next, and warns: see
 * binlog/retention.h. */
#ifndef MI_FOLLOW_RETENTION_H
#define MI_FOLLOW_RETENTION_H

#include "base/buf.h"

#include <stdint.h>

struct mi_src_binlog;

struct mi_src_retention;

struct mi_src_retention *mi_src_retention_new(void);
void mi_src_retention_free(struct mi_src_retention *watch); /* harmless on NULL */

/* All that was committed up to this time has been read; us: microseconds since 1970. Times that lie
 * in the future, or that go back, do no harm. */
void mi_src_retention_reached(struct mi_src_retention *watch, uint64_t us);

/* Looks, when it is time to: at first when something has been reached, then every minute, more
 * often when logs are kept for less than an hour. A source that does not answer is asked again the
 * next time. */
void mi_src_retention_tick(struct mi_src_retention *watch, struct mi_src_binlog *binlog);

/* Appends metrics: for mi_progress_extra, from another thread. watch is a struct mi_src_retention.
 */
void mi_src_retention_metrics(void *watch, struct mi_buf *out);

#endif
