/* What mi-check prints. */
#ifndef MI_CHECK_REPORT_H
#define MI_CHECK_REPORT_H

#include "base/buf.h"
#include "check/check.h"

#include <stdbool.h>

/* The report, appended to out. */
void mi_check_print_text(const struct mi_check_run *run, bool colour, struct mi_buf *out);
void mi_check_print_tsv(const struct mi_check_run *run, struct mi_buf *out);
void mi_check_print_json(const struct mi_check_run *run, struct mi_buf *out);
void mi_check_print_list(struct mi_buf *out); /* id, what, risk: tab-separated, a line each */

#endif
