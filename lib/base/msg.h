/* Messages on stderr: "mi-dump: what failed: why", one line each, control characters escaped so
 * that hostile names cannot drive a terminal. Safe from several threads (one write per line). */
#ifndef MI_BASE_MSG_H
#define MI_BASE_MSG_H

#include "base/err.h"

/* Remembers the program's name (last path component of argv0). Call first in main. With MI_LOG_TIME
 * in the environment each line begins with the time, in UTC: for a log. */
void mi_msg_init(const char *argv0);
const char *mi_progname(void);

/* -q lowers, -v raises. 0: errors and warnings; 1 (default): also notices; 2: also details. */
void mi_msg_set_verbosity(int level);
int mi_msg_verbosity(void);

void mi_warn(const char *fmt, ...) MI_PRINTF(1, 2);   /* "warning: ..." always shown */
void mi_notice(const char *fmt, ...) MI_PRINTF(1, 2); /* shown at level >= 1 */
void mi_detail(const char *fmt, ...) MI_PRINTF(1, 2); /* shown at level >= 2 */

/* Shows text on the terminal's current line until the next status replaces it, or a message pushes
 * it away; "" takes it down. For a terminal only: see program/progress.h. */
void mi_msg_status(const char *text);

/* Prints err's text, and its hint on a second line. Returns err->code, for `return` in main;
 * MI_BUG when the code was never set. */
int mi_report(const struct mi_err *err);

/* Prints a usage complaint and "try --help". Returns MI_USAGE. */
int mi_usage_error(const char *fmt, ...) MI_PRINTF(1, 2);

#endif
