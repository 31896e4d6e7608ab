/* What objects do to whoever names them: bodies, calls however deep, circles, what cannot be read.
 * Links neither sockets nor a client library. */
#include "base/buf.h"
#include "route/catalogue/programs.h"
#include "sql/class.h"
#include "sql/program.h"
#include "t.h"

static const struct mi_class_rules mysql = {.charset = MI_LEX_UTF8, .version = 90704};
static const struct mi_class_rules mariadb = {
    .charset = MI_LEX_UTF8, .mariadb = true, .version = 101119};

static const char *pins_of(unsigned pins)
{
	static char out[100];
	const struct {
		unsigned bit;
		const char *name;
	} names[] = {{MI_CLASS_PIN_TEMPORARY, "temporary"},
	             {MI_CLASS_PIN_LOCK_TABLES, "lock"},
	             {MI_CLASS_PIN_USER_LOCK, "user-lock"},
	             {MI_CLASS_PIN_HANDLER, "handler"},
	             {MI_CLASS_PIN_XA, "xa"},
	             {MI_CLASS_PIN_FLUSH_LOCK, "flush"},
	             {MI_CLASS_PIN_STATE, "state"}};

	*out = '\0';
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (pins & names[i].bit)
			(void)snprintf(out + strlen(out), sizeof out - strlen(out), " %s",
			               names[i].name);
	return out;
}

static void bodies(void)
{
	static const struct {
		const char *body, *want;
	} rows[] = {
	    {"RETURN 1", ""},
	    {"BEGIN DECLARE a INT; SET a = 1; RETURN a; END", ""},
	    {"BEGIN SET @v = 1; RETURN 1; END", " state"},
	    {"BEGIN SET x = 1, @v = 2; END", " state"},
	    {"BEGIN SET x = f(1, @v), y = @v; END", ""},
	    {"BEGIN SELECT 1 INTO @v; END", " state"},
	    {"BEGIN SELECT 1, 2 INTO x, @v; END", " state"},
	    {"BEGIN INSERT INTO t VALUES (@v); END", " changes"},
	    {"BEGIN INSERT INTO t (a, b) SELECT @v, 1; END", " changes"},
	    {"RETURN (SELECT @v := 1)", " state"},
	    {"IF @off IS NULL THEN INSERT INTO l VALUES (1); END IF", " changes"},
	    {"CALL p(@v)", " state"},
	    {"RETURN GET_LOCK('x', 0)", " user-lock"},
	    {"BEGIN CREATE TEMPORARY TABLE t (a INT); END", " temporary"},
	    {"BEGIN CREATE OR REPLACE TEMPORARY TABLE t (a INT); END", " temporary changes"},
	    {"BEGIN DROP TEMPORARY TABLE t; END", ""},
	    {"BEGIN CREATE TABLE t (a INT); END", " defines"},
	    {"BEGIN DROP TABLE t; END", " defines"},
	    {"BEGIN ALTER TABLE t ADD a INT; END", " defines"},
	    {"BEGIN TRUNCATE t; END", " defines"},
	    {"RETURN TRUNCATE(1.5, 0)", ""},
	    {"BEGIN DECLARE truncate INT; SELECT truncate; END", ""},
	    {"BEGIN IF 1 THEN RENAME TABLE a TO b; END IF; END", " defines"},
	    {"BEGIN SHOW CREATE TABLE t; END", ""},
	    {"BEGIN DECLARE CONTINUE HANDLER FOR SQLEXCEPTION SET @v = 1; END", " state"},
	    {"BEGIN DECLARE EXIT HANDLER FOR 1062 TRUNCATE t; END", " defines"},
	    {"l: LOOP TRUNCATE t; LEAVE l; END LOOP", " defines"},
	    {"BEGIN SET SESSION timestamp = 5; END", " state"},
	    {"BEGIN SET @@session.timestamp = 5; END", " state"},
	    {"BEGIN SET @@session.sql_mode = ''; END", ""},
	    {"BEGIN SET SESSION sql_mode = '', @v = 1; END", " state"},
	    {"BEGIN PREPARE s FROM 'SELECT 1'; EXECUTE s; END", " state prepares"},
	    {"BEGIN PREPARE s FROM 'DROP TABLE t'; END", " state prepares defines"},
	    {"BEGIN PREPARE s FROM 'SELECT GET_LOCK(1, 2)'; END", " user-lock state prepares"},
	    {"BEGIN PREPARE s FROM @v; END", " state prepares hidden"},
	    {"BEGIN PREPARE s FROM 'SELECT ' 'x'; END", " state prepares hidden"},
	    {"EXECUTE IMMEDIATE 'CREATE TABLE t (a INT)'", " state prepares defines"},
	    {"EXECUTE IMMEDIATE CONCAT('CREATE ', 'TABLE t (a INT)')", " state prepares hidden"},
	    {"EXECUTE IMMEDIATE 'EXECUTE IMMEDIATE ''DROP TABLE t'''", " state prepares defines"},
	    {"BEGIN XA START 'a'; END", " xa"},
	    {"BEGIN UPDATE t SET a = 1; END", " changes"},
	    {"BEGIN REPLACE INTO t VALUES (1); SELECT REPLACE('a', 'b', 'c'); END", " changes"},
	    {"RETURN REPLACE('a', 'b', 'c')", ""},
	    {"RETURN NEXTVAL(s)", " changes"},
	    {"RETURN NEXT VALUE FOR s", " changes"},
	    {"BEGIN LOAD DATA INFILE 'x' INTO TABLE t (@v); END", " state changes"},
	    {"BEGIN /*!50001 DROP TABLE t */; END", " defines"},
	    {"BEGIN /*!99999 DROP TABLE t */; END", ""},
	    {"BEGIN SELECT 'no end", " hidden"},
	    {"BEGIN GET DIAGNOSTICS CONDITION 1 @v = MESSAGE_TEXT; END", " state"},
	    {"BEGIN FETCH c INTO @v; END", " state"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct mi_program_facts facts = {0};
		char got[200];

		mi_program_read(
		    mi_lexer_for(mi_span_str(rows[i].body), 0, MI_LEX_UTF8, true, 101119), &facts);
		(void)snprintf(got, sizeof got, "%s%s%s%s%s", pins_of(facts.pins),
		               facts.prepares ? " prepares" : "", facts.defines ? " defines" : "",
		               facts.hidden ? " hidden" : "", facts.changes ? " changes" : "");
		CHECK_STR(got, rows[i].want, rows[i].body);
	}
}

static void add(struct mi_programs *programs, enum mi_program_kind kind, const char *name,
                const char *body)
{
	mi_programs_add(programs, kind, "app", name, body ? mi_span_str(body) : (struct mi_span){0},
	                0);
}

/* Databases app (imported) and other; what is in them is named after what it does. */
static struct mi_programs *catalogue(const struct mi_class_rules *rules)
{
	struct mi_programs *p = mi_programs_new(rules, false);

	mi_programs_add_database(p, "app", true);
	mi_programs_add_database(p, "other", false);
	mi_programs_add_database(p, "t", false);
	add(p, MI_PROGRAM_FUNCTION, "f_pure", "RETURN 1");
	add(p, MI_PROGRAM_FUNCTION, "f_lock", "RETURN GET_LOCK('x', 0)");
	add(p, MI_PROGRAM_FUNCTION, "f_var", "BEGIN SET @v = 1; RETURN 1; END");
	add(p, MI_PROGRAM_FUNCTION, "f_deep", "RETURN f_deeper(1)");
	add(p, MI_PROGRAM_FUNCTION, "f_deeper", "RETURN app.f_lock()");
	add(p, MI_PROGRAM_FUNCTION, "f_round", "RETURN f_again(1)");
	add(p, MI_PROGRAM_FUNCTION, "f_again", "RETURN f_round(1) + f_var()");
	add(p, MI_PROGRAM_FUNCTION, "f_unread", NULL);
	add(p, MI_PROGRAM_FUNCTION, "f_inserts",
	    "BEGIN INSERT INTO tabled VALUES (1); RETURN 1; END");
	add(p, MI_PROGRAM_FUNCTION, "columns", "RETURN GET_LOCK('x', 0)");
	add(p, MI_PROGRAM_PROCEDURE, "p_ddl", "CREATE TABLE n (a INT)");
	add(p, MI_PROGRAM_PROCEDURE, "p_calls", "CALL p_ddl()");
	add(p, MI_PROGRAM_PROCEDURE, "p_text", "BEGIN PREPARE s FROM @v; EXECUTE s; END");
	add(p, MI_PROGRAM_PROCEDURE, "p_unread", NULL);
	add(p, MI_PROGRAM_PROCEDURE, "id", "SET @v = 1");
	add(p, MI_PROGRAM_TRIGGER, "tabled", "SET @v = 1");
	add(p, MI_PROGRAM_VIEW, "v", "select `app`.`x`.`id` AS `id` from `app`.`x`");
	add(p, MI_PROGRAM_VIEW, "v_on_v", "select `app`.`v`.`id` AS `id` from `app`.`v`");
	add(p, MI_PROGRAM_VIEW, "v_other", "select `y`.`id` AS `id` from `other`.`x` `y`");
	add(p, MI_PROGRAM_VIEW, "v_on_other",
	    "select `app`.`v_other`.`id` AS `id` from `app`.`v_other`");
	add(p, MI_PROGRAM_VIEW, "v_lock", "select `app`.`f_lock`() AS `l`");
	add(p, MI_PROGRAM_VIEW, "v_me", "select connection_id() AS `c`");
	add(p, MI_PROGRAM_VIEW, "v_writes", "select `f_inserts`() AS `i`");
	add(p, MI_PROGRAM_VIEW, "v_tabled",
	    "select `app`.`tabled`.`id` AS `id` from `app`.`tabled`");
	add(p, MI_PROGRAM_VIEW, "v_unread", NULL);
	add(p, MI_PROGRAM_LEFT_OUT, "left_out", NULL);
	mi_programs_settle(p);
	return p;
}

struct row {
	const char *text, *want;
};

static void check(const struct mi_programs *programs, const char *db, const struct row *rows,
                  size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct mi_class_kind kind;
		struct mi_program_effects uses;
		char got[200];

		mi_class_read(mi_span_str(rows[i].text), &mysql, &kind);
		uses = mi_programs_of(programs, mi_span_str(rows[i].text), &mysql, mi_span_str(db),
		                      kind.harmless);
		(void)snprintf(got, sizeof got, "%s%s%s%s%s", pins_of(uses.pins),
		               uses.stays ? " stays" : "", uses.changes ? " changes" : "",
		               uses.defines ? " defines" : "", uses.hidden ? " hidden" : "");
		CHECK_STR(got, rows[i].want, rows[i].text);
	}
}

#define ALL(programs, db, rows) check(programs, db, rows, sizeof rows / sizeof *rows)

static void effects(void)
{
	static const struct row rows[] = {
	    {"SELECT id FROM x", ""},
	    {"SELECT f_pure(1)", " stays"},
	    {"SELECT f_lock()", " user-lock stays"},
	    {"SELECT APP.F_LOCK ()", " user-lock stays"},
	    {"SELECT app.F_LOCK ()", " user-lock stays"},
	    {"SELECT `f_lock`()", " user-lock stays"},
	    {"SELECT f_lock FROM x", ""},
	    {"SELECT f_deep(1)", " user-lock stays"},
	    {"SELECT f_round(1)", " state stays"},
	    {"SELECT f_unread()", " user-lock state stays changes"},
	    {"SELECT COLUMNS(1)", " user-lock stays"},
	    {"SELECT f_inserts()", " state stays changes"},
	    {"CALL p_ddl()", " stays defines"},
	    {"CALL p_calls", " stays defines"},
	    {"CALL app.p_text()", " user-lock state stays changes defines hidden"},
	    {"CALL p_unread()", " user-lock state stays changes defines hidden"},
	    {"SELECT id, p_ddl FROM x", ""},
	    {"INSERT INTO tabled VALUES (1)", " state stays"},
	    {"INSERT INTO tabled (id) VALUES (1)", " state stays"},
	    {"SELECT id FROM tabled", ""},
	    {"SELECT id FROM v", ""},
	    {"SELECT id FROM app.v", ""},
	    {"SELECT id FROM v_on_v", ""},
	    {"SELECT id FROM v_other", " stays"},
	    {"SELECT id FROM v_on_other", " stays"},
	    {"SELECT * FROM V_LOCK", " user-lock stays"},
	    {"SELECT * FROM v_me", " stays"},
	    {"SELECT * FROM v_writes", " state stays changes"},
	    {"SELECT * FROM v_tabled", ""},
	    {"UPDATE v_tabled SET id = 1", " state stays"},
	    {"SELECT * FROM v_unread", " user-lock state stays changes"},
	    {"SELECT * FROM left_out", " stays"},
	    {"SELECT id FROM other.x", " stays"},
	    {"SELECT other.x.id FROM other.x", " stays"},
	    {"SELECT y.id FROM x y", ""},
	    {"SELECT y.id, y.* FROM x AS y JOIN app.z ON z.id = y.id", ""},
	    {"SELECT id FROM hidden.x", " stays"},
	    {"SELECT id FROM `hidden`.x", " stays"},
	    {"SELECT hidden.f(1)", " user-lock state stays changes"},
	    {"CALL hidden.p(1)", " user-lock state stays changes defines hidden"},
	    {"INSERT INTO hidden.x (id) VALUES (1)", " stays"},
	    {"SELECT other FROM x", ""},
	    /* an alias that is a database's name, too */
	    {"SELECT other.id FROM x other", " stays"},
	    {"SELECT t.id FROM t", " stays"},
	    {"SELECT id FROM APP.x", " stays"},
	};
	struct mi_programs *programs = catalogue(&mysql);
	size_t unread;

	ALL(programs, "app", rows);
	CHECK(mi_programs_pin(programs), "some of them pin");
	CHECK(mi_programs_count(programs, &unread) == 25 && unread == 3,
	      "so many could not be read");
	mi_programs_free(programs);
}

static void elsewhere(void)
{
	static const struct row nowhere[] = {{"SELECT id FROM app.x", ""},
	                                     {"SELECT 1", ""},
	                                     {"SELECT f_lock()", ""},
	                                     {"SELECT app.f_lock()", " user-lock stays"}},
				other[] = {{"SELECT id FROM x", " stays"},
	                                   {"SELECT id FROM app.x", " stays"},
	                                   {"SELECT f_lock()", " stays"}};
	struct mi_programs *programs = catalogue(&mariadb);

	ALL(programs, "", nowhere);
	ALL(programs, "other", other);
	mi_programs_free(programs);
}

/* A name above ASCII that is not found, in bytes of another character set perhaps, is any of them.
 */
static void letters(void)
{
	static const struct row rows[] = {{"SELECT \xc3\xa4()", " user-lock stays"},
	                                  {"SELECT \xc3\x84()", " user-lock stays"},
	                                  {"SELECT `\xc3\xa4` FROM x", " user-lock stays"},
	                                  {"SELECT a()", ""}};
	struct mi_programs *programs = mi_programs_new(&mysql, false);

	mi_programs_add_database(programs, "app", true);
	add(programs, MI_PROGRAM_FUNCTION, "\xc3\xa4", "RETURN GET_LOCK('x', 0)");
	mi_programs_settle(programs);
	ALL(programs, "app", rows);
	mi_programs_free(programs);
}

static void nothing(void)
{
	struct mi_programs *programs = mi_programs_new(&mysql, true);
	static const struct row rows[] = {{"SELECT id FROM APP.x", ""}, {"SELECT id FROM x", ""}};

	mi_programs_add_database(programs, "app", true);
	mi_programs_settle(programs);
	ALL(programs, "App", rows);
	CHECK(!mi_programs_pin(programs), "nothing pins");
	mi_programs_free(programs);
}

static void listed(void)
{
	struct mi_programs *programs = catalogue(&mysql);
	struct mi_buf text = {0};

	mi_programs_print(programs, &text);
	CHECK(strstr(mi_buf_cstr(&text), "function app.f_deep stays pins\n") != NULL, "%s",
	      mi_buf_cstr(&text));
	CHECK(strstr(mi_buf_cstr(&text),
	             "procedure app.p_unread unread stays writes pins defines hidden\n"),
	      "%s", mi_buf_cstr(&text));
	CHECK(!strstr(mi_buf_cstr(&text), "view app.v "), "a plain view is not listed");
	mi_buf_release(&text);
	mi_programs_free(programs);
}

int main(void)
{
	bodies();
	effects();
	elsewhere();
	letters();
	nothing();
	listed();
	DONE();
}
