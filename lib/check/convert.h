/* How a check converts definitions: for the run's target, as mi-schema does. */
#ifndef MI_CHECK_CONVERT_H
#define MI_CHECK_CONVERT_H

#include "check/check.h"
#include "schema/convert.h"

/* Sets where convert comes from and goes to, and the version there. */
void mi_check_set_convert(const struct mi_check_at *at, struct mi_convert *convert);

#endif
