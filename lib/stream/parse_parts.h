/* The inside of the record parser: for parse.c, parse_define.c, parse_data.c and field.c alone. */
#ifndef MI_STREAM_PARSE_PARTS_H
#define MI_STREAM_PARSE_PARTS_H

#include "base/buf.h"
#include "base/err.h"
#include "stream/frame.h"
#include "stream/parse.h"
#include "stream/proof.h"
#include "table/table.h"

#include <stdbool.h>
#include <stdint.h>

/* What a handler returns when it has failed; not 1, which mi_csv_feed returns by itself. */
enum { MI_HANDLER_FAILED = 2 };

struct mi_parser {
	const struct mi_stream_ops *ops;
	void *user;
	struct mi_csv *csv;
	struct mi_tables tables;
	struct mi_table *building; /* its COLUMN, KEY and FKEY records are arriving; or NULL */
	size_t columns_due, keys_due, fkeys_due;
	char digest[33];       /* the digest that building's TABLE record claims */
	struct mi_buf strings; /* copies of fields with a NUL behind, for the record at hand */

	enum mi_stream_kind kind;
	bool chunk_only;                    /* see mi_parser_begin_chunk */
	const struct mi_table *chunk_table; /* the table of the chunk at hand; NULL: none */
	bool chunk_begun;                   /* the chunk's CHUNK record has been seen */
	uint64_t chunk_rows_due;
	bool proves_all;             /* see mi_parser_prove */
	bool proves;                 /* the chunk at hand came with a proof */
	struct mi_proof chunk_proof; /* what it says */
	struct mi_proof proof;       /* of the chunk's rows so far */
	bool in_transaction;
	bool in_xa; /* its BEGIN says that it may end as a prepared one */
	bool checks_totals; /* the parser sees every frame, so END must agree with its totals */
	struct mi_totals totals;

	const struct mi_frame *frame; /* during mi_parser_feed */
	struct mi_err *err;
};

/* Handlers, one per tag; fields are those after the tag. They return 0 or MI_HANDLER_FAILED. */
typedef int mi_record_fn(struct mi_parser *parser, const struct mi_span *fields, size_t count);

/* stream/parse_define.c */
mi_record_fn mi_on_header, mi_on_table, mi_on_column, mi_on_key, mi_on_fkey, mi_on_expect,
    mi_on_ddl, mi_on_table_end;

/* stream/parse_data.c */
mi_record_fn mi_on_chunk, mi_on_row, mi_on_begin, mi_on_insert, mi_on_update, mi_on_delete,
    mi_on_commit, mi_on_abort, mi_on_xa, mi_on_statement, mi_on_skip, mi_on_past, mi_on_heartbeat,
    mi_on_end;

#endif
