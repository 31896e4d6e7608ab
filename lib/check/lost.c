/* The check for what the target has lost, or never had: functions, words and forms that definitions
 * use.
 *
 * The target is asked, not looked up in a table of versions: its parser knows what its version, its
 * plugins and components have, and so do those of versions that are not out yet. What no server can
 * be asked about is data, in check/instead.c. A target that does not answer for itself (Vitess) is
 * not judged here.
 *
 * It is wanted beside any trial of the definitions: the body of a program is parsed when the
 * program is made, but a function in it is looked for when it is called. */
#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"
#include "check/convert.h"
#include "check/instead.h"
#include "check/run.h"
#include "check/say.h"
#include "check/table.h"
#include "check/try.h"
#include "schema/list.h"
#include "server/ask.h"
#include "server/conn.h"
#include "server/known.h"
#include "server/mysql_errors.h"
#include "source/schema.h"
#include "sql/calls.h"
#include "sql/lexer.h"
#include "sql/literal.h"
#include "stream/parse.h"
#include "table/dbmap.h"

#include <stdlib.h>
#include <strings.h>

/* ---- What is found ---- */

/* Findings that say the same of several definitions are one. */
struct lost {
	char *text, *fix; /* fix may be NULL */
	enum mi_check_level level;
	struct mi_check_names where;
};

struct search {
	struct mi_check_at *at;
	const struct mi_ddl *ddl; /* that is being looked at */
	bool refused;             /* by the target's parser */
	struct lost *lost;
	size_t lost_count;
	struct mi_knowns knowns;
	int ret; /* -1: a server is lost, as err says */
	struct mi_err *err;
};

static bool is_kind(const struct mi_ddl *ddl, const char *kind)
{
	return strcmp(ddl->kind, kind) == 0;
}

static bool is_program(const struct mi_ddl *ddl)
{
	return is_kind(ddl, "routine") || is_kind(ddl, "trigger") || is_kind(ddl, "event");
}

/* No definition, but a statement of the application, see judge_application. */
static bool is_statement(const struct mi_ddl *ddl)
{
	return is_kind(ddl, "statement");
}

/* A table's own expressions, which may call less than views and programs. */
static bool is_of_table(const struct mi_ddl *ddl)
{
	return !is_program(ddl) && !is_kind(ddl, "view") && !is_statement(ddl);
}

/* A copy alone carries no programs. What the application says is its own to change. */
static enum mi_check_level level_of(const struct search *search)
{
	if (is_statement(search->ddl))
		return MI_CHECK_WARN;
	return is_program(search->ddl) ? mi_check_follow_level(search->at) : MI_CHECK_BLOCK;
}

/* How a statement begins, and its digest, by which others find the whole. */
static void add_beginning(struct mi_buf *place, const struct mi_ddl *ddl)
{
	enum { SHOWN = 60 };
	size_t len = strlen(ddl->text);

	mi_buf_addf(place, "statement %.*s%s in %s (digest %s)", SHOWN, ddl->text,
	            len > SHOWN ? "..." : "", ddl->db, ddl->object);
}

static void add_place(struct mi_check_names *names, const struct mi_ddl *ddl, const char *part)
{
	struct mi_buf place = {0};

	if (is_statement(ddl))
		add_beginning(&place, ddl);
	else
		mi_buf_addf(&place, "%s %s.%s", is_of_table(ddl) ? "table" : ddl->kind, ddl->db,
		            ddl->object);
	if (is_of_table(ddl) && !(part && *part))
		part = ddl->name; /* of the key */
	if (part && *part)
		mi_check_names_add_part(names, mi_buf_cstr(&place), "", part);
	else
		mi_check_names_add(names, mi_buf_cstr(&place), "");
	mi_buf_release(&place);
}

static struct lost *find_lost(struct search *search, const char *text, const char *fix)
{
	struct lost *lost;

	for (size_t i = 0; i < search->lost_count; i++)
		if (strcmp(search->lost[i].text, text) == 0)
			return &search->lost[i];
	lost = mi_array_add(&search->lost, &search->lost_count, sizeof *lost);
	*lost = (struct lost){.text = mi_strdup(text), .fix = fix ? mi_strdup(fix) : NULL};
	return lost;
}

static void note(struct search *search, enum mi_check_level level, const char *text,
                 const char *fix, const char *part)
{
	struct lost *lost = find_lost(search, text, fix);

	if (level > lost->level)
		lost->level = level;
	add_place(&lost->where, search->ddl, part);
}

/* ---- Functions ---- */

/* A stored function of that name in the database, made on the target to stand in for one that it
 * lacks. */
static bool stands_in(struct search *search, const struct mi_known *known)
{
	const struct mi_check_run *run = search->at->run;
	struct mi_buf sql = {0};
	uint64_t found = 0;

	if (is_of_table(search->ddl))
		return false;
	mi_buf_add_str(&sql, "SELECT COUNT(*) FROM information_schema.ROUTINES WHERE "
	                     "ROUTINE_TYPE = 'FUNCTION' AND ROUTINE_SCHEMA = ");
	mi_sql_string(&sql, mi_map_db(&run->map, search->ddl->db));
	mi_buf_add_str(&sql, " AND ROUTINE_NAME = ");
	mi_sql_string(&sql, known->name);
	search->ret = mi_conn_number(run->target.conn, search->err, mi_buf_cstr(&sql), &found);
	mi_buf_release(&sql);
	return found > 0;
}

static const char *instead_of(const struct search *search, const struct mi_known *known)
{
	bool mariadb = search->at->run->target.conn->flavour == MI_FLAVOUR_MARIADB;

	return mi_instead_of(mi_span_str(known->name), mariadb);
}

static void note_function(struct search *search, const struct mi_known *known, const char *part,
                          const char *fmt)
{
	const char *instead = instead_of(search, known);
	struct mi_buf text = {0}, fix = {0};
	char *upper = mi_strdup(known->name);

	for (char *c = upper; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	mi_buf_addf(&text, "%s %s", fmt, upper);
	if (instead)
		mi_buf_addf(&fix, "in place of %s: %s", upper, instead);
	else
		mi_buf_addf(&fix,
		            "change the definitions on the source to do without %s, or make it on "
		            "the target: a stored or loadable function",
		            upper);
	note(search, level_of(search), mi_buf_cstr(&text), mi_buf_cstr(&fix), part);
	mi_buf_release(&text);
	mi_buf_release(&fix);
	free(upper);
}

static void judge_loadable(struct search *search, struct mi_known *known, const char *part)
{
	struct mi_conn *target = search->at->run->target.conn;

	if (!known->loadable_asked)
		search->ret = mi_ask_loadable(target, mi_span_str(known->name), &known->loadable,
		                              search->err);
	known->loadable_asked = true;
	if (search->ret == 0 && known->loadable)
		note_function(
		    search, known, part,
		    "the target has it as a loadable function only, which no table may call:");
}

static void judge_call(void *user, const struct mi_call *call)
{
	struct search *search = user;
	const struct mi_check_run *run = search->at->run;
	struct mi_known *known;
	char *part;

	if (search->ret != 0)
		return;
	search->ret = mi_known_find(&search->knowns, run->source.conn, run->target.conn, call->name,
	                            call->arguments, &known, search->err);
	if (search->ret != 0 || !mi_known_is_there(known))
		return;
	part = call->part.len > 2 ? mi_strndup(call->part.data + 1, call->part.len - 2)
	                          : mi_strdup("");
	if (known->target == MI_ASKED_ABSENT) {
		if (!stands_in(search, known) && search->ret == 0)
			note_function(search, known, part, "the target has no function");
	} else if (is_statement(search->ddl)) {
		/* a digest does not tell how many arguments there are */
	} else if (known->target == MI_ASKED_OTHER && known->source == MI_ASKED_PRESENT &&
	           !search->refused) { /* it is refused for that */
		note_function(search, known, part,
		              "the target takes another number of arguments for");
	} else if (is_of_table(search->ddl)) {
		judge_loadable(search, known, part);
	}
	free(part);
}

static void judge_calls(struct search *search)
{
	const struct mi_ddl *ddl = search->ddl;
	const char *mode = ddl->settings[MI_SET_SQL_MODE];
	enum mi_calls_form form = is_program(ddl) || is_statement(ddl) ? MI_CALLS_WRITTEN
	                          : is_kind(ddl, "table")              ? MI_CALLS_TABLE
	                                                               : MI_CALLS_PRINTED;

	if (!mi_calls_each(mi_span_str(ddl->text), mi_span_str(mode ? mode : ""), form, judge_call,
	                   search) &&
	    !is_statement(ddl)) /* digests of long statements are cut off */
		note(search, MI_CHECK_WARN,
		     "text that could not be taken apart, so that its functions are not known",
		     NULL, NULL);
}

/* ---- Words and forms ---- */

static bool is_reserved_there(struct search *search, const char *word)
{
	bool here = false, there = true;

	search->ret = mi_ask_name(search->at->run->source.conn, word, &here, search->err);
	if (search->ret == 0)
		search->ret = mi_ask_name(search->at->run->target.conn, word, &there, search->err);
	return search->ret == 0 && here && !there;
}

/* Of a syntax error the place, and that on one line: what comes before is the same advice in every
 * message. */
static void add_reason(struct mi_buf *text, const struct mi_ask_refusal *refusal)
{
	const char *near = strstr(refusal->why, "near '");

	mi_buf_add_str(text, "the target does not take the statement (");
	if (refusal->number != MI_ER_PARSE_ERROR || !near)
		near = refusal->why;
	for (; *near; near++)
		mi_buf_add_char(text, *near == '\n' ? ' ' : *near);
	mi_buf_add_char(text, ')');
}

static void note_refusal(struct search *search, const struct mi_ask_refusal *refusal)
{
	struct mi_buf text = {0}, fix = {0};

	if (*refusal->word && is_reserved_there(search, refusal->word)) {
		mi_buf_addf(&text, "a reserved word of the target stands there unquoted: %s",
		            refusal->word);
		mi_buf_addf(&fix, "write `%s` in the definitions on the source", refusal->word);
	} else {
		add_reason(&text, refusal);
		mi_buf_add_str(&fix,
		               "change the definitions on the source to a form that both take");
	}
	if (search->ret == 0)
		note(search, level_of(search), mi_buf_cstr(&text), mi_buf_cstr(&fix), NULL);
	mi_buf_release(&text);
	mi_buf_release(&fix);
}

static void judge_statement(struct search *search)
{
	const struct mi_ddl *ddl = search->ddl;
	struct mi_ask_refusal refusal;

	if (!is_program(ddl) && !is_kind(ddl, "table") && !is_kind(ddl, "view"))
		return;
	search->ret = mi_ask_statement(search->at->run->target.conn, mi_span_str(ddl->text),
	                               ddl->settings[MI_SET_SQL_MODE], &refusal, search->err);
	if (search->ret != 0 || refusal.number == 0)
		return;
	/* of tables and views servers say more than their parser alone, in a database that is not
	 * there yet */
	search->refused = is_program(ddl) || mi_ask_is_of_the_text(&refusal);
	if (search->refused)
		note_refusal(search, &refusal);
}

/* ---- The same name, another answer ---- */

static bool is_used(const struct search *search, const char *name)
{
	for (size_t i = 0; i < search->knowns.count; i++)
		if (mi_lex_says(mi_span_str(search->knowns.items[i].name), name) &&
		    search->knowns.items[i].source == MI_ASKED_PRESENT &&
		    search->knowns.items[i].target == MI_ASKED_PRESENT)
			return true;
	return false;
}

/* What the server makes of an expression; its error's text when it makes none. */
static int evaluate(struct mi_conn *conn, const char *sql, struct mi_buf *value, bool *failed,
                    struct mi_err *err)
{
	struct mi_buf query = {0};
	bool null = false;

	mi_buf_addf(&query, "SELECT %s", sql);
	*failed = mi_conn_value(conn, err, mi_buf_cstr(&query), value, &null) != 0;
	mi_buf_release(&query);
	if (*failed && (err->code == MI_UNAVAILABLE || err->code == MI_AGAIN))
		return -1;
	if (*failed)
		mi_buf_add_str(value, mysql_error(conn->mysql));
	else if (null)
		mi_buf_add_str(value, "NULL");
	*err = (struct mi_err){0};
	return 0;
}

static int compare_example(struct search *search, const struct mi_example *example, bool *differs)
{
	struct mi_check_run *run = search->at->run;
	struct mi_buf here = {0}, there = {0};
	bool failed_here = false, failed_there = false;
	int ret = -1;

	if (evaluate(run->source.conn, example->sql, &here, &failed_here, search->err) == 0 &&
	    evaluate(run->target.conn, example->sql, &there, &failed_there, search->err) == 0) {
		*differs = !failed_here && strcmp(mi_buf_cstr(&here), mi_buf_cstr(&there)) != 0;
		if (*differs)
			mi_check_warn(search->at,
			              "try what uses it on both servers, and write it so that both "
			              "say the same",
			              "a function that definitions use answers otherwise there: %s "
			              "is %s on the source, %s%s on the target",
			              example->sql, mi_buf_cstr(&here),
			              failed_there ? "fails: " : "", mi_buf_cstr(&there));
		ret = 0;
	}
	mi_buf_release(&here);
	mi_buf_release(&there);
	return ret;
}

static int compare_examples(struct search *search)
{
	const struct mi_example *last = NULL;
	bool differs = false;

	for (const struct mi_example *at = mi_examples; at->name; at++) {
		if (last && differs && strcmp(last->name, at->name) == 0)
			continue;
		differs = false;
		last = at;
		if (is_used(search, at->name) && compare_example(search, at, &differs) != 0)
			return -1;
	}
	return 0;
}

/* ---- All of it ---- */

/* Whatever of programs cannot be converted: "trigger shop.t: why". Of tables and views the check
 * `definitions` says it. */
static void note_refused(struct search *search, const struct mi_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++) {
		const char *text = notes->items[i].text, *why = strstr(text, ": ");
		struct lost *lost;
		char *place;

		if (notes->items[i].kind != MI_NOTE_REFUSED || !why ||
		    !mi_check_is_of_program(&notes->items[i]))
			continue;
		lost = find_lost(search, why + 2, "change it on the source");
		lost->level = mi_check_follow_level(search->at);
		place = mi_strndup(text, (size_t)(why - text));
		mi_check_names_add(&lost->where, place, "");
		free(place);
	}
}

/* Was the definition refused by its conversion already? */
static bool is_refused(const struct mi_notes *notes, const struct mi_ddl *ddl)
{
	struct mi_buf head = {0};
	bool found = false;

	mi_buf_addf(&head, "%s %s.%s: ", ddl->kind, ddl->db, ddl->object);
	for (size_t i = 0; i < notes->count && !found; i++)
		found = notes->items[i].kind == MI_NOTE_REFUSED &&
		        strncmp(notes->items[i].text, mi_buf_cstr(&head), head.len) == 0;
	mi_buf_release(&head);
	return found;
}

/* Most tables are plain: many are asked for at once. */
enum { TABLES_AT_ONCE = 100, BYTES_AT_ONCE = 256 * 1024 };

/* Asks for tables from list->items[from] on; *taken is what the target says to all of them. Returns
 * how many items those were: 0 when the first is no table, or a server is lost. */
static size_t judge_together(struct search *search, const struct mi_ddl_list *list, size_t from,
                             bool *taken)
{
	struct mi_buf body = {0};
	size_t at = from;

	for (; at < list->count && at - from < TABLES_AT_ONCE && body.len < BYTES_AT_ONCE; at++) {
		if (!is_kind(&list->items[at], "table") ||
		    list->items[at].settings[MI_SET_SQL_MODE])
			break;
		mi_buf_add_str(&body, list->items[at].text);
		mi_buf_add_str(&body, "\n;");
	}
	if (at > from)
		search->ret = mi_ask_together(search->at->run->target.conn, mi_buf_span(&body),
		                              taken, search->err);
	mi_buf_release(&body);
	return search->ret == 0 ? at - from : 0;
}

static void judge_statements(struct search *search, const struct mi_notes *notes,
                             const struct mi_ddl_list *list, bool *refused)
{
	size_t together = 0; /* how many of the next items were asked for at once */
	bool taken = false;

	search->ret = mi_ask_statements(search->at->run->target.conn, search->err);
	for (size_t i = 0; i < list->count && search->ret == 0; i++) {
		search->ddl = &list->items[i];
		search->refused = is_refused(notes, search->ddl);
		if (together == 0)
			together = judge_together(search, list, i, &taken);
		if (search->ret == 0 && !search->refused && !(together > 0 && taken))
			judge_statement(search);
		refused[i] = search->refused;
		together -= together > 0;
	}
}

/* First the statements, then the functions in them: the two are asked in different databases. */
static void judge_list(struct search *search, const struct mi_notes *notes,
                       const struct mi_ddl_list *list)
{
	bool *refused = mi_alloc(list->count + 1);

	judge_statements(search, notes, list, refused);
	for (size_t i = 0; i < list->count && search->ret == 0; i++) {
		search->ddl = &list->items[i];
		search->refused = refused[i];
		if (!is_kind(search->ddl, "database"))
			judge_calls(search);
	}
	free(refused);
}

static void judge_all(struct search *search, const struct mi_schema *schema)
{
	for (size_t i = 0; i < sizeof schema->list / sizeof *schema->list && search->ret == 0; i++)
		judge_list(search, &schema->notes, &schema->list[i]);
}

/* ---- The application's statements ---- */

static int query_statements(const struct mi_check_run *run, MYSQL_RES **result, struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_add_str(&sql, "SELECT SCHEMA_NAME, LEFT(DIGEST, 16), DIGEST_TEXT FROM "
	                     "performance_schema.events_statements_summary_by_digest WHERE "
	                     "DIGEST_TEXT REGEXP "
	                     "'^(SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH|SET|DO|CALL|LOAD|[(])' "
	                     "AND DIGEST_TEXT LIKE '%(%' AND SCHEMA_NAME IN (''");
	for (size_t i = 0; i < run->database_count; i++) {
		mi_buf_add_char(&sql, ',');
		mi_sql_string(&sql, run->databases[i]);
	}
	mi_buf_add_char(&sql, ')');
	ret = mi_conn_query(run->source.conn, err, mi_buf_cstr(&sql), result);
	mi_buf_release(&sql);
	return ret;
}

/* The statements that ran in the imported databases since the source's statistics were begun: the
 * functions in them that the target lacks fail after the switch. */
static void judge_application(struct search *search)
{
	struct mi_check_run *run = search->at->run;
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (!mi_check_on(&run->source, "performance_schema"))
		return;
	if (query_statements(run, &result, search->err) != 0) {
		/* an account that may not read them sees none */
		if (search->err->code == MI_UNAVAILABLE || search->err->code == MI_AGAIN)
			search->ret = -1;
		else
			*search->err = (struct mi_err){0};
		return;
	}
	while (search->ret == 0 && (row = mysql_fetch_row(result))) {
		const struct mi_ddl statement = {.kind = "statement",
		                                 .db = row[0],
		                                 .object = row[1],
		                                 .name = "",
		                                 .text = row[2]};

		search->ddl = &statement;
		judge_calls(search);
	}
	search->ddl = NULL;
	mysql_free_result(result);
}

static void say_lost(struct search *search)
{
	for (size_t i = 0; i < search->lost_count; i++)
		mi_check_say(search->at, search->lost[i].level, search->lost[i].fix, "%s: %s",
		             search->lost[i].text, mi_check_names_text(&search->lost[i].where));
}

static void search_release(struct search *search)
{
	for (size_t i = 0; i < search->lost_count; i++) {
		free(search->lost[i].text);
		free(search->lost[i].fix);
		mi_check_names_release(&search->lost[i].where);
	}
	mi_knowns_release(&search->knowns);
	free(search->lost);
}

int mi_check_lost(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_check_run *run = at->run;
	struct search search = {.at = at, .err = err};
	size_t before = run->count;
	int ret;

	if (mi_check_unread(at))
		return 0;
	if (run->target.conn->flavour == MI_FLAVOUR_VITESS) {
		mi_check_warn(at, "try the definitions on the target",
		              "could not look: Vitess does not answer for the servers behind it");
		return 0;
	}
	if (mi_check_schema(at, err) != 0)
		return -1;
	if (run->programs_err.code)
		mi_check_warn(at, run->programs_err.hint[0] ? run->programs_err.hint : NULL,
		              "programs could not be looked at: %s", run->programs_err.text);
	if (run->schema_err.code)
		mi_check_warn(at, NULL, "could not look: see the check `definitions`");
	note_refused(&search, &run->schema.notes);
	judge_all(&search, &run->schema);
	if (search.ret == 0 && mi_check_kind(run) < MI_SERVER_VITESS)
		judge_application(&search);
	ret = search.ret;
	if (ret == 0) {
		say_lost(&search);
		ret = compare_examples(&search);
	}
	if (ret == 0 && run->count == before)
		mi_check_ok(at,
		            "the target knows every function, word and form of the definitions");
	search_release(&search);
	return ret;
}
