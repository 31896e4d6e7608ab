/* TABLE_MAP and rows events, as records of the event stream. A part of follow/follow.h, see
 * follow/state.h. */
#ifndef MI_FOLLOW_ROWS_H
#define MI_FOLLOW_ROWS_H

#include "base/err.h"
#include "binlog/event.h"
#include "follow/state.h"

/* Remembers a TABLE_MAP event for the rows events behind it. */
MI_MUST int mi_follow_map(struct mi_follow *f, const struct mi_event *event, struct mi_err *err);
/* Writes the changes of a rows event of a wanted table: its TABLE record and BEGIN, if not written
 * yet, and a record for each row. MI_DATA: a row that cannot be carried exactly, or a definition
 * that does not fit the log. MI_PROTOCOL: rows outside of a transaction or without a TABLE_MAP. */
MI_MUST int mi_follow_rows(struct mi_follow *f, const struct mi_event *event, struct mi_err *err);
/* Frees a struct mi_follow_map; for mi_table_maps' free_user. Harmless on NULL. */
void mi_follow_map_free(void *map);

#endif
