/* How the row images of one table are to be read: a TABLE_MAP put beside the table's definition.
 *
 * The event says how bytes are cut; only the definition says what they mean, since older servers
 * log neither names nor signs nor members. So the definition must be the one that was in force when
 * the event was written, and all that the event does say must agree with it. */
#ifndef MI_BINLOG_LAYOUT_H
#define MI_BINLOG_LAYOUT_H

#include "base/buf.h"
#include "base/err.h"
#include "binlog/table_map.h"
#include "table/table.h"

struct mi_layout_column {
	unsigned code, length, scale; /* as in struct mi_map_column; but length of the old temporal
	                                 types: the digits of the fraction in the definition */
	const struct mi_column *column; /* NULL: a hidden column, which no definition has */
	int field;                      /* place among the fields of a row; -1: it has none */
	int json;                       /* place among the event's JSON columns; -1: not JSON */
};

struct mi_layout {
	const struct mi_table *table;
	struct mi_layout_column *columns; /* the event's columns, in order */
	size_t column_count;
	size_t json_count;
};

/* Appends in utf8mb4 what bytes are in charset, as the log's server says. */
struct mi_layout_recode {
	int (*recode)(void *user, struct mi_span charset, struct mi_span bytes, struct mi_buf *text,
	              struct mi_err *err);
	void *user;
};

/* MI_DATA, naming table and column: event and definition differ. table is borrowed and must be
 * finished (mi_table_finish); map is not needed afterwards. recode is asked for members of ENUM and SET
 * in other character sets than UTF-8; its errors come through. */
MI_MUST int mi_layout_make(struct mi_layout *layout, const struct mi_table_map *map,
                           const struct mi_table *table,
                           const struct mi_layout_recode *recode, struct mi_err *err);
void mi_layout_release(struct mi_layout *layout); /* harmless after a failure, and on {0} */

#endif
