#include "load/alter.h"
#include "base/buf.h"
#include "base/container.h"
#include "base/err.h"
#include "base/msg.h"
#include "load/broken_key.h"
#include "load/lax.h"
#include "load/pool.h"
#include "schema/meant.h"
#include "schema/text.h"
#include "server/conn.h"
#include "server/errors.h"
#include "server/link.h"
#include "server/mysql_errors.h"
#include "server/recode.h"
#include "sql/literal.h"
#include "stream/parse.h"
#include "table/dbmap.h"
#include "target/compare.h"
#include "target/lenient.h"

#include <stdlib.h>

static struct mi_alter *alter_of(struct mi_job *job)
{
	return mi_container_of(job, struct mi_alter, job);
}

static void free_alter(struct mi_job *job)
{
	struct mi_alter *alter = alter_of(job);

	for (size_t i = 0; i < alter->count; i++) {
		free(alter->clauses[i].name);
		free(alter->clauses[i].text);
	}
	free(alter->clauses);
	free(alter->into);
	free(alter->table);
	free(alter);
}

static int run_on_worker(struct mi_job *job, struct mi_worker *worker, struct mi_err *err)
{
	return mi_alter_run(alter_of(job), &worker->link, err);
}

struct mi_alter *mi_alter_new(const struct mi_map *map, const struct mi_ddl *ddl)
{
	struct mi_alter *alter = mi_alloc(sizeof *alter);

	*alter = (struct mi_alter){
	    .job = {.run = run_on_worker, .free = free_alter},
	    .into = mi_strdup(mi_map_db(map, ddl->db)),
	    .table = mi_strdup(ddl->object),
	    .map = map,
	};
	return alter;
}

void mi_alter_add(struct mi_alter *alter, const struct mi_ddl *ddl)
{
	struct mi_clause *clause =
	    mi_array_add(&alter->clauses, &alter->count, sizeof *alter->clauses);

	clause->name = mi_strdup(ddl->name);
	clause->text = mi_strdup(ddl->text);
	clause->is_fulltext = strcmp(ddl->kind, "fulltext") == 0;
	clause->is_foreign_key = strcmp(ddl->kind, "foreign-key") == 0;
}

/* Does the table have a key, or a foreign key, of that name? */
static int has_key(const struct mi_alter *alter, const struct mi_clause *clause,
                   struct mi_conn *conn, bool *has, struct mi_err *err)
{
	struct mi_buf sql = {0};
	uint64_t count;
	int ret;

	mi_buf_add_str(&sql,
	               clause->is_foreign_key
	                   ? "SELECT COUNT(*) FROM information_schema.TABLE_CONSTRAINTS WHERE "
	                     "CONSTRAINT_TYPE='FOREIGN KEY' AND TABLE_SCHEMA="
	                   : "SELECT COUNT(*) FROM information_schema.STATISTICS WHERE "
	                     "TABLE_SCHEMA=");
	mi_sql_string(&sql, alter->into);
	mi_buf_add_str(&sql, " AND TABLE_NAME=");
	mi_sql_string(&sql, alter->table);
	mi_buf_addf(&sql, " AND %s=", clause->is_foreign_key ? "CONSTRAINT_NAME" : "INDEX_NAME");
	mi_sql_string(&sql, clause->name);
	ret = mi_conn_number(conn, err, mi_buf_cstr(&sql), &count);
	*has = ret == 0 && count > 0;
	mi_buf_release(&sql);
	return ret;
}

static int explain_duplicate(const struct mi_alter *alter, struct mi_conn *conn, struct mi_err *err)
{
	(void)mi_hint(err,
	              "rows from several snapshots can break a UNIQUE key until the follower has "
	              "caught up: keep UNIQUE keys in the pre-data section, or dump %s.%s anew",
	              alter->into, alter->table);
	for (size_t i = 0; i < alter->count; i++)
		if (mi_broken_key_is_named(mysql_error(conn->mysql), alter->clauses[i].name))
			return mi_broken_key_explain(conn, alter->into, alter->table,
			                             alter->clauses[i].name, alter->clauses[i].text,
			                             err);
	return -1;
}

/* A key on an expression, or on a column that is not stored, is made of values that the server
 * computes now, and strict mode refuses some that the source's key has. They are in the table's
 * rows already, as they were proven: the statement changes none. */
static int run_lax(struct mi_conn *conn, struct mi_span sql, struct mi_err *err)
{
	struct mi_err back = {0};
	int ret = mi_lax_begin(conn, err);

	if (ret == 0)
		ret = mi_conn_exec_span(conn, err, sql);
	if (mi_lax_end(conn, &back) != 0 && ret == 0) {
		*err = back;
		return -1;
	}
	return ret;
}

/* *dirty as in mi_lenient_exec. */
static int run_alter(struct mi_conn *conn, struct mi_span sql, bool *dirty, struct mi_err *err)
{
	if (mi_lenient_exec(conn, sql, dirty, err) == 0)
		return 0;
	if (!mi_server_error_is_about_value(mysql_errno(conn->mysql)))
		return -1;
	*err = (struct mi_err){0};
	return run_lax(conn, sql, err);
}

static int alter_failed(const struct mi_alter *alter, struct mi_conn *conn, struct mi_err *err)
{
	unsigned code = mysql_errno(conn->mysql);

	if (code == MI_ER_DUP_KEYNAME || code == MI_ER_FK_DUP_NAME)
		err->code =
		    MI_AGAIN; /* a session of a killed load has just added the key: look again */
	if (code == MI_ER_DUP_ENTRY)
		return explain_duplicate(alter, conn, err);
	return -1;
}

/* Drops what has just been made, so that it is not found later and taken for what was meant. */
static void drop_made(const struct mi_alter *alter, const struct mi_clause *clause,
                      struct mi_conn *conn)
{
	struct mi_err ignored = {0};
	struct mi_buf sql = {0};

	mi_buf_add_str(&sql, "ALTER TABLE ");
	mi_sql_name(&sql, alter->into, alter->table);
	mi_buf_add_str(&sql, clause->is_foreign_key ? " DROP FOREIGN KEY " : " DROP KEY ");
	mi_sql_ident(&sql, clause->name);
	if (mi_conn_exec_span(conn, &ignored, mi_buf_span(&sql)) != 0)
		mi_detail("%s", ignored.text);
	mi_buf_release(&sql);
}

static int compare_clauses(const struct mi_alter *alter, size_t from, size_t to, const char *made,
                           struct mi_conn *conn, struct mi_err *err)
{
	for (size_t i = from; i < to; i++) {
		if (!alter->clauses[i].made ||
		    mi_meant_key(alter->clauses[i].text, made, mi_recode, conn, err) == 0)
			continue;
		if (err->code == MI_DATA)
			drop_made(alter, &alter->clauses[i], conn);
		return -1;
	}
	return 0;
}

/* Reads back the keys of the clauses [from, to) that were made. */
static int check_meant(const struct mi_alter *alter, size_t from, size_t to, struct mi_conn *conn,
                       struct mi_err *err)
{
	struct mi_buf made = {0};
	int ret = mi_target_show_table(alter->into, alter->table, conn, &made, err);

	if (ret == 0)
		ret = compare_clauses(alter, from, to, mi_buf_cstr(&made), conn, err);
	mi_buf_release(&made);
	return ret;
}

/* Runs one ALTER TABLE with the clauses from *next on: all of them, or up to and with the first
 * FULLTEXT (InnoDB takes one at a time). *dirty as in mi_lenient_exec. */
static int alter_some(struct mi_alter *alter, size_t *next, struct mi_conn *conn, bool *dirty,
                      struct mi_err *err)
{
	struct mi_buf sql = {0};
	bool has, full = false;
	size_t first = *next, added = 0;
	int ret = -1;

	mi_buf_add_str(&sql, "ALTER TABLE ");
	mi_sql_name(&sql, alter->into, alter->table);
	while (*next < alter->count && !full) {
		struct mi_clause *clause = &alter->clauses[(*next)++];

		if (has_key(alter, clause, conn, &has, err) != 0)
			goto out;
		clause->made = !has;
		if (has)
			continue;
		mi_buf_add_str(&sql, added++ ? ", " : " ");
		if (mi_ddltext_rename(clause->text, alter->map, false, &sql, err) != 0)
			goto out;
		full = clause->is_fulltext;
	}
	if (added == 0) {
		ret = 0;
		goto out;
	}
	mi_detail("table %s.%s: adding %zu keys", alter->into, alter->table, added);
	if (run_alter(conn, mi_buf_span(&sql), dirty, err) == 0)
		ret = check_meant(alter, first, *next, conn, err);
	else
		(void)alter_failed(alter, conn, err);
out:
	mi_buf_release(&sql);
	return ret;
}

static int try_alter(void *user, struct mi_link *link, struct mi_err *err)
{
	struct mi_alter *alter = user;
	bool dirty = false;
	size_t next = 0;
	int ret = 0;

	/* where FOREIGN KEY clauses look for names without a database */
	if (mysql_select_db(link->conn.mysql, alter->into) != 0)
		return mi_conn_fail(&link->conn, err, alter->into);
	while (ret == 0 && next < alter->count)
		ret = alter_some(alter, &next, &link->conn, &dirty, err);
	if (dirty)
		mi_link_close(link);
	return ret;
}

int mi_alter_run(struct mi_alter *alter, struct mi_link *link, struct mi_err *err)
{
	if (mi_link_run(link, try_alter, alter, err) != 0)
		return mi_within(err, "keys of table %s.%s", alter->into, alter->table);
	return 0;
}
