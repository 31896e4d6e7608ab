/* Sessions that share out pieces of work: for statements that wait for the disk more than they
 * compute. */
#ifndef MI_TRIAL_CREW_H
#define MI_TRIAL_CREW_H

#include "base/err.h"
#include "server/link.h"

#include <stddef.h>

/* One piece of work, by its number. The link is open when it begins; it may be closed in it.
 * Returns 0, or -1 with err filled, which ends the work of all. */
typedef int mi_crew_step(void *user, size_t index, struct mi_link *link, struct mi_err *err);

/* Calls step for each index below count, several at a time, each on a thread with a session of its
 * own. A server that has no more sessions to spare is served by fewer. Fails with the first error
 * of a step, and with MI_AGAIN when somebody asked to stop. */
MI_MUST int mi_crew_run(const struct mi_link_options *options, size_t count, mi_crew_step *step,
                        void *user, struct mi_err *err);

#endif
