/* Databases that get another name on the way: --map-db=old=new. */
#ifndef MI_TABLE_DBMAP_H
#define MI_TABLE_DBMAP_H

#include "base/err.h"
#include "program/opt.h"

struct mi_map {
	struct mi_opt_list pairs; /* "old=new" */
};

/* Checks the pairs. MI_USAGE: one is not OLD=NEW with both names given, or an old name is mapped
 * twice. */
MI_MUST int mi_map_check(const struct mi_map *map, struct mi_err *err);

/* The new name of db, a text inside map; db itself when it is not mapped. Names are compared byte
 * by byte. map has passed mi_map_check. */
const char *mi_map_db(const struct mi_map *map, const char *db);

#endif
