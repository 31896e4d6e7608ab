/* Finding out privileges by trying, and questions about what is to be imported that several checks
 * ask. */
#ifndef MI_CHECK_TRY_H
#define MI_CHECK_TRY_H

#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"
#include "server/conn.h"

#include <stdbool.h>

struct mi_tried {
	bool allowed;
	char why[300]; /* the server's message when it is not allowed */
};

/* Runs a statement that is harmless when it succeeds. It is allowed if it succeeds, or fails
 * because what it names is absent or locked by somebody else. -1: the connection is lost. */
MI_MUST int mi_check_try(struct mi_conn *conn, const char *sql, struct mi_tried *tried,
                         struct mi_err *err);

/* True, with a warning said, when what is to be imported could not be read. */
bool mi_check_unread(struct mi_check_at *at);

/* Has an imported table foreign keys whose actions the source's binary log does not show? */
bool mi_check_hidden_cascades(const struct mi_check_at *at);

/* Appends a database's name for GRANT, where _ and % would match others: `my\_shop`. */
void mi_check_grant_pattern(struct mi_buf *sql, const char *db);

#endif
