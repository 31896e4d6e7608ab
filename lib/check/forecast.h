/* Sizes that other checks ask for. */
#ifndef MI_CHECK_FORECAST_H
#define MI_CHECK_FORECAST_H

#include "base/err.h"
#include "check/check.h"
#include "check/try.h"

MI_MUST int mi_check_read_size(const struct mi_check_run *run, struct mi_check_size *size,
                               struct mi_err *err);

#endif
