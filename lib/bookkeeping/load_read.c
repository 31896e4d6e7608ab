/* Reading _mi_load: what has arrived, and what it amounts to. */
#include "base/buf.h"
#include "base/err.h"
#include "bookkeeping/load.h"
#include "bookkeeping/load_sql.h"
#include "chunk/done.h"
#include "gtid/gtid.h"
#include "server/conn.h"
#include "sql/literal.h"

#include <stdlib.h>

int mi_state_table(const struct mi_state *state, struct mi_conn *conn, const char *db,
                   const char *table, uint64_t stream, struct mi_state_table *known,
                   struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	char id[17];
	int ret = -1;

	mi_state_stream_text(stream, id);
	mi_buf_addf(&sql,
	            "SELECT SUM(kind='end'),SUM(kind='chunk' AND part=0),SUM(part>0),"
	            "SUM(part>0 AND stream<>'%s'),SUM(IF(kind='chunk',`rows`,0)) FROM %s WHERE ",
	            id, state->load);
	mi_state_add_table(state, &sql, db, table);
	if (mi_conn_query(conn, err, mi_buf_cstr(&sql), &result) == 0) {
		MYSQL_ROW row = mysql_fetch_row(result);

		*known = (struct mi_state_table){
		    .ended = mi_state_number(row[0]) > 0,
		    .ranges = mi_state_number(row[1]),
		    .parts = mi_state_number(row[2]),
		    .other_parts = mi_state_number(row[3]) > 0,
		    .rows = mi_state_number(row[4]),
		};
		mysql_free_result(result);
		ret = 0;
	}
	mi_buf_release(&sql);
	return ret;
}

/* Takes the mark off a chunk's proof. */
static enum mi_state_proof take_mark(const char **proof)
{
	if (!**proof)
		return MI_STATE_NO_PROOF;
	for (int known = MI_STATE_SENT; known <= MI_STATE_READ_BESIDE; known++) {
		const char *mark = mi_state_proof_marks[known];

		if (*mark && **proof == *mark) {
			++*proof;
			return (enum mi_state_proof)known;
		}
	}
	return MI_STATE_READ;
}

int mi_state_chunks(const struct mi_state *state, struct mi_conn *conn, const char *db,
                    const char *table, mi_state_chunk_fn *take, void *user, struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	mi_buf_addf(&sql, "SELECT part,key_lo,key_hi,`rows`,proof FROM %s WHERE ", state->load);
	mi_state_add_table(state, &sql, db, table);
	mi_buf_add_str(&sql, " AND kind='chunk'");
	ret = mi_conn_query(conn, err, mi_buf_cstr(&sql), &result);
	mi_buf_release(&sql);
	if (ret != 0)
		return -1;
	while (ret == 0 && (row = mysql_fetch_row(result))) {
		struct mi_state_chunk chunk = {.part = mi_state_number(row[0]),
		                               .lo = row[1],
		                               .hi = row[2],
		                               .rows = mi_state_number(row[3]),
		                               .proof = row[4] ? row[4] : ""};

		chunk.known = take_mark(&chunk.proof);
		ret = take(user, &chunk, err);
	}
	mysql_free_result(result);
	return ret;
}

/* The key range of a chunk, half-open; "" is the open end on either side. */
struct range {
	const char *lo, *hi;
	bool reached;
};

static int by_lo(const void *a, const void *b)
{
	return strcmp(((const struct range *)a)->lo, ((const struct range *)b)->lo);
}

/* Index of the first range whose lo is key; count when there is none. */
static size_t first_from(const struct range *ranges, size_t count, const char *key)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(ranges[middle].lo, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && strcmp(ranges[low].lo, key) == 0 ? low : count;
}

/* True when ranges lead from the open lower end to the open upper end, each beginning where another
 * ends. Ranges may overlap, so all ways are tried. Sorts ranges. */
static bool leads_through(struct range *ranges, size_t count)
{
	const char **todo = mi_alloc((count + 1) * sizeof *todo);
	size_t left = 0;
	bool found = false;

	qsort(ranges, count, sizeof *ranges, by_lo);
	todo[left++] = "";
	while (left > 0 && !found) {
		const char *key = todo[--left];

		for (size_t i = first_from(ranges, count, key);
		     i < count && strcmp(ranges[i].lo, key) == 0 && !ranges[i].reached; i++) {
			ranges[i].reached = true;
			if (!*ranges[i].hi)
				found = true;
			else
				todo[left++] = ranges[i].hi;
		}
	}
	free(todo);
	return found;
}

int mi_state_covers(const struct mi_state *state, struct mi_conn *conn, const char *db,
                    const char *table, bool *complete, struct mi_err *err)
{
	struct mi_buf sql = {0};
	struct range *ranges = NULL;
	size_t count = 0;
	uint64_t parts = 0, last_part = 0;
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret = -1;

	mi_buf_addf(&sql, "SELECT part,key_lo,key_hi FROM %s WHERE ", state->load);
	mi_state_add_table(state, &sql, db, table);
	mi_buf_add_str(&sql, " AND kind='chunk'");
	if (mi_conn_query(conn, err, mi_buf_cstr(&sql), &result) != 0)
		goto out;
	while ((row = mysql_fetch_row(result))) {
		uint64_t part = mi_state_number(row[0]);

		parts += part > 0;
		last_part = part > last_part ? part : last_part;
		if (part == 0)
			*(struct range *)mi_array_add(&ranges, &count, sizeof *ranges) =
			    (struct range){row[1], row[2], false};
	}
	*complete = count > 0 ? leads_through(ranges, count) : parts == last_part;
	mysql_free_result(result);
	ret = 0;
out:
	free(ranges);
	mi_buf_release(&sql);
	return ret;
}

int mi_state_print_done(const struct mi_state *state, struct mi_conn *conn, struct mi_buf *out,
                        struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret = -1;

	mi_buf_addf(&sql,
	            "SELECT c.db,c.tbl,c.kind,c.key_lo,c.key_hi,IFNULL(c.proof NOT LIKE '?%%',0) "
	            "FROM %s AS c "
	            "LEFT JOIN %s AS e ON "
	            "e.flow=c.flow AND e.db=c.db AND e.tbl=c.tbl AND e.kind='end' WHERE c.flow=",
	            state->load, state->load);
	mi_sql_string(&sql, state->flow);
	mi_buf_add_str(&sql, " AND (c.kind='end' OR c.kind='chunk' AND c.part=0 AND e.kind IS NULL)"
	                     " ORDER BY c.db,c.tbl,c.made_at,c.id");
	if (mi_conn_query(conn, err, mi_buf_cstr(&sql), &result) != 0)
		goto out;
	while ((row = mysql_fetch_row(result))) {
		if (strcmp(row[2], "end") == 0)
			mi_done_print_table(out, row[0], row[1], *row[5] == '1');
		else
			mi_done_print_chunk(out, row[0], row[1], 0, row[3], row[4], *row[5] == '1');
	}
	mysql_free_result(result);
	ret = 0;
out:
	mi_buf_release(&sql);
	return ret;
}

/* Takes one stream's low and high (row) into the flow's: low is intersected, high united. */
static int fold(struct mi_gtid_set **low, struct mi_gtid_set *high, MYSQL_ROW row,
                struct mi_err *err)
{
	struct mi_gtid_set *one = NULL;
	int ret = -1;

	if (mi_gtid_parse(mi_span_str(row[1]), &one, err) != 0 ||
	    mi_gtid_union(high, one, err) != 0)
		goto out;
	mi_gtid_free(one);
	one = NULL;
	if (mi_gtid_parse(mi_span_str(row[0]), &one, err) != 0)
		goto out;
	if (!*low)
		*low = mi_gtid_copy(one);
	else if (mi_gtid_intersect(*low, one, err) != 0)
		goto out;
	ret = 0;
out:
	mi_gtid_free(one);
	return ret;
}

/* The position of one stream, as it was recorded. */
static int read_one(const struct mi_state *state, struct mi_conn *conn, uint64_t stream,
                    struct mi_buf *low, struct mi_buf *high, struct mi_buf *source,
                    struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	char text[17];
	int ret;

	mi_state_stream_text(stream, text);
	mi_buf_addf(&sql,
	            "SELECT low,high,source FROM %s WHERE kind='stream' AND stream='%s' AND flow=",
	            state->load, text);
	mi_sql_string(&sql, state->flow);
	ret = mi_conn_query(conn, err, mi_buf_cstr(&sql), &result);
	mi_buf_release(&sql);
	if (ret != 0)
		return -1;
	row = mysql_fetch_row(result);
	if (row) {
		mi_buf_add_str(low, row[0]);
		mi_buf_add_str(high, row[1]);
		mi_buf_add_str(source, row[2]);
	} else {
		ret = mi_fail(err, MI_BUG, "%s knows no stream of %s", state->load, state->flow);
	}
	mysql_free_result(result);
	return ret;
}

int mi_state_positions(const struct mi_state *state, struct mi_conn *conn, uint64_t stream,
                       struct mi_buf *low, struct mi_buf *high, struct mi_buf *source,
                       struct mi_err *err)
{
	struct mi_gtid_set *low_set = NULL, *high_set = mi_gtid_new();
	struct mi_buf sql = {0};
	MYSQL_RES *result = NULL;
	MYSQL_ROW row;
	int ret = -1;

	mi_state_add_streams(state, &sql, "low,high,source");
	mi_buf_add_str(&sql, " ORDER BY made_at");
	if (mi_conn_query(conn, err, mi_buf_cstr(&sql), &result) != 0)
		goto out;
	while ((row = mysql_fetch_row(result))) {
		if (fold(&low_set, high_set, row, err) != 0)
			goto bad;
		mi_buf_reset(source);
		mi_buf_add_str(source, row[2]);
	}
	if (!low_set) { /* no table, so that no stream has brought anything */
		ret = read_one(state, conn, stream, low, high, source, err);
		goto out;
	}
	mi_gtid_print(low_set, low);
	mi_gtid_print(high_set, high);
	ret = 0;
	goto out;
bad:
	err->code = MI_DATA;
	(void)mi_within(err, "the position of a stream");
out:
	mysql_free_result(result);
	mi_gtid_free(low_set);
	mi_gtid_free(high_set);
	mi_buf_release(&sql);
	return ret;
}
