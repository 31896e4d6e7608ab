/* The optional metadata at the end of a TABLE_MAP event: signs, collations, names, members. */
#ifndef MI_BINLOG_METADATA_H
#define MI_BINLOG_METADATA_H

#include "base/bytes.h"
#include "binlog/table_map.h"

#include <stdbool.h>

/* Reads fields (type 1 byte, length, value) from in into the map's columns. A field of a type that
 * is not known is passed over, as all of them are optional. mariadb: the server is MariaDB, which
 * counts geometries among the columns with a character set. False: malformed. */
bool mi_map_metadata(struct mi_table_map *map, bool mariadb, struct mi_bytes *in);

#endif
