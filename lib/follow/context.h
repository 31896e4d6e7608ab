/* The context that a QUERY event carries: what its statement ran under, as settings of a definition
 * (enum mi_ddl_setting). For follow/query.c. */
#ifndef MI_FOLLOW_CONTEXT_H
#define MI_FOLLOW_CONTEXT_H

#include "base/buf.h"
#include "base/err.h"
#include "binlog/query.h"
#include "server/conn.h"
#include "stream/parse.h"

#include <stdbool.h>

struct mi_context {
	struct mi_buf values[MI_DDL_SETTINGS];
	bool is_given[MI_DDL_SETTINGS]; /* the others are the tools' own */
};

void mi_context_release(struct mi_context *context);

/* Fills *context, which the caller releases, also after a failure. control is asked for the names
 * of what the event has as numbers. new_database: the statement makes or changes a database.
 * Errors: mi_conn_fail's; MI_DATA: a number that the server does not know any more.
 *
 * default_storage_engine is in no event: a table that names no engine gets the target's default, as
 * on a replica. */
MI_MUST int mi_context_read(struct mi_context *context, const struct mi_event_query *query,
                            bool new_database, struct mi_conn *control, struct mi_err *err);

/* Appends the name of the character set of a collation, by its number in the log. Errors as above.
 */
MI_MUST int mi_context_charset(struct mi_conn *control, unsigned id, struct mi_buf *name,
                               struct mi_err *err);

#endif
