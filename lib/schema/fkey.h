/* A foreign key as SHOW CREATE TABLE prints it. */
#ifndef MI_SCHEMA_FKEY_H
#define MI_SCHEMA_FKEY_H

#include "base/err.h"
#include "schema/create_table.h"
#include "table/table.h"

/* Fills in fkey, which is zeroed, from an element of kind MI_ELEMENT_FOREIGN_KEY of a table of
 * database db. A rule that the statement does not name is RESTRICT, as in MariaDB's
 * information_schema. MI_DATA: the element is not of the form that servers print. The caller frees
 * fkey's strings, also after a failure. */
MI_MUST int mi_ddl_fkey_read(const struct mi_ddl_table *ddl, const struct mi_table_element *element,
                             const char *db, struct mi_fkey *fkey, struct mi_err *err);

#endif
