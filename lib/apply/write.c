#include "apply/write.h"
#include "apply/computed.h"
#include "apply/sender.h"
#include "apply/shape.h"
#include "base/buf.h"
#include "base/err.h"
#include "change/bundle.h"
#include "change/compact.h"
#include "sql/apply_text.h"
#include "table/keyplan.h"

enum {
	STATEMENT_BYTES = 128 << 10,
	MOST_ROWS = 1000,
	MOST_KEYS = 400,      /* fewer than make MariaDB turn IN into a subquery */
	MOST_WIDE_KEYS = 100, /* keys of several columns: the server reads a range for each */
};

/* ---- Statements of many rows ---- */

/* Asks what the server has computed of the rows of the statement that has ended; image: the first.
 */
static int read_back(struct mi_writing *w, struct mi_shape *shape, const struct mi_op *op,
                     const struct mi_span *image, uint64_t rows, struct mi_err *err)
{
	struct mi_expect expect = {
	    .kind = MI_EXPECT_READ_BACK, .rows = rows, .shape = shape, .op = op, .key = image};

	if (!shape->computed.is_on)
		return 0;
	mi_computed_ask(&shape->computed, &shape->text, mi_sender_text(w->sender), &expect.sum);
	return mi_sender_end(w->sender, &expect, err);
}

/* The same for a statement of one row. */
static int read_one_back(struct mi_writing *w, struct mi_shape *shape, const struct mi_op *op,
                         const struct mi_span *image, struct mi_err *err)
{
	mi_computed_begin(&shape->computed);
	mi_computed_add(&shape->computed, &shape->text, image);
	return read_back(w, shape, op, image, 1, err);
}

static int close_statement(struct mi_writing *w, struct mi_err *err)
{
	struct mi_expect expect = {
	    .kind = w->kind, .rows = w->rows, .shape = w->shape, .op = w->op, .key = w->key};
	struct mi_buf *sql;

	if (!w->is_open)
		return 0;
	w->is_open = false;
	sql = mi_sender_text(w->sender);
	if (w->kind == MI_EXPECT_UPSERTED && w->rows == 1) {
		/* mysql_info() says nothing about an upsert of one row: an UPDATE is exact */
		sql->len = w->start;
		expect.kind = MI_EXPECT_UPDATED;
		mi_applytext_update(&w->shape->text, w->key, w->key, sql);
	} else if (w->kind == MI_EXPECT_UPSERTED)
		mi_applytext_upsert_tail(&w->shape->text, sql);
	else if (w->kind >= MI_EXPECT_DELETED)
		mi_applytext_delete_tail(&w->shape->text, sql);
	if (mi_sender_end(w->sender, &expect, err) != 0)
		return -1;
	return w->kind < MI_EXPECT_DELETED ? read_back(w, w->shape, w->op, w->key, w->rows, err)
	                                   : 0;
}

static uint64_t most_rows(const struct mi_writing *w)
{
	if (w->rows_per_statement)
		return w->rows_per_statement;
	if (w->kind < MI_EXPECT_DELETED && !w->shape->computed.is_on)
		return MOST_ROWS;
	return w->shape->key.key_count == 1 ? MOST_KEYS : MOST_WIDE_KEYS;
}

/* May a row of so many bytes be added to the statement that is open? */
static bool goes_on(const struct mi_writing *w, const struct mi_shape *shape,
                    enum mi_expect_kind kind, size_t bytes)
{
	struct mi_buf *sql;

	if (!w->is_open || w->shape != shape || w->kind != kind || w->rows >= most_rows(w))
		return false;
	sql = mi_sender_text(w->sender);
	return sql->len - w->start + bytes <= STATEMENT_BYTES;
}

static void open_statement(struct mi_writing *w, struct mi_shape *shape, enum mi_expect_kind kind,
                           const struct mi_op *op, const struct mi_span *key)
{
	struct mi_buf *sql = mi_sender_text(w->sender);

	w->is_open = true;
	w->shape = shape;
	w->kind = kind;
	w->op = op;
	w->key = key;
	w->rows = 0;
	w->start = sql->len;
	mi_computed_begin(&shape->computed);
	if (kind >= MI_EXPECT_DELETED)
		mi_applytext_delete_head(&shape->text, sql);
	else
		mi_applytext_insert_head(&shape->text, kind == MI_EXPECT_REPLACED, sql);
}

/* Fails, naming the row, when it holds what cannot be written here. */
static int check_row(const struct mi_shape *shape, const struct mi_span *image, struct mi_err *err)
{
	struct mi_buf row = {0};

	if (mi_applytext_check(&shape->text, image, err) == 0)
		return 0;
	mi_applytext_describe(&shape->text, image, &row);
	(void)mi_within(err, "table %s.%s: row %s", shape->into, shape->def->name,
	                mi_buf_cstr(&row));
	mi_buf_release(&row);
	return -1;
}

static int add_row(struct mi_writing *w, struct mi_shape *shape, enum mi_expect_kind kind,
                   const struct mi_op *op, const struct mi_span *image, struct mi_err *err)
{
	size_t bytes = mi_applytext_row_bytes(&shape->text, image);

	if (check_row(shape, image, err) != 0)
		return -1;
	if (!goes_on(w, shape, kind, bytes)) {
		if (close_statement(w, err) != 0)
			return -1;
		open_statement(w, shape, kind, op, image);
	}
	mi_applytext_row(&shape->text, image, w->rows == 0, mi_sender_text(w->sender));
	mi_computed_add(&shape->computed, &shape->text, image);
	w->rows++;
	return 0;
}

static int add_key(struct mi_writing *w, struct mi_shape *shape, enum mi_expect_kind kind,
                   const struct mi_op *op, const struct mi_span *image, struct mi_err *err)
{
	size_t bytes = mi_applytext_key_bytes(&shape->text, image);

	if (!goes_on(w, shape, kind, bytes)) {
		if (close_statement(w, err) != 0)
			return -1;
		open_statement(w, shape, kind, op, image);
	}
	mi_applytext_delete_key(&shape->text, image, w->rows == 0, mi_sender_text(w->sender));
	w->rows++;
	return 0;
}

/* ---- Statements of one row ---- */

static int update_row(struct mi_writing *w, struct mi_shape *shape, const struct mi_op *op,
                      const struct mi_span *key, const struct mi_span *image, struct mi_err *err)
{
	const struct mi_expect expect = {
	    .kind = MI_EXPECT_UPDATED, .rows = 1, .shape = shape, .op = op, .key = key};

	if (check_row(shape, image, err) != 0 || close_statement(w, err) != 0)
		return -1;
	mi_applytext_update(&shape->text, key, image, mi_sender_text(w->sender));
	if (mi_sender_end(w->sender, &expect, err) != 0)
		return -1;
	return read_one_back(w, shape, op, image, err);
}

/* Writes a row that strict mode refuses, in a statement by itself without strict mode: one with an
 * ENUM's error value, which must give exactly one warning for each such value; or one of a shape
 * that is lax. MariaDB's CHECKs may be younger than the row: they are off, too. */
static int write_odd(struct mi_writing *w, struct mi_shape *shape, enum mi_expect_kind kind,
                     const struct mi_op *op, const struct mi_span *key, const struct mi_span *image,
                     struct mi_err *err)
{
	bool no_checks = shape->lax && w->sender->conn->flavour == MI_FLAVOUR_MARIADB;
	const struct mi_expect expect = {.kind = kind,
	                                 .rows = 1,
	                                 .lax = shape->lax,
	                                 .zeros = mi_applytext_zeros(&shape->text, image),
	                                 .shape = shape,
	                                 .op = op,
	                                 .key = key};
	struct mi_buf *sql;

	w->sender->session_differs = true;
	if (check_row(shape, image, err) != 0 || close_statement(w, err) != 0 ||
	    mi_sender_add(w->sender, "SET @mi_sql_mode=@@SESSION.sql_mode", err) != 0 ||
	    mi_sender_add(w->sender,
	                  "SET SESSION sql_mode=REPLACE(@@SESSION.sql_mode,'STRICT_ALL_TABLES','')",
	                  err) != 0 ||
	    (no_checks &&
	     mi_sender_add(w->sender, "SET SESSION check_constraint_checks=0", err) != 0))
		return -1;
	sql = mi_sender_text(w->sender);
	if (kind == MI_EXPECT_UPDATED) {
		mi_applytext_update(&shape->text, key, image, sql);
	} else {
		mi_applytext_insert_head(&shape->text, kind == MI_EXPECT_REPLACED, sql);
		mi_applytext_row(&shape->text, image, true, sql);
	}
	if (mi_sender_end(w->sender, &expect, err) != 0 ||
	    read_one_back(w, shape, op, image, err) != 0 ||
	    (no_checks &&
	     mi_sender_add(w->sender, "SET SESSION check_constraint_checks=1", err) != 0))
		return -1;
	return mi_sender_add(w->sender, "SET SESSION sql_mode=@mi_sql_mode", err);
}

static bool is_odd(const struct mi_shape *shape, const struct mi_span *image)
{
	return shape->lax || mi_applytext_zeros(&shape->text, image) > 0;
}

/* ---- In order ---- */

static int set_checks(struct mi_writing *w, bool checks, struct mi_err *err)
{
	if (w->checks == checks)
		return 0;
	if (close_statement(w, err) != 0)
		return -1;
	w->checks = checks;
	w->sender->session_differs = true;
	return mi_sender_add(
	    w->sender,
	    checks ? "SET SESSION foreign_key_checks=1" : "SET SESSION foreign_key_checks=0", err);
}

static int put_row(struct mi_writing *w, struct mi_shape *shape, enum mi_expect_kind kind,
                   const struct mi_op *op, struct mi_err *err)
{
	if (is_odd(shape, op->after))
		return write_odd(w, shape, kind, op, op->after, op->after, err);
	return add_row(w, shape, kind, op, op->after, err);
}

static int write_idempotent(struct mi_writing *w, struct mi_shape *shape, const struct mi_op *op,
                            struct mi_err *err)
{
	bool key_goes =
	    op->before && (!op->after || !mi_keyplan_same_key(&shape->key, op->before, op->after));

	if (key_goes && add_key(w, shape, MI_EXPECT_AT_MOST, op, op->before, err) != 0)
		return -1;
	return op->after ? put_row(w, shape, MI_EXPECT_REPLACED, op, err) : 0;
}

/* Only the rows that a table is made with need no key. */
static int check_keyless(const struct mi_writing *w, const struct mi_shape *shape,
                         const struct mi_op *op, struct mi_err *err)
{
	if (!shape->keyless || (op->kind == MI_OP_INSERT && w->mode == MI_WRITE_STRICT))
		return 0;
	return mi_fail(err, MI_DATA, "table %s.%s has no key: its rows cannot be told apart",
	               shape->into, shape->def->name);
}

static int write_strict(struct mi_writing *w, struct mi_shape *shape, const struct mi_op *op,
                        struct mi_err *err)
{
	switch (op->kind) {
	case MI_OP_INSERT:
		return put_row(w, shape, MI_EXPECT_INSERTED, op, err);
	case MI_OP_DELETE:
		return add_key(w, shape, MI_EXPECT_DELETED, op, op->before, err);
	default:
		if (is_odd(shape, op->after))
			return write_odd(w, shape, MI_EXPECT_UPDATED, op, op->before, op->after,
			                 err);
		return update_row(w, shape, op, op->before, op->after, err);
	}
}

int mi_apply_op(struct mi_writing *w, struct mi_shape *shape, const struct mi_op *op, bool checks,
                struct mi_err *err)
{
	if (check_keyless(w, shape, op, err) != 0 || set_checks(w, checks, err) != 0)
		return -1;
	if (w->mode == MI_WRITE_IDEMPOTENT)
		return write_idempotent(w, shape, op, err);
	return write_strict(w, shape, op, err);
}

/* ---- Compacted ---- */

static bool is_deleted(const struct mi_net *net)
{
	return net->existed && !net->image;
}

/* A row that the batch inserts and deletes again: a DELETE of it must find nothing. */
static bool was_never(const struct mi_net *net)
{
	return !net->existed && !net->image;
}

static bool is_inserted(const struct mi_net *net)
{
	return !net->existed && net->image;
}

static int delete_nets(struct mi_writing *w, struct mi_shape *shape, const struct mi_lane *lane,
                       bool (*wanted)(const struct mi_net *), enum mi_expect_kind kind,
                       struct mi_err *err)
{
	for (size_t i = 0; i < lane->net_count; i++) {
		const struct mi_net *net = &lane->nets[i];

		if (wanted(net) && add_key(w, shape, kind, net->op, net->key, err) != 0)
			return -1;
	}
	return close_statement(w, err);
}

static bool is_updated(const struct mi_net *net)
{
	return net->existed && net->image;
}

/* Upserts many rows at once where the server's counts say exactly whether the rows existed. */
static int update_net(struct mi_writing *w, struct mi_shape *shape, const struct mi_net *net,
                      struct mi_err *err)
{
	if (is_odd(shape, net->image))
		return write_odd(w, shape, MI_EXPECT_UPDATED, net->op, net->key, net->image, err);
	if (shape->upserts)
		return add_row(w, shape, MI_EXPECT_UPSERTED, net->op, net->image, err);
	return update_row(w, shape, net->op, net->key, net->image, err);
}

static int update_nets(struct mi_writing *w, struct mi_shape *shape, const struct mi_lane *lane,
                       struct mi_err *err)
{
	for (size_t i = 0; i < lane->net_count; i++)
		if (is_updated(&lane->nets[i]) && update_net(w, shape, &lane->nets[i], err) != 0)
			return -1;
	return close_statement(w, err);
}

static int insert_nets(struct mi_writing *w, struct mi_shape *shape, const struct mi_lane *lane,
                       struct mi_err *err)
{
	for (size_t i = 0; i < lane->net_count; i++) {
		const struct mi_net *net = &lane->nets[i];

		if (!is_inserted(net))
			continue;
		if (is_odd(shape, net->image)
		        ? write_odd(w, shape, MI_EXPECT_INSERTED, net->op, net->image, net->image,
		                    err) != 0
		        : add_row(w, shape, MI_EXPECT_INSERTED, net->op, net->image, err) != 0)
			return -1;
	}
	return close_statement(w, err);
}

int mi_apply_lane(struct mi_writing *w, struct mi_shape *shape, const struct mi_lane *lane,
                  struct mi_err *err)
{
	if (set_checks(w, false, err) != 0 || close_statement(w, err) != 0)
		return -1;
	if (delete_nets(w, shape, lane, is_deleted, MI_EXPECT_DELETED, err) != 0 ||
	    delete_nets(w, shape, lane, was_never, MI_EXPECT_ABSENT, err) != 0 ||
	    update_nets(w, shape, lane, err) != 0)
		return -1;
	return insert_nets(w, shape, lane, err);
}

int mi_apply_end(struct mi_writing *w, struct mi_err *err)
{
	if (close_statement(w, err) != 0)
		return -1;
	return set_checks(w, false, err);
}
