/* The part of a trial that makes tables, their keys and their foreign keys. For lib/trial. */
#ifndef MI_TRIAL_TABLES_H
#define MI_TRIAL_TABLES_H

#include "base/err.h"
#include "trial/judge.h"

/* Makes the tables of the trial's lists with their keys, several at a time, then all foreign keys.
 * A refusal is a finding; fails like mi_trial_run. */
MI_MUST int mi_trial_tables(struct mi_trial_work *work, struct mi_err *err);

/* Drops them, several at a time, because a server drops a database's one after another. What it
 * does not drop is left to mi_scratch_close. */
void mi_trial_drop_tables(struct mi_trial_work *work);

#endif
