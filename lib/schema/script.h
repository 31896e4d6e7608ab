/* A schema's statements as a script for the stock client (mi-schema --sql). */
#ifndef MI_SCHEMA_SCRIPT_H
#define MI_SCHEMA_SCRIPT_H

#include "base/buf.h"
#include "stream/parse.h"

#include <stdbool.h>

/* Appends the script's head, which sets up the session that the statements are written for. */
void mi_ddl_sql_begin(struct mi_buf *sql, const struct mi_stream_header *header);

/* Appends the setting under which MySQL from 8.4 on makes foreign keys to keys that are not UNIQUE,
 * or, with restrict_fkeys, the server's own again. Other servers pass over it. */
void mi_ddl_sql_restrict_fkeys(struct mi_buf *sql, bool restrict_fkeys);

/* Appends one statement, with the database, sql_mode and character set that it wants; programs
 * stand between DELIMITER lines. *db is the database in use, NULL at first; it is set to ddl->db,
 * which must live until the next call. */
void mi_ddl_sql_add(struct mi_buf *sql, const struct mi_ddl *ddl, const char **db);

#endif
