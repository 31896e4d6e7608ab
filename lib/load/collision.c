#include "load/collision.h"
#include "base/buf.h"
#include "base/err.h"
#include "load/chunk.h"
#include "load/equal_rows.h"
#include "load/feed.h"
#include "load/target.h"
#include "server/conn.h"
#include "server/mysql_errors.h"
#include "sql/literal.h"
#include "sql/load_text.h"
#include "stream/frame.h"
#include "stream/parse.h"
#include "stream/parse_parts.h"
#include "table/table.h"

#include <stdlib.h>
#include <strings.h>

enum { ROWS_AT_ONCE = 200, BATCH_BYTES = 1 << 20 };

static int say_was_there(const struct mi_unique *u, const struct mi_span *values,
                         struct mi_err *err)
{
	struct mi_buf shown = {0};

	mi_unique_show(u, values, &shown);
	(void)mi_fail(err, MI_DATA, "a row with the same key is in the table already: key %s: %s",
	              u->key->name, mi_buf_cstr(&shown));
	mi_buf_release(&shown);
	return mi_hint(err, "the table was not empty, or was loaded from another dump");
}

/* ---- The target's UNIQUE keys ---- */

struct keys {
	struct mi_key *items;
	size_t count;
};

static void keys_release(struct keys *keys)
{
	for (size_t i = 0; i < keys->count; i++) {
		free(keys->items[i].name);
		free(keys->items[i].parts);
	}
	free(keys->items);
}

static int find_column(const struct mi_table *table, const char *name)
{
	for (size_t i = 0; name && i < table->column_count; i++)
		if (strcasecmp(table->columns[i].name, name) == 0 && table->columns[i].carried)
			return (int)i;
	return -1;
}

static int read_keys(const struct mi_feed *feed, struct keys *keys, struct mi_err *err)
{
	const struct mi_target *target = feed->job->target;
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	mi_buf_add_str(&sql, "SELECT INDEX_NAME,COLUMN_NAME,SUB_PART FROM "
	                     "information_schema.STATISTICS WHERE NON_UNIQUE=0 AND TABLE_SCHEMA=");
	mi_sql_string(&sql, target->into);
	mi_buf_add_str(&sql, " AND TABLE_NAME=");
	mi_sql_string(&sql, target->name);
	mi_buf_add_str(&sql, " ORDER BY INDEX_NAME<>'PRIMARY',INDEX_NAME,SEQ_IN_INDEX");
	ret = mi_conn_query(&feed->link->conn, err, mi_buf_cstr(&sql), &result);
	mi_buf_release(&sql);
	if (ret != 0)
		return -1;
	while ((row = mysql_fetch_row(result))) {
		struct mi_key *key = keys->count ? &keys->items[keys->count - 1] : NULL;
		struct mi_key_part *part;

		if (!key || strcmp(key->name, row[0]) != 0) {
			key = mi_array_add(&keys->items, &keys->count, sizeof *keys->items);
			key->name = mi_strdup(row[0]);
		}
		part = mi_array_add(&key->parts, &key->part_count, sizeof *key->parts);
		part->column = find_column(&target->shape, row[1]);
		part->prefix = row[2] ? (unsigned)strtoul(row[2], NULL, 10) : 0;
	}
	mysql_free_result(result);
	return 0;
}

/* Takes the values of the key's parts out of a row's. False: one of them is not there or NULL, so
 * that the row collides with none in this key, as far as can be seen. */
static bool take_parts(const struct mi_unique *u, const struct mi_span *values,
                       struct mi_span *parts)
{
	for (size_t i = 0; i < u->key->part_count; i++) {
		int column = u->key->parts[i].column;

		if (column < 0)
			return false;
		parts[i] = values[mi_table_place(u->table, column)];
		if (!parts[i].data)
			return false;
	}
	return true;
}

/* ---- The chunk's rows again ---- */

struct replay {
	struct mi_feed *feed;
	const struct keys *keys;
	bool one_by_one;
	uint64_t rows;  /* seen in this pass */
	uint64_t since; /* rows before this one are there: they are not inserted in this pass */
	struct mi_buf sql;
	size_t in_sql;
	bool refused; /* the row, or the batch, that begins with number `since` */
	bool said;    /* err says what was found */
	struct mi_err *err;
};

static void begin_batch(struct replay *replay)
{
	const struct mi_target *target = replay->feed->job->target;

	mi_buf_reset(&replay->sql);
	mi_inserttext_head(&replay->sql, target->into, &target->shape, false);
	replay->in_sql = 0;
}

/* Inserts the batch; 0, or -1 when it is refused or fails: the pass ends. */
static int insert_batch(struct replay *replay)
{
	MYSQL *mysql = replay->feed->link->conn.mysql;

	if (replay->in_sql == 0)
		return 0;
	if (mysql_real_query(mysql, replay->sql.data, (unsigned long)replay->sql.len) != 0) {
		replay->refused = mysql_errno(mysql) == MI_ER_DUP_ENTRY;
		return -1;
	}
	replay->since += replay->in_sql;
	begin_batch(replay);
	return 0;
}

/* The refused row is at hand: which key is it, and which row is in its way? */
static void explain(struct replay *replay, const struct mi_span *values)
{
	const struct mi_target *target = replay->feed->job->target;
	struct mi_conn *conn = &replay->feed->link->conn;

	for (size_t i = 0; i < replay->keys->count && !replay->said; i++) {
		struct mi_unique u = {target->into, &target->shape, &replay->keys->items[i]};
		struct mi_span *parts = mi_alloc(u.key->part_count * sizeof *parts);
		struct mi_key_values other = {0}, before = {0};

		if (take_parts(&u, values, parts) && mi_unique_find(&u, conn, parts, &other)) {
			bool was_there;

			replay->said = true;
			/* an empty table was begun with, unless others' rows are allowed in it:
			 * what other chunks have brought is the source's, too */
			was_there = target->may_hold_others && mysql_rollback(conn->mysql) == 0 &&
			            mi_unique_find(&u, conn, parts, &before);
			if (!mi_unique_same_bytes(parts, other.values, u.key->part_count))
				(void)mi_unique_say_equal(
				    &u, conn, other.values, parts,
				    was_there
					? "a row is equal here to one that is in the table already"
					: "two rows of the source are equal here",
				    replay->err);
			else
				(void)say_was_there(&u, parts, replay->err);
		}
		mi_key_values_release(&other, u.key->part_count);
		mi_key_values_release(&before, u.key->part_count);
		free(parts);
	}
}

/* What is known in any case, as of a key on an expression: the row, and the server's own words. */
static void say_refused(struct replay *replay, const struct mi_span *values)
{
	const struct mi_target *target = replay->feed->job->target;
	struct mi_unique row = {target->into, &target->shape, mi_table_row_key(&target->shape)};
	struct mi_buf shown = {0};
	struct mi_span *parts;

	if (row.key) {
		parts = mi_alloc(row.key->part_count * sizeof *parts);
		mi_buf_add_char(&shown, ' ');
		if (take_parts(&row, values, parts))
			mi_unique_show(&row, parts, &shown);
		free(parts);
	}
	(void)mi_fail(replay->err, MI_DATA, "row%s is equal here to another one: %s",
	              mi_buf_cstr(&shown), mysql_error(replay->feed->link->conn.mysql));
	(void)mi_hint(replay->err,
	              "compare the key here with the source's: its columns' collations, "
	              "its expressions; or the table was not empty");
	mi_buf_release(&shown);
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
	struct replay *replay = user;
	const struct mi_target *target = replay->feed->job->target;

	(void)table;
	(void)err;
	if (replay->rows++ < replay->since)
		return 0;
	if (replay->in_sql > 0)
		mi_buf_add_char(&replay->sql, ',');
	if (!mi_inserttext_row(&target->plan, values, &replay->sql))
		return -1;
	replay->in_sql++;
	if (!replay->one_by_one && replay->in_sql < ROWS_AT_ONCE && replay->sql.len < BATCH_BYTES)
		return 0;
	if (insert_batch(replay) == 0)
		return 0;
	if (replay->refused && replay->one_by_one) {
		say_refused(replay, values);
		explain(replay, values);
	}
	return -1;
}

static int on_chunk_end(void *user, const struct mi_table *table, struct mi_err *err)
{
	(void)table;
	(void)err;
	return insert_batch(user);
}

static const struct mi_stream_ops replay_ops = {
    .chunk = on_chunk, .row = on_row, .chunk_end = on_chunk_end};

/* Goes through the chunk's rows once. */
static void pass(struct replay *replay, bool one_by_one)
{
	const struct mi_chunk_job *job = replay->feed->job;
	struct mi_parser *parser = mi_parser_new(&replay_ops, replay);
	struct mi_err ignored = {0};

	replay->one_by_one = one_by_one;
	replay->rows = 0;
	replay->refused = false;
	begin_batch(replay);
	mi_parser_begin_chunk(parser, job->def);
	for (size_t i = 0; i < job->frame_count; i++) {
		struct mi_buf *payload = &replay->feed->payload;

		if (mi_frame_unpack(replay->feed->unpacker, &job->frames[i], payload, &ignored) !=
		        0 ||
		    mi_parser_feed(parser, &job->frames[i], mi_buf_span(payload), &ignored) != 0)
			break;
	}
	mi_parser_free(parser);
}

int mi_collision_in_chunk(struct mi_feed *feed, struct mi_err *err)
{
	struct keys keys = {0};
	struct mi_err found = {0};
	struct replay replay = {.feed = feed, .keys = &keys, .err = &found};
	struct mi_conn *conn = &feed->link->conn;

	if (!conn->mysql || mysql_rollback(conn->mysql) != 0 ||
	    read_keys(feed, &keys, &found) != 0 ||
	    mi_conn_exec(conn, &found, "START TRANSACTION") != 0)
		goto out;
	pass(&replay, false);
	if (replay.refused)
		pass(&replay, true);
	(void)mysql_rollback(conn->mysql);
	if (replay.said || replay.refused)
		*err = found;
out:
	keys_release(&keys);
	mi_buf_release(&replay.sql);
	return -1;
}
