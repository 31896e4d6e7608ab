
#include "apply/xa.h"
#include "apply/commit.h"
#include "apply/follower.h"
#include "apply/group.h"
#include "apply/sender.h"
#include "apply/shape.h"
#include "apply/write.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "change/bundle.h"
#include "server/conn.h"
#include "server/link.h"
#include "sql/literal.h"
#include "stream/frame.h"
#include "stream/parse.h"
#include "stream/parse_parts.h"
#include "stream/write.h"
#include "table/table.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PIECE_BYTES = 128 << 10, LEVEL = 1 };

/* ---- A transaction as a stream ---- */

static bool is_known(const struct mi_tables *tables, const struct mi_table *table)
{
	for (size_t i = 0; i < tables->count; i++)
		if (tables->items[i] == table)
			return true;
	return false;
}

static int write_tables(struct mi_stream *stream, const struct mi_trx *trx, struct mi_err *err)
{
	struct mi_writer *control = mi_writer_new(stream, MI_FRAME_CONTROL);
	struct mi_tables known = {0}; /* points to the parser's tables */
	int ret = 0;

	for (const struct mi_op *op = trx->ops; ret == 0 && op; op = op->next) {
		if (is_known(&known, op->table))
			continue;
		*(const struct mi_table **)mi_array_add(&known.items, &known.count,
		                                        sizeof op->table) = op->table;
		ret = mi_record_table(control, op->table, err);
	}
	if (ret == 0)
		ret = mi_writer_flush(control, err);
	free(known.items);
	mi_writer_free(control);
	return ret;
}

static int write_changes(struct mi_stream *stream, const struct mi_trx *trx, struct mi_err *err)
{
	struct mi_writer *events = mi_writer_new(stream, MI_FRAME_EVENTS);
	int ret = mi_record_begin(events, trx->gtid, trx->commit_us, false, err);

	for (const struct mi_op *op = trx->ops; ret == 0 && op; op = op->next) {
		const struct mi_change change = {op->table, op->fk_flags, op->before, op->after};

		ret = mi_record_change(events, &change, err);
	}
	if (ret == 0 && (mi_record_commit(events, err) != 0 || mi_writer_flush(events, err) != 0))
		ret = -1;
	mi_writer_free(events);
	return ret;
}

static int write_stream(const struct mi_trx *trx, int fd, struct mi_err *err)
{
	const struct mi_stream_header header = {.kind = MI_STREAM_EVENTS,
	                                        .features = "",
	                                        .import_id = "",
	                                        .flavour = "",
	                                        .version = "",
	                                        .server = "",
	                                        .low = "",
	                                        .high = ""};
	struct mi_stream *stream = mi_stream_new(fd, LEVEL);
	int ret = -1;

	if (mi_stream_begin(stream, &header, err) == 0 && write_tables(stream, trx, err) == 0 &&
	    write_changes(stream, trx, err) == 0)
		ret = mi_stream_end(stream, err);
	mi_stream_free(stream);
	return ret;
}

static int open_scratch(int *fd, struct mi_err *err)
{
	*fd = memfd_create("mi-xa", MFD_CLOEXEC);
	return *fd >= 0 ? 0 : mi_fail(err, MI_AGAIN, "no memory for an XA transaction");
}

/* ---- PREPARE ---- */

struct prepared {
	const struct mi_trx *trx;
	int fd;
};

static int insert_piece(struct mi_follower *f, const struct mi_trx *trx, unsigned n,
                        struct mi_span bytes, struct mi_err *err)
{
	const struct mi_expect nothing = {.kind = MI_EXPECT_NOTHING};
	struct mi_buf *sql = mi_sender_text(&f->sender);

	mi_buf_addf(sql, "INSERT INTO %s (flow,xid,n,gtid,frame) VALUES (", f->state.xa);
	mi_sql_string(sql, f->state.flow);
	mi_buf_add_char(sql, ',');
	mi_sql_hex(sql, trx->xid);
	mi_buf_addf(sql, ",%u,", n);
	mi_sql_string(sql, trx->gtid);
	mi_buf_add_char(sql, ',');
	mi_sql_hex(sql, bytes);
	mi_buf_add_char(sql, ')');
	return mi_sender_end(&f->sender, &nothing, err);
}

static int insert_prepared(struct mi_follower *f, void *user, struct mi_err *err)
{
	const struct prepared *p = user;
	char piece[PIECE_BYTES];
	size_t got;

	if (lseek(p->fd, 0, SEEK_SET) != 0)
		return mi_fail(err, MI_BUG, "an XA transaction cannot be read back");
	for (unsigned n = 0;; n++) {
		if (mi_read_full(p->fd, piece, sizeof piece, &got, err) != 0)
			return -1;
		if (got == 0)
			return 0;
		if (insert_piece(f, p->trx, n, mi_span(piece, got), err) != 0)
			return -1;
	}
}

int mi_xa_prepare(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err)
{
	struct prepared prepared = {.trx = trx};
	const struct mi_work work = {
	    .body = insert_prepared, .user = &prepared, .touched = trx->gtids};
	int ret = -1;

	if (open_scratch(&prepared.fd, err) != 0)
		return -1;
	if (write_stream(trx, prepared.fd, err) == 0)
		ret = mi_follower_commit(f, &work, err);
	(void)close(prepared.fd);
	if (ret == 0)
		mi_follower_count(f, 1, 0, trx->commit_us);
	return ret;
}

/* ---- The decision ---- */

/* A prepared transaction, read back from _mi_xa. The parser owns the tables. */
struct kept {
	struct mi_parser *parser;
	struct mi_bundle *bundle;
};

static void kept_release(struct kept *kept)
{
	mi_bundle_free(kept->bundle);
	mi_parser_free(kept->parser);
	*kept = (struct kept){0};
}

static int on_begin(void *user, const char *gtid, uint64_t commit_us, bool xa, struct mi_err *err)
{
	struct kept *kept = user;
	struct mi_trx *trx;

	(void)xa;
	return mi_bundle_begin(kept->bundle, gtid, commit_us, &trx, err);
}

static int on_insert(void *user, const struct mi_change *change, struct mi_err *err)
{
	return mi_bundle_change(((struct kept *)user)->bundle, MI_OP_INSERT, change, err);
}

static int on_update(void *user, const struct mi_change *change, struct mi_err *err)
{
	return mi_bundle_change(((struct kept *)user)->bundle, MI_OP_UPDATE, change, err);
}

static int on_delete(void *user, const struct mi_change *change, struct mi_err *err)
{
	return mi_bundle_change(((struct kept *)user)->bundle, MI_OP_DELETE, change, err);
}

static const struct mi_stream_ops kept_ops = {
    .table = mi_ignore_table,
    .begin = on_begin,
    .insert = on_insert,
    .update = on_update,
    .remove = on_delete,
    .commit = mi_ignore_commit,
};

static int parse_kept(struct kept *kept, int fd, struct mi_err *err)
{
	struct mi_frame_reader *reader = mi_frame_reader_new(fd);
	struct mi_unpacker *unpacker = mi_unpacker_new();
	struct mi_frame frame = {0};
	struct mi_buf payload = {0};
	int got;

	kept->parser = mi_parser_new(&kept_ops, kept);
	kept->bundle = mi_bundle_new();
	while ((got = mi_frame_next(reader, &frame, err)) == 1) {
		if (mi_frame_unpack(unpacker, &frame, &payload, err) != 0 ||
		    mi_parser_feed(kept->parser, &frame, mi_buf_span(&payload), err) != 0) {
			got = -1;
			break;
		}
	}
	mi_frame_release(&frame);
	mi_buf_release(&payload);
	mi_unpacker_free(unpacker);
	mi_frame_reader_free(reader);
	return got;
}

static void add_filter(const struct mi_follower *f, const struct mi_trx *trx, struct mi_buf *sql)
{
	mi_buf_addf(sql, " FROM %s WHERE flow=", f->state.xa);
	mi_sql_string(sql, f->state.flow);
	mi_buf_add_str(sql, " AND xid=");
	mi_sql_hex(sql, trx->xid);
}

static int fetch_pieces(struct mi_follower *f, const struct mi_trx *trx, int fd, size_t *pieces,
                        struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	mi_buf_add_str(&sql, "SELECT frame");
	add_filter(f, trx, &sql);
	mi_buf_add_str(&sql, " ORDER BY n");
	*pieces = 0;
	ret = mi_conn_query(&f->link.conn, err, mi_buf_cstr(&sql), &result);
	mi_buf_release(&sql);
	if (ret != 0)
		return -1;
	while (ret == 0 && (row = mysql_fetch_row(result))) {
		ret = mi_fd_write(fd, row[0], mysql_fetch_lengths(result)[0], err);
		++*pieces;
	}
	mysql_free_result(result);
	return ret;
}

struct fetch {
	struct mi_follower *f;
	const struct mi_trx *trx;
	struct kept *kept;
};

static int fetch_kept(void *user, struct mi_link *link, struct mi_err *err)
{
	const struct fetch *fetch = user;
	size_t pieces;
	int fd, ret = -1;

	(void)link;
	kept_release(fetch->kept);
	if (open_scratch(&fd, err) != 0)
		return -1;
	if (fetch_pieces(fetch->f, fetch->trx, fd, &pieces, err) == 0) {
		if (pieces == 0)
			(void)mi_fail(err, MI_DATA,
			              "transaction %s commits a prepared XA transaction whose rows "
			              "are not in %s: it was prepared before the stream's begin",
			              fetch->trx->gtid, fetch->f->state.xa);
		else if (lseek(fd, 0, SEEK_SET) == 0)
			ret = parse_kept(fetch->kept, fd, err);
	}
	(void)close(fd);
	return ret;
}

struct decision {
	const struct mi_trx *trx;
	const struct mi_op *ops; /* NULL: roll back */
};

static int decide(struct mi_follower *f, void *user, struct mi_err *err)
{
	const struct decision *d = user;
	const struct mi_expect nothing = {.kind = MI_EXPECT_NOTHING};
	struct mi_writing writing = {
	    .sender = &f->sender,
	    .mode = mi_follower_is_idempotent(f, d->trx) ? MI_WRITE_IDEMPOTENT : MI_WRITE_STRICT,
	    .rows_per_statement = 1};
	struct mi_buf *sql;

	if (mi_follower_write(f, &writing, d->ops, err) != 0 || mi_apply_end(&writing, err) != 0)
		return -1;
	sql = mi_sender_text(&f->sender);
	mi_buf_add_str(sql, "DELETE");
	add_filter(f, d->trx, sql);
	return mi_sender_end(&f->sender, &nothing, err);
}

/* The changes read back have tables of a stream of their own, numbered by that stream: so they get
 * shapes of their own meanwhile. */
static int apply_kept(struct mi_follower *f, const struct mi_trx *trx, const struct kept *kept,
                      struct mi_err *err)
{
	struct mi_shapes stream_shapes = f->shapes;
	struct decision decision = {.trx = trx,
	                            .ops = kept->bundle->first ? kept->bundle->first->ops : NULL};
	const struct mi_work work = {.body = decide, .user = &decision, .touched = trx->gtids};
	int ret = -1;

	f->shapes = (struct mi_shapes){.map = stream_shapes.map,
	                               .of_mariadb = stream_shapes.of_mariadb,
	                               .no_proof = stream_shapes.no_proof};
	if (mi_follower_prepare(f, decision.ops, false, err) == 0)
		ret = mi_follower_commit(f, &work, err);
	mi_shapes_release(&f->shapes);
	f->shapes = stream_shapes;
	if (ret == 0)
		mi_follower_count(f, 1, kept->bundle->op_count, trx->commit_us);
	return ret;
}

int mi_xa_commit(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err)
{
	struct kept kept = {0};
	struct fetch fetch = {f, trx, &kept};
	int ret = -1;

	if (mi_link_run(&f->link, fetch_kept, &fetch, err) == 0)
		ret = apply_kept(f, trx, &kept, err);
	kept_release(&kept);
	return ret;
}

int mi_xa_rollback(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err)
{
	struct decision decision = {.trx = trx};
	const struct mi_work work = {.body = decide, .user = &decision, .touched = trx->gtids};

	if (mi_follower_commit(f, &work, err) != 0)
		return -1;
	mi_follower_count(f, 1, 0, trx->commit_us);
	return 0;
}
