/* Rows events: WRITE, UPDATE and DELETE of both versions, PARTIAL_UPDATE, and MariaDB's compressed
 * ones. "Rows_event" in the MySQL source documentation, "ROWS_EVENT_V1/V2" in MariaDB's.
 *
 * One struct mi_rows reads many events, one after another; its buffers are reused, so a row costs
 * no allocation. Memory is that of the largest row (twice for updates), not of the event. */
#ifndef MI_BINLOG_ROWS_H
#define MI_BINLOG_ROWS_H

#include "base/err.h"
#include "binlog/event.h"
#include "binlog/layout.h"
#include "stream/parse.h"

#include <stdbool.h>
#include <stdint.h>

enum mi_rows_kind { MI_ROWS_INSERT, MI_ROWS_UPDATE, MI_ROWS_DELETE };

enum mi_rows_flag {
	MI_ROWS_STMT_END = 0x01,        /* the last of its statement: table ids end here */
	MI_ROWS_NO_FOREIGN_KEY = 0x02,  /* it ran with foreign_key_checks=0 */
	MI_ROWS_RELAXED_UNIQUE = 0x04,  /* unique_checks=0 */
	MI_ROWS_COMPLETE = 0x08,        /* no column is missing */
	MI_ROWS_SQL_FOREIGN_KEY = 0x10, /* MySQL 9.6: cascades are in the log */
	MI_ROWS_NO_CHECK = 0x80,        /* MariaDB: check_constraint_checks=0 */
};

struct mi_rows; /* opaque */

struct mi_rows *mi_rows_new(void);
void mi_rows_free(struct mi_rows *rows);

/* The event's head, enough to find its map. */
struct mi_rows_head {
	enum mi_rows_kind kind;
	uint64_t table_id;
	unsigned flags;    /* enum mi_rows_flag */
	unsigned fk_flags; /* enum mi_fk_flag, what of it a change record carries */
	bool dummy;        /* no rows, only the end of a statement: it needs no map */
};

/* Is it an event with rows, for mi_rows_open? type is of enum mi_event_type, or another. */
bool mi_rows_are_in(unsigned type);

/* Starts an event, whose bytes must live until its last row has been read. Unknown flags are
 * MI_DATA. */
MI_MUST int mi_rows_open(struct mi_rows *rows, const struct mi_event *event,
                         struct mi_rows_head *head, struct mi_err *err);

/* Then says how to read it. MI_DATA when the event's width is not the layout's. layout is borrowed.
 * Not to be called for a dummy. */
MI_MUST int mi_rows_start(struct mi_rows *rows, const struct mi_layout *layout, struct mi_err *err);

/* From now on an inserted or updated document whose text does not hold its numbers (mi_json_text)
 * is MI_DATA, with table, column and row key. */
void mi_rows_refuse_inexact(struct mi_rows *rows);

/* 1: *change is the next row's, good until the next call; 0: no more rows; -1: error. Images are
 * full: a column that the after-image lacks is the before-image's; a carried column that neither
 * has (binlog_row_image=MINIMAL or NOBLOB) is MI_DATA. */
MI_MUST int mi_rows_next(struct mi_rows *rows, struct mi_change *change, struct mi_err *err);

#endif
