/* A foreign key as SHOW CREATE TABLE prints it. */
#ifndef MI_SCHEMA_FKEY_H
#define MI_SCHEMA_FKEY_H

#include "base/err.h"
#include "schema/create_table.h"
#include "table/table.h"

/* Fills in fkey, which is zeroed, from a element of kind MI_ELEMENT_FOREIGN_KEY of a table of
 * database db. Rules that the statement does not name are RESTRICT, as MariaDB's information_schema
 * says. MI_DATA: it is not of the form that servers print; fkey holds what was read. */
MI_MUST int mi_ddl_fkey_read(const struct mi_ddl_table *ddl, const struct mi_table_element *element,
                             const char *db, struct mi_fkey *fkey, struct mi_err *err);

#endif
