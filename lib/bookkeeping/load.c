#include "bookkeeping/load.h"
#include "base/buf.h"
#include "base/err.h"
#include "bookkeeping/load_sql.h"
#include "server/conn.h"
#include "sql/literal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum { LONGEST_IMPORT = 64 };

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
    "proof VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin,"
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

static const char past_columns[] =
    "n BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,"
    "flow VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    "gtid LONGTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    "what LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,"
    "passed_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),"
    "PRIMARY KEY (n)";

const char *const mi_state_proof_marks[4] = {"", "?", "", "+"};

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
	    .past = full_name(db, "_mi_past"),
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
	free(state->past);
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

/* A SELECT of the columns that reads no row: it fails where one is missing. */
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
	    create_table(state, conn, "_mi_xa", state->xa, xa_columns, err) != 0 ||
	    create_table(state, conn, "_mi_past", state->past, past_columns, err) != 0)
		return mi_within(err, "bookkeeping tables in database %s", state->db);
	if (has_columns(state->load,
	                "flow,db,tbl,kind,id,into_db,stream,part,key_lo,key_hi,`rows`,low,high,"
	                "source,no_binlog,proof",
	                conn, err) == 0 &&
	    has_columns(state->checkpoint,
	                "flow,sid,intervals,epoch,state,seq,source,high,conn_id,intent", conn,
	                err) == 0)
		return 0;
	if (err->code == MI_DATA)
		err->code = MI_CONFIG;
	return mi_within(err, "bookkeeping tables of another version in database %s", state->db);
}

/* *knows: db's _mi_load has rows of the import. */
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

/* ---- SQL that the other files share ---- */

void mi_state_stream_text(uint64_t stream, char text[17])
{
	(void)snprintf(text, 17, "%016llx", (unsigned long long)stream);
}

/* Appends "flow='...'". */
static void add_flow(const struct mi_state *state, struct mi_buf *sql)
{
	mi_buf_add_str(sql, "flow=");
	mi_sql_string(sql, state->flow);
}

void mi_state_add_table(const struct mi_state *state, struct mi_buf *sql, const char *db,
                        const char *table)
{
	add_flow(state, sql);
	mi_buf_add_str(sql, " AND db=");
	mi_sql_string(sql, db);
	mi_buf_add_str(sql, " AND tbl=");
	mi_sql_string(sql, table);
}

void mi_state_add_streams(const struct mi_state *state, struct mi_buf *sql, const char *columns)
{
	mi_buf_addf(sql, "SELECT %s FROM %s WHERE ", columns, state->load);
	add_flow(state, sql);
	mi_buf_addf(sql, " AND kind='stream' AND stream IN (SELECT stream FROM %s WHERE ",
	            state->load);
	add_flow(state, sql);
	mi_buf_add_str(sql, " AND kind<>'stream')");
}

uint64_t mi_state_number(const char *text)
{
	return text ? strtoull(text, NULL, 10) : 0;
}
