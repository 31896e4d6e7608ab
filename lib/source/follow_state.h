/* Inside following: what the files src_follow*.c share, and nobody else includes. */
#ifndef MI_SOURCE_FOLLOW_STATE_H
#define MI_SOURCE_FOLLOW_STATE_H

#include "source/binlog.h"
#include "source/catalog.h"
#include "source/follow.h"
#include "binlog/gtid.h"
#include "binlog/layout.h"
#include "binlog/query.h"
#include "binlog/rows.h"
#include "change/deleted_twice.h"
#include "stream/write.h"

/* What goes with a table map: good as long as the catalog's generation is the same. */
struct follow_map {
	unsigned generation;
	struct mi_table *table; /* NULL: not wanted */
	struct mi_layout layout;
};

/* The transaction at hand. */
struct follow_transaction {
	bool open;     /* its GTID event has been seen */
	bool compound; /* it has an end of its own: COMMIT, XID, XA PREPARE */
	bool written;  /* its BEGIN is in the stream */
	bool decided;  /* an XA record stands in COMMIT's place */
	struct mi_gtid gtid;
	struct mi_buf text;
	uint64_t commit_us;
};

struct follow {
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
	struct follow_transaction now;
	struct mi_gone gone; /* rows that it has deleted */
	bool finished;       /* until is reached */
	uint64_t changes;    /* not yet told to progress */
	struct mi_buf scratch, inflated;
};

/* Hears of each event; user is a struct follow. */
mi_binlog_event follow_event;

/* Takes back what is in the stream of an unfinished transaction, and forgets it. */
MI_MUST int follow_abort(struct follow *f, struct mi_err *err);

/* Sends off what is collected: SKIP, whole frames. */
MI_MUST int follow_flush(struct follow *f, struct mi_err *err);

/* BEGIN, unless it is written. */
MI_MUST int follow_begin(struct follow *f, struct mi_err *err);

/* TABLE_MAP and rows events. */
MI_MUST int follow_map(struct follow *f, const struct mi_event *event, struct mi_err *err);
MI_MUST int follow_rows(struct follow *f, const struct mi_event *event, struct mi_err *err);
void follow_map_free(void *map);

/* QUERY events. */
MI_MUST int follow_query(struct follow *f, const struct mi_event *event, struct mi_err *err);

/* The transaction is over: COMMIT when there is something of it in the stream. */
MI_MUST int follow_end(struct follow *f, struct mi_err *err);

#endif
