#include "table/dbmap.h"
#include "base/err.h"

#include <string.h>

static const char *equals_sign(const char *pair)
{
	const char *sign = strchr(pair, '=');

	return sign && sign > pair && sign[1] ? sign : NULL;
}

static bool maps(const char *pair, const char *db)
{
	size_t len = strlen(db);

	return strncmp(pair, db, len) == 0 && pair[len] == '=';
}

int mi_map_check(const struct mi_map *map, struct mi_err *err)
{
	for (size_t i = 0; i < map->pairs.count; i++) {
		const char *pair = map->pairs.items[i];
		const char *sign = equals_sign(pair);

		if (!sign || strchr(sign + 1, '='))
			return mi_fail(err, MI_USAGE, "--map-db=%s is not OLD=NEW", pair);
		for (size_t k = 0; k < i; k++)
			if (strncmp(map->pairs.items[k], pair, (size_t)(sign - pair) + 1) == 0)
				return mi_fail(err, MI_USAGE, "--map-db maps %.*s twice",
				               (int)(sign - pair), pair);
	}
	return 0;
}

const char *mi_map_db(const struct mi_map *map, const char *db)
{
	for (size_t i = 0; i < map->pairs.count; i++)
		if (maps(map->pairs.items[i], db))
			return map->pairs.items[i] + strlen(db) + 1;
	return db;
}
