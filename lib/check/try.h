/* Privileges by trying, and what the checks' files share about what is imported. */
#ifndef MI_CHECK_TRY_H
#define MI_CHECK_TRY_H

#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"
#include "server/conn.h"

#include <stdbool.h>

struct mi_tried {
	bool allowed;
	char why[300]; /* the server's words when it is not */
};

/* Runs a statement that is harmless when it succeeds. Allowed: it succeeded, or failed because what
 * it names is absent or locked by somebody else. Fails when the connection is lost. */
MI_MUST int mi_check_try(struct mi_conn *conn, const char *sql, struct mi_tried *tried,
                         struct mi_err *err);

/* True, with a warning said, when what is to be imported could not be read. */
bool mi_check_unread(struct mi_check_at *at);

/* Foreign keys whose actions the source's binary log does not show. */
bool mi_check_hidden_cascades(const struct mi_check_at *at);

/* Appends a database's name for GRANT, where _ and % would match others: `my\_shop`. */
void mi_check_grant_pattern(struct mi_buf *sql, const char *db);

#endif
