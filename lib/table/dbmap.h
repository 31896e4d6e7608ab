/* Databases that get another name on the way: --map-db=old=new. */
#ifndef MI_TABLE_DBMAP_H
#define MI_TABLE_DBMAP_H

#include "base/err.h"
#include "program/opt.h"

struct mi_map {
	struct mi_opt_list pairs; /* "old=new" */
};

/* MI_USAGE for a pair that is none, or an old name that is mapped twice. */
MI_MUST int mi_map_check(const struct mi_map *map, struct mi_err *err);

/* The new name; db itself when it is not mapped. */
const char *mi_map_db(const struct mi_map *map, const char *db);

#endif
