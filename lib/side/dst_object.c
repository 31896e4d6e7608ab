#include "side/dst_object.h"
#include "base/msg.h"
#include "wire/ddltext.h"
#include "wire/sql.h"

#include <mysqld_error.h>

static bool has_settings(const struct mi_ddl *ddl)
{
	return *ddl->sql_mode || *ddl->charset || *ddl->collation;
}

static void add_setting(struct mi_buf *sql, const char *name, const char *value)
{
	if (!*value)
		return;
	mi_buf_addf(sql, ",%s=", name);
	mi_sql_string(sql, value);
}

static int set_settings(const struct mi_ddl *ddl, struct mi_conn *conn, struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_add_str(&sql, "SET @mi_sql_mode=@@SESSION.sql_mode,"
	                     "@mi_client=@@SESSION.character_set_client,"
	                     "@mi_collation=@@SESSION.collation_connection");
	add_setting(&sql, "SESSION sql_mode", ddl->sql_mode);
	add_setting(&sql, "SESSION character_set_client", ddl->charset);
	add_setting(&sql, "SESSION collation_connection", ddl->collation);
	ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
	mi_buf_release(&sql);
	return ret;
}

/* Runs the definition; *code is the server's error number when it refuses. */
static int run(const struct mi_ddl *ddl, const struct mi_map *map, struct mi_link *link,
               unsigned *code, struct mi_err *err)
{
	struct mi_conn *conn = &link->conn;
	const char *into = mi_map_db(map, ddl->db);
	struct mi_buf text = {0};
	int ret = -1;

	*code = 0;
	if (mi_ddltext_rename(ddl->text, map, strcmp(ddl->kind, "database") == 0, &text, err) != 0)
		goto out;
	if (*into && mysql_select_db(conn->mysql, into) != 0) {
		(void)mi_conn_fail(conn, err, into);
		goto out;
	}
	if (has_settings(ddl) && set_settings(ddl, conn, err) != 0)
		goto dirty;
	if (mi_conn_exec_span(conn, err, mi_buf_span(&text)) != 0) {
		*code = mysql_errno(conn->mysql);
		goto dirty;
	}
	if (has_settings(ddl) && mi_conn_exec(conn, err,
	                                      "SET SESSION sql_mode=@mi_sql_mode,"
	                                      "SESSION character_set_client=@mi_client,"
	                                      "SESSION collation_connection=@mi_collation") != 0)
		goto dirty;
	ret = 0;
	goto out;
dirty:
	if (has_settings(ddl))
		mi_link_close(link);
out:
	mi_buf_release(&text);
	return ret;
}

int mi_object_run(const struct mi_ddl *ddl, const struct mi_map *map, struct mi_link *link,
                  struct mi_err *err)
{
	unsigned code;

	return run(ddl, map, link, &code, err);
}

/* ---- Objects that may exist ---- */

struct create {
	const struct mi_ddl *ddl;
	const struct mi_map *map;
	bool leave_others;
	bool missing; /* out */
};

static bool says_exists(unsigned code)
{
	return code == ER_TABLE_EXISTS_ERROR || code == ER_SP_ALREADY_EXISTS ||
	       code == ER_TRG_ALREADY_EXISTS || code == ER_EVENT_ALREADY_EXISTS;
}

static bool says_missing(unsigned code)
{
	return code == ER_NO_SUCH_TABLE || code == ER_VIEW_INVALID || code == ER_SP_DOES_NOT_EXIST;
}

/* The word behind SHOW CREATE, and which of the answer's columns is the text. */
static const char *show_word(const struct mi_ddl *ddl, unsigned *column)
{
	*column = 2;
	if (strcmp(ddl->kind, "routine") == 0)
		return mi_ddltext_makes(ddl->text, "FUNCTION") ? "FUNCTION" : "PROCEDURE";
	if (strcmp(ddl->kind, "trigger") == 0)
		return "TRIGGER";
	if (strcmp(ddl->kind, "event") == 0) {
		*column = 3;
		return "EVENT";
	}
	*column = 1;
	return strcmp(ddl->kind, "view") == 0 ? "VIEW" : "SEQUENCE";
}

/* Is the object that exists the one that the stream defines? */
static int compare(struct create *create, struct mi_link *link, bool *equal, struct mi_err *err)
{
	const struct mi_ddl *ddl = create->ddl;
	const char *into = mi_map_db(create->map, ddl->db);
	struct mi_buf sql = {0}, ours = {0}, theirs = {0};
	unsigned column;
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret = -1;

	mi_buf_addf(&sql, "SHOW CREATE %s ", show_word(ddl, &column));
	mi_sql_name(&sql, into, ddl->object);
	if (mi_conn_query(&link->conn, err, mi_buf_cstr(&sql), &result) != 0)
		goto out;
	row = mysql_fetch_row(result);
	*equal = false;
	if (row && column < mysql_num_fields(result) && row[column]) {
		mi_ddltext_normalise(ddl->text, ddl->db, into, &ours);
		mi_ddltext_normalise(row[column], ddl->db, into, &theirs);
		*equal = mi_span_eq(mi_buf_span(&ours), mi_buf_span(&theirs));
	}
	mysql_free_result(result);
	ret = 0;
out:
	mi_buf_release(&sql);
	mi_buf_release(&ours);
	mi_buf_release(&theirs);
	return ret;
}

static int accept_existing(struct create *create, struct mi_link *link, struct mi_err *err)
{
	bool equal;

	if (compare(create, link, &equal, err) != 0)
		return -1;
	if (equal)
		return 0;
	if (create->leave_others) {
		mi_notice("%s %s exists and differs: left as it is", create->ddl->kind,
		          create->ddl->object);
		return 0;
	}
	(void)mi_fail(err, MI_CONFIG, "it exists and differs");
	return mi_hint(err, "drop it, or say --into-existing to leave it as it is");
}

static int try_create(void *user, struct mi_link *link, struct mi_err *err)
{
	struct create *create = user;
	unsigned code;

	create->missing = false;
	if (run(create->ddl, create->map, link, &code, err) == 0)
		return 0;
	create->missing = says_missing(code);
	if (!says_exists(code))
		return -1;
	*err = (struct mi_err){0};
	if (mi_link_open(link, err) != 0) /* run may have closed it */
		return -1;
	return accept_existing(create, link, err);
}

int mi_object_create(const struct mi_ddl *ddl, const struct mi_map *map, bool leave_others,
                     struct mi_link *link, bool *missing, struct mi_err *err)
{
	struct create create = {.ddl = ddl, .map = map, .leave_others = leave_others};

	if (mi_link_run(link, try_create, &create, err) == 0)
		return 0;
	*missing = create.missing;
	return mi_within(err, "%s %s.%s", ddl->kind, mi_map_db(map, ddl->db), ddl->object);
}
