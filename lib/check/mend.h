/* What a person would have to do by hand, as statements to be read and run by that person. Nothing
 * here runs them. */
#ifndef MI_CHECK_MEND_H
#define MI_CHECK_MEND_H

#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"

/* Appends a script for the stock client: for each side, or for one of them (MI_CHECK_SOURCE or
 * MI_CHECK_TARGET; MI_CHECK_PAIR: both), a statement that fails on any other server, then for each
 * warning and blocker of the run that has a mend a comment with the check's id, and statements. The
 * servers are asked for what the findings do not hold. What has no mend is a comment at the end. */
MI_MUST int mi_check_print_mends(struct mi_check_run *run, enum mi_check_side side,
                                 struct mi_buf *out, struct mi_err *err);

/* ---- For mend.c: the mends of tables and accounts (mend_objects.c) ---- */

struct mi_mending {
	struct mi_check_run *run;
	enum mi_check_side side; /* whose statements are asked for: SOURCE or TARGET */
	struct mi_buf *out;
};

/* Each appends the statements that its side wants, or nothing. */
int mi_mend_row_key(struct mi_mending *mending, struct mi_err *err);
int mi_mend_engine(struct mi_mending *mending, struct mi_err *err);
int mi_mend_foreign_keys(struct mi_mending *mending, struct mi_err *err);
int mi_mend_definers(struct mi_mending *mending, struct mi_err *err);
int mi_mend_lost(struct mi_mending *mending, struct mi_err *err);

#endif
