/* The state of following a source, which follow/follow.c, follow_event.c, follow_query.c,
 * follow_rows.c and follow_trx.c share; no other file includes this header. */
#ifndef MI_FOLLOW_STATE_H
#define MI_FOLLOW_STATE_H

#include "base/buf.h"
#include "binlog/layout.h"
#include "binlog/reader.h"
#include "binlog/table_map.h"
#include "change/deleted_twice.h"
#include "gtid/gtid.h"
#include "follow/binlog.h"
#include "follow/follow.h"
#include "table/table.h"

#include <stdbool.h>
#include <stdint.h>

/* What goes with a TABLE_MAP: good as long as the catalog's generation is this one. */
struct mi_follow_map {
	unsigned generation;
	struct mi_table *table; /* NULL: not wanted */
	struct mi_layout layout;
};

/* The transaction of the log that is being read. */
struct mi_follow_transaction {
	bool open;     /* its GTID event has been seen */
	bool compound; /* ended by COMMIT, XID or XA PREPARE, not by its only statement */
	bool written;  /* its BEGIN is in the stream */
	bool passing;  /* it is the one of --past: nothing of it is decoded */
	bool xa;       /* it may end as a prepared one */
	bool decided;  /* an XA record stands in COMMIT's place */
	bool lasting;  /* it has changed an imported table that may have no transactions */
	struct mi_gtid gtid;
	struct mi_buf text; /* of gtid */
	uint64_t commit_us; /* microseconds since 1970 UTC */
};

struct mi_follow {
	const struct mi_follow_options *options;
	struct mi_src_binlog *binlog;
	struct mi_src_binlog_options looking; /* of the catalog, when it looks ahead */
	struct mi_catalog *catalog;
	struct mi_stream *stream;
	struct mi_writer *events, *control; /* of event and control frames */
	struct mi_rows *rows;
	struct mi_table_maps maps;
	bool *announced; /* by table number: its TABLE record is in the stream */
	size_t announced_room;

	struct mi_gtid_set *done;    /* since, and all transactions after it */
	struct mi_gtid_set *until;   /* or NULL */
	struct mi_gtid_set *past;    /* of --past; or NULL */
	struct mi_buf passed;        /* tables and statements of the transaction that is passed */
	struct mi_gtid_set *skipped; /* the part of done that is in no record yet */
	size_t skipped_count;        /* transactions in skipped */
	struct mi_follow_transaction now;
	struct mi_deleted gone; /* rows that the transaction has deleted */
	bool finished;          /* until is reached */
	uint64_t changes;       /* not yet counted by options->progress */
	struct mi_buf scratch, inflated;
};

/* Called for each event of the log; user is a struct mi_follow. MI_DATA: something that cannot be
 * followed exactly, with what to do. */
mi_binlog_event mi_follow_event;

#endif
