/* Where statements go, and what they do to the session: the router's rules, one a line. Links
 * neither sockets nor a client library. */
#include "base/buf.h"
#include "protocol/caps.h"
#include "route/state/decide.h"
#include "sql/class.h"
#include "t.h"

static const struct mi_class_rules rules = {.charset = MI_LEX_UTF8, .version = 90704};

/* What text says to a router that has looked at it. */
static struct mi_client_statement statement_of(const struct mi_facts *facts, const char *text)
{
	struct mi_client_statement statement = {
	    .kind = {.class = MI_CLASS_WRITE, .verb = "", .object = ""}};
	enum mi_class end;

	if (!text)
		return statement;
	statement.looked = true;
	mi_class_read(mi_span_str(text), &rules, &statement.kind);
	end = mi_class_end(mi_span_str(text));
	statement.ends = end != MI_CLASS_WRITE;
	statement.rolls_back = end == MI_CLASS_ROLLBACK && facts->code != MI_COM_STMT_PREPARE;
	return statement;
}

static void add_flags(struct mi_buf *out, const struct mi_verdict *verdict)
{
	const struct {
		bool on;
		const char *name;
	} flags[] = {
	    {verdict->local_infile, "local-infile"},   {verdict->forgives, "forgives"},
	    {verdict->forgets_trans, "forgets-trans"}, {verdict->forgets_next, "forgets-next"},
	    {verdict->stays_behind, "stays-behind"},   {verdict->other_name, "other-name"},
	    {verdict->untouched, "untouched"},         {verdict->stays, "stays"},
	};

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (flags[i].on)
			mi_buf_addf(out, " %s", flags[i].name);
}

/* "send target read", "wait causal", "conflict forgets-next" ... */
static const char *told(const struct mi_verdict *verdict, struct mi_buf *out)
{
	static const char *const actions[] = {
	    [MI_VERDICT_SEND] = "send",     [MI_VERDICT_ASK] = "ask",
	    [MI_VERDICT_WAIT] = "wait",     [MI_VERDICT_USE] = "use",
	    [MI_VERDICT_NO_DDL] = "no-ddl", [MI_VERDICT_CONFLICT] = "conflict",
	    [MI_VERDICT_GONE] = "gone",     [MI_VERDICT_ELSEWHERE] = "elsewhere",
	    [MI_VERDICT_LOST] = "lost",
	};
	static const char *const waits[] = {
	    [MI_WAIT_NOTHING] = "nothing", [MI_WAIT_HOLD] = "hold", [MI_WAIT_CAUSAL] = "causal"};

	mi_buf_reset(out);
	mi_buf_add_str(out, actions[verdict->action]);
	if (verdict->action == MI_VERDICT_SEND)
		mi_buf_addf(out, " %s%s", verdict->side == MI_ROUTE_SOURCE ? "source" : "target",
		            verdict->kind == MI_KIND_READ ? " read" : "");
	if (verdict->action == MI_VERDICT_WAIT)
		mi_buf_addf(out, " %s", waits[verdict->wait]);
	add_flags(out, verdict);
	return mi_buf_cstr(out);
}

struct row {
	const char *text; /* NULL: not looked at */
	struct mi_facts facts;
	const char *want;
};

static void check(const char *what, const struct row *rows, size_t count)
{
	struct mi_buf out = {0};
	char name[200];

	for (size_t i = 0; i < count; i++) {
		struct mi_client_statement statement = statement_of(&rows[i].facts, rows[i].text);
		struct mi_verdict verdict = mi_decide(&rows[i].facts, &statement);

		(void)snprintf(name, sizeof name, "%s %zu: %s", what, i,
		               rows[i].text ? rows[i].text : "(unread)");
		CHECK_STR(told(&verdict, &out), rows[i].want, name);
	}
	mi_buf_release(&out);
}

#define TABLE(what, rows) check(what, rows, sizeof rows / sizeof *rows)

/* A fresh session of a user who has accounts on both sides. */
#define SESSION(m) .mode = (m), .target_given = true, .autocommit = true, .idle = {true, true}
#define QUERY(m) SESSION(m), .code = MI_COM_QUERY
/* ... of which all that earlier statements left is at side. */
#define LEFT(side) .last = (side), .last_select = (side), .insert_id = (side)
#define AT_SOURCE LEFT(MI_ROUTE_SOURCE)
#define AT_TARGET LEFT(MI_ROUTE_TARGET)
#define SOURCE QUERY(MI_MODE_SOURCE), AT_SOURCE
#define REPLICA QUERY(MI_MODE_REPLICA), AT_SOURCE
#define PRIMARY QUERY(MI_MODE_PRIMARY), AT_TARGET
#define TARGET QUERY(MI_MODE_TARGET), AT_TARGET
/* Switched to from SOURCE, and nothing was run since. */
#define MOVED QUERY(MI_MODE_PRIMARY), AT_SOURCE
#define PREPARE(m) SESSION(m), .code = MI_COM_STMT_PREPARE
#define EXECUTE(m) SESSION(m), .code = MI_COM_STMT_EXECUTE
#define LONG_DATA(m) SESSION(m), .code = MI_COM_STMT_SEND_LONG_DATA

static const char read_t[] = "SELECT c FROM t WHERE id = 1", write_t[] = "UPDATE t SET c = 1";

static void modes(void)
{
	const struct row rows[] = {
	    {read_t, {SOURCE}, "send source read"},
	    {read_t, {PRIMARY}, "send target read"},
	    {read_t, {TARGET}, "send target read"},
	    {read_t, {REPLICA}, "ask"},
	    {write_t, {SOURCE}, "send source"},
	    {write_t, {REPLICA}, "send source"},
	    {write_t, {PRIMARY}, "send target"},
	    {write_t, {TARGET}, "send target"},
	    {NULL, {SOURCE}, "send source"},
	    {NULL, {REPLICA}, "send source"},
	    {NULL, {PRIMARY}, "send target"},
	    {"SELECT c FROM t FOR UPDATE", {REPLICA}, "send source"},
	    {"SELECT f(1)", {REPLICA}, "send source"},
	    {"SELECT @a := 1", {REPLICA}, "send source"},
	    {"SHOW TABLES", {REPLICA}, "send source read"},
	    {"BEGIN", {REPLICA}, "send source read"},
	    {"", {REPLICA}, "send source read"},
	    {"LOAD DATA LOCAL INFILE 'x' INTO TABLE t", {SOURCE}, "send source local-infile"},
	    {"LOAD DATA LOCAL INFILE 'x' INTO TABLE t", {EXECUTE(MI_MODE_SOURCE)}, "send source"},
	    {"USE shop", {SOURCE}, "use"},
	    {"USE shop", {EXECUTE(MI_MODE_SOURCE)}, "send source"},
	};

	TABLE("mode", rows);
}

/* Everything about a session that keeps its reads at the source. */
static void reads(void)
{
	const struct row rows[] = {
	    {read_t, {REPLICA, .reader = MI_READER_HAS}, "send target read"},
	    {read_t, {REPLICA, .reader = MI_READER_WAITS}, "wait causal"},
	    {read_t, {REPLICA, .reader = MI_READER_BEHIND}, "send source read"},
	    {read_t, {REPLICA, .reader = MI_READER_SILENT}, "send source read"},
	    {read_t, {REPLICA, .reader = MI_READER_UNKNOWN}, "send source read"},
	    {read_t, {REPLICA, .reader = MI_READER_DOWN}, "send source read"},
	    {read_t, {REPLICA, .reader = MI_READER_REFUSED}, "send source read"},
	    {read_t, {REPLICA, .held = true}, "ask"},
	    {read_t, {EXECUTE(MI_MODE_REPLICA)}, "ask"},
	    {read_t,
	     {EXECUTE(MI_MODE_REPLICA), .writer_only = true, .reader = MI_READER_HAS},
	     "send source read"},
	    {read_t, {PREPARE(MI_MODE_REPLICA)}, "send source read"},
	    {read_t, {REPLICA, .elsewhere = true}, "send source read"},
	    {read_t, {REPLICA, .elsewhere = true, .failed = true}, "send source read"},
	    {read_t, {REPLICA, .only_writer = true}, "send source read"},
	    {read_t, {REPLICA, .unsure = true}, "send source read"},
	    {read_t, {REPLICA, .auto_is_null = true}, "send source read"},
	    {read_t, {REPLICA, .next_only = true}, "send source read"},
	    {read_t, {REPLICA, .pins = MI_CLASS_PIN_TEMPORARY}, "send source read"},
	    {read_t, {REPLICA, .in_trans = true}, "send source read"},
	    {read_t,
	     {.mode = MI_MODE_REPLICA, .target_given = true, .code = MI_COM_QUERY},
	     "send source read"},
	    {read_t,
	     {.mode = MI_MODE_REPLICA, .autocommit = true, .code = MI_COM_QUERY},
	     "send source read"},
	};

	TABLE("read", rows);
}

static void reasons(void)
{
	static const struct {
		struct mi_facts facts;
		enum mi_route_reason reason;
	} rows[] = {
	    {{REPLICA, .reader = MI_READER_HAS}, MI_REASON_NONE},
	    {{REPLICA, .reader = MI_READER_BEHIND}, MI_REASON_BEHIND},
	    {{REPLICA, .reader = MI_READER_SILENT}, MI_REASON_SILENT},
	    {{REPLICA, .reader = MI_READER_UNKNOWN}, MI_REASON_UNKNOWN},
	    {{REPLICA, .reader = MI_READER_DOWN}, MI_REASON_DOWN},
	    {{REPLICA, .reader = MI_READER_REFUSED}, MI_REASON_REFUSED},
	    {{REPLICA, .elsewhere = true}, MI_REASON_DOWN},
	    {{REPLICA, .elsewhere = true, .failed = true}, MI_REASON_REFUSED},
	    {{REPLICA, .in_trans = true}, MI_REASON_SESSION},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct mi_client_statement statement = statement_of(&rows[i].facts, read_t);
		struct mi_verdict verdict = mi_decide(&rows[i].facts, &statement);

		CHECK(verdict.effects.reason == rows[i].reason, "reason %zu: %d", i,
		      verdict.effects.reason);
	}
}

/* What an earlier statement left behind is asked for where that ran. */
static void diagnostics(void)
{
	const struct mi_facts read_there = {QUERY(MI_MODE_REPLICA), .last = MI_ROUTE_TARGET,
	                                    .last_select = MI_ROUTE_TARGET},
			      wrote_here = {QUERY(MI_MODE_REPLICA), .last_select = MI_ROUTE_TARGET},
			      busy = {.mode = MI_MODE_REPLICA,
	                              .target_given = true,
	                              .autocommit = true,
	                              .idle = {true, false},
	                              .code = MI_COM_QUERY,
	                              .last = MI_ROUTE_TARGET};
	const struct row rows[] = {
	    {"SHOW WARNINGS", read_there, "send target read untouched"},
	    {"SHOW WARNINGS", {REPLICA}, "send source read untouched"},
	    {"SHOW WARNINGS", busy, "send target read"},
	    {"SELECT FOUND_ROWS()", read_there, "send target read untouched"},
	    {"SELECT FOUND_ROWS()", wrote_here, "send target read untouched"},
	    {"SELECT ROW_COUNT()", wrote_here, "send source read untouched"},
	    {"SELECT LAST_INSERT_ID()", read_there, "send source read"},
	    /* together, or within another statement: only where all of it is */
	    {"SELECT ROW_COUNT(), FOUND_ROWS()", read_there, "send target read untouched stays"},
	    {"SELECT ROW_COUNT(), FOUND_ROWS()", wrote_here, "elsewhere untouched stays"},
	    {"SELECT ROW_COUNT(), LAST_INSERT_ID()", {REPLICA}, "send source read untouched stays"},
	    {"SELECT ROW_COUNT(), LAST_INSERT_ID()", read_there, "elsewhere untouched stays"},
	    {"INSERT INTO t VALUES (FOUND_ROWS())", wrote_here, "elsewhere stays"},
	    {"INSERT INTO t VALUES (FOUND_ROWS())", {REPLICA}, "send source stays"},
	    {"INSERT INTO t VALUES (ROW_COUNT())", wrote_here, "send source stays"},
	    {"SET @n = ROW_COUNT()", read_there, "elsewhere stays"},
	    {"GET DIAGNOSTICS @n = NUMBER", read_there, "elsewhere stays"},
	    {"GET DIAGNOSTICS @n = NUMBER", {REPLICA}, "send source stays"},
	    {"INSERT INTO t VALUES (LAST_INSERT_ID())", read_there, "send source"},
	    /* of several statements the later ones ask what the first has left */
	    {"UPDATE t SET c = 1; SELECT ROW_COUNT()", read_there, "send source"},
	    {"SELECT ROW_COUNT(); SELECT 1", read_there, "elsewhere stays"},
	    /* a body, or what is prepared only, asks later */
	    {"CREATE TEMPORARY TABLE n SELECT ROW_COUNT()", read_there, "elsewhere stays"},
	    {"CREATE PROCEDURE p() SELECT ROW_COUNT()",
	     {QUERY(MI_MODE_SOURCE), .last = MI_ROUTE_TARGET},
	     "send source"},
	    {"SELECT ROW_COUNT() FROM t",
	     {PREPARE(MI_MODE_REPLICA), .last = MI_ROUTE_TARGET},
	     "send source read"},
	};

	TABLE("diagnostics", rows);
}

/* After a switch it is asked for at the old writer, as long as nothing else was run; when it is
 * lost with its connection the session is. */
static void diagnostics_left(void)
{
	const struct mi_facts lost = {MOVED, .last_gone = true, .select_gone = true};
	const struct row rows[] = {
	    {"SHOW WARNINGS", {MOVED}, "send source read untouched"},
	    {"SELECT ROW_COUNT()", {MOVED}, "send source read untouched"},
	    {"SELECT FOUND_ROWS()", {MOVED}, "send source read untouched"},
	    {"SELECT FOUND_ROWS(), ROW_COUNT(), LAST_INSERT_ID()",
	     {MOVED},
	     "send source read untouched stays"},
	    {"SELECT LAST_INSERT_ID()", {MOVED}, "send target read"},
	    {"INSERT INTO t VALUES (ROW_COUNT())", {MOVED}, "elsewhere stays"},
	    {write_t, {MOVED}, "send target"},
	    {read_t, {MOVED}, "send target read"},
	    {"SHOW WARNINGS", lost, "lost untouched"},
	    {"SELECT FOUND_ROWS()", lost, "lost untouched"},
	    {"SET @n = FOUND_ROWS()", lost, "lost stays"},
	    {"SELECT LAST_INSERT_ID()", lost, "send target read"},
	    {write_t, lost, "send target"},
	};

	TABLE("left", rows);
}

/* A hold lets through what it waits for, and what changes nothing. */
static void holds(void)
{
	const struct row rows[] = {
	    {write_t, {SOURCE, .held = true}, "wait hold"},
	    {NULL, {SOURCE, .held = true}, "wait hold"},
	    {"BEGIN", {SOURCE, .held = true}, "wait hold"},
	    {read_t, {SOURCE, .held = true}, "send source read"},
	    {write_t, {SOURCE, .held = true, .in_trans = true, .wrote = true}, "send source"},
	    {write_t, {SOURCE, .held = true, .in_trans = true}, "wait hold"},
	    {"COMMIT", {SOURCE, .held = true, .in_trans = true, .wrote = true}, "send source"},
	    {"COMMIT", {SOURCE, .held = true, .in_trans = true}, "send source"},
	    {"ROLLBACK", {SOURCE, .held = true, .in_trans = true}, "send source"},
	    {"COMMIT", {PREPARE(MI_MODE_SOURCE), .held = true, .in_trans = true}, "send source"},
	    {"COMMIT", {SOURCE, .held = true}, "wait hold"},
	    {"SHOW WARNINGS", {SOURCE, .held = true}, "send source read untouched"},
	    {"USE shop", {SOURCE, .held = true}, "wait hold"},
	    {write_t, {PREPARE(MI_MODE_SOURCE), .held = true}, "wait hold"},
	};

	TABLE("hold", rows);
}

/* A transaction that has only read lives on where it was begun, while the writer has moved: source
 * to target here. */
#define OPEN MOVED, .in_trans = true, .trans_as_writer = true, .trans_side = MI_ROUTE_SOURCE
static void transactions(void)
{
	struct mi_facts lost = {OPEN, .snapshot = true};
	struct row rows[] = {
	    {read_t, {OPEN, .snapshot = true}, "send source read"},
	    {write_t, {OPEN, .snapshot = true}, "conflict"},
	    {NULL, {OPEN, .snapshot = true}, "conflict"},
	    {"COMMIT", {OPEN}, "send source"},
	    {"ROLLBACK", {OPEN}, "send source"},
	    {write_t, {PRIMARY, .in_trans = true, .trans_side = MI_ROUTE_TARGET}, "send target"},
	    /* a transaction of the reading side is no concern of the writer's */
	    {write_t, {REPLICA, .in_trans = true, .trans_side = MI_ROUTE_TARGET}, "send source"},
	    /* the old server is lost, and the transaction with it */
	    {read_t, {0}, "conflict"},
	    {"COMMIT", {0}, "send target forgets-trans"},
	    {write_t, {0}, "conflict"},
	    /* without a snapshot it would read what is out of date, for ever */
	    {read_t, {OPEN}, "conflict"},
	    {"SHOW TABLES", {OPEN}, "conflict"},
	    {"SHOW WARNINGS", {OPEN}, "send source read untouched"},
	    {"COMMIT", {OPEN}, "send source"},
	    /* a statement that has something at the new writer cannot be run in the old transaction
	     */
	    {read_t,
	     {EXECUTE(MI_MODE_PRIMARY), .in_trans = true, .trans_as_writer = true, .snapshot = true,
	      .trans_side = MI_ROUTE_SOURCE, .bound = true, .home = MI_ROUTE_TARGET},
	     "conflict"},
	    {read_t,
	     {EXECUTE(MI_MODE_PRIMARY), .in_trans = true, .trans_as_writer = true, .snapshot = true,
	      .trans_side = MI_ROUTE_SOURCE, .bound = true, .home = MI_ROUTE_SOURCE},
	     "send source read"},
	    /* ... nor is a write that has something where the transaction is: that is no writer any
	       more */
	    {write_t,
	     {EXECUTE(MI_MODE_PRIMARY), .in_trans = true, .trans_as_writer = true, .snapshot = true,
	      .trans_side = MI_ROUTE_SOURCE, .bound = true, .home = MI_ROUTE_SOURCE},
	     "conflict"},
	    /* SET TRANSACTION was for the next one, at the source */
	    {"BEGIN",
	     {SOURCE, .next_only = true, .next_side = MI_ROUTE_SOURCE},
	     "send source read"},
	    {"BEGIN",
	     {PRIMARY, .next_only = true, .next_side = MI_ROUTE_SOURCE},
	     "conflict forgets-next"},
	    {"COMMIT", {PRIMARY, .next_only = true, .next_side = MI_ROUTE_SOURCE}, "send target"},
	};

	lost.idle[MI_ROUTE_SOURCE] = false;
	rows[7].facts = rows[8].facts = rows[9].facts = lost;
	TABLE("transaction", rows);
}

/* The router has rolled the session's transaction back, and the client does not know. */
static void evictions(void)
{
	const struct row rows[] = {
	    {read_t, {SOURCE, .evicted = true}, "conflict"},
	    {write_t, {SOURCE, .evicted = true}, "conflict"},
	    {"COMMIT", {SOURCE, .evicted = true}, "conflict"},
	    {NULL, {SOURCE, .evicted = true}, "conflict"},
	    {"ROLLBACK", {SOURCE, .evicted = true}, "send source forgives"},
	    {"ROLLBACK", {EXECUTE(MI_MODE_SOURCE), .evicted = true}, "send source forgives"},
	    {"ROLLBACK", {SOURCE, .evicted = true, .held = true}, "wait hold forgives"},
	    /* prepared only, it rolls nothing back: the client would never be told */
	    {"ROLLBACK", {PREPARE(MI_MODE_SOURCE), .evicted = true}, "conflict"},
	    {write_t, {EXECUTE(MI_MODE_SOURCE), .evicted = true}, "conflict"},
	};

	TABLE("evicted", rows);
}

static void statements(void)
{
	const struct row rows[] = {
	    {write_t, {EXECUTE(MI_MODE_SOURCE), .fixed = true, .bound = true}, "send source"},
	    {write_t, {EXECUTE(MI_MODE_PRIMARY), .fixed = true, .bound = true}, "gone"},
	    {read_t,
	     {EXECUTE(MI_MODE_REPLICA), .bound = true, .reader = MI_READER_HAS},
	     "send source read"},
	    {read_t,
	     {EXECUTE(MI_MODE_REPLICA), .bound = true, .home = MI_ROUTE_TARGET,
	      .reader = MI_READER_BEHIND},
	     "send target read"},
	    /* nobody answers long data, so nothing is refused at it */
	    {write_t, {LONG_DATA(MI_MODE_SOURCE)}, "send source"},
	    {write_t, {LONG_DATA(MI_MODE_SOURCE), .evicted = true}, "send source"},
	    {write_t, {LONG_DATA(MI_MODE_PRIMARY), .fixed = true, .bound = true}, "send source"},
	    {write_t, {LONG_DATA(MI_MODE_SOURCE), .held = true}, "wait hold"},
	    {write_t,
	     {LONG_DATA(MI_MODE_SOURCE), .held = true, .in_trans = true, .wrote = true},
	     "send source"},
	    {read_t,
	     {LONG_DATA(MI_MODE_PRIMARY), .in_trans = true, .trans_as_writer = true,
	      .trans_side = MI_ROUTE_SOURCE},
	     "send source"},
	};

	TABLE("statement", rows);
}

/* While rows flow, and what only the writer gets. */
static void definitions(void)
{
	static const char create[] = "CREATE TABLE n (id INT PRIMARY KEY)";
	const struct row rows[] = {
	    {create, {SOURCE}, "send source"},
	    {create, {REPLICA}, "no-ddl"},
	    {create, {PRIMARY}, "no-ddl"},
	    {create, {TARGET}, "send target"},
	    {create, {PREPARE(MI_MODE_REPLICA)}, "no-ddl"},
	    {create, {REPLICA, .allow_ddl = true}, "send source"},
	    {"CREATE TEMPORARY TABLE n (id INT)", {REPLICA}, "send source"},
	    {"SELECT 1; DROP TABLE n", {REPLICA}, "no-ddl"},
	    {"CREATE USER u", {SOURCE}, "send source"},
	    {"CREATE USER u", {REPLICA}, "send source stays-behind"},
	    {"SET GLOBAL max_connections = 9", {PRIMARY}, "send target stays-behind"},
	    {"CREATE USER u", {TARGET}, "send target"},
	    {"CREATE USER u", {PREPARE(MI_MODE_REPLICA)}, "send source"},
	};

	TABLE("definition", rows);
}

/* They go to the server as the client writes them: the router sets its own again afterwards. */
static void trackers(void)
{
	static const char alone[] = "SET session_track_gtids = OFF";
	const struct row rows[] = {
	    {alone, {SOURCE}, "send source"},
	    {alone, {EXECUTE(MI_MODE_SOURCE)}, "send source"},
	    {alone, {PREPARE(MI_MODE_SOURCE)}, "send source"},
	    {alone, {SOURCE, .held = true}, "wait hold"},
	};

	TABLE("tracker", rows);
}

static struct mi_effects effects(const char *text, struct mi_facts facts)
{
	struct mi_client_statement statement = statement_of(&facts, text);

	return mi_decide(&facts, &statement).effects;
}

/* A statement whose objects do more than its text says. */
static void programs(void)
{
	static const struct {
		const char *text;
		struct mi_program_effects uses;
		struct mi_facts facts;
		const char *want;
	} rows[] = {
	    {read_t, {.stays = true}, {REPLICA, .reader = MI_READER_HAS}, "send source read"},
	    {read_t, {0}, {REPLICA, .programs_unread = true}, "send source read"},
	    {read_t, {.changes = true, .stays = true}, {REPLICA}, "send source"},
	    {read_t, {.changes = true, .stays = true}, {SOURCE, .held = true}, "wait hold"},
	    {read_t, {.stays = true}, {PRIMARY}, "send target read"},
	    {"CALL p()", {.defines = true}, {REPLICA}, "no-ddl"},
	    {"CALL p()", {.hidden = true}, {PRIMARY}, "no-ddl"},
	    {"CALL p()", {.hidden = true}, {SOURCE}, "send source"},
	    {"CALL p()", {.hidden = true}, {REPLICA, .allow_ddl = true}, "send source"},
	    {"CALL p()", {.pins = MI_CLASS_PIN_STATE}, {REPLICA}, "send source"},
	};
	struct mi_buf out = {0};
	struct mi_client_statement statement;
	const struct mi_facts source = {SOURCE}, prepare = {PREPARE(MI_MODE_SOURCE)};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct mi_verdict verdict;

		statement = statement_of(&rows[i].facts, rows[i].text);
		statement.uses = rows[i].uses;
		verdict = mi_decide(&rows[i].facts, &statement);
		CHECK_STR(told(&verdict, &out), rows[i].want, rows[i].text);
	}
	mi_buf_release(&out);
	statement = statement_of(&source, read_t);
	statement.uses.pins = MI_CLASS_PIN_USER_LOCK;
	CHECK(mi_decide(&source, &statement).effects.pins == MI_CLASS_PIN_USER_LOCK,
	      "a view that takes a lock pins");
	CHECK(mi_decide(&prepare, &statement).effects.pins == 0, "... when it is read");
	statement.uses.hidden = true;
	CHECK(mi_decide(&source, &statement).effects.redefines &&
	          mi_decide(&source, &statement).effects.hides_text,
	      "a hidden text may have been a definition");
	CHECK(mi_decide_must_look(&(struct mi_facts){SOURCE, .programs_pin = true}, true),
	      "where programs pin, every statement is looked at");
}

/* What cannot be read, or only in part, is not let through while rows flow. */
static void guards(void)
{
	const struct row rows[] = {
	    {"/*!50001 CREATE TABLE n (a INT) */", {REPLICA}, "no-ddl"},
	    {"/*!99999 CREATE TABLE n (a INT) */", {REPLICA}, "send source read"},
	    {"/*!40000 ALTER TABLE t DISABLE KEYS */", {REPLICA}, "send source"},
	    {"ALTER TABLE t ENABLE KEYS", {PRIMARY}, "send target"},
	    {"ALTER TABLE t ENABLE KEYS, ADD a INT", {PRIMARY}, "no-ddl"},
	    {"PREPARE p FROM 'SELECT 1'", {REPLICA}, "send source"},
	    {"PREPARE p FROM 'DROP TABLE t'", {REPLICA}, "no-ddl"},
	    {"PREPARE p FROM @v", {REPLICA}, "no-ddl"},
	    {"PREPARE p FROM @v", {SOURCE}, "send source"},
	    {"EXECUTE p", {REPLICA}, "send source"},
	    {"EXECUTE p", {REPLICA, .hides_text = true}, "no-ddl"},
	    {"EXECUTE IMMEDIATE 'DROP TABLE t'", {REPLICA}, "no-ddl"},
	    {"EXECUTE IMMEDIATE @v", {REPLICA}, "no-ddl"},
	    {"BEGIN NOT ATOMIC DROP TABLE t; END", {REPLICA}, "no-ddl"},
	    {"IF 1 THEN DROP TABLE t; END IF", {REPLICA}, "no-ddl"},
	    {"SELECT 'no end", {REPLICA}, "send source read"},
	    {"SELECT 'no end; DROP TABLE t", {REPLICA}, "no-ddl"},
	    {"CREATE TABLE 'no end", {REPLICA}, "no-ddl"},
	    {"\x01", {REPLICA}, "no-ddl"},
	};
	const struct mi_facts several = {REPLICA, .multi = true}, one = {REPLICA};
	struct mi_client_statement cut = statement_of(&one, NULL);

	TABLE("guard", rows);
	cut.cut = true;
	CHECK(mi_decide(&several, &cut).action == MI_VERDICT_NO_DDL, "others may follow");
	CHECK(mi_decide(&one, &cut).action == MI_VERDICT_SEND, "none can follow");
	cut.kind.hidden = true;
	CHECK(mi_decide(&one, &cut).action == MI_VERDICT_NO_DDL, "an unknown beginning");
	CHECK(effects("PREPARE p FROM @v", one).hides_text &&
	          !effects("PREPARE p FROM '1'", one).hides_text,
	      "what was prepared unread is remembered");
	CHECK(effects("CREATE VIEW v AS SELECT 1", one).redefines &&
	          !effects("CREATE TABLE v (a INT)", one).redefines,
	      "what the catalogue is read anew for");
}

static void what_it_does(void)
{
	const struct mi_facts source = {SOURCE}, wrote = {SOURCE, .in_trans = true, .wrote = true},
			      prepare = {PREPARE(MI_MODE_SOURCE)},
			      execute = {EXECUTE(MI_MODE_SOURCE)};

	CHECK(effects(NULL, source).may_write && effects(NULL, source).makes_ids &&
	          effects(NULL, source).hides_state && effects(NULL, source).may_hide_state,
	      "what was not looked at may do anything");
	CHECK(!effects(read_t, source).may_write && effects(read_t, source).is_read,
	      "a read changes nothing");
	CHECK(effects(write_t, source).may_write && effects(write_t, source).makes_ids, "a write");
	CHECK(!effects("BEGIN", source).may_write && !effects("BEGIN", source).commits, "a BEGIN");
	CHECK(effects("BEGIN", wrote).commits, "a BEGIN commits what was open");
	CHECK(effects("COMMIT", source).may_write, "a COMMIT makes writes seen");
	CHECK(!effects("COMMIT", source).gives_rows, "a COMMIT is no query");
	CHECK(effects("CALL p()", source).runs_program, "a CALL runs a program");
	CHECK(effects("CALL p()", source).hides_state, "... which may hide what it does");
	CHECK(effects("SET TRANSACTION READ ONLY", source).sets_next,
	      "SET TRANSACTION is for the next one");
	CHECK(effects("SET sql_mode = ''", source).keeps_next, "another SET does not use that up");
	CHECK(!effects(write_t, source).keeps_next, "a write does");
	CHECK(!effects("BEGIN", source).keeps_next, "a BEGIN does");
	CHECK(effects("SELECT 1", source).keeps_next, "a query may open no transaction");
	CHECK(effects(NULL, source).keeps_next, "nor may what was not looked at");
	CHECK(!mi_decide_without_text(false).keeps_next, "the end of a transaction does");
	CHECK(mi_decide_without_text(true).keeps_next, "a KILL does not");
	CHECK(effects("SELECT GET_LOCK('a', 1)", source).pins == MI_CLASS_PIN_USER_LOCK,
	      "a lock pins");
	CHECK(effects("SELECT GET_LOCK('a', 1)", prepare).pins == 0,
	      "... but not when it is prepared");
	CHECK(effects("SELECT GET_LOCK('a', 1)", execute).pins == MI_CLASS_PIN_USER_LOCK,
	      "... only when it is executed");
	CHECK(effects("SELECT GET_LOCK('a', 1)", source).pins_failed == MI_CLASS_PIN_USER_LOCK,
	      "... even if the statement fails after that");
	CHECK(effects("SELECT @a := 1 FROM t", source).pins_failed == MI_CLASS_PIN_STATE,
	      "as a variable may have been set");
	CHECK(effects("CREATE TEMPORARY TABLE n (id INT)", source).pins == MI_CLASS_PIN_TEMPORARY &&
	          effects("CREATE TEMPORARY TABLE n (id INT)", source).pins_failed == 0,
	      "a table that could not be made is none");
	CHECK(effects("CREATE TEMPORARY TABLE n (id INT); SELECT 1", source).pins_failed ==
	          MI_CLASS_PIN_TEMPORARY,
	      "... but one before the statement that fails is");
	CHECK(effects("SELECT GET_LOCK('a', 1)", prepare).pins_failed == 0,
	      "what cannot be prepared has done nothing");
	CHECK(effects("SET STATEMENT sql_mode = 'ANSI' FOR SELECT 1", source).for_itself &&
	          !effects("SET STATEMENT sql_mode = 'ANSI' FOR SELECT 1", source).may_hide_state,
	      "a setting for one statement is told, and is over");
	CHECK(effects("UNLOCK TABLES", source).unpins & MI_CLASS_PIN_LOCK_TABLES,
	      "UNLOCK TABLES unpins");
	CHECK(effects("SET session_track_gtids = OFF, sql_mode = ''", source).sets_trackers,
	      "a SET of trackers");
	CHECK(mi_decide_without_text(false).may_write && !mi_decide_without_text(true).may_write,
	      "without a text, as it is said");
}

static void looking(void)
{
	CHECK(!mi_decide_must_look(&(struct mi_facts){SOURCE}, true),
	      "plain, in source: relayed unread");
	CHECK(mi_decide_must_look(&(struct mi_facts){SOURCE}, false), "not plain");
	CHECK(mi_decide_must_look(&(struct mi_facts){REPLICA}, true),
	      "in replica all are looked at");
	CHECK(mi_decide_must_look(&(struct mi_facts){SOURCE, .held = true}, true), "in a hold");
	CHECK(!mi_decide_must_look(&(struct mi_facts){PRIMARY}, true), "plain, in primary");
	CHECK(mi_decide_must_look(&(struct mi_facts){MOVED}, true), "the first after a switch");
	CHECK(mi_decide_must_look(&(struct mi_facts){SOURCE, .next_only = true}, true),
	      "until what is set for the next transaction is used up");
	CHECK(mi_decide_must_look(&(struct mi_facts){SOURCE, .select_gone = true}, true),
	      "when something was lost");
	CHECK(mi_decide_must_look(&(struct mi_facts){SOURCE, .in_trans = true}, true),
	      "in a transaction");
	CHECK(mi_decide_must_look(&(struct mi_facts){.mode = MI_MODE_SOURCE}, true),
	      "without autocommit");
}

int main(void)
{
	modes();
	reads();
	reasons();
	diagnostics();
	diagnostics_left();
	holds();
	transactions();
	evictions();
	statements();
	definitions();
	trackers();
	programs();
	guards();
	what_it_does();
	looking();
	DONE();
}
