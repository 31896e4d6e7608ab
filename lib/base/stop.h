/* Stopping politely: the first SIGTERM, SIGINT or SIGHUP asks the tool to finish what is in hand
 * and exit 75; the second ends it at once. SIGPIPE is ignored: a write then says EPIPE. */
#ifndef MI_BASE_STOP_H
#define MI_BASE_STOP_H

#include "base/err.h"

#include <stdbool.h>

void mi_stop_install(void); /* once, before threads are started */

/* True once somebody asked. Loops test it between whole units of work. */
bool mi_stop_asked(void);

/* Asks from inside the process, such as when another thread has failed. */
void mi_stop_ask(void);

/* Readable once somebody asked, for poll(2). */
int mi_stop_fd(void);

/* Fails with MI_AGAIN and "stopped by signal N". Returns -1. */
int mi_stop_fail(struct mi_err *err);

#endif
