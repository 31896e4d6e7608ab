/* What other checks ask of the check of the binary log. */
#ifndef MI_CHECK_BINLOG_H
#define MI_CHECK_BINLOG_H

#include "check/check.h"

/* Seconds that a server keeps its binary logs by its variables; 0: for ever. */
double mi_check_kept_seconds(const struct mi_check_server *server);

#endif
