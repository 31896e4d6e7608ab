#include "server/ask.h"
#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "server/mysql_errors.h"
#include "sql/literal.h"

#include <ctype.h>
#include <stdio.h>

/* Runs sql; *number is the server's error, 0 for none. -1: the connection is lost. */
static int attempt(struct mi_conn *conn, const char *sql, unsigned *number, struct mi_err *err)
{
	*number = 0;
	if (mi_conn_exec(conn, err, sql) == 0)
		return 0;
	if (err->code == MI_UNAVAILABLE || err->code == MI_AGAIN)
		return -1;
	*number = mysql_errno(conn->mysql);
	*err = (struct mi_err){0};
	return 0;
}

/* ---- Functions ---- */

static enum mi_asked answer(unsigned number)
{
	switch (number) {
	case 0:
		return MI_ASKED_PRESENT;
	case MI_ER_SP_DOES_NOT_EXIST:
	case MI_ER_FUNC_INEXISTENT_NAME_COLLISION:
	case MI_ER_DBACCESS_DENIED_ERROR: /* to information_schema: it looks for a stored one */
	case MI_ER_PROCACCESS_DENIED_ERROR:
		return MI_ASKED_ABSENT;
	case MI_ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT:
		return MI_ASKED_OTHER;
	case MI_ER_CANT_INITIALIZE_UDF:
		return MI_ASKED_LOADED;
	case MI_ER_PARSE_ERROR:
		return MI_ASKED_GRAMMAR;
	default: /* it is known, and these arguments will not do */
		return MI_ASKED_PRESENT;
	}
}

int mi_ask_function(struct mi_conn *conn, struct mi_span name, size_t arguments,
                    enum mi_asked *asked, struct mi_err *err)
{
	struct mi_buf call = {0}, sql = {0};
	unsigned number = 0;
	int ret;

	mi_buf_add_str(&call, "SELECT ");
	mi_buf_add_span(&call, name);
	mi_buf_add_char(&call, '(');
	for (size_t i = 0; i < arguments; i++)
		mi_buf_add_str(&call, i ? ",?" : "?");
	mi_buf_add_char(&call, ')');
	mi_buf_add_str(&sql, "PREPARE _mi_ask FROM ");
	mi_sql_string_span(&sql, mi_buf_span(&call));
	ret = mi_conn_exec(conn, err, "USE information_schema");
	if (ret == 0)
		ret = attempt(conn, mi_buf_cstr(&sql), &number, err);
	*asked = answer(number);
	mi_buf_release(&call);
	mi_buf_release(&sql);
	return ret;
}

/* A loadable function judges its arguments itself, in its own words: some number of them will
 * offend it. */
int mi_ask_loadable(struct mi_conn *conn, struct mi_span name, bool *loadable, struct mi_err *err)
{
	static const size_t counts[] = {0, 1, 20};
	enum mi_asked asked;

	*loadable = false;
	for (size_t i = 0; i < sizeof counts / sizeof *counts && !*loadable; i++) {
		if (mi_ask_function(conn, name, counts[i], &asked, err) != 0)
			return -1;
		*loadable = asked == MI_ASKED_LOADED;
	}
	return 0;
}

int mi_ask_name(struct mi_conn *conn, const char *word, bool *taken, struct mi_err *err)
{
	struct mi_buf sql = {0};
	unsigned number = 0;
	int ret;

	for (const char *c = word; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '_')
			return *taken = true, 0;
	mi_buf_addf(&sql, "PREPARE _mi_ask FROM 'SELECT 1 AS %s'", word);
	ret = attempt(conn, mi_buf_cstr(&sql), &number, err);
	*taken = number != MI_ER_PARSE_ERROR;
	mi_buf_release(&sql);
	return ret;
}

/* ---- Statements ---- */

/* Not about the text: what the statement names is absent or there already, the account may not do
 * it, the server takes no writes, or it does not prepare such statements. */
static bool is_beside_it(unsigned number)
{
	static const unsigned beside[] = {
	    MI_ER_DBACCESS_DENIED_ERROR,
	    MI_ER_NO_DB_ERROR,
	    MI_ER_BAD_DB_ERROR,
	    MI_ER_TABLE_EXISTS_ERROR,
	    MI_ER_TABLEACCESS_DENIED_ERROR,
	    MI_ER_COLUMNACCESS_DENIED_ERROR,
	    MI_ER_NO_SUCH_TABLE,
	    MI_ER_SPECIFIC_ACCESS_DENIED_ERROR,
	    MI_ER_OPTION_PREVENTS_STATEMENT,
	    MI_ER_UNSUPPORTED_PS,
	    MI_ER_SP_ALREADY_EXISTS,
	    MI_ER_SP_DOES_NOT_EXIST,
	    MI_ER_WRONG_OBJECT,
	    MI_ER_VIEW_INVALID,
	    MI_ER_TRG_ALREADY_EXISTS,
	    MI_ER_PROCACCESS_DENIED_ERROR,
	    MI_ER_NO_SUCH_USER,
	    MI_ER_BAD_FIELD_ERROR,
	    MI_ER_EVENT_ALREADY_EXISTS,
	    MI_ER_FUNC_INEXISTENT_NAME_COLLISION,
	};

	for (size_t i = 0; i < sizeof beside / sizeof *beside; i++)
		if (beside[i] == number)
			return true;
	return false;
}

/* Every account sees one more than information_schema, if only performance_schema on MySQL; on
 * MariaDB, where none may be seen, none is needed either. */
int mi_ask_statements(struct mi_conn *conn, struct mi_err *err)
{
	static const char visible[] =
	    "SELECT MAX(SCHEMA_NAME) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN "
	    "('information_schema', 'mysql', 'sys')";
	struct mi_buf name = {0}, sql = {0};
	bool none = true;
	unsigned number;
	int ret = mi_conn_value(conn, err, visible, &name, &none);

	if (ret == 0 && !none) {
		mi_buf_add_str(&sql, "USE ");
		mi_sql_ident(&sql, mi_buf_cstr(&name));
		ret = attempt(conn, mi_buf_cstr(&sql), &number, err);
	}
	mi_buf_release(&name);
	mi_buf_release(&sql);
	return ret;
}

/* "... near 'groups int; ...' at line 3": both flavours in all their versions, in English; in
 * another language there is no word. */
static void take_word(struct mi_ask_refusal *refusal)
{
	const char *near = strstr(refusal->why, " near '");
	size_t len = 0;

	if (!near)
		return;
	near += strlen(" near '");
	while (len + 1 < sizeof refusal->word &&
	       (isalnum((unsigned char)near[len]) || near[len] == '_'))
		len++;
	(void)snprintf(refusal->word, sizeof refusal->word, "%.*s", (int)len, near);
}

/* set sets the text, under the session's own mode, in which its literal is written. */
static int prepare_under(struct mi_conn *conn, const char *sql_mode, const char *set,
                         struct mi_ask_refusal *refusal, struct mi_err *err)
{
	struct mi_buf mode = {0};
	int ret = mi_conn_exec(conn, err, set);

	mi_buf_add_str(&mode, "SET @_mi_mode=@@SESSION.sql_mode,SESSION sql_mode=");
	mi_sql_string(&mode, sql_mode);
	if (ret == 0)
		ret = attempt(conn, mi_buf_cstr(&mode), &refusal->number, err);
	mi_buf_release(&mode);
	(void)snprintf(refusal->why, sizeof refusal->why, "%s", mysql_error(conn->mysql));
	if (ret != 0 || refusal->number != 0)
		return ret;
	ret = attempt(conn, "PREPARE _mi_ask FROM @_mi_ask", &refusal->number, err);
	(void)snprintf(refusal->why, sizeof refusal->why, "%s", mysql_error(conn->mysql));
	return ret == 0 ? mi_conn_exec(conn, err, "SET SESSION sql_mode=@_mi_mode") : -1;
}

/* As the body of a program. */
int mi_ask_together(struct mi_conn *conn, struct mi_span body, bool *taken, struct mi_err *err)
{
	struct mi_buf text = {0}, sql = {0};
	unsigned number = 0;
	int ret;

	mi_buf_add_str(&text, "CREATE PROCEDURE _mi_ask() BEGIN ");
	mi_buf_add_span(&text, body);
	mi_buf_add_str(&text, " END");
	mi_buf_add_str(&sql, "PREPARE _mi_ask FROM ");
	mi_sql_string_span(&sql, mi_buf_span(&text));
	ret = attempt(conn, mi_buf_cstr(&sql), &number, err);
	*taken = number == 0 || number == MI_ER_UNSUPPORTED_PS;
	mi_buf_release(&text);
	mi_buf_release(&sql);
	return ret;
}

int mi_ask_statement(struct mi_conn *conn, struct mi_span statement, const char *sql_mode,
                     struct mi_ask_refusal *refusal, struct mi_err *err)
{
	struct mi_buf text = {0};
	int ret;

	*refusal = (struct mi_ask_refusal){0};
	mi_buf_add_str(&text, sql_mode ? "SET @_mi_ask=" : "PREPARE _mi_ask FROM ");
	mi_sql_string_span(&text, statement);
	if (sql_mode) {
		ret = prepare_under(conn, sql_mode, mi_buf_cstr(&text), refusal, err);
	} else {
		ret = attempt(conn, mi_buf_cstr(&text), &refusal->number, err);
		(void)snprintf(refusal->why, sizeof refusal->why, "%s", mysql_error(conn->mysql));
	}
	mi_buf_release(&text);
	if (is_beside_it(refusal->number))
		refusal->number = 0;
	if (refusal->number == MI_ER_PARSE_ERROR)
		take_word(refusal);
	return ret;
}

bool mi_ask_is_of_the_text(const struct mi_ask_refusal *refusal)
{
	unsigned number = refusal->number;

	return number == MI_ER_PARSE_ERROR || number == MI_ER_NOT_SUPPORTED_YET ||
	       number == MI_ER_UNKNOWN_CHARACTER_SET || number == MI_ER_UNKNOWN_COLLATION ||
	       number == MI_ER_UNKNOWN_SYSTEM_VARIABLE;
}
