/* What a statement makes of a table's definition: the definition after CREATE TABLE or ALTER TABLE,
 * from that before it, without a server. For a log that is read long after it was written: what a
 * server says of its tables is of today.
 *
 * Not every statement is understood. Then there is no definition, never a wrong one: *why says what
 * the reader did not know. */
#ifndef MI_EVOLVE_EVOLVE_H
#define MI_EVOLVE_EVOLVE_H

#include "base/buf.h"
#include "evolve/column.h"
#include "table/table.h"

/* text is a whole CREATE TABLE with columns, of a table db.name. charset and collation: the
 * database's default, NULL when not known. NULL: *why. The caller frees the table. */
struct mi_table *mi_evolve_create(struct mi_span text, const char *db, const char *name,
                                  const struct mi_evolve_rules *rules, const char *charset,
                                  const char *collation, const char **why);

/* text is an ALTER TABLE, CREATE INDEX or DROP INDEX of the table before. The new table has its
 * name: whoever knows of a RENAME gives it another. Likewise. */
struct mi_table *mi_evolve_alter(const struct mi_table *before, struct mi_span text,
                                 const struct mi_evolve_rules *rules, const char **why);

#endif
