/* Writing _mi_load: what mi-load records. */
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "bookkeeping/load.h"
#include "bookkeeping/load_sql.h"
#include "server/conn.h"
#include "server/mysql_errors.h"
#include "sql/literal.h"
#include "stream/parse.h"

#include <stdio.h>

/* A stream number that no stream has: for rows that are not to be trusted. */
static const char no_stream[] = "0000000000000000";

/* Runs an INSERT; that the row is there already counts as success. */
static int exec_unless_there(struct mi_conn *conn, const struct mi_buf *sql, struct mi_err *err)
{
	if (mi_conn_exec_span(conn, err, mi_buf_span(sql)) == 0)
		return 0;
	if (mysql_errno(conn->mysql) != MI_ER_DUP_ENTRY)
		return -1;
	*err = (struct mi_err){0};
	return 0;
}

/* See mi_state_stream. */
static int find_torn(const struct mi_state *state, struct mi_conn *conn,
                     const struct mi_stream_header *header, bool *torn, struct mi_err *err)
{
	struct mi_buf sql = {0};
	uint64_t others;
	int ret;

	*torn = strcmp(header->low, header->high) != 0;
	mi_state_add_streams(state, &sql, "COUNT(*)");
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

	mi_state_stream_text(stream, id);
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
	ret = exec_unless_there(conn, &sql, err); /* there: this stream is read again */
	mi_buf_release(&sql);
	return ret == 0 ? find_torn(state, conn, header, torn, err) : -1;
}

/* ---- Chunks ---- */

static void claim_id(const struct mi_claim *claim, char id[MI_CLAIM_ID])
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

/* A row of _mi_load, as far as all kinds have it. */
struct record {
	const char *db, *table, *kind, *id, *into, *stream;
	uint64_t part, rows;
	const char *lo, *hi;
	bool verified; /* kind end: every chunk has been proven */
};

/* Appends "INSERT INTO _mi_load ... VALUES (...)". */
static void add_insert(const struct mi_state *state, struct mi_buf *sql, const struct record *r)
{
	const char *values[] = {state->flow, r->db,     r->table, r->kind, r->id,
	                        r->into,     r->stream, r->lo,    r->hi};

	mi_buf_addf(sql,
	            "INSERT INTO %s (flow,db,tbl,kind,id,into_db,stream,key_lo,key_hi,part,"
	            "`rows`,no_binlog,proof) VALUES ",
	            state->load);
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		mi_buf_add_char(sql, i == 0 ? '(' : ',');
		mi_sql_string(sql, values[i] ? values[i] : "");
	}
	mi_buf_addf(sql, ",%llu,%llu,%d,%s)", (unsigned long long)r->part,
	            (unsigned long long)r->rows, state->no_binlog,
	            r->verified ? "'" MI_STATE_VERIFIED "'" : "NULL");
}

/* A row with the chunk's id is there: is it this chunk's, and not another's with the same hash? */
static int check_claimed(const struct mi_state *state, struct mi_conn *conn,
                         const struct mi_claim *claim, const char *id, const char *stream,
                         struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret = -1;

	mi_buf_addf(&sql, "SELECT part,key_lo,key_hi,stream,`rows` FROM %s WHERE ", state->load);
	mi_state_add_table(state, &sql, claim->db, claim->table);
	mi_buf_addf(&sql, " AND kind='chunk' AND id='%s' FOR UPDATE", id);
	if (mi_conn_query(conn, err, mi_buf_cstr(&sql), &result) != 0)
		goto out;
	row = mysql_fetch_row(result);
	if (!row)
		(void)mi_fail(err, MI_AGAIN, "a chunk's row in %s vanished", state->load);
	else if (mi_state_number(row[0]) != claim->part || strcmp(row[1], claim->lo) != 0 ||
	         strcmp(row[2], claim->hi) != 0)
		(void)mi_fail(err, MI_DATA, "two chunks of %s.%s have the same id %s in %s",
		              claim->db, claim->table, id, state->load);
	else if (strcmp(row[3], stream) == 0 && mi_state_number(row[4]) != claim->rows)
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
                   char id[MI_CLAIM_ID], bool *done, struct mi_err *err)
{
	struct mi_buf sql = {0};
	char stream[17];
	int ret;

	claim_id(claim, id);
	mi_state_stream_text(claim->stream, stream);
	add_insert(state, &sql,
	           &(struct record){.db = claim->db,
	                            .table = claim->table,
	                            .kind = "chunk",
	                            .id = id,
	                            .into = claim->into,
	                            .stream = stream,
	                            .part = claim->part,
	                            .rows = claim->rows,
	                            .lo = claim->lo,
	                            .hi = claim->hi});
	ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
	*done = ret != 0 && mysql_errno(conn->mysql) == MI_ER_DUP_ENTRY;
	if (*done) {
		*err = (struct mi_err){0};
		ret = check_claimed(state, conn, claim, id, stream, err);
	}
	mi_buf_release(&sql);
	return ret;
}

int mi_state_proven(const struct mi_state *state, struct mi_conn *conn, const char *db,
                    const char *table, const char *id, enum mi_state_proof known, const char *proof,
                    struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_addf(&sql, "UPDATE %s SET proof='%s%s' WHERE ", state->load,
	            mi_state_proof_marks[known], proof);
	mi_state_add_table(state, &sql, db, table);
	mi_buf_addf(&sql, " AND kind='chunk' AND id='%s'", id);
	ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
	mi_buf_release(&sql);
	return ret;
}

int mi_state_unprove(const struct mi_state *state, struct mi_conn *conn, const char *db,
                     const char *table, struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_addf(&sql, "UPDATE %s SET proof=NULL WHERE ", state->load);
	mi_state_add_table(state, &sql, db, table);
	mi_buf_add_str(&sql, " AND kind='chunk'");
	ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
	mi_buf_release(&sql);
	return ret;
}

int mi_state_end_table(const struct mi_state *state, struct mi_conn *conn, const char *db,
                       const char *table, const char *into, uint64_t stream, uint64_t rows,
                       bool verified, struct mi_err *err)
{
	struct mi_buf sql = {0};
	char text[17];
	int ret;

	mi_state_stream_text(stream, text);
	add_insert(state, &sql,
	           &(struct record){.db = db,
	                            .table = table,
	                            .kind = "end",
	                            .into = into,
	                            .stream = text,
	                            .rows = rows,
	                            .verified = verified});
	ret = exec_unless_there(conn, &sql, err);
	mi_buf_release(&sql);
	return ret;
}

/* ---- Definitions ---- */

static int read_text(const struct mi_state *state, struct mi_conn *conn, const char *db,
                     const char *table, struct mi_buf *text, struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_addf(&sql, "SELECT key_lo FROM %s WHERE ", state->load);
	mi_state_add_table(state, &sql, db, table);
	mi_buf_add_str(&sql, " AND kind='table'");
	ret = mi_conn_value(conn, err, mi_buf_cstr(&sql), text, NULL);
	mi_buf_release(&sql);
	return ret;
}

int mi_state_table_text(const struct mi_state *state, struct mi_conn *conn, const char *db,
                        const char *table, const char *into, const char *text, bool made,
                        bool *same, struct mi_err *err)
{
	struct mi_buf sql = {0}, known = {0};
	int ret;

	*same = true;
	add_insert(state, &sql,
	           &(struct record){.db = db,
	                            .table = table,
	                            .kind = "table",
	                            .into = into,
	                            .stream = no_stream,
	                            .lo = text});
	if (made)
		mi_buf_addf(&sql, " ON DUPLICATE KEY UPDATE key_lo='%s'", text);
	ret = exec_unless_there(conn, &sql, err);
	if (ret == 0 && !made) {
		ret = read_text(state, conn, db, table, &known, err);
		*same = ret == 0 && strcmp(mi_buf_cstr(&known), text) == 0;
	}
	mi_buf_release(&sql);
	mi_buf_release(&known);
	return ret;
}

static void object_id(const struct mi_ddl *ddl, const char *into, char id[33])
{
	struct mi_hash hash;

	mi_hash_init(&hash);
	mi_hash_add_str(&hash, into);
	mi_hash_add_str(&hash, ddl->kind);
	mi_hash_add_str(&hash, ddl->text);
	mi_hash_hex(&hash, id);
}

int mi_state_plan_object(const struct mi_state *state, struct mi_conn *conn,
                         const struct mi_ddl *ddl, const char *into, struct mi_err *err)
{
	struct mi_buf sql = {0};
	char id[33];
	int ret;

	object_id(ddl, into, id);
	add_insert(state, &sql,
	           &(struct record){.db = ddl->db,
	                            .table = ddl->object,
	                            .kind = "object",
	                            .id = id,
	                            .into = into,
	                            .stream = no_stream});
	ret = exec_unless_there(conn, &sql, err);
	mi_buf_release(&sql);
	return ret;
}

/* " WHERE ..." for the object's row. */
static void add_object_filter(const struct mi_state *state, struct mi_buf *sql,
                              const struct mi_ddl *ddl, const char *into)
{
	char id[33];

	object_id(ddl, into, id);
	mi_buf_add_str(sql, " WHERE ");
	mi_state_add_table(state, sql, ddl->db, ddl->object);
	mi_buf_addf(sql, " AND kind='object' AND id='%s'", id);
}

int mi_state_object_made(const struct mi_state *state, struct mi_conn *conn,
                         const struct mi_ddl *ddl, const char *into, const char *printed,
                         struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_addf(&sql, "UPDATE %s SET key_lo=", state->load);
	mi_sql_string(&sql, printed);
	add_object_filter(state, &sql, ddl, into);
	ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
	mi_buf_release(&sql);
	return ret;
}

int mi_state_object_planned(const struct mi_state *state, struct mi_conn *conn,
                            const struct mi_ddl *ddl, const char *into, bool *planned,
                            struct mi_buf *printed, struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	mi_buf_addf(&sql, "SELECT key_lo FROM %s", state->load);
	add_object_filter(state, &sql, ddl, into);
	ret = mi_conn_query(conn, err, mi_buf_cstr(&sql), &result);
	if (ret == 0) {
		row = mysql_fetch_row(result);
		*planned = row != NULL;
		if (row)
			mi_buf_add_str(printed, row[0]);
		mysql_free_result(result);
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
	mi_state_add_table(state, &sql, db, table);
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
	mi_state_add_table(state, &sql, db, table);
	mi_buf_add_str(&sql, " AND kind IN ('chunk','end')");
	ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
	mi_buf_release(&sql);
	return ret;
}
