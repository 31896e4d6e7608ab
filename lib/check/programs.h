/* Lists of objects, for a finding's text. */
#ifndef MI_CHECK_PROGRAMS_H
#define MI_CHECK_PROGRAMS_H

#include "base/err.h"
#include "check/check.h"
#include "server/conn.h"

#include <stdbool.h>

/* Runs sql, which ends before " IN (databases)", and adds its rows' first two columns to names: all
 * of them, or those that are tables to be imported. */
MI_MUST int mi_check_list_in(struct mi_conn *conn, const struct mi_check_run *run, bool target,
                             const char *sql, struct mi_check_names *names, struct mi_err *err);
MI_MUST int mi_check_list_tables(struct mi_check_at *at, const char *sql,
                                 struct mi_check_names *names, struct mi_err *err);

#endif
