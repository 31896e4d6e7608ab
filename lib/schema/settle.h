/* A CREATE TABLE made independent of the defaults of the server that runs it. */
#ifndef MI_SCHEMA_SETTLE_H
#define MI_SCHEMA_SETTLE_H

#include "base/err.h"
#include "schema/create_table.h"
#include "table/table.h"

/* Says the same in words that mean the same under other defaults, and that make SHOW CREATE TABLE
 * print there what it printed here: names collations that the statement leaves to the server, takes
 * out those that a column has from its table. */
MI_MUST int mi_ddl_table_settle(struct mi_ddl_table *ddl, const struct mi_table *definition,
                                struct mi_err *err);

#endif
