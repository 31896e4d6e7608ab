#include "source/rows.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/stop.h"
#include "chunk/range.h"
#include "server/conn.h"
#include "source/chunks.h"
#include "source/probe.h"
#include "source/snapshot.h"
#include "source/where.h"
#include "sql/literal.h"
#include "sql/row_text.h"
#include "stream/frame.h"
#include "stream/parse.h"
#include "stream/proof.h"
#include "stream/write.h"
#include "table/table.h"

#include <stdlib.h>
#include <sys/socket.h>

enum {
	LOOK_EVERY = 256,     /* rows between looks at the stop flag, */
	LOOK_BYTES = 1 << 20, /* or bytes */
};

struct mi_row_reader {
	struct mi_conn *reader;
	struct mi_writer *writer;
	const struct mi_rows_options *options;

	/* of the table that is being read */
	const struct mi_table *table;
	struct mi_rowtext row; /* its values are those of the row at hand */

	/* of the range that is being read */
	const struct mi_range *range;
	MYSQL_RES *result;
	struct mi_buf sql;
	struct mi_buf lo, hi; /* of the chunk that is being written */
	bool in_chunk;
	struct mi_proof proof; /* of that chunk */
	uint64_t part;
	uint64_t rows, bytes;
	uint64_t looked; /* bytes at the last look */
	bool let_go;     /* the rest of the range has been left for later; hi is the last key */

	struct mi_turn turn;
};

struct mi_row_reader *mi_row_reader_new(struct mi_conn *reader, struct mi_stream *stream,
                                        const struct mi_rows_options *options)
{
	struct mi_row_reader *r = mi_alloc(sizeof *r);

	r->reader = reader;
	r->writer = mi_writer_new(stream, MI_FRAME_ROWS);
	r->options = options;
	return r;
}

void mi_row_reader_free(struct mi_row_reader *r)
{
	if (!r)
		return;
	mi_writer_free(r->writer);
	mi_rowtext_release(&r->row);
	mi_buf_release(&r->sql);
	mi_buf_release(&r->lo);
	mi_buf_release(&r->hi);
	free(r);
}

/* ---- The table that is being read ---- */

static void use_table(struct mi_row_reader *r, const struct mi_table *table)
{
	r->table = table;
	/* Vitess has no JSON_TABLE: it is asked as MySQL 5.7 is */
	r->row.json =
	    mi_rowtext_json(r->reader->flavour != MI_FLAVOUR_MARIADB,
	                    r->reader->flavour == MI_FLAVOUR_MYSQL ? r->reader->version : 0,
	                    r->options->json_as_text);
	mi_rowtext_use(&r->row, table);
}

static int build(struct mi_row_reader *r, struct mi_err *err)
{
	const struct mi_range *range = r->range;

	mi_buf_reset(&r->sql);
	mi_buf_add_str(&r->sql, "SELECT ");
	mi_rowtext_select(&r->row, &r->sql);
	mi_src_from(r->table, &r->sql);
	mi_buf_add_str(&r->sql, " WHERE ");
	if (mi_key_predicate(r->table, range->lo, range->hi, &r->sql, err) != 0)
		return -1;
	if (r->options->where)
		mi_wheres_add(r->options->where, r->table, &r->sql);
	if (!range->in_parts) {
		mi_buf_add_str(&r->sql, " ORDER BY ");
		mi_key_columns(r->table, &r->sql);
	}
	if (range->limit > 0)
		mi_buf_addf(&r->sql, " LIMIT %llu", (unsigned long long)range->limit);
	return 0;
}

/* ---- Errors ---- */

/* A row's text could not be formed: err says why, and gets the table and the row's key. */
static int row_failed(const struct mi_row_reader *r, struct mi_err *err)
{
	struct mi_buf key = {0};

	if (mi_table_row_key(r->table))
		mi_key_text(r->table, r->row.values, &key);
	(void)mi_within(err, "%s.%s: row %.300s", r->table->db, r->table->name,
	                key.len ? mi_buf_cstr(&key) : "(no key)");
	mi_buf_release(&key);
	return -1;
}

/* ---- The result ---- */

/* Freeing a result reads what has not been read: hours, for a large table. After a failure the
 * connection is of no more use, so its socket is shut down first, and reset when it is closed:
 * without the reset, a server whose sending window was full held the snapshot and its metadata
 * locks for minutes more (tried). */
static void drop_result(struct mi_row_reader *r, bool failed)
{
	const struct linger reset = {.l_onoff = 1, .l_linger = 0};
	int fd = (int)r->reader->mysql->net.fd;

	if (failed) {
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
		(void)shutdown(fd, SHUT_RDWR);
	}
	mysql_free_result(r->result);
	r->result = NULL;
}

/* Can the rest of the range be left for later? Not where one statement reads the whole table. */
static bool may_let_go(const struct mi_row_reader *r)
{
	return r->result && r->range->limit > 0 && r->rows > 0;
}

/* Reads the rest of the result, which is bounded, and forgets it; no statement is open then, nor is
 * the table locked against an ALTER, or the server against FLUSH TABLES WITH READ LOCK. The row at
 * hand is gone: its key must be in r->hi. */
static int let_go(struct mi_row_reader *r, struct mi_err *err)
{
	r->let_go = true;
	drop_result(r, false);
	return mi_snapshot_let_go(r->reader, err);
}

/* ---- Chunks ---- */

static int begin_chunk(struct mi_row_reader *r, struct mi_err *err)
{
	if (r->in_chunk)
		return 0;
	r->in_chunk = true;
	r->proof = (struct mi_proof){0};
	return mi_record_chunk_begin(r->writer, r->table, err);
}

/* JSON that goes as its text alone does not arrive as it was: the text of a DECIMAL 1.10 becomes
 * the double 1.1, and that was asked for. */
static bool is_proven(const struct mi_row_reader *r)
{
	if (!r->options->prove)
		return false;
	for (size_t i = 0; r->options->json_as_text && i < r->table->column_count; i++)
		if (r->table->columns[i].type == MI_TYPE_JSON && r->table->columns[i].carried)
			return false;
	return true;
}

/* Ends the chunk at key hi, where the next one begins. */
static int end_chunk(struct mi_row_reader *r, const char *hi, struct mi_err *err)
{
	struct mi_chunk chunk = {.lo = mi_buf_cstr(&r->lo), .hi = hi};
	uint64_t rows = mi_writer_chunk_rows(r->writer);
	uint64_t bytes = mi_writer_chunk_bytes(r->writer);
	char proof[MI_PROOF_ROOM];

	if (!r->in_chunk)
		return 0;
	r->in_chunk = false;
	if (r->range->in_parts) {
		chunk.part = ++r->part;
		chunk.lo = chunk.hi = "";
	}
	if (is_proven(r)) {
		mi_proof_text(&r->proof, proof);
		chunk.proof = proof;
	}
	if (mi_record_chunk_end(r->writer, &chunk, err) != 0)
		return -1;
	r->bytes += bytes;
	if (r->options->progress)
		r->options->progress(r->options->progress_user, rows, bytes);
	mi_buf_reset(&r->lo);
	mi_buf_add_str(&r->lo, hi);
	return 0;
}

/* The key of the row in r->row.values, put into r->hi. */
static const char *row_key(struct mi_row_reader *r)
{
	mi_buf_reset(&r->hi);
	if (!r->range->in_parts)
		mi_key_text(r->table, r->row.values, &r->hi);
	return mi_buf_cstr(&r->hi);
}

/* ---- Rows ---- */

static int write_row(struct mi_row_reader *r, MYSQL_ROW row, struct mi_err *err)
{
	if (mi_rowtext_take(&r->row, row, mysql_fetch_lengths(r->result), err) != 0)
		return row_failed(r, err);
	if (begin_chunk(r, err) != 0 || mi_record_row(r->writer, r->table, r->row.values, err) != 0)
		return -1;
	if (r->options->prove)
		mi_proof_add(&r->proof, r->row.values, r->row.count);
	r->rows++;
	if (mi_writer_chunk_bytes(r->writer) >= r->options->chunk_bytes)
		return end_chunk(r, row_key(r), err);
	return 0;
}

static int look_around(const struct mi_row_reader *r, struct mi_err *err)
{
	if (mi_stop_asked())
		return mi_stop_fail(err);
	if (!mi_plan_is_well(r->options->plan))
		return mi_fail(err, MI_AGAIN, "stopped because another reader failed");
	return 0;
}

static uint64_t bytes_so_far(const struct mi_row_reader *r)
{
	return r->bytes + (r->in_chunk ? mi_writer_chunk_bytes(r->writer) : 0);
}

/* Waits until a stretch of reading may begin. In a pause that lasts, a result that can be left is
 * left: r->let_go. */
static int wait_turn(struct mi_row_reader *r, struct mi_err *err)
{
	struct mi_throttle *throttle = r->options->throttle;
	bool lasts = false;

	do {
		if (look_around(r, err) != 0)
			return -1;
		if (lasts || !mi_throttle_pause_lasts(throttle))
			continue;
		lasts = true;
		if (may_let_go(r)) {
			(void)row_key(r);
			return let_go(r, err);
		}
		/* the question for the range's bounds has locked the table */
		if (!r->result && mi_snapshot_let_go(r->reader, err) != 0)
			return -1;
	} while (!mi_throttle_ready(throttle, &r->turn));
	return 0;
}

/* Ends a stretch of reading and begins the next: rows that the server has sent stay where they are
 * meanwhile, for which its net_write_timeout has been set high. */
static int take_turn(struct mi_row_reader *r, struct mi_err *err)
{
	uint64_t now = bytes_so_far(r);

	mi_throttle_done(r->options->throttle, &r->turn, now - r->looked);
	r->looked = now;
	return wait_turn(r, err);
}

/* Chunks leave no gap: a stretch without rows at the range's end is a chunk, too, unless the whole
 * table is empty. */
static int end_range(struct mi_row_reader *r, const char *hi, struct mi_err *err)
{
	if (!r->range->in_parts && strcmp(mi_buf_cstr(&r->lo), hi) != 0 && begin_chunk(r, err) != 0)
		return -1;
	return end_chunk(r, hi, err);
}

static int copy_rows(struct mi_row_reader *r, struct mi_rows_result *result, struct mi_err *err)
{
	MYSQL_ROW row;

	while (!r->let_go && (row = mysql_fetch_row(r->result)) != NULL) {
		if (write_row(r, row, err) != 0)
			return -1;
		if (r->rows == r->range->limit)
			result->rest = row_key(r);
		if (!r->let_go &&
		    (r->rows % LOOK_EVERY == 0 || bytes_so_far(r) - r->looked >= LOOK_BYTES) &&
		    take_turn(r, err) != 0)
			return -1;
	}
	if (r->let_go)
		result->rest = mi_buf_cstr(&r->hi);
	else if (mysql_errno(r->reader->mysql) != 0)
		return mi_src_read_failed(r->reader, r->table, "cannot read rows", err);
	return end_range(r, result->rest ? result->rest : r->range->hi, err);
}

int mi_row_reader_read(struct mi_row_reader *r, const struct mi_range *range,
                       struct mi_rows_result *result, struct mi_err *err)
{
	int ret;

	*result = (struct mi_rows_result){0};
	r->range = range;
	r->rows = r->bytes = r->looked = r->part = 0;
	r->let_go = false;
	mi_buf_reset(&r->lo);
	mi_buf_add_str(&r->lo, range->lo);
	if (r->table != range->table)
		use_table(r, range->table);
	if (build(r, err) != 0)
		return -1;
	if (take_turn(r, err) != 0)
		return -1;
	if (mysql_real_query(r->reader->mysql, r->sql.data, r->sql.len) != 0 ||
	    !(r->result = mysql_use_result(r->reader->mysql)))
		return mi_src_read_failed(r->reader, r->table, "cannot read rows", err);
	ret = copy_rows(r, result, err);
	drop_result(r, ret != 0);
	mi_throttle_done(r->options->throttle, &r->turn, bytes_so_far(r) - r->looked);
	result->rows = r->rows;
	result->bytes = r->bytes;
	return ret;
}
