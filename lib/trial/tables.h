/* The part of a trial that makes tables, their keys and their foreign keys. For lib/trial. */
#ifndef MI_TRIAL_TABLES_H
#define MI_TRIAL_TABLES_H

#include "base/err.h"
#include "trial/judge.h"

/* Makes the tables of the trial's lists with their keys, several at a time, then all foreign keys.
 * A refusal is a finding; fails like mi_trial_run. */
MI_MUST int mi_trial_tables(struct mi_trial_work *work, struct mi_err *err);

#endif
