/* Collations that one flavour has and the other has not, and the nearest ones that the other
 * has. */
#ifndef MI_SCHEMA_COLLATION_H
#define MI_SCHEMA_COLLATION_H

#include "base/buf.h"

#include <stdbool.h>

enum mi_schema_collation_fate {
	MI_SCHEMA_COLLATION_SAME, /* the target has the collation under this name */
	MI_SCHEMA_COLLATION_NEAR, /* the target has it under another name, or has a near one */
	MI_SCHEMA_COLLATION_NONE, /* the target has nothing near enough */
};

/* What becomes of the collation name on a target of MySQL, or of MariaDB. With
 * MI_SCHEMA_COLLATION_NEAR near is replaced by the target's name, else it is emptied. A collation
 * is near first when the same strings are equal (accents, case, trailing blanks), then when their
 * order is the same. version is the target's, 100 * (100 * major + minor) + patch. Sources: MySQL
 * 9.7 manual "Unicode Character Sets", MariaDB "Supported Character Sets and Collations". */
enum mi_schema_collation_fate mi_schema_collation_to_mysql(const char *name, unsigned version,
                                                           struct mi_buf *near);
enum mi_schema_collation_fate mi_schema_collation_to_mariadb(const char *name, unsigned version,
                                                             struct mi_buf *near);

/* True when from and to are the old and the new name of one collation (utf8_bin, utf8mb3_bin). */
bool mi_schema_collation_is_alias(const char *from, const char *to);

#endif
