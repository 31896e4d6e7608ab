#include "target/object.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/msg.h"
#include "base/words.h"
#include "bookkeeping/load.h"
#include "schema/meant.h"
#include "schema/text.h"
#include "server/conn.h"
#include "server/errors.h"
#include "server/link.h"
#include "server/mysql_errors.h"
#include "sql/lexer.h"
#include "sql/literal.h"
#include "stream/parse.h"
#include "stream/words.h"
#include "table/dbmap.h"
#include "target/lenient.h"

#include <stdio.h>

#include <strings.h>

void mi_object_settings(const struct mi_ddl *ddl, struct mi_buf *sql)
{
	for (size_t i = 0; i < MI_DDL_SETTINGS; i++) {
		if (!ddl->settings[i])
			continue;
		mi_buf_addf(sql, ",SESSION %s=", mi_ddl_setting_names[i]);
		if (i == MI_SET_TIMESTAMPS)
			mi_buf_add_str(sql, ddl->settings[i]);
		else
			mi_sql_string(sql, ddl->settings[i]);
	}
}

static bool has_settings(const struct mi_ddl *ddl)
{
	for (size_t i = 0; i < MI_DDL_SETTINGS; i++)
		if (ddl->settings[i])
			return true;
	return false;
}

/* Sets what ddl gives, or sets that back to what it was before. */
static int set_settings(const struct mi_ddl *ddl, bool back, struct mi_conn *conn,
                        struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_add_str(&sql, "SET @mi_object=1");
	for (size_t i = 0; i < MI_DDL_SETTINGS; i++) {
		const char *name = mi_ddl_setting_names[i];

		if (ddl->settings[i] && back)
			mi_buf_addf(&sql, ",SESSION %s=@mi_%s", name, name);
		else if (ddl->settings[i])
			mi_buf_addf(&sql, ",@mi_%s=@@SESSION.%s", name, name);
	}
	if (!back)
		mi_object_settings(ddl, &sql);
	ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
	mi_buf_release(&sql);
	return ret;
}

/* Runs the text; *dirty as in mi_lenient_exec. */
static int run_text(const struct mi_ddl *ddl, struct mi_span text, struct mi_conn *conn,
                    bool *dirty, struct mi_err *err)
{
	*dirty = false;
	if (strcmp(ddl->kind, "table") == 0)
		return mi_lenient_exec(conn, text, dirty, err);
	return mi_conn_exec_span(conn, err, text);
}

static void keep_refusal(const struct mi_conn *conn, struct mi_refusal *refusal)
{
	refusal->number = mysql_errno(conn->mysql);
	(void)snprintf(refusal->text, sizeof refusal->text, "%s", mysql_error(conn->mysql));
}

int mi_object_try(const struct mi_ddl *ddl, const struct mi_map *map, struct mi_link *link,
                  struct mi_refusal *refusal, struct mi_err *err)
{
	struct mi_conn *conn = &link->conn;
	const char *into = mi_map_db(map, ddl->db);
	struct mi_buf text = {0};
	bool dirty = false;
	int ret = -1;

	*refusal = (struct mi_refusal){0};
	if (mi_ddltext_rename(ddl->text, map, strcmp(ddl->kind, "database") == 0, &text, err) != 0)
		goto out;
	if (*into && mysql_select_db(conn->mysql, into) != 0) {
		(void)mi_conn_fail(conn, err, into);
		goto out;
	}
	if (has_settings(ddl) && set_settings(ddl, false, conn, err) != 0)
		goto dirty;
	if (run_text(ddl, mi_buf_span(&text), conn, &dirty, err) != 0) {
		keep_refusal(conn, refusal);
		goto dirty;
	}
	if (has_settings(ddl) && set_settings(ddl, true, conn, err) != 0)
		goto dirty;
	ret = 0;
	goto out;
dirty:
	if (dirty || has_settings(ddl))
		mi_link_close(link);
out:
	mi_buf_release(&text);
	return ret;
}

int mi_object_run(const struct mi_ddl *ddl, const struct mi_map *map, struct mi_link *link,
                  struct mi_err *err)
{
	struct mi_refusal refusal;

	return mi_object_try(ddl, map, link, &refusal, err);
}

/* ---- Objects that may exist ---- */

/* The answer of SHOW CREATE for something that does not exist. */
static bool says_absent(unsigned code)
{
	return code == MI_ER_NO_SUCH_TABLE || code == MI_ER_SP_DOES_NOT_EXIST ||
	       code == MI_ER_TRG_DOES_NOT_EXIST || code == MI_ER_EVENT_DOES_NOT_EXIST ||
	       code == MI_ER_BAD_DB_ERROR;
}

static const char *routine_word(const char *text)
{
	const char *word = mi_ddltext_routine(text);

	return word ? word : "PROCEDURE";
}

/* The word behind SHOW CREATE; *column: which column of its answer is the text, from 0. */
static const char *show_word(const struct mi_ddl *ddl, unsigned *column)
{
	*column = 2;
	if (strcmp(ddl->kind, "routine") == 0)
		return routine_word(ddl->text);
	if (strcmp(ddl->kind, "trigger") == 0)
		return "TRIGGER";
	if (strcmp(ddl->kind, "event") == 0) {
		*column = 3;
		return "EVENT";
	}
	*column = 1;
	return strcmp(ddl->kind, "view") == 0 ? "VIEW" : "SEQUENCE";
}

/* What exists under the object's name. */
struct found {
	bool exists;
	bool equal;            /* the server prints it as the stream defines it */
	char printed[33];      /* hash of the form in which the server prints it */
	struct mi_err differs; /* how it is not what was meant; code 0: it is */
};

/* True when both name the same modes. Where a mode stands for several, servers add others.
 */
static bool same_modes(const char *meant, const char *made)
{
	return mi_words_within(meant, made) &&
	       (mi_words_within(made, meant) || strcasestr(meant, "ANSI,") ||
	        strcasestr(meant, "TRADITIONAL") || strcasestr(meant, "ORACLE"));
}

/* SHOW CREATE prints a program's sql_mode in column 1; then for all kinds, behind the text,
 * the character set and the collation. */
static int compare_settings(const struct mi_object *object, MYSQL_ROW row, unsigned text,
                            struct mi_err *err)
{
	const char *const *meant = object->ddl->settings;

	if (meant[MI_SET_SQL_MODE] && row[1] && !same_modes(meant[MI_SET_SQL_MODE], row[1]))
		return mi_fail(err, MI_DATA, "its sql_mode was meant to be '%s' and is '%s'",
		               meant[MI_SET_SQL_MODE], row[1]);
	if (meant[MI_SET_CLIENT] && row[text + 1] &&
	    strcmp(meant[MI_SET_CLIENT], row[text + 1]) != 0)
		return mi_fail(err, MI_DATA,
		               "its character_set_client was meant to be %s and is %s",
		               meant[MI_SET_CLIENT], row[text + 1]);
	if (meant[MI_SET_CONNECTION] && row[text + 2] &&
	    strcmp(meant[MI_SET_CONNECTION], row[text + 2]) != 0)
		return mi_fail(err, MI_DATA,
		               "its collation_connection was meant to be %s and is %s",
		               meant[MI_SET_CONNECTION], row[text + 2]);
	return 0;
}

/* Fills found->differs. */
static void compare_meaning(const struct mi_object *object, MYSQL_ROW row, unsigned text,
                            unsigned columns, struct found *found)
{
	const struct mi_ddl *ddl = object->ddl;
	const char *modes = ddl->settings[MI_SET_SQL_MODE];

	if (mi_meant_object(ddl->text, row[text], mi_lex_modes(mi_span_str(modes ? modes : "")),
	                    strcmp(ddl->kind, "event") == 0, &found->differs) == 0 &&
	    text + 2 < columns)
		(void)compare_settings(object, row, text, &found->differs);
}

static void compare_texts(const struct mi_object *object, const char *text, struct found *found)
{
	const struct mi_ddl *ddl = object->ddl;
	const char *into = mi_map_db(object->map, ddl->db);
	struct mi_buf ours = {0}, theirs = {0};
	struct mi_hash hash;

	mi_ddltext_normalise(ddl->text, ddl->db, into, &ours);
	mi_ddltext_normalise(text, ddl->db, into, &theirs);
	found->equal = mi_span_eq(mi_buf_span(&ours), mi_buf_span(&theirs));
	mi_hash_init(&hash);
	mi_hash_add_str(&hash, mi_buf_cstr(&theirs));
	mi_hash_hex(&hash, found->printed);
	mi_buf_release(&ours);
	mi_buf_release(&theirs);
}

static int look(const struct mi_object *object, struct mi_conn *conn, struct found *found,
                struct mi_err *err)
{
	struct mi_buf sql = {0};
	unsigned column;
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	*found = (struct found){0};
	mi_buf_addf(&sql, "SHOW CREATE %s ", show_word(object->ddl, &column));
	mi_sql_name(&sql, mi_map_db(object->map, object->ddl->db), object->ddl->object);
	ret = mi_conn_query(conn, err, mi_buf_cstr(&sql), &result);
	mi_buf_release(&sql);
	if (ret != 0 && says_absent(mysql_errno(conn->mysql))) {
		*err = (struct mi_err){0};
		return 0;
	}
	if (ret != 0)
		return -1;
	found->exists = true;
	row = mysql_fetch_row(result);
	if (row && column < mysql_num_fields(result) && row[column]) {
		compare_texts(object, row[column], found);
		compare_meaning(object, row, column, mysql_num_fields(result), found);
	}
	mysql_free_result(result);
	return 0;
}

int mi_object_meant(const struct mi_ddl *ddl, const struct mi_map *map, struct mi_conn *conn,
                    struct mi_err *err)
{
	const struct mi_object object = {.ddl = ddl, .map = map};
	struct found found;

	if (look(&object, conn, &found, err) != 0)
		return -1;
	if (!found.differs.code)
		return 0;
	*err = found.differs;
	return -1;
}

/* The object exists, and the server prints it in another form than the stream: may it stay?
 */
static int accept_other(const struct mi_object *object, const struct found *found,
                        struct mi_conn *conn, struct mi_err *err)
{
	const char *into = mi_map_db(object->map, object->ddl->db);
	struct mi_buf printed = {0};
	bool planned, same;

	if (mi_state_object_planned(object->state, conn, object->ddl, into, &planned, &printed,
	                            err) != 0)
		return -1;
	same = planned && (printed.len == 0 || mi_span_is(mi_buf_span(&printed), found->printed));
	if (planned && printed.len == 0 && found->differs.code) {
		/* made by a run that died before it read this back */
		mi_buf_release(&printed);
		*err = found->differs;
		return -1;
	}
	mi_buf_release(&printed);
	if (same)
		return 0;
	if (object->leave_others) {
		mi_notice("%s %s.%s exists and differs: left as it is", object->ddl->kind, into,
		          object->ddl->object);
		return 0;
	}
	(void)mi_fail(err, MI_CONFIG, "it exists and differs");
	return mi_hint(err, "drop it, or say --into-existing to leave it as it is");
}

/* Drops the object that has just been made, so that it is not found later and taken for
 * what was meant. */
static void drop_made(const struct mi_object *object, struct mi_conn *conn)
{
	struct mi_err ignored = {0};
	struct mi_buf sql = {0};
	unsigned column;

	mi_buf_addf(&sql, "DROP %s ", show_word(object->ddl, &column));
	mi_sql_name(&sql, mi_map_db(object->map, object->ddl->db), object->ddl->object);
	if (mi_conn_exec_span(conn, &ignored, mi_buf_span(&sql)) != 0)
		mi_detail("%s", ignored.text);
	mi_buf_release(&sql);
}

static int try_create(void *user, struct mi_link *link, struct mi_err *err)
{
	struct mi_object *object = user;
	const char *into = mi_map_db(object->map, object->ddl->db);
	struct found found;

	if (look(object, &link->conn, &found, err) != 0)
		return -1;
	if (found.exists)
		return found.equal ? 0 : accept_other(object, &found, &link->conn, err);
	if (mi_state_plan_object(object->state, &link->conn, object->ddl, into, err) != 0)
		return -1;
	if (mi_object_run(object->ddl, object->map, link, err) != 0)
		return -1;
	if (look(object, &link->conn, &found, err) != 0)
		return -1;
	if (found.differs.code) {
		drop_made(object, &link->conn);
		*err = found.differs;
		return -1;
	}
	if (!found.exists && strcmp(object->ddl->kind, "event") == 0)
		mi_notice("event %s.%s: its time has passed, and the server has dropped it "
		          "at once",
		          into, object->ddl->object);
	return mi_state_object_made(object->state, &link->conn, object->ddl, into, found.printed,
	                            err);
}

int mi_object_create(struct mi_object *object, struct mi_link *link, struct mi_err *err)
{
	if (mi_link_run(link, try_create, object, err) == 0)
		return 0;
	return mi_within(err, "%s %s.%s", object->ddl->kind,
	                 mi_map_db(object->map, object->ddl->db), object->ddl->object);
}
