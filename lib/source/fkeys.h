/* Foreign keys of table definitions, also where information_schema hides them. */
#ifndef MI_SOURCE_FKEYS_H
#define MI_SOURCE_FKEYS_H

#include "base/err.h"
#include "server/conn.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>

/* Fills in the foreign keys of tables, which are of database db and sorted by name, byte by byte.
 *
 * MariaDB, and MySQL before 8.0, show the constraints of a table in information_schema only to
 * accounts that may do more with it than SELECT. A table of which no constraint is seen there is
 * therefore asked for with SHOW CREATE TABLE, which SELECT allows: so the result does not depend on
 * the account. MI_DENIED when that shows no text either. A foreign key whose table changed between
 * two queries may be left without ref_table; the caller checks. gone, an element for each
 * table: set where the table was not there any more, so that its foreign keys are not known. */
MI_MUST int mi_src_fkeys(struct mi_conn *conn, const char *db, struct mi_table **tables,
                         size_t count, bool *gone, struct mi_err *err);

#endif
