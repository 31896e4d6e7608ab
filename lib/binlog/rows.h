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
	MI_ROWS_STMT_END = 0x01,        /* the statement's last event: table ids end here */
	MI_ROWS_NO_FOREIGN_KEY = 0x02,  /* the statement ran with foreign_key_checks=0 */
	MI_ROWS_RELAXED_UNIQUE = 0x04,  /* ... with unique_checks=0 */
	MI_ROWS_COMPLETE = 0x08,        /* no column is missing */
	MI_ROWS_SQL_FOREIGN_KEY = 0x10, /* MySQL 9.6: cascades are in the log */
	MI_ROWS_NO_CHECK = 0x80,        /* MariaDB: check_constraint_checks=0 */
};

struct mi_rows; /* opaque */

struct mi_rows *mi_rows_new(void);
void mi_rows_free(struct mi_rows *rows); /* harmless on NULL */

/* An event's head, which is enough to find its TABLE_MAP. */
struct mi_rows_head {
	enum mi_rows_kind kind;
	uint64_t table_id;
	unsigned flags;    /* enum mi_rows_flag */
	unsigned fk_flags; /* enum mi_fk_flag: the part of flags that a change record carries */
	bool dummy;        /* the event has no rows and needs no map: it only ends a statement */
};

/* True for events with rows, which mi_rows_open takes. type is of enum mi_event_type, or
 * another. */
bool mi_rows_are_in(unsigned type);

/* Opens an event, whose bytes must live until its last row has been read. MI_DATA: unknown flags;
 * MI_BUG: an event without rows. */
MI_MUST int mi_rows_open(struct mi_rows *rows, const struct mi_event *event,
                         struct mi_rows_head *head, struct mi_err *err);

/* Says how the event that was opened is to be read; not for a dummy. layout is borrowed until the
 * last row. MI_DATA: the event has another number of columns than layout. */
MI_MUST int mi_rows_start(struct mi_rows *rows, const struct mi_layout *layout, struct mi_err *err);

/* From now on JSON documents are their text alone, without the codes of types that it loses. */
void mi_rows_json_text(struct mi_rows *rows);

/* 1: *change is the next row's, good until the next call; 0: no more rows; -1: failure. Images are
 * made full: a column that the after-image lacks is taken from the before-image; a column of theirs
 * that neither image has (binlog_row_image=MINIMAL or NOBLOB) is MI_DATA. */
MI_MUST int mi_rows_next(struct mi_rows *rows, struct mi_change *change, struct mi_err *err);

#endif
