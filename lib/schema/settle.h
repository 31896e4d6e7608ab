/* A CREATE TABLE made independent of the defaults of the server that runs it. */
#ifndef MI_SCHEMA_SETTLE_H
#define MI_SCHEMA_SETTLE_H

#include "base/err.h"
#include "schema/create_table.h"
#include "table/table.h"

/* Names the collations that the statement leaves to the server's defaults, and takes out those that
 * a column has from its table, so that the statement makes the same table on a server with other
 * defaults, and SHOW CREATE TABLE prints the same there. mi_ddl_table_defer has checked the
 * columns. MI_DATA: an element cannot be taken apart. */
MI_MUST int mi_ddl_table_settle(struct mi_ddl_table *ddl, const struct mi_table *definition,
                                struct mi_err *err);

#endif
