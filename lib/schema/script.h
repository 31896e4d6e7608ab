/* Statements as a script for the stock client. */
#ifndef MI_SCHEMA_SCRIPT_H
#define MI_SCHEMA_SCRIPT_H

#include "base/buf.h"
#include "stream/parse.h"

/* What comes before the statements: the session that they are written for. */
void mi_ddl_sql_begin(struct mi_buf *sql, const struct mi_stream_header *header);

/* One statement, with the database, sql_mode and character set that it wants; programs between
 * DELIMITER lines. *db is the database in use (NULL at first), and is set to the record's. */
void mi_ddl_sql_add(struct mi_buf *sql, const struct mi_ddl *ddl, const char **db);

#endif
