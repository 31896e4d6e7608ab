#include "side/dst_state.h"
#include "base/hash.h"
#include "wire/done.h"
#include "wire/gtid.h"
#include "wire/sql.h"

#include <ctype.h>
#include <mysqld_error.h>
#include <stdio.h>
#include <stdlib.h>

enum { LONGEST_IMPORT = 64 };

/* Text that identifies nothing: the stream of rows that are not trusted. */
static const char no_stream[] = "0000000000000000";

static const char load_columns[] =
    "flow VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    "db VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,"
    "tbl VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,"
    "kind VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    "id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    "into_db VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,"
    "stream CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    "part BIGINT UNSIGNED NOT NULL,"
    "key_lo LONGTEXT CHARACTER SET ascii COLLATE ascii_bin,"
    "key_hi LONGTEXT CHARACTER SET ascii COLLATE ascii_bin,"
    "`rows` BIGINT UNSIGNED NOT NULL,"
    "low LONGTEXT CHARACTER SET ascii COLLATE ascii_bin,"
    "high LONGTEXT CHARACTER SET ascii COLLATE ascii_bin,"
    "source VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin,"
    "no_binlog TINYINT NOT NULL,"
    "made_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),"
    "PRIMARY KEY (flow,db,tbl,kind,id)";

static const char checkpoint_columns[] =
    "flow VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    "sid VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    "intervals LONGTEXT CHARACTER SET ascii COLLATE ascii_bin,"
    "epoch BIGINT UNSIGNED,"
    "state VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin,"
    "seq BIGINT UNSIGNED,"
    "source VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin,"
    "high LONGTEXT CHARACTER SET ascii COLLATE ascii_bin,"
    "conn_id BIGINT UNSIGNED,"
    "intent LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,"
    "PRIMARY KEY (flow,sid)";

static const char xa_columns[] = "flow VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
				 "xid VARBINARY(255) NOT NULL,"
				 "n INT UNSIGNED NOT NULL,"
				 "gtid VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
				 "frame LONGBLOB NOT NULL,"
				 "PRIMARY KEY (flow,xid,n)";

static char *full_name(const char *db, const char *table)
{
	struct mi_buf name = {0};
	char *text;

	mi_sql_name(&name, db, table);
	text = mi_strdup(mi_buf_cstr(&name));
	mi_buf_release(&name);
	return text;
}

void mi_state_init_flow(struct mi_state *state, const char *db, const char *flow)
{
	*state = (struct mi_state){
	    .db = mi_strdup(db),
	    .flow = mi_strdup(flow),
	    .load = full_name(db, "_mi_load"),
	    .checkpoint = full_name(db, "_mi_checkpoint"),
	    .xa = full_name(db, "_mi_xa"),
	};
}

void mi_state_init(struct mi_state *state, const char *db, const char *import)
{
	struct mi_buf flow = {0};

	mi_buf_addf(&flow, "%s/forward", import);
	mi_state_init_flow(state, db, mi_buf_cstr(&flow));
	mi_buf_release(&flow);
}

void mi_state_release(struct mi_state *state)
{
	free(state->db);
	free(state->flow);
	free(state->load);
	free(state->checkpoint);
	free(state->xa);
	*state = (struct mi_state){0};
}

int mi_state_check_import(const char *import, struct mi_err *err)
{
	size_t len = strlen(import);

	for (const char *at = import; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("._-", *at))
			return mi_fail(err, MI_USAGE,
			               "'%s' cannot name an import: letters, digits, '.', '_' and "
			               "'-' can",
			               import);
	if (len == 0 || len > LONGEST_IMPORT)
		return mi_fail(err, MI_USAGE, "an import's name has 1 to %d characters",
		               LONGEST_IMPORT);
	return 0;
}

static void stream_text(uint64_t stream, char text[17])
{
	(void)snprintf(text, 17, "%016llx", (unsigned long long)stream);
}

/* ---- Creating and finding ---- */

static int create_table(const struct mi_state *state, struct mi_conn *conn, const char *table,
                        const char *name, const char *columns, struct mi_err *err)
{
	struct mi_buf sql = {0}, engine = {0};
	bool is_null;
	int ret = -1;

	mi_buf_addf(&sql, "CREATE TABLE IF NOT EXISTS %s (%s) ENGINE=InnoDB", name, columns);
	if (mi_conn_exec(conn, err, mi_buf_cstr(&sql)) != 0)
		goto out;
	mi_buf_reset(&sql);
	mi_buf_add_str(&sql, "SELECT MAX(ENGINE) FROM information_schema.TABLES WHERE "
	                     "TABLE_SCHEMA=");
	mi_sql_string(&sql, state->db);
	mi_buf_add_str(&sql, " AND TABLE_NAME=");
	mi_sql_string(&sql, table);
	if (mi_conn_value(conn, err, mi_buf_cstr(&sql), &engine, &is_null) != 0)
		goto out;
	if (conn->flavour != MI_FLAVOUR_VITESS && strcmp(mi_buf_cstr(&engine), "InnoDB") != 0) {
		(void)mi_fail(err, MI_CONFIG, "%s is not an InnoDB table but %s", name,
		              is_null ? "absent" : engine.data);
		goto out;
	}
	ret = 0;
out:
	mi_buf_release(&sql);
	mi_buf_release(&engine);
	return ret;
}

static int create_database(const struct mi_state *state, struct mi_conn *conn, struct mi_err *err)
{
	struct mi_buf sql = {0};
	uint64_t found;
	int ret;

	mi_buf_add_str(&sql, "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE "
	                     "SCHEMA_NAME=");
	mi_sql_string(&sql, state->db);
	ret = mi_conn_number(conn, err, mi_buf_cstr(&sql), &found);
	if (ret == 0 && found == 0) {
		mi_buf_reset(&sql);
		mi_buf_add_str(&sql, "CREATE DATABASE IF NOT EXISTS ");
		mi_sql_ident(&sql, state->db);
		ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
	}
	mi_buf_release(&sql);
	return ret;
}

static int has_columns(const char *table, const char *columns, struct mi_conn *conn,
                       struct mi_err *err)
{
	struct mi_buf sql = {0};
	uint64_t none;
	int ret;

	mi_buf_addf(&sql, "SELECT COUNT(*) FROM (SELECT %s FROM %s LIMIT 0) AS c", columns, table);
	ret = mi_conn_number(conn, err, mi_buf_cstr(&sql), &none);
	mi_buf_release(&sql);
	return ret;
}

int mi_state_create(const struct mi_state *state, struct mi_conn *conn, struct mi_err *err)
{
	if (create_database(state, conn, err) != 0 ||
	    create_table(state, conn, "_mi_load", state->load, load_columns, err) != 0 ||
	    create_table(state, conn, "_mi_checkpoint", state->checkpoint, checkpoint_columns,
	                 err) != 0 ||
	    create_table(state, conn, "_mi_xa", state->xa, xa_columns, err) != 0)
		return mi_within(err, "bookkeeping tables in database %s", state->db);
	if (has_columns(state->load,
	                "flow,db,tbl,kind,id,into_db,stream,part,key_lo,key_hi,`rows`,low,high,"
	                "source,no_binlog",
	                conn, err) == 0 &&
	    has_columns(state->checkpoint,
	                "flow,sid,intervals,epoch,state,seq,source,high,conn_id,intent", conn,
	                err) == 0)
		return 0;
	if (err->code == MI_DATA)
		err->code = MI_CONFIG;
	return mi_within(err, "bookkeeping tables of another version in database %s", state->db);
}

/* *knows: the import has rows in db's _mi_load. */
static int knows_import(struct mi_conn *conn, const char *db, const char *import, bool *knows,
                        struct mi_err *err)
{
	struct mi_state state = {0};
	struct mi_buf sql = {0};
	uint64_t count;
	int ret;

	mi_state_init(&state, db, import);
	mi_buf_addf(&sql, "SELECT EXISTS (SELECT 1 FROM %s WHERE flow=", state.load);
	mi_sql_string(&sql, state.flow);
	mi_buf_add_char(&sql, ')');
	ret = mi_conn_number(conn, err, mi_buf_cstr(&sql), &count);
	if (ret == 0)
		*knows = count > 0;
	mi_buf_release(&sql);
	mi_state_release(&state);
	return ret;
}

static int choose_state(struct mi_conn *conn, MYSQL_RES *result, const char *import, char **db,
                        struct mi_err *err)
{
	MYSQL_ROW row;
	bool knows;

	while ((row = mysql_fetch_row(result))) {
		if (knows_import(conn, row[0], import, &knows, err) != 0)
			return -1;
		if (!knows)
			continue;
		if (*db) {
			(void)mi_fail(err, MI_CONFIG, "import %s is known in databases %s and %s",
			              import, *db, row[0]);
			return mi_hint(err, "say which with --state-db");
		}
		*db = mi_strdup(row[0]);
	}
	return 0;
}

int mi_state_find(struct mi_conn *conn, const char *wanted, const char *import, char **db,
                  struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	int ret = -1;

	*db = NULL;
	mi_buf_add_str(&sql, "SELECT TABLE_SCHEMA FROM information_schema.TABLES WHERE "
	                     "TABLE_NAME='_mi_load'");
	if (wanted) {
		mi_buf_add_str(&sql, " AND TABLE_SCHEMA=");
		mi_sql_string(&sql, wanted);
	}
	if (mi_conn_query(conn, err, mi_buf_cstr(&sql), &result) == 0) {
		ret = choose_state(conn, result, import, db, err);
		mysql_free_result(result);
	}
	mi_buf_release(&sql);
	return ret;
}

/* ---- Streams ---- */

/* "flow='...'" */
static void add_flow(const struct mi_state *state, struct mi_buf *sql)
{
	mi_buf_add_str(sql, "flow=");
	mi_sql_string(sql, state->flow);
}

static void add_table_filter(const struct mi_state *state, struct mi_buf *sql, const char *db,
                             const char *table)
{
	add_flow(state, sql);
	mi_buf_add_str(sql, " AND db=");
	mi_sql_string(sql, db);
	mi_buf_add_str(sql, " AND tbl=");
	mi_sql_string(sql, table);
}

/* Streams of the flow of which something has arrived. */
static void add_streams(const struct mi_state *state, struct mi_buf *sql, const char *columns)
{
	mi_buf_addf(sql, "SELECT %s FROM %s WHERE ", columns, state->load);
	add_flow(state, sql);
	mi_buf_addf(sql, " AND kind='stream' AND stream IN (SELECT stream FROM %s WHERE ",
	            state->load);
	add_flow(state, sql);
	mi_buf_add_str(sql, " AND kind<>'stream')");
}

static int find_torn(const struct mi_state *state, struct mi_conn *conn,
                     const struct mi_stream_header *header, bool *torn, struct mi_err *err)
{
	struct mi_buf sql = {0};
	uint64_t others;
	int ret;

	*torn = strcmp(header->low, header->high) != 0;
	add_streams(state, &sql, "COUNT(*)");
	mi_buf_add_str(&sql, " AND (low<>");
	mi_sql_string(&sql, header->low);
	mi_buf_add_str(&sql, " OR high<>");
	mi_sql_string(&sql, header->high);
	mi_buf_add_char(&sql, ')');
	ret = mi_conn_number(conn, err, mi_buf_cstr(&sql), &others);
	if (ret == 0 && others > 0)
		*torn = true;
	mi_buf_release(&sql);
	return ret;
}

int mi_state_stream(const struct mi_state *state, struct mi_conn *conn, uint64_t stream,
                    const struct mi_stream_header *header, bool *torn, struct mi_err *err)
{
	struct mi_buf sql = {0};
	char id[17];
	int ret;

	stream_text(stream, id);
	mi_buf_addf(&sql,
	            "INSERT INTO %s (flow,db,tbl,kind,id,into_db,stream,part,`rows`,low,high,"
	            "source,no_binlog) VALUES (",
	            state->load);
	mi_sql_string(&sql, state->flow);
	mi_buf_addf(&sql, ",'','','stream','%s','','%s',0,0,", id, id);
	mi_sql_string(&sql, header->low);
	mi_buf_add_char(&sql, ',');
	mi_sql_string(&sql, header->high);
	mi_buf_add_char(&sql, ',');
	mi_sql_string(&sql, header->server);
	mi_buf_addf(&sql, ",%d)", state->no_binlog);
	ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
	if (ret != 0 && mysql_errno(conn->mysql) == ER_DUP_ENTRY) {
		*err = (struct mi_err){0};
		ret = 0; /* the same stream again */
	}
	mi_buf_release(&sql);
	return ret == 0 ? find_torn(state, conn, header, torn, err) : -1;
}

/* ---- Chunks ---- */

static uint64_t number_of(const char *text)
{
	return text ? strtoull(text, NULL, 10) : 0;
}

int mi_state_table(const struct mi_state *state, struct mi_conn *conn, const char *db,
                   const char *table, uint64_t stream, struct mi_state_table *known,
                   struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	char id[17];
	int ret = -1;

	stream_text(stream, id);
	mi_buf_addf(&sql,
	            "SELECT SUM(kind='end'),SUM(kind='chunk' AND part=0),SUM(part>0),"
	            "SUM(part>0 AND stream<>'%s'),SUM(IF(kind='chunk',`rows`,0)) FROM %s WHERE ",
	            id, state->load);
	add_table_filter(state, &sql, db, table);
	if (mi_conn_query(conn, err, mi_buf_cstr(&sql), &result) == 0) {
		MYSQL_ROW row = mysql_fetch_row(result);

		*known = (struct mi_state_table){
		    .ended = number_of(row[0]) > 0,
		    .ranges = number_of(row[1]),
		    .parts = number_of(row[2]),
		    .other_parts = number_of(row[3]) > 0,
		    .rows = number_of(row[4]),
		};
		mysql_free_result(result);
		ret = 0;
	}
	mi_buf_release(&sql);
	return ret;
}

static void claim_id(const struct mi_claim *claim, char id[33])
{
	struct mi_hash hash;
	char part[24];

	(void)snprintf(part, sizeof part, "%llu", (unsigned long long)claim->part);
	mi_hash_init(&hash);
	mi_hash_add_str(&hash, claim->into);
	mi_hash_add_str(&hash, part);
	mi_hash_add_str(&hash, claim->lo);
	mi_hash_add_str(&hash, claim->hi);
	mi_hash_hex(&hash, id);
}

/* "INSERT INTO _mi_load ... VALUES ('flow','db','tbl','kind','id','into','stream'" */
static void add_insert(const struct mi_state *state, struct mi_buf *sql, const char *db,
                       const char *table, const char *kind, const char *id, const char *into,
                       const char *stream)
{
	const char *values[] = {state->flow, db, table, kind, id, into, stream};

	mi_buf_addf(sql,
	            "INSERT INTO %s (flow,db,tbl,kind,id,into_db,stream,part,key_lo,key_hi,"
	            "`rows`,no_binlog) VALUES ",
	            state->load);
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		mi_buf_add_char(sql, i == 0 ? '(' : ',');
		mi_sql_string(sql, values[i]);
	}
}

/* The chunk's row is there: is it this chunk's? */
static int check_claimed(const struct mi_state *state, struct mi_conn *conn,
                         const struct mi_claim *claim, const char *id, const char *stream,
                         struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret = -1;

	mi_buf_addf(&sql, "SELECT part,key_lo,key_hi,stream,`rows` FROM %s WHERE ", state->load);
	add_table_filter(state, &sql, claim->db, claim->table);
	mi_buf_addf(&sql, " AND kind='chunk' AND id='%s' FOR UPDATE", id);
	if (mi_conn_query(conn, err, mi_buf_cstr(&sql), &result) != 0)
		goto out;
	row = mysql_fetch_row(result);
	if (!row)
		(void)mi_fail(err, MI_AGAIN, "a chunk's row in %s vanished", state->load);
	else if (number_of(row[0]) != claim->part || strcmp(row[1], claim->lo) != 0 ||
	         strcmp(row[2], claim->hi) != 0)
		(void)mi_fail(err, MI_DATA, "two chunks of %s.%s have the same id %s in %s",
		              claim->db, claim->table, id, state->load);
	else if (strcmp(row[3], stream) == 0 && number_of(row[4]) != claim->rows)
		(void)mi_fail(err, MI_DATA,
		              "a chunk of %s.%s has %llu rows now and had %s when it was loaded",
		              claim->db, claim->table, (unsigned long long)claim->rows, row[4]);
	else
		ret = 0;
	mysql_free_result(result);
out:
	mi_buf_release(&sql);
	return ret;
}

int mi_state_claim(const struct mi_state *state, struct mi_conn *conn, const struct mi_claim *claim,
                   bool *done, struct mi_err *err)
{
	struct mi_buf sql = {0};
	char id[33], stream[17];
	int ret;

	claim_id(claim, id);
	stream_text(claim->stream, stream);
	add_insert(state, &sql, claim->db, claim->table, "chunk", id, claim->into, stream);
	mi_buf_addf(&sql, ",%llu,", (unsigned long long)claim->part);
	mi_sql_string(&sql, claim->lo);
	mi_buf_add_char(&sql, ',');
	mi_sql_string(&sql, claim->hi);
	mi_buf_addf(&sql, ",%llu,%d)", (unsigned long long)claim->rows, state->no_binlog);
	ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
	*done = ret != 0 && mysql_errno(conn->mysql) == ER_DUP_ENTRY;
	if (*done) {
		*err = (struct mi_err){0};
		ret = check_claimed(state, conn, claim, id, stream, err);
	}
	mi_buf_release(&sql);
	return ret;
}

int mi_state_end_table(const struct mi_state *state, struct mi_conn *conn, const char *db,
                       const char *table, const char *into, uint64_t stream, uint64_t rows,
                       struct mi_err *err)
{
	struct mi_buf sql = {0};
	char text[17];
	int ret;

	stream_text(stream, text);
	add_insert(state, &sql, db, table, "end", "", into, text);
	mi_buf_addf(&sql, ",0,'','',%llu,%d)", (unsigned long long)rows, state->no_binlog);
	ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
	if (ret != 0 && mysql_errno(conn->mysql) == ER_DUP_ENTRY) {
		*err = (struct mi_err){0};
		ret = 0;
	}
	mi_buf_release(&sql);
	return ret;
}

int mi_state_distrust(const struct mi_state *state, struct mi_conn *conn, const char *db,
                      const char *table, struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_addf(&sql, "UPDATE %s SET stream='%s' WHERE ", state->load, no_stream);
	add_table_filter(state, &sql, db, table);
	ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
	mi_buf_release(&sql);
	return ret;
}

int mi_state_forget(const struct mi_state *state, struct mi_conn *conn, const char *db,
                    const char *table, struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_addf(&sql, "DELETE FROM %s WHERE ", state->load);
	add_table_filter(state, &sql, db, table);
	ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
	mi_buf_release(&sql);
	return ret;
}

/* ---- Reading it ---- */

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

/* True when ranges lead, end to beginning, from the open end to the open end. */
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
	add_table_filter(state, &sql, db, table);
	mi_buf_add_str(&sql, " AND kind='chunk'");
	if (mi_conn_query(conn, err, mi_buf_cstr(&sql), &result) != 0)
		goto out;
	while ((row = mysql_fetch_row(result))) {
		uint64_t part = number_of(row[0]);

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
	            "SELECT c.db,c.tbl,c.kind,c.key_lo,c.key_hi FROM %s AS c LEFT JOIN %s AS e ON "
	            "e.flow=c.flow AND e.db=c.db AND e.tbl=c.tbl AND e.kind='end' WHERE c.flow=",
	            state->load, state->load);
	mi_sql_string(&sql, state->flow);
	mi_buf_add_str(&sql, " AND (c.kind='end' OR c.kind='chunk' AND c.part=0 AND e.kind IS NULL)"
	                     " ORDER BY c.db,c.tbl,c.made_at,c.id");
	if (mi_conn_query(conn, err, mi_buf_cstr(&sql), &result) != 0)
		goto out;
	while ((row = mysql_fetch_row(result))) {
		if (strcmp(row[2], "end") == 0)
			mi_done_print_table(out, row[0], row[1]);
		else
			mi_done_print_chunk(out, row[0], row[1], 0, row[3], row[4]);
	}
	mysql_free_result(result);
	ret = 0;
out:
	mi_buf_release(&sql);
	return ret;
}

/* One stream's interval into the flow's. */
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

int mi_state_positions(const struct mi_state *state, struct mi_conn *conn, struct mi_buf *low,
                       struct mi_buf *high, struct mi_buf *source, struct mi_err *err)
{
	struct mi_gtid_set *low_set = NULL, *high_set = mi_gtid_new();
	struct mi_buf sql = {0};
	MYSQL_RES *result = NULL;
	MYSQL_ROW row;
	int ret = -1;

	add_streams(state, &sql, "low,high,source");
	mi_buf_add_str(&sql, " ORDER BY made_at");
	if (mi_conn_query(conn, err, mi_buf_cstr(&sql), &result) != 0)
		goto out;
	while ((row = mysql_fetch_row(result))) {
		if (fold(&low_set, high_set, row, err) != 0)
			goto bad;
		mi_buf_reset(source);
		mi_buf_add_str(source, row[2]);
	}
	if (!low_set) {
		(void)mi_fail(err, MI_BUG, "%s knows no stream of %s", state->load, state->flow);
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
