/* Collation ids below 256, as a login names them, and what they mean by name. The two families
 * agree on these ids; above, they do not, and no login carries them in one byte.
 *
 * Source: INFORMATION_SCHEMA.COLLATIONS of MySQL 9.7 and MariaDB 10.11. */
#ifndef MI_PROTOCOL_COLLATION_H
#define MI_PROTOCOL_COLLATION_H

#include "base/buf.h"

/* NULL: an id that is not known, or of a character set that no client may use (UCS-2, UTF-16 and
 * UTF-32: servers take their own default then). */
const char *mi_collation_name(unsigned id);

/* The character set of a collation's name: what stands before its first underscore. */
struct mi_span mi_collation_charset(const char *collation);

#endif
