/* The optional metadata at the end of a TABLE_MAP event. */
#ifndef MI_BINLOG_METADATA_H
#define MI_BINLOG_METADATA_H

#include "base/bytes.h"
#include "binlog/table_map.h"

#include <stdbool.h>

/* Reads fields (type 1 byte, length, value) into the map's columns. Types that are not known are
 * passed over: the field is optional. mariadb: it counts geometries among the columns with a
 * character set. False: malformed. */
bool mi_map_metadata(struct mi_table_map *map, bool mariadb, struct mi_bytes *in);

#endif
