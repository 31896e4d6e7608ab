/* Statements that make a table or its keys, where the source's server holds a definition that only
 * a lenient session makes: one that was made under other settings than the tools' own, which SHOW
 * CREATE does not tell. */
#ifndef MI_TARGET_LENIENT_H
#define MI_TARGET_LENIENT_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"

#include <stdbool.h>

/* Runs sql. Where the server refuses it for a reason that a setting of the session waives (a row
 * that could grow wider than a page, members of an ENUM that its collation holds for equal, a
 * foreign key to what is no whole UNIQUE key), it is run again under that setting, which is set
 * back afterwards. Rows stay as exact as they were: what a value must fit into does not change.
 * *dirty: after a failure the session may have such a setting still, so that it is good for
 * mysql_errno and to be closed. */
MI_MUST int mi_lenient_exec(struct mi_conn *conn, struct mi_span sql, bool *dirty,
                            struct mi_err *err);

#endif
