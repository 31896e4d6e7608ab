
#include "apply/statement.h"
#include "apply/commit.h"
#include "apply/ddl.h"
#include "apply/follower.h"
#include "apply/group.h"
#include "apply/sender.h"
#include "apply/shape.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "change/bundle.h"
#include "sql/lexer.h"
#include "sql/literal.h"
#include "sql/logged.h"
#include "stream/parse.h"
#include "table/dbmap.h"

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

static int together(const struct mi_trx *trx, const struct mi_ddl *ddl, struct mi_err *err)
{
	return stop(trx, ddl, "a statement together with other changes cannot be applied exactly",
	            "make the target equal by hand, or copy again", err);
}

static int advance(struct mi_follower *f, const struct mi_trx *trx, struct mi_err *err)
{
	const struct mi_work work = {.touched = trx->gtids, .intent = ""};

	return mi_follower_commit(f, &work, err);
}

/* --on-ddl=apply, of a statement that can be run again exactly by its kind. */
static int apply_definition(struct mi_follower *f, const struct mi_trx *trx,
                            const struct mi_ddl *ddl, bool several, bool rows, struct mi_err *err)
{
	if (*ddl->name)
		return stop(trx, ddl, ddl->name,
		            "make the target equal by hand, then run once with --on-ddl=skip if "
		            "that leaves it out; else copy again",
		            err);
	return mi_follower_ddl(f, trx, ddl, several, rows, err);
}

/* CREATE TABLE ... SELECT: logs have the definition, then the rows. */
static bool makes_table(const struct mi_logged *statement)
{
	return strcmp(statement->verb, "CREATE") == 0 && strcmp(statement->object, "table") == 0;
}

/* Left out. The rows that follow are not, and take the position with them. */
static int leave_out(struct mi_follower *f, const struct mi_trx *trx, const struct mi_ddl *ddl,
                     bool rows, struct mi_err *err)
{
	mi_warn("transaction %s: left out: %.200s", trx->gtid, ddl->text);
	return rows ? 0 : advance(f, trx, err);
}

/* What is to be done about the transaction's statement: begins with a word of --on-ddl. */
static const char *action_for(const struct mi_follower *f, const struct mi_trx *trx)
{
	bool at = f->ddl_at && mi_gtid_equal(f->ddl_at, trx->gtids);

	return at ? f->options->on_ddl_at : f->options->on_ddl;
}

/* rows: rows of the same transaction follow. */
static int by_effect(struct mi_follower *f, const struct mi_trx *trx, const struct mi_ddl *ddl,
                     bool rows, struct mi_err *err)
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
	if (rows && !makes_table(&statement))
		return together(trx, ddl, err);
	if (effect == MI_LOGGED_EFFECT_HARMLESS) {
		mi_detail("transaction %s: left out: %.200s", trx->gtid, ddl->text);
		return advance(f, trx, err);
	}
	if (effect == MI_LOGGED_EFFECT_ACTIVE)
		return leave_out(f, trx, ddl, false, err);
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
	if (skips && effect == MI_LOGGED_EFFECT_DEFINES)
		return leave_out(f, trx, ddl, rows, err);
	if (applies && (effect == MI_LOGGED_EFFECT_DEFINES || effect == MI_LOGGED_EFFECT_MOVES))
		return apply_definition(f, trx, ddl, statement.several, rows, err);
	return stop(trx, ddl,
	            skips && effect == MI_LOGGED_EFFECT_MOVES
	                ? "it changes rows and cannot be left out"
	                : "a statement that cannot be applied exactly",
	            by_hand, err);
}

int mi_follower_statement(struct mi_follower *f, const struct mi_trx *trx, bool *rows,
                          struct mi_err *err)
{
	const struct mi_op_statement *statement = trx->statements;

	*rows = trx->ops || trx->kind == MI_TRX_PIECE;
	if (statement->next || (trx->kind != MI_TRX_COMMIT && trx->kind != MI_TRX_PIECE))
		return together(trx, &statement->ddl, err);
	if (by_effect(f, trx, &statement->ddl, *rows, err) != 0)
		return -1;
	if (!*rows)
		mi_follower_count(f, 1, 0, trx->commit_us);
	return 0;
}
