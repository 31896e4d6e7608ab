/* Why rows of a chunk were refused for a key that is there already, found out on the failure's
 * path: two rows that the source tells apart may be equal here, under another collation, or the
 * table had a row before. */
#ifndef MI_LOAD_COLLISION_H
#define MI_LOAD_COLLISION_H

#include "base/err.h"
#include "load/feed.h"

/* Called when the present try of a chunk has met a duplicate key, and err says so. Rolls the
 * transaction back, inserts the chunk's rows again from memory until one is refused, asks for the
 * row that is in its way, and rolls back once more. err is then MI_DATA and names key, collation
 * and both rows, or the row that came, where the key has an expression or a generated column. It
 * stays what it was when the connection is lost or the collision has vanished. Returns -1. */
int mi_collision_in_chunk(struct mi_feed *feed, struct mi_err *err);

#endif
