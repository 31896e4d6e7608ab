/* What a copy would carry of the source's definitions, for several checks: read once. */
#ifndef MI_CHECK_CARRIED_H
#define MI_CHECK_CARRIED_H

#include "base/err.h"
#include "check/check.h"
#include "source/schema.h"

/* The definitions that mi-schema would write for the run's target, with its code, and so with its
 * notes. They belong to the run, until
 * mi_check_all returns. A failure is kept, and returned at each call. */
MI_MUST int mi_check_carried(struct mi_check_run *run, const struct mi_schema **schema,
                             struct mi_err *err);

/* The same for routines, triggers and events alone, read anew. To be released by the caller. */
MI_MUST int mi_check_programs(struct mi_check_run *run, struct mi_schema *schema,
                              struct mi_err *err);

void mi_check_carried_free(struct mi_check_carried *carried); /* harmless on NULL */

#endif
