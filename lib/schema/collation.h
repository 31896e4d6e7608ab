/* Collations that one flavour has and the other has not, and the nearest that the other has. */
#ifndef MI_SCHEMA_COLLATION_H
#define MI_SCHEMA_COLLATION_H

#include "base/buf.h"

#include <stdbool.h>

enum mi_schema_collation_fate {
	MI_SCHEMA_COLLATION_SAME, /* the target has it too */
	MI_SCHEMA_COLLATION_NEAR, /* another name, or another collation: see
	                             mi_schema_collation_to_* */
	MI_SCHEMA_COLLATION_NONE, /* nothing near enough */
};

/* Replaces near by the target's name when the fate is MI_SCHEMA_COLLATION_NEAR. Nearest means
 * first: the same strings are equal (accents, case, trailing blanks), then: the same order. version
 * is the target's, 100 * (100 * major + minor) + patch. Sources: MySQL 9.7 manual "Unicode
 * Character Sets", MariaDB "Supported Character Sets and Collations". */
enum mi_schema_collation_fate mi_schema_collation_to_mysql(const char *name, unsigned version,
                                                           struct mi_buf *near);
enum mi_schema_collation_fate mi_schema_collation_to_mariadb(const char *name, unsigned version,
                                                             struct mi_buf *near);

/* True when from and to are one collation under two names (utf8_bin, utf8mb3_bin). */
bool mi_schema_collation_is_alias(const char *from, const char *to);

#endif
