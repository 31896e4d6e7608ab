/* What a trial makes of a server's refusals. For the files of lib/trial. */
#ifndef MI_TRIAL_JUDGE_H
#define MI_TRIAL_JUDGE_H

#include "base/err.h"
#include "server/link.h"
#include "stream/parse.h"
#include "target/object.h"
#include "trial/scratch.h"
#include "trial/trial.h"

#include <pthread.h>
#include <stdbool.h>

/* A trial at work. */
struct mi_trial_work {
	struct mi_trial *trial;
	struct mi_scratch scratch;
	pthread_mutex_t lock; /* for the trial's findings and made, and for failed */
	char **failed;        /* "db.object" of what is not there, by the source's names */
	size_t failed_count;
};

/* Counts a definition that the server took. */
void mi_trial_made(struct mi_trial_work *work);

/* Adds a finding about ddl. */
void mi_trial_add(struct mi_trial_work *work, const struct mi_ddl *ddl,
                  enum mi_trial_verdict verdict, unsigned number, const char *text);

/* Adds a finding about ddl, which could not be made: by refusal, when it was the server that
 * refused it, else by why. link is for questions. -1: why was no refusal (the server is gone, or
 * the statement may be tried again), or the server cannot be asked. */
MI_MUST int mi_trial_judge(struct mi_trial_work *work, const struct mi_ddl *ddl,
                           const struct mi_refusal *refusal, const struct mi_err *why,
                           struct mi_link *link, struct mi_err *err);

/* Judges what reading back what was made, and comparing it, has failed with: a difference is a
 * finding about ddl, and *err is cleared; anything else is a failure. */
MI_MUST int mi_trial_differs(struct mi_trial_work *work, const struct mi_ddl *ddl,
                             struct mi_err *err);

/* Does the definition refer to something that is not there, by what the server says? */
bool mi_trial_is_missing(const struct mi_refusal *refusal);

#endif
