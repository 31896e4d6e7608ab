/* Collation ids below 256, as a login carries them in one byte, and their names. MySQL and MariaDB
 * agree on these ids, but not on those above.
 *
 * Source: INFORMATION_SCHEMA.COLLATIONS of MySQL 9.7 and MariaDB 10.11. */
#ifndef MI_PROTOCOL_COLLATION_H
#define MI_PROTOCOL_COLLATION_H

#include "base/buf.h"

/* The name of an id, a constant. NULL: an id that is not known, or one of a character set that no
 * client may use (UCS-2, UTF-16 and UTF-32; for such a client servers take their own default). */
const char *mi_collation_name(unsigned id);

/* The character set of a collation: the part of its name before the first underscore. */
struct mi_span mi_collation_charset(const char *collation);

#endif
