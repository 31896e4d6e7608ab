#include "load/proof.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/stop.h"
#include "bookkeeping/load.h"
#include "chunk/range.h"
#include "load/chunk.h"
#include "load/feed.h"
#include "load/target.h"
#include "server/conn.h"
#include "server/errors.h"
#include "sql/literal.h"
#include "sql/row_text.h"
#include "sql/value.h"
#include "stream/frame.h"
#include "stream/parse.h"
#include "stream/proof.h"
#include "table/table.h"

#include <stdlib.h>
#include <sys/socket.h>

enum {
	KEYS_AT_ONCE = 500, /* rows that one statement asks for by key */
	LOOK_EVERY = 1024,  /* rows between looks at the stop flag */
	SHOWN = 60,         /* bytes of a value that a message shows */
};

/* Rows that are read back. */
struct back {
	const struct mi_target *target;
	struct mi_conn *conn;
	struct mi_rowtext row;
	struct mi_normal_row normal; /* the row as it is compared */
};

/* A second way through a chunk's frames, which are still in memory: to ask for its rows by their
 * keys, some at a time or, to find the first that differs, one by one. */
struct mi_prover {
	struct mi_unpacker *unpacker;
	struct mi_parser *parser;
	struct mi_buf payload;
	struct back back;          /* the row that was read back */
	struct mi_normal_row sent; /* the row that was sent, as it is compared */

	/* of the pass at hand */
	struct mi_feed *feed;
	bool one_by_one;
	struct mi_buf keys;  /* (k=1) OR (k=2) ... */
	struct mi_proof sum; /* of the rows whose keys these are */
	bool differs;        /* a batch is not what was sent */
};

/* ---- Reading back ---- */

static void use(struct back *back, const struct mi_target *target, struct mi_conn *conn)
{
	back->target = target;
	back->conn = conn;
	back->row.json = mi_rowtext_json(conn->flavour != MI_FLAVOUR_MARIADB, conn->version, false);
	mi_rowtext_use(&back->row, &target->shape);
}

static void release(struct back *back)
{
	mi_rowtext_release(&back->row);
	mi_normal_row_release(&back->normal);
}

/* Appends "SELECT ... FROM table", the row's own key forced where it leads to the rows: statistics
 * of a table that is being filled are of no use. */
static void add_select(const struct back *back, bool by_key, struct mi_buf *sql)
{
	mi_buf_add_str(sql, "SELECT ");
	mi_rowtext_select(&back->row, sql);
	mi_buf_add_str(sql, " FROM ");
	mi_sql_name(sql, back->target->into, back->target->name);
	if (!by_key)
		return;
	mi_buf_add_str(sql, " FORCE INDEX (");
	mi_sql_ident(sql, mi_table_row_key(&back->target->shape)->name);
	mi_buf_add_str(sql, ") WHERE ");
}

/* Adds up the rows that a query finds. */
static int add_up(struct back *back, const struct mi_buf *sql, struct mi_proof *found,
                  struct mi_err *err)
{
	struct mi_conn *conn = back->conn;
	struct mi_rowtext *row = &back->row;
	MYSQL_RES *result;
	MYSQL_ROW fields;
	int ret = 0;

	*found = (struct mi_proof){0};
	if (mysql_real_query(conn->mysql, sql->data, sql->len) != 0 ||
	    !(result = mysql_use_result(conn->mysql)))
		return mi_conn_fail(conn, err, "reading rows back");
	while ((fields = mysql_fetch_row(result)) != NULL) {
		ret = mi_rowtext_take(row, fields, mysql_fetch_lengths(result), err);
		mi_proof_add(found,
		             mi_normal_take(&back->normal, &back->target->normal, row->values),
		             row->count);
		if (ret != 0 || (found->rows % LOOK_EVERY == 0 && mi_stop_asked()))
			break;
	}
	if (ret != 0 ||
	    mi_stop_asked()) /* else all that is left would be read; the link is of no more use */
		(void)shutdown((int)conn->mysql->net.fd, SHUT_RDWR);
	mysql_free_result(result);
	if (ret != 0)
		return -1;
	if (mi_stop_asked())
		return mi_stop_fail(err);
	if (mysql_errno(conn->mysql) != 0)
		return mi_conn_fail(conn, err, "reading rows back");
	return 0;
}

/* The rows of a key range. */
static int add_up_range(struct back *back, const char *lo, const char *hi, struct mi_proof *found,
                        struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret = -1;

	add_select(back, true, &sql);
	if (mi_key_predicate(&back->target->shape, lo, hi, &sql, err) == 0)
		ret = add_up(back, &sql, found, err);
	mi_buf_release(&sql);
	return ret;
}

/* ---- The first row that differs ---- */

/* Appends a value for a message: printable bytes as they are, others as \xNN. */
static void add_shown(struct mi_buf *out, struct mi_span value)
{
	if (!value.data) {
		mi_buf_add_str(out, "NULL");
		return;
	}
	mi_buf_add_char(out, '\'');
	for (size_t i = 0; i < value.len && i < SHOWN; i++) {
		unsigned char c = (unsigned char)value.data[i];

		if (c < 0x20 || c == 0x7f || c == '\\')
			mi_buf_addf(out, "\\x%02x", c);
		else
			mi_buf_add_char(out, (char)c);
	}
	mi_buf_add_str(out, value.len > SHOWN ? "...'" : "'");
}

/* Appends "k=1, l='x'". */
static void add_key(struct mi_buf *out, const struct mi_table *table, const struct mi_span *values)
{
	const struct mi_key *key = mi_table_row_key(table);

	for (size_t i = 0; i < key->part_count; i++) {
		int column = key->parts[i].column;

		mi_buf_addf(out, "%s%s=", i ? ", " : "", table->columns[column].name);
		add_shown(out, values[mi_table_place(table, column)]);
	}
}

/* The column behind a field of a row record. */
static const struct mi_column *column_of(const struct mi_table *table, size_t field)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].carried && field-- == 0)
			return &table->columns[i];
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].proven && field-- == 0)
			return &table->columns[i];
	return NULL;
}

static size_t first_difference(struct mi_span a, struct mi_span b)
{
	size_t at = 0;

	while (at < a.len && at < b.len && a.data[at] == b.data[at])
		at++;
	return at;
}

static int fail_missing(const struct mi_prover *prover, const struct mi_span *sent,
                        struct mi_err *err)
{
	struct mi_buf key = {0};

	add_key(&key, &prover->feed->job->target->shape, sent);
	(void)mi_fail(err, MI_DATA, "row %.300s was written and cannot be read back: rolled back",
	              mi_buf_cstr(&key));
	mi_buf_release(&key);
	return -1;
}

static int fail_differs(const struct mi_prover *prover, size_t field, const struct mi_span *sent,
                        struct mi_err *err)
{
	const struct mi_table *table = &prover->feed->job->target->shape;
	const struct mi_column *column = column_of(table, field);
	struct mi_span here = prover->back.row.values[field];
	struct mi_buf key = {0}, a = {0}, b = {0};
	size_t at = first_difference(sent[field], here);

	add_key(&key, table, sent);
	if (sent[field].len > SHOWN && here.len > SHOWN)
		mi_buf_addf(&a, "(%zu bytes there, %zu here, from byte %zu on)", sent[field].len,
		            here.len, at);
	else
		add_shown(&a, sent[field]);
	if (sent[field].len <= SHOWN || here.len <= SHOWN)
		add_shown(&b, here);
	(void)mi_fail(err, MI_DATA,
	              "row %.300s: column %s differs, %s at the source%s%s: rolled back",
	              mi_buf_cstr(&key), column->name, mi_buf_cstr(&a), b.len ? " and here " : "",
	              mi_buf_cstr(&b));
	mi_buf_release(&key);
	mi_buf_release(&a);
	mi_buf_release(&b);
	return mi_hint(err, column->generated != MI_NOT_GENERATED
	                        ? "the server computes it from other settings or otherwise; "
	                          "--no-proof loads it all the same"
	                        : "what the server stores is not what it was sent: look for what "
	                          "changes it on the way; --no-proof loads it all the same");
}

/* ---- By keys ---- */

/* Appends "(k=1 AND l=2)". */
static void add_condition(struct mi_buf *sql, const struct mi_table *table,
                          const struct mi_span *values)
{
	const struct mi_key *key = mi_table_row_key(table);

	mi_buf_add_str(sql, sql->len ? " OR (" : "(");
	for (size_t i = 0; i < key->part_count; i++) {
		int column = key->parts[i].column;

		if (i > 0)
			mi_buf_add_str(sql, " AND ");
		mi_sql_ident(sql, table->columns[column].name);
		mi_buf_add_char(sql, '=');
		mi_sql_predicate_value(sql, &table->columns[column],
		                       values[mi_table_place(table, column)]);
	}
	mi_buf_add_char(sql, ')');
}

/* Asks for the rows whose keys are collected, and compares. */
static int compare_batch(struct mi_prover *prover, struct mi_err *err)
{
	struct mi_buf sql = {0};
	struct mi_proof found;
	int ret;

	add_select(&prover->back, true, &sql);
	mi_buf_add_span(&sql, mi_buf_span(&prover->keys));
	ret = add_up(&prover->back, &sql, &found, err);
	mi_buf_release(&sql);
	prover->differs |= ret == 0 && !mi_proof_eq(&found, &prover->sum);
	mi_buf_reset(&prover->keys);
	prover->sum = (struct mi_proof){0};
	return ret;
}

/* Compares the fields of a row that was read back. */
static int compare_fields(struct mi_prover *prover, const struct mi_span *sent, struct mi_err *err)
{
	const struct mi_normal_plan *plan = &prover->back.target->normal;
	const struct mi_span *a = mi_normal_take(&prover->sent, plan, sent);
	const struct mi_span *b =
	    mi_normal_take(&prover->back.normal, plan, prover->back.row.values);

	for (size_t i = 0; i < prover->back.row.count; i++)
		if (!a[i].data != !b[i].data || !mi_span_eq(a[i], b[i]))
			return fail_differs(prover, i, sent, err);
	return 0;
}

/* Asks for one row. */
static int compare_one(struct mi_prover *prover, const struct mi_span *sent, struct mi_err *err)
{
	struct mi_rowtext *row = &prover->back.row;
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW fields;
	int ret;

	add_select(&prover->back, true, &sql);
	mi_buf_add_span(&sql, mi_buf_span(&prover->keys));
	mi_buf_reset(&prover->keys);
	ret = mi_conn_query(prover->back.conn, err, mi_buf_cstr(&sql), &result);
	mi_buf_release(&sql);
	if (ret != 0)
		return -1;
	fields = mysql_fetch_row(result);
	if (!fields)
		ret = fail_missing(prover, sent, err);
	else if (mi_rowtext_take(row, fields, mysql_fetch_lengths(result), err) != 0)
		ret = -1;
	else
		ret = compare_fields(prover, sent, err);
	mysql_free_result(result);
	return ret;
}

static int on_chunk(void *user, const struct mi_table *table, const struct mi_chunk *chunk,
                    struct mi_err *err)
{
	(void)user;
	(void)table;
	(void)chunk;
	(void)err;
	return 0;
}

static int on_row(void *user, const struct mi_table *table, const struct mi_span *values,
                  struct mi_err *err)
{
	struct mi_prover *prover = user;

	(void)table;
	add_condition(&prover->keys, &prover->feed->job->target->shape, values);
	if (prover->one_by_one)
		return compare_one(prover, values, err);
	mi_proof_add(&prover->sum,
	             mi_normal_take(&prover->sent, &prover->back.target->normal, values),
	             prover->back.row.count);
	return prover->sum.rows < KEYS_AT_ONCE ? 0 : compare_batch(prover, err);
}

static const struct mi_stream_ops pass_ops = {.chunk = on_chunk, .row = on_row};

static struct mi_prover *prover_of(struct mi_feed *feed)
{
	struct mi_prover *prover = feed->prover;

	if (!prover) {
		prover = feed->prover = mi_alloc(sizeof *prover);
		prover->unpacker = mi_unpacker_new();
		prover->parser = mi_parser_new(&pass_ops, prover);
	}
	prover->feed = feed;
	use(&prover->back, feed->job->target, &feed->link->conn);
	return prover;
}

void mi_prover_free(struct mi_prover *prover)
{
	if (!prover)
		return;
	mi_unpacker_free(prover->unpacker);
	mi_parser_free(prover->parser);
	release(&prover->back);
	mi_normal_row_release(&prover->sent);
	mi_buf_release(&prover->payload);
	mi_buf_release(&prover->keys);
	free(prover);
}

/* Goes through the chunk's frames once more. *differs: some rows are not what was sent. One by one,
 * the first of them is an error. */
static int pass(struct mi_prover *prover, bool one_by_one, bool *differs, struct mi_err *err)
{
	const struct mi_chunk_job *job = prover->feed->job;

	prover->one_by_one = one_by_one;
	prover->differs = false;
	prover->sum = (struct mi_proof){0};
	mi_buf_reset(&prover->keys);
	mi_parser_begin_chunk(prover->parser, job->def);
	for (size_t i = 0; i < job->frame_count; i++)
		if (mi_frame_unpack(prover->unpacker, &job->frames[i], &prover->payload, err) !=
		        0 ||
		    mi_parser_feed(prover->parser, &job->frames[i], mi_buf_span(&prover->payload),
		                   err) != 0)
			return -1;
	if (prover->sum.rows > 0 && compare_batch(prover, err) != 0)
		return -1;
	*differs = prover->differs;
	return 0;
}

/* ---- A chunk ---- */

/* A key range is not what was sent: finds the first row that differs. When each row is there as it
 * was sent, the range has others, too, or this server's ranges are not the source's. */
static int look_closer(struct mi_prover *prover, const struct mi_proof *found, struct mi_err *err)
{
	const struct mi_feed *feed = prover->feed;
	bool differs;

	if (pass(prover, true, &differs, err) != 0)
		return -1;
	if (feed->job->target->may_hold_others || found->rows <= feed->rows)
		return 0;
	(void)mi_fail(err, MI_DATA,
	              "a key range of %llu rows has %llu here, those that were sent among them: "
	              "rolled back",
	              (unsigned long long)feed->rows, (unsigned long long)found->rows);
	return mi_hint(err, "does somebody else write to this table?");
}

static int prove_range(struct mi_prover *prover, const struct mi_proof *sent, struct mi_err *err)
{
	struct mi_feed *feed = prover->feed;
	struct mi_proof found;

	if (add_up_range(&prover->back, mi_buf_cstr(&feed->lo), mi_buf_cstr(&feed->hi), &found,
	                 err) != 0)
		return -1;
	return mi_proof_eq(&found, sent) ? 0 : look_closer(prover, &found, err);
}

static int prove_keys(struct mi_prover *prover, struct mi_err *err)
{
	bool differs;

	if (pass(prover, false, &differs, err) != 0)
		return -1;
	if (!differs)
		return 0;
	if (pass(prover, true, &differs, err) != 0)
		return -1;
	return mi_fail(err, MI_DATA,
	               "its rows read back by many keys are not those read one by one");
}

int mi_prove_chunk(struct mi_feed *feed, struct mi_proof *proof, struct mi_err *err)
{
	const struct mi_target *target = feed->job->target;

	*proof = target->normal.how ? feed->proof : *mi_parser_proof(feed->parser);
	if (target->prove == MI_PROVE_TABLE)
		return 0;
	if (target->prove == MI_PROVE_RANGES && feed->is_range)
		return prove_range(prover_of(feed), proof, err);
	return prove_keys(prover_of(feed), err);
}

/* ---- A table ---- */

struct kept {
	struct back back;
	struct mi_proof sum;
	bool all; /* every chunk has a proof */
};

static int join_chunk(void *user, const struct mi_state_chunk *chunk, struct mi_err *err)
{
	struct kept *kept = user;
	struct mi_proof one = {.rows = chunk->rows};

	(void)err;
	if (mi_proof_parse(mi_span_str(chunk->proof), &one))
		mi_proof_join(&kept->sum, &one);
	else
		kept->all = false;
	return 0;
}

/* Reads the range of a chunk that an earlier run has left. */
static int prove_old(struct kept *kept, const struct mi_old_chunk *old, struct mi_err *err)
{
	struct mi_proof one = {.rows = old->rows}, found;

	if (!mi_proof_parse(mi_span_str(old->proof), &one))
		return 0; /* join_chunk has seen it */
	if (add_up_range(&kept->back, old->lo, old->hi, &found, err) != 0)
		return -1;
	if (mi_proof_eq(&found, &one))
		return 0;
	return mi_fail(err, MI_DATA,
	               "its %llu rows with keys after '%.200s' to '%.200s' are not the %llu that "
	               "were copied",
	               (unsigned long long)found.rows, old->lo, old->hi,
	               (unsigned long long)one.rows);
}

static int prove_ranges(struct kept *kept, struct mi_err *err)
{
	const struct mi_target *target = kept->back.target;

	for (size_t i = 0; i < target->old_count; i++)
		if (prove_old(kept, &target->old[i], err) != 0)
			return -1;
	return 0;
}

/* Reads the whole table. */
static int prove_whole(struct kept *kept, struct mi_err *err)
{
	struct mi_proof found;
	struct mi_buf sql = {0};
	int ret;

	add_select(&kept->back, false, &sql);
	ret = add_up(&kept->back, &sql, &found, err);
	mi_buf_release(&sql);
	if (ret != 0 || mi_proof_eq(&found, &kept->sum))
		return ret;
	return mi_fail(err, MI_DATA, "its %llu rows here are not the %llu that were copied",
	               (unsigned long long)found.rows, (unsigned long long)kept->sum.rows);
}

/* How what earlier runs have left is proven. */
enum way { NOTHING_LEFT, BY_RANGES, WHOLE, UNKNOWN };

static enum way way_of(const struct mi_target *target)
{
	bool parts = false, beside = target->may_hold_others;

	for (size_t i = 0; i < target->old_count; i++) {
		parts |= target->old[i].part > 0;
		beside |= target->old[i].known == MI_STATE_READ_BESIDE;
	}
	if (target->prove == MI_PROVE_TABLE)
		return beside ? UNKNOWN : WHOLE;
	if (!target->resumed)
		return NOTHING_LEFT;
	if (beside)
		return UNKNOWN;
	if (target->prove == MI_PROVE_RANGES && !parts)
		return BY_RANGES;
	return target->torn ? UNKNOWN : WHOLE;
}

static int prove_left(struct kept *kept, enum way way, struct mi_err *err)
{
	int ret = 0;

	if (way == BY_RANGES)
		ret = prove_ranges(kept, err);
	else if (way == WHOLE)
		ret = prove_whole(kept, err);
	if (ret != 0 && err->code == MI_DATA)
		(void)mi_hint(err, "somebody else has written to it, or values were changed on the "
		                   "way: drop it and copy it again");
	return ret;
}

int mi_prove_table(const struct mi_target *target, const struct mi_state *state,
                   struct mi_conn *conn, bool *verified, struct mi_err *err)
{
	struct kept kept = {.all = true};
	enum way way = way_of(target);
	int ret = 0;

	*verified = false;
	if (target->prove == MI_PROVE_NOT)
		return 0;
	if (mi_state_chunks(state, conn, target->db, target->name, join_chunk, &kept, err) != 0)
		return -1;
	*verified = kept.all && way != UNKNOWN;
	use(&kept.back, target, conn);
	if (*verified)
		ret = prove_left(&kept, way, err);
	release(&kept.back);
	return ret;
}
