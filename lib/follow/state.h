/* Inside following: what the files src_follow*.c share, and nobody else includes. */
#ifndef MI_FOLLOW_STATE_H
#define MI_FOLLOW_STATE_H

#include "base/buf.h"
#include "binlog/layout.h"
#include "binlog/reader.h"
#include "binlog/table_map.h"
#include "change/deleted_twice.h"
#include "gtid/gtid.h"
#include "follow/follow.h"
#include "table/table.h"

#include <stdbool.h>
#include <stdint.h>

/* What goes with a table map: good as long as the catalog's generation is the same. */
struct mi_follow_map {
	unsigned generation;
	struct mi_table *table; /* NULL: not wanted */
	struct mi_layout layout;
};

/* The transaction at hand. */
struct mi_follow_transaction {
	bool open;     /* its GTID event has been seen */
	bool compound; /* it has an end of its own: COMMIT, XID, XA PREPARE */
	bool written;  /* its BEGIN is in the stream */
	bool decided;  /* an XA record stands in COMMIT's place */
	struct mi_gtid gtid;
	struct mi_buf text;
	uint64_t commit_us;
};

struct mi_follow {
	const struct mi_follow_options *options;
	struct mi_src_binlog *binlog;
	struct mi_catalog *catalog;
	struct mi_stream *stream;
	struct mi_writer *events, *control;
	struct mi_rows *rows;
	struct mi_table_maps maps;
	bool *announced; /* by table number: its TABLE record is in the stream */
	size_t announced_room;

	struct mi_gtid_set *done;    /* since, and all transactions after it */
	struct mi_gtid_set *until;   /* or NULL */
	struct mi_gtid_set *skipped; /* of done: not yet in a SKIP record */
	size_t skipped_count;
	struct mi_follow_transaction now;
	struct mi_deleted gone; /* rows that it has deleted */
	bool finished;          /* until is reached */
	uint64_t changes;       /* not yet told to progress */
	struct mi_buf scratch, inflated;
};

/* Hears of each event; user is a struct mi_follow. */
mi_binlog_event mi_follow_event;

#endif
