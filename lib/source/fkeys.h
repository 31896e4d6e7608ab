/* Reads foreign keys, also where information_schema hides them. */
#ifndef MI_SOURCE_FKEYS_H
#define MI_SOURCE_FKEYS_H

#include "base/err.h"
#include "server/conn.h"
#include "table/table.h"

/* Fills in the foreign keys of tables, which are of database db and sorted by name, byte by byte.
 *
 * MariaDB, and MySQL before 8.0, show the constraints of a table in information_schema only to
 * accounts that may do more with it than SELECT. A table of which no constraint is seen there is
 * therefore asked for with SHOW CREATE TABLE, which SELECT allows: the result is the same for every
 * account. MI_AGAIN when a table changes meanwhile. */
MI_MUST int mi_src_fkeys(struct mi_conn *conn, const char *db, struct mi_table **tables,
                         size_t count, struct mi_err *err);

#endif
