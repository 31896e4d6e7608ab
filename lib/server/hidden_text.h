/* Text that servers hold but cannot print. SHOW CREATE and information_schema answer in utf8mb3:
 * characters beyond its plane (emoji) become "?" in ENUM and SET members (MySQL, MariaDB) and in
 * default values (MariaDB, MySQL 5.7). The values themselves can still be asked for, by queries
 * that read no row. */
#ifndef MI_SERVER_HIDDEN_TEXT_H
#define MI_SERVER_HIDDEN_TEXT_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "table/table.h"

#include <stdbool.h>

/* True when a "?" in the column's definition may stand for another character. */
bool mi_column_may_hide(const struct mi_column *column);

/* Puts the true members of an ENUM or SET into column->type_text. *known is false when the server
 * cannot be made to tell (MySQL 5.7; MariaDB for SETs of more than 8 members). */
MI_MUST int mi_hidden_members(struct mi_conn *conn, const struct mi_table *table,
                              struct mi_column *column, bool *known, struct mi_err *err);

/* Appends the column's true default value, in utf8mb4. It must have a literal default. */
MI_MUST int mi_hidden_default(struct mi_conn *conn, const struct mi_table *table,
                              const struct mi_column *column, struct mi_buf *value,
                              struct mi_err *err);

#endif
