/* Text in table definitions that servers hold but cannot print. SHOW CREATE and information_schema
 * answer in utf8mb3: characters of four bytes (emoji) become "?" in ENUM and SET members (MySQL,
 * MariaDB) and in default values (MariaDB, MySQL 5.7). Queries that read no row can still ask for
 * the true text. */
#ifndef MI_SERVER_HIDDEN_TEXT_H
#define MI_SERVER_HIDDEN_TEXT_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "table/table.h"

#include <stdbool.h>

/* True when a "?" in the column's definition may stand for another character: the column's
 * character set has characters of four bytes. */
bool mi_column_may_hide(const struct mi_column *column);

/* Replaces column->type_text, of an ENUM or SET, by the text with the true members. *known is
 * false, and the text as before, when the server cannot be made to say them (MySQL 5.7; MariaDB for
 * SETs of more than 8 members). Errors of the query: mi_conn_fail's. */
MI_MUST int mi_hidden_members(struct mi_conn *conn, const struct mi_table *table,
                              struct mi_column *column, bool *known, struct mi_err *err);

/* Appends the column's true default value, in utf8mb4. The column must have a literal default, no
 * expression. Errors of the query: mi_conn_fail's. */
MI_MUST int mi_hidden_default(struct mi_conn *conn, const struct mi_table *table,
                              const struct mi_column *column, struct mi_buf *value,
                              struct mi_err *err);

#endif
