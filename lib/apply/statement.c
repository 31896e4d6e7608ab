
#include "apply/statement.h"
#include "apply/commit.h"
#include "apply/follower.h"
#include "apply/group.h"
#include "apply/sender.h"
#include "apply/shape.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/msg.h"
#include "change/bundle.h"
#include "change/compact.h"
#include "server/conn.h"
#include "server/errors.h"
#include "server/link.h"
#include "sql/lexer.h"
#include "sql/literal.h"
#include "sql/logged.h"
#include "stream/parse.h"
#include "table/dbmap.h"
#include "target/object.h"

#include <stdio.h>
#include <stdlib.h>

static const char ddl_word[] = "ddl";

/* ---- What the definitions are ---- */

/* Everything about a database that a statement may change, but for counters and sizes. */
static const struct {
	const char *columns, *table, *schema;
} definition_queries[] = {
    {"SCHEMA_NAME,DEFAULT_CHARACTER_SET_NAME,DEFAULT_COLLATION_NAME", "SCHEMATA", "SCHEMA_NAME"},
    {"TABLE_SCHEMA,TABLE_NAME,TABLE_TYPE,ENGINE,ROW_FORMAT,TABLE_COLLATION,CREATE_OPTIONS,"
     "TABLE_COMMENT",
     "TABLES", "TABLE_SCHEMA"},
    {"TABLE_SCHEMA,TABLE_NAME,ORDINAL_POSITION,COLUMN_NAME,COLUMN_TYPE,IS_NULLABLE,COLUMN_DEFAULT,"
     "COLLATION_NAME,EXTRA,COLUMN_COMMENT,GENERATION_EXPRESSION",
     "COLUMNS", "TABLE_SCHEMA"},
    {"TABLE_SCHEMA,TABLE_NAME,INDEX_NAME,SEQ_IN_INDEX,COLUMN_NAME,SUB_PART,NON_UNIQUE,INDEX_TYPE,"
     "INDEX_COMMENT",
     "STATISTICS", "TABLE_SCHEMA"},
    {"TABLE_SCHEMA,TABLE_NAME,PARTITION_ORDINAL_POSITION,SUBPARTITION_ORDINAL_POSITION,"
     "PARTITION_NAME,SUBPARTITION_NAME,PARTITION_METHOD,PARTITION_EXPRESSION,"
     "PARTITION_DESCRIPTION",
     "PARTITIONS", "TABLE_SCHEMA"},
    {"CONSTRAINT_SCHEMA,TABLE_NAME,CONSTRAINT_NAME,REFERENCED_TABLE_NAME,UPDATE_RULE,DELETE_RULE",
     "REFERENTIAL_CONSTRAINTS", "CONSTRAINT_SCHEMA"},
    {"TABLE_SCHEMA,TABLE_NAME,VIEW_DEFINITION,DEFINER,SECURITY_TYPE", "VIEWS", "TABLE_SCHEMA"},
    {"ROUTINE_SCHEMA,ROUTINE_NAME,ROUTINE_TYPE,ROUTINE_DEFINITION,DEFINER,SECURITY_TYPE",
     "ROUTINES", "ROUTINE_SCHEMA"},
};

static int digest_query(struct mi_conn *conn, size_t i, const char *db, struct mi_hash *hash,
                        struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	mi_buf_addf(&sql, "SELECT %s FROM information_schema.%s WHERE ",
	            definition_queries[i].columns, definition_queries[i].table);
	mi_buf_add_str(&sql, definition_queries[i].schema);
	if (*db) {
		mi_buf_add_char(&sql, '=');
		mi_sql_string(&sql, db);
	} else {
		mi_buf_add_str(&sql, " NOT IN ('mysql','sys','information_schema',"
		                     "'performance_schema')");
	}
	mi_buf_add_str(&sql, " ORDER BY 1,2,3");
	if (i == 2 || i == 3 || i == 4)
		mi_buf_add_str(&sql, ",4");
	ret = mi_conn_query(conn, err, mi_buf_cstr(&sql), &result);
	mi_buf_release(&sql);
	if (ret != 0)
		return -1;
	while ((row = mysql_fetch_row(result)))
		for (unsigned k = 0; k < mysql_num_fields(result); k++)
			mi_hash_add_str(hash, row[k]);
	mysql_free_result(result);
	return 0;
}

static int take_digest(struct mi_conn *conn, const char *db, char digest[33], struct mi_err *err)
{
	struct mi_hash hash;

	mi_hash_init(&hash);
	for (size_t i = 0; i < sizeof definition_queries / sizeof *definition_queries; i++)
		if (digest_query(conn, i, db, &hash, err) != 0)
			return -1;
	mi_hash_hex(&hash, digest);
	return 0;
}

/* ---- Running one ---- */

struct run {
	struct mi_follower *f;
	const struct mi_trx *trx;
	const struct mi_ddl *ddl;
	bool several;    /* ddl drops or renames more than one object */
	const char *db;  /* the database whose definitions show whether ddl has been run */
	char before[33]; /* the digest of those definitions before ddl */
};

/* Does the statement change several objects, one after another? Where such statements are not
 * atomic, a server that dies in between leaves some of them changed. */
static bool may_be_half_done(const struct run *run, const struct mi_conn *conn)
{
	bool atomic = conn->flavour == MI_FLAVOUR_MYSQL && conn->version >= 80000;

	return run->several && !atomic;
}

static int set_up(const struct mi_ddl *ddl, const char *db, struct mi_conn *conn,
                  struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret = 0;

	if (*db) {
		mi_buf_add_str(&sql, "USE ");
		mi_sql_ident(&sql, db);
		ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
		mi_buf_reset(&sql);
	}
	mi_buf_add_str(&sql, "SET foreign_key_checks=0");
	mi_object_settings(ddl, &sql);
	if (ret == 0)
		ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
	mi_buf_release(&sql);
	return ret;
}

/* Called when the intent is in the checkpoint row: the definitions show whether the statement has
 * been run already. */
static int run_unless_done(void *user, struct mi_link *link, struct mi_err *err)
{
	struct run *run = user;
	struct mi_conn *conn = &link->conn;
	char now[33];
	int ret;

	if (take_digest(conn, run->db, now, err) != 0)
		return -1;
	if (strcmp(now, run->before) != 0) {
		if (!may_be_half_done(run, conn))
			return 0;
		(void)mi_fail(err, MI_DATA,
		              "transaction %s: it cannot be told whether all of this was done: "
		              "%.200s",
		              run->trx->gtid, run->ddl->text);
		return mi_hint(err, "complete it by hand, then set intent in the checkpoint row to "
		                    "NULL and run with --on-ddl=skip once");
	}
	if (mysql_set_server_option(conn->mysql, MYSQL_OPTION_MULTI_STATEMENTS_OFF) != 0)
		return mi_conn_fail(conn, err, "allowing one statement only");
	ret = set_up(run->ddl, run->db, conn, err);
	if (ret == 0)
		ret = mi_conn_exec(conn, err, run->ddl->text);
	mi_link_close(link); /* its session has the statement's settings */
	return ret;
}

/* Is the intent in the checkpoint row "ddl GTID DIGEST" of this transaction, left by an earlier
 * run? */
static bool has_intent(const struct mi_follower *f, const struct mi_trx *trx, char digest[33])
{
	struct mi_buf want = {0};
	bool has;

	mi_buf_addf(&want, "%s %s ", ddl_word, trx->gtid);
	has = strncmp(f->position.intent, mi_buf_cstr(&want), want.len) == 0 &&
	      strlen(f->position.intent) == want.len + 32;
	if (has)
		memcpy(digest, f->position.intent + want.len, 33);
	mi_buf_release(&want);
	return has;
}

static int digest_step(void *user, struct mi_link *link, struct mi_err *err)
{
	struct run *run = user;

	return take_digest(&link->conn, run->db, run->before, err);
}

static int apply_ddl(struct mi_follower *f, const struct mi_trx *trx, const struct mi_ddl *ddl,
                     bool several, struct mi_err *err)
{
	struct run run = {.f = f,
	                  .trx = trx,
	                  .ddl = ddl,
	                  .several = several,
	                  .db = mi_map_db(&f->options->map, ddl->db)};
	struct mi_buf intent = {0};
	struct mi_work announce = {0};
	const struct mi_work done = {.touched = trx->gtids, .intent = ""};
	int ret = 0;

	if (f->is_vitess || (*ddl->db && run.db != ddl->db))
		return mi_fail(err, MI_CONFIG, "transaction %s: %s: %.200s", trx->gtid,
		               f->is_vitess
		                   ? "definitions are not changed through vtgate"
		                   : "a statement may name its database, which --map-db renames",
		               ddl->text);
	if (!has_intent(f, trx, run.before)) {
		ret = mi_link_run(&f->link, digest_step, &run, err);
		mi_buf_addf(&intent, "%s %s %s", ddl_word, trx->gtid, run.before);
		announce.intent = mi_buf_cstr(&intent);
		if (ret == 0)
			ret = mi_follower_commit(f, &announce, err);
	}
	mi_buf_release(&intent);
	if (ret == 0)
		ret = mi_link_run(&f->link, run_unless_done, &run, err);
	if (ret != 0)
		return mi_within(err, "transaction %s", trx->gtid);
	/* the statement may have changed keys and foreign keys of any table: ask the server
	 * again */
	mi_compact_reset(&f->compact);
	mi_shapes_release(&f->shapes);
	return mi_follower_commit(f, &done, err);
}

/* ---- TRUNCATE ---- */

struct truncation {
	const char *db, *table;
};

static int delete_all(struct mi_follower *f, void *user, struct mi_err *err)
{
	const struct truncation *t = user;
	struct mi_buf *sql = mi_sender_text(&f->sender);
	const struct mi_expect nothing = {.kind = MI_EXPECT_NOTHING};

	mi_buf_add_str(sql, "DELETE FROM ");
	mi_sql_name(sql, t->db, t->table);
	return mi_sender_end(&f->sender, &nothing, err);
}

static int truncate(struct mi_follower *f, const struct mi_trx *trx, const struct mi_ddl *ddl,
                    const struct mi_class_name *name, struct mi_err *err)
{
	bool qualified = name->db.kind != MI_LEX_END;
	struct mi_buf db = {0}, table = {0};
	struct truncation t;
	const struct mi_work work = {.body = delete_all, .user = &t, .touched = trx->gtids};
	int ret;

	if (qualified)
		mi_lexeme_value(&name->db, 0, &db);
	mi_lexeme_value(&name->name, 0, &table);
	t.db = mi_map_db(&f->options->map, qualified ? mi_buf_cstr(&db) : ddl->db);
	t.table = mi_buf_cstr(&table);
	mi_notice("transaction %s: deleting all rows of %s.%s", trx->gtid, t.db, t.table);
	ret = mi_follower_commit(f, &work, err);
	mi_buf_release(&db);
	mi_buf_release(&table);
	return ret;
}

/* ---- Deciding ---- */

static int stop(const struct mi_trx *trx, const struct mi_ddl *ddl, const char *why,
                const char *hint, struct mi_err *err)
{
	(void)mi_fail(err, MI_DATA, "transaction %s: %s: %.300s", trx->gtid, why, ddl->text);
	return mi_hint(err, "%s", hint);
}

static int advance(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err)
{
	const struct mi_work work = {.touched = trx->gtids, .intent = ""};

	return mi_follower_commit(f, &work, err);
}

/* What is to be done about the transaction's statement: begins with a word of --on-ddl. */
static const char *action_for(const struct mi_follower *f, const struct mi_trx *trx)
{
	bool at = f->ddl_at && mi_gtid_equal(f->ddl_at, trx->gtids);

	return at ? f->options->on_ddl_at : f->options->on_ddl;
}

static int by_effect(struct mi_follower *f, const struct mi_trx *trx, const struct mi_ddl *ddl,
                     struct mi_err *err)
{
	static const char by_hand[] = "make the target equal by hand, then run once with "
				      "--on-ddl=skip if that leaves it out; "
				      "else copy again";
	struct mi_logged statement;
	enum mi_logged_effect effect;
	const char *sql_mode = ddl->settings[MI_SET_SQL_MODE];
	const char *action = action_for(f, trx);
	bool skips = strncmp(action, "skip", 4) == 0;
	bool applies = strncmp(action, "apply", 5) == 0;

	mi_logged_read(mi_span_str(ddl->text), mi_lex_modes(mi_span_str(sql_mode ? sql_mode : "")),
	               &statement);
	effect = statement.effect;
	if (effect == MI_LOGGED_EFFECT_HARMLESS) {
		mi_detail("transaction %s: left out: %.200s", trx->gtid, ddl->text);
		return advance(f, trx, err);
	}
	if (effect == MI_LOGGED_EFFECT_ACTIVE && !applies) {
		mi_warn("transaction %s: left out: %.200s", trx->gtid, ddl->text);
		return advance(f, trx, err);
	}
	if (!skips && !applies)
		return stop(trx, ddl, "a change of definitions",
		            "run it on the target and go on with --on-ddl=skip, or let "
		            "--on-ddl=apply run it",
		            err);
	if (mi_follower_is_idempotent(f, trx))
		return stop(trx, ddl, "a change of definitions while the copy was being made",
		            "copy again: the rows are of both definitions", err);
	if (effect == MI_LOGGED_EFFECT_TRUNCATES)
		return truncate(f, trx, ddl, &statement.name, err);
	if (skips && effect == MI_LOGGED_EFFECT_DEFINES) {
		mi_warn("transaction %s: left out: %.200s", trx->gtid, ddl->text);
		return advance(f, trx, err);
	}
	if (applies && (effect == MI_LOGGED_EFFECT_DEFINES || effect == MI_LOGGED_EFFECT_MOVES))
		return apply_ddl(f, trx, ddl, statement.several, err);
	if (applies && effect == MI_LOGGED_EFFECT_ACTIVE)
		return stop(trx, ddl, "a trigger or event, which would act twice here",
		            "--on-ddl=skip leaves it out; it is created when the target takes over",
		            err);
	return stop(trx, ddl,
	            skips && effect == MI_LOGGED_EFFECT_MOVES
	                ? "it changes rows and cannot be left out"
	                : "a statement that cannot be applied exactly",
	            by_hand, err);
}

int mi_follower_statement(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err)
{
	const struct mi_op_statement *statement = trx->statements;

	if (trx->ops || statement->next || trx->kind != MI_TRX_COMMIT)
		return stop(trx, &statement->ddl,
		            "a statement together with other changes cannot be applied exactly",
		            "CREATE TABLE ... SELECT and the like: copy the table again", err);
	if (by_effect(f, trx, &statement->ddl, err) != 0)
		return -1;
	mi_follower_count(f, 1, 0, trx->commit_us);
	return 0;
}
