/* How a check adds a finding to its run. */
#ifndef MI_CHECK_SAY_H
#define MI_CHECK_SAY_H

#include "base/err.h"
#include "check/check.h"

/* Each adds a finding of at->check for at->side; fmt makes its text, one line. fix: a setting or
 * statement that puts it right, copied; NULL: none. */
void mi_check_say(struct mi_check_at *at, enum mi_check_level level, const char *fix,
                  const char *fmt, ...) MI_PRINTF(4, 5);

void mi_check_ok(struct mi_check_at *at, const char *fmt, ...) MI_PRINTF(2, 3);

void mi_check_warn(struct mi_check_at *at, const char *fix, const char *fmt, ...) MI_PRINTF(3, 4);

void mi_check_block(struct mi_check_at *at, const char *fix, const char *fmt, ...) MI_PRINTF(3, 4);

#endif
