/* Privileges by trying, and what the checks' files share about what is imported. */
#ifndef MI_CHECK_TRY_H
#define MI_CHECK_TRY_H

#include "check/check.h"

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

/* Seconds that a server keeps its binary logs by its variables; 0: for ever. */
double mi_check_kept_seconds(const struct mi_check_server *server);

/* Estimates from the source's statistics. */
struct mi_check_size {
	double rows, bytes;
	const struct mi_table *largest; /* NULL: no tables */
	double largest_bytes;
};
MI_MUST int mi_check_read_size(const struct mi_check_run *run, struct mi_check_size *size,
                               struct mi_err *err);

/* Runs sql, which ends before " IN (databases)", and adds its rows' first two columns to names: all
 * of them, or those that are tables to be imported. */
MI_MUST int mi_check_list_in(struct mi_conn *conn, const struct mi_check_run *run, bool target,
                             const char *sql, struct mi_check_names *names, struct mi_err *err);
MI_MUST int mi_check_list_tables(struct mi_check_at *at, const char *sql,
                                 struct mi_check_names *names, struct mi_err *err);

#endif
