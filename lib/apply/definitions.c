#include "apply/definitions.h"
#include "base/buf.h"
#include "base/container.h"
#include "base/err.h"
#include "base/hash.h"
#include "server/conn.h"
#include "server/mysql_errors.h"
#include "server/recode.h"
#include "sql/lexer.h"
#include "sql/literal.h"
#include "sql/named.h"
#include "stream/parse.h"

#include <ctype.h>
#include <stdlib.h>

/* ---- Names ---- */

struct reading {
	struct mi_object_names *names;
	const struct mi_ddl *ddl;
	struct mi_conn *conn;
	struct mi_err *err;
	unsigned modes;
	int ret;
};

/* The text's bytes are in the character set of its client. */
static char *take_name(struct reading *r, const struct mi_lexeme *token)
{
	const char *charset = r->ddl->settings[MI_SET_CLIENT];
	struct mi_buf bytes = {0}, text = {0};

	mi_lexeme_value(token, r->modes, &bytes);
	if (r->ret == 0 && charset && !mi_span_is_ascii(mi_buf_span(&bytes)) &&
	    mi_lex_charset(mi_span_str(charset)) != MI_LEX_UTF8) {
		r->ret =
		    mi_recode(r->conn, mi_span_str(charset), mi_buf_span(&bytes), &text, r->err);
		mi_buf_release(&bytes);
		bytes = text;
	}
	(void)mi_buf_cstr(&bytes);
	return bytes.data;
}

static void on_named(void *user, const struct mi_named *named)
{
	struct reading *r = user;
	bool database = strcmp(named->kind, "database") == 0;
	const struct mi_lexeme *db = database ? &named->name : &named->db;
	struct mi_object_name *object =
	    mi_array_add(&r->names->items, &r->names->count, sizeof *r->names->items);

	object->kind = named->kind;
	object->role = named->role;
	object->db = db->kind == MI_LEX_END ? mi_strdup(r->ddl->db) : take_name(r, db);
	object->name = database ? mi_strdup(object->db) : take_name(r, &named->name);
}

int mi_object_names_read(struct mi_object_names *names, const struct mi_ddl *ddl,
                         struct mi_conn *conn, struct mi_err *err)
{
	const char *sql_mode = ddl->settings[MI_SET_SQL_MODE];
	struct reading r = {.names = names,
	                    .ddl = ddl,
	                    .conn = conn,
	                    .err = err,
	                    .modes = mi_lex_modes(mi_span_str(sql_mode ? sql_mode : ""))};

	*names = (struct mi_object_names){0};
	if (!mi_named_read(mi_span_str(ddl->text), r.modes, on_named, &r))
		return mi_fail(err, MI_DATA, "what this names cannot be known: %.300s", ddl->text);
	return r.ret;
}

void mi_object_names_release(struct mi_object_names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		free(names->items[i].db);
		free(names->items[i].name);
	}
	free(names->items);
	*names = (struct mi_object_names){0};
}

bool mi_object_names_have(const struct mi_object_names *names, const char *db)
{
	for (size_t i = 0; i < names->count; i++)
		if (mi_named_changes(names->items[i].role) && strcmp(names->items[i].db, db) == 0)
			return true;
	return false;
}

static bool is_new_name(const struct mi_object_names *names, const struct mi_object_name *old)
{
	for (size_t i = 0; i < names->count; i++)
		if (names->items[i].role == MI_NAMED_TO &&
		    strcmp(names->items[i].db, old->db) == 0 &&
		    strcmp(names->items[i].name, old->name) == 0)
			return true;
	return false;
}

bool mi_object_names_turn(const struct mi_object_names *names)
{
	bool renames = false;

	for (size_t i = 0; i < names->count; i++) {
		if (names->items[i].role != MI_NAMED_FROM)
			continue;
		renames = true;
		if (!is_new_name(names, &names->items[i]))
			return false;
	}
	return renames;
}

/* ---- Definitions ---- */

static bool says_absent(unsigned code)
{
	return code == MI_ER_NO_SUCH_TABLE || code == MI_ER_BAD_DB_ERROR;
}

/* Without " AUTO_INCREMENT=123": rows move it, and so may a restart. */
static void hash_text(struct mi_hash *hash, const char *text)
{
	static const char counter[] = " AUTO_INCREMENT=";
	const char *found;
	struct mi_buf rest = {0};

	while ((found = strstr(text, counter))) {
		mi_buf_add(&rest, text, (size_t)(found - text));
		for (text = found + strlen(counter); isdigit((unsigned char)*text); text++)
			;
	}
	mi_buf_add_str(&rest, text);
	mi_hash_add_str(hash, mi_buf_cstr(&rest));
	mi_buf_release(&rest);
}

static int hash_answer(struct mi_conn *conn, struct mi_buf *sql, struct mi_hash *hash,
                       struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret = mi_conn_query(conn, err, mi_buf_cstr(sql), &result);

	mi_buf_release(sql);
	if (ret != 0 && says_absent(mysql_errno(conn->mysql))) {
		*err = (struct mi_err){0};
		mi_hash_add_str(hash, "absent");
		return 0;
	}
	if (ret != 0)
		return -1;
	while ((row = mysql_fetch_row(result)))
		for (unsigned k = 0; k < mysql_num_fields(result); k++)
			hash_text(hash, row[k] ? row[k] : "");
	mysql_free_result(result);
	return 0;
}

static int hash_object(const struct mi_object_name *object, struct mi_conn *conn,
                       struct mi_hash *hash, struct mi_err *err)
{
	struct mi_buf sql = {0};

	if (strcmp(object->kind, "database") == 0) {
		mi_buf_add_str(&sql, "SHOW CREATE DATABASE ");
		mi_sql_ident(&sql, object->name);
	} else if (strcmp(object->kind, "routine") == 0) {
		mi_buf_add_str(&sql,
		               "SELECT ROUTINE_TYPE,ROUTINE_DEFINITION,DTD_IDENTIFIER,DEFINER,"
		               "SECURITY_TYPE,SQL_DATA_ACCESS,IS_DETERMINISTIC,"
		               "ROUTINE_COMMENT,SQL_MODE,CREATED,LAST_ALTERED "
		               "FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA=");
		mi_sql_string(&sql, object->db);
		mi_buf_add_str(&sql, " AND ROUTINE_NAME=");
		mi_sql_string(&sql, object->name);
		mi_buf_add_str(&sql, " ORDER BY ROUTINE_TYPE");
	} else {
		mi_buf_add_str(&sql, "SHOW CREATE TABLE ");
		mi_sql_name(&sql, object->db, object->name);
	}
	return hash_answer(conn, &sql, hash, err);
}

int mi_object_names_digest(const struct mi_object_names *names, struct mi_conn *conn,
                           char digest[33], struct mi_err *err)
{
	struct mi_hash hash;

	mi_hash_init(&hash);
	for (size_t i = 0; i < names->count; i++)
		if (mi_named_changes(names->items[i].role) &&
		    hash_object(&names->items[i], conn, &hash, err) != 0)
			return mi_within(err, "%s %s.%s", names->items[i].kind, names->items[i].db,
			                 names->items[i].name);
	mi_hash_hex(&hash, digest);
	return 0;
}
