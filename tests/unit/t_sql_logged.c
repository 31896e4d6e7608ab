/* What statements of a binary log mean for a follower. */
#include "base/buf.h"
#include "sql/lexer.h"
#include "sql/logged.h"
#include "sql/tokens.h"
#include "t.h"

#include <stdlib.h>

static const struct {
	const char *text;
	enum mi_logged_effect effect;
} cases[] = {
    {"", MI_LOGGED_EFFECT_REFUSED},
    {"(", MI_LOGGED_EFFECT_REFUSED},
    {"CREATE", MI_LOGGED_EFFECT_REFUSED},
    {"INSERT INTO t VALUES (1)", MI_LOGGED_EFFECT_REFUSED},
    {"CREATE TABLE t SELECT 1", MI_LOGGED_EFFECT_REFUSED},
    {"CREATE TABLE t (i INT) AS (SELECT 1)", MI_LOGGED_EFFECT_REFUSED},
    {"CREATE TABLE t (i INT) START TRANSACTION", MI_LOGGED_EFFECT_REFUSED},
    {"ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u", MI_LOGGED_EFFECT_REFUSED},
    {"ALTER TABLE t DISCARD TABLESPACE", MI_LOGGED_EFFECT_REFUSED},
    {"GRANT SELECT ON *.* TO u", MI_LOGGED_EFFECT_HARMLESS},
    {"drop user u", MI_LOGGED_EFFECT_HARMLESS},
    {"CREATE TEMPORARY TABLE t SELECT 1", MI_LOGGED_EFFECT_HARMLESS},
    {"ALTER TABLE t DISABLE KEYS", MI_LOGGED_EFFECT_HARMLESS},
    {"/*!40000 ALTER TABLE `d`.`t` ENABLE KEYS */", MI_LOGGED_EFFECT_HARMLESS},
    {"ALTER TABLE t DISABLE KEYS, ADD c INT", MI_LOGGED_EFFECT_DEFINES},
    {"CREATE TABLE t (`select` INT)", MI_LOGGED_EFFECT_DEFINES},
    {"/* c */ CREATE UNIQUE INDEX i ON t (a)", MI_LOGGED_EFFECT_DEFINES},
    {"ALTER TABLE t RENAME COLUMN a TO b", MI_LOGGED_EFFECT_DEFINES},
    {"ALTER TABLE t ADD c VARCHAR(9) DEFAULT 'RENAME TO x'", MI_LOGGED_EFFECT_DEFINES},
    {"CREATE DEFINER=`a`@`b` TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a=1",
     MI_LOGGED_EFFECT_ACTIVE},
    {"DROP EVENT e", MI_LOGGED_EFFECT_ACTIVE},
    {"ALTER TABLE t ADD u VARCHAR(40) DEFAULT uuid()", MI_LOGGED_EFFECT_REFUSED},
    {"ALTER TABLE t ADD (a INT, u DOUBLE DEFAULT (1 + rand ())), ADD b INT",
     MI_LOGGED_EFFECT_REFUSED},
    {"ALTER TABLE t ADD u DATETIME DEFAULT SYSDATE()", MI_LOGGED_EFFECT_REFUSED},
    {"ALTER TABLE t ADD u INT DEFAULT NEXT VALUE FOR s", MI_LOGGED_EFFECT_REFUSED},
    {"ALTER TABLE t ADD u INT DEFAULT nextval(s)", MI_LOGGED_EFFECT_REFUSED},
    {"ALTER TABLE t ADD u VARCHAR(99) DEFAULT (CURRENT_USER)", MI_LOGGED_EFFECT_REFUSED},
    {"ALTER TABLE t ADD u DATETIME(6) DEFAULT NOW(6) ON UPDATE NOW(6), ADD INDEX i (u)",
     MI_LOGGED_EFFECT_DEFINES},
    {"ALTER TABLE t ADD u VARCHAR(9) DEFAULT (CONCAT('uuid()', MONTHNAME(NOW()))), ADD KEY k (u)",
     MI_LOGGED_EFFECT_DEFINES},
    {"ALTER TABLE t DEFAULT CHARSET utf8mb4, ADD INDEX i (a)", MI_LOGGED_EFFECT_DEFINES},
    {"ALTER TABLE t ADD a INT DEFAULT 5 CHECK (a > 2), ADD b INT DEFAULT NULL CHECK (b > 2), ADD "
     "UNIQUE u (a)",
     MI_LOGGED_EFFECT_DEFINES},
    {"ALTER TABLE t ADD (a INT DEFAULT 5, KEY i (a)), ADD KEY j (a)", MI_LOGGED_EFFECT_DEFINES},
    {"CREATE TABLE t (u VARCHAR(40) DEFAULT uuid())", MI_LOGGED_EFFECT_DEFINES},
    {"ALTER TABLE t RENAME u", MI_LOGGED_EFFECT_MOVES},
    {"ALTER TABLE t ADD c INT, RENAME TO u", MI_LOGGED_EFFECT_MOVES},
    {"ALTER TABLE t DROP PARTITION p", MI_LOGGED_EFFECT_MOVES},
    {"RENAME TABLE t TO u", MI_LOGGED_EFFECT_MOVES},
    {"DROP TABLE t", MI_LOGGED_EFFECT_MOVES},
    {"CREATE OR REPLACE TABLE t (i INT)", MI_LOGGED_EFFECT_MOVES},
    {"TRUNCATE t", MI_LOGGED_EFFECT_TRUNCATES},
};

/* Where readers of their own once disagreed: the router's, two of the log's. "kind object effect",
 * with "ours" and "several". */
static const char *const exact[][2] = {
    {"BEGIN WORK;", "begin"},
    {"START TRANSACTION READ ONLY", "begin"},
    {"/*!40101 BEGIN */", "begin"},
    {"BEGIN NOT ATOMIC SELECT 1; END", "change"},
    {"BEGIN 'open", "change"},
    {"commit /* x */ work", "commit"},
    {"COMMIT AND NO CHAIN", "commit"},
    {"COMMIT AND CHAIN", "change"},
    {"ROLLBACK WORK", "rollback"},
    {"ROLLBACK WORK TO SAVEPOINT a", "rollback to"},
    {"ROLLBACK TO `a b`", "rollback to"},
    {"SAVEPOINT a", "savepoint"},
    {"RELEASE SAVEPOINT a", "savepoint"},
    {"XA START X'61',X'',1 ;", "xa start X'61',X'',1"},
    {"XA END X'61',X'',1", "xa end X'61',X'',1"},
    {"XA COMMIT /* x */ X'61',X'',1\n", "xa commit X'61',X'',1"},
    {"xa rollback 'a'", "xa rollback 'a'"},
    {"XA PREPARE 'a'", "change"},
    {"", "harmless"},
    {"# Dummy event 'x", "harmless"},
    {"/* nothing */", "harmless"},
    {"/* open", "change"},
    {"# x\nDROP TABLE t", "definition table moves"},
    {"ANALYZE LOCAL TABLE t", "harmless"},
    {"OPTIMIZE TABLE t", "harmless"},
    {"CHECK TABLE t", "harmless"},
    {"FLUSH PRIVILEGES", "harmless"},
    {"REPAIR TABLE t", "change"}, /* may lose rows */
    {"ANALYZE UPDATE t SET a = 1", "change"},
    {"SET PASSWORD FOR u = 'x'", "harmless"},
    {"SET ROLE r", "change"},
    {"CREATE OR REPLACE USER u", "harmless"},
    {"DROP ROLE IF EXISTS r", "harmless"},
    {"CREATE OR REPLACE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x')", "harmless"},
    {"CREATE OR REPLACE TEMPORARY TABLE t (a INT)", "harmless"},
    {"DROP /*!40005 TEMPORARY */ TABLE IF EXISTS `t`", "harmless"},
    {"DROP TEMPORARY TABLE a; DROP TABLE b", "change"},
    {"DROP TABLE a; DROP TABLE b", "change"},
    {"CREATE PROCEDURE p() BEGIN SET @a = 1; TRUNCATE t; END", "definition routine defines"},
    {"DROP PROCEDURE p; DROP TABLE t", "change"},
    {"CREATE DEFINER=role VIEW v AS SELECT 1", "definition view defines"},
    {"ALTER DEFINER = user@10.0.0.1 EVENT e DISABLE", "definition event active"},
    {"ALTER DEFINER=CURRENT_USER() EVENT e DISABLE", "definition event active"},
    {"CREATE DEFINER=`table`@`b` TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a=1",
     "definition trigger active"},
    {"CREATE SPATIAL INDEX i ON t (a)", "definition index defines"},
    {"CREATE SPATIAL REFERENCE SYSTEM 5 NAME 'x'", "definition  refused"},
    {"CREATE RESOURCE GROUP g TYPE = USER", "definition  refused"},
    {"CREATE TABLESPACE s ADD DATAFILE 'x'", "definition  refused"},
    {"CREATE SEQUENCE s", "definition sequence refused"},
    {"CREATE PACKAGE p AS FUNCTION f RETURN INT; END", "definition routine defines"},
    {"DROP PACKAGE BODY p", "definition routine defines"},
    {"CREATE OR REPLACE DATABASE d", "definition database moves"},
    {"CREATE TABLE t TABLE u", "definition table refused"},
    {"CREATE TABLE t (a INT) AS VALUES ROW(1)", "definition table refused"},
    {"CREATE TABLE t (a INT) PARTITION BY LIST (a) (PARTITION p VALUES IN (1))",
     "definition table defines"},
    {"CREATE TABLE t (a INT) COMMENT 'open", "definition table refused"},
    {"CREATE TABLE 5t.5e3 (a INT)", "definition table defines"},
    {"CREATE TABLE t\xe9 (a INT)", "definition table defines"},
    {"ALTER TABLE t\xe9 EXCHANGE PARTITION p WITH TABLE u", "definition table refused"},
    {"ALTER TABLE t\xa0"
     "DISCARD TABLESPACE",
     "definition table refused"},
    {"ALTER TABLE 'a' ADD b INT", "definition table refused"},
    {"ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4", "definition table defines"},
    {"ALTER TABLE t CONVERT PARTITION p TO TABLE u", "definition table refused"},
    {"ALTER TABLE t RENAME u, EXCHANGE PARTITION p WITH TABLE v", "definition table refused"},
    {"ALTER TABLE t /*!50100 PARTITION BY HASH (a) */", "definition table defines"},
    {"/*!40000 ALTER TABLE `t` DISABLE KEYS */", "harmless"},
    {"/*!50701 DROP TABLE t */", "definition table refused"},
    {"/*M!100100 DROP TABLE t */", "definition table refused"},
    {"DROP TABLES t", "definition table moves"},
    {"RENAME TABLES t TO u", "definition table moves"},
    {"RENAME TABLE t TO u, v TO w", "definition table moves several"},
    {"DROP TABLE a, b", "definition table moves several"},
    {"/* x */ DROP TABLE IF EXISTS a, b, c, d, e, f", "definition table moves several"},
    {"DROP TRIGGER x", "definition trigger active"},
    {"ALTER TABLE t ADD a INT, ADD b INT", "definition table defines"},
    {"CREATE TABLE IF NOT EXISTS `d`.`_mi_x` (a INT)", "definition table defines ours"},
    {"CREATE TABLE a LIKE _mi_x", "definition table defines"},
    {"DROP TABLES _mi_x", "definition table moves ours"},
    {"DROP TABLE d._mi_a, d._mi_b, d._mi_c, d._mi_d, d._mi_e",
     "definition table moves ours several"},
    {"DROP TABLE d._mi_a, d._mi_b, d._mi_c, d._mi_d, t", "definition table moves several"},
    {"DROP TABLE _mi_x, 'y'", "definition table moves several"},
    {"ALTER TABLE _mi_x ADD b INT", "definition table defines"},
    {"RENAME TABLE _mi_a TO _mi_b", "definition table moves"},
    {"TRUNCATE _mi_x", "definition table truncates ours"},
    {"INSTALL PLUGIN p SONAME 'x'", "change"},
    {"SET STATEMENT x=1 FOR DROP TABLE t", "change"},
    {"SET STATEMENT max_statement_time=60 FOR FLUSH TABLE alpha", "harmless"},
    {"set statement x=(select 1 for update), y='FOR' for analyze table t", "harmless"},
    {"SET STATEMENT x=1 FOR CREATE TEMPORARY TABLE t (a INT)", "harmless"},
    {"SET STATEMENT x=1 FOR INSERT INTO t VALUES (1)", "change"},
    {"SET STATEMENT x=1 FOR FLUSH TABLES; DROP TABLE t", "change"},
    {"SET STATEMENT x=1 FOR SET STATEMENT y=1 FOR DROP TABLE t", "change"},
    {"SET STATEMENT x=1 FOR", "change"},
    {"SET STATEMENT x='1", "change"},
    {"KILL 5", "change"},
    {"whatever", "change"},
};

static void print(const struct mi_logged *logged, struct mi_buf *out)
{
	static const char *const kinds[] = {"begin",       "commit",   "rollback",   "savepoint",
	                                    "rollback to", "xa start", "xa end",     "xa commit",
	                                    "xa rollback", "harmless", "definition", "change"};
	static const char *const effects[] = {"harmless",  "defines", "active",
	                                      "truncates", "moves",   "refused"};

	mi_buf_add_str(out, kinds[logged->kind]);
	if (logged->xid.len) {
		mi_buf_add_char(out, ' ');
		mi_buf_add_span(out, logged->xid);
	}
	if (logged->kind == MI_LOGGED_DEFINITION)
		mi_buf_addf(out, " %s %s%s%s", logged->object, effects[logged->effect],
		            logged->bookkeeping ? " ours" : "", logged->several ? " several" : "");
}

static void test_exact(void)
{
	struct mi_buf got = {0};
	struct mi_logged logged;

	for (size_t i = 0; i < sizeof exact / sizeof *exact; i++) {
		mi_buf_reset(&got);
		mi_logged_read(mi_span_str(exact[i][0]), 0, &logged);
		print(&logged, &got);
		CHECK_STR(mi_buf_cstr(&got), exact[i][1], exact[i][0]);
	}
	mi_buf_release(&got);
}

/* The sql_mode it ran under says what a quote is. */
static void test_modes(void)
{
	static const char drop[] = "ALTER TABLE \"a\\\", \"EXCHANGE\" ADD b INT";
	static const char path[] =
	    "ALTER TABLE t COMMENT 'c:\\', EXCHANGE PARTITION p WITH TABLE u";
	struct mi_logged logged;

	mi_logged_read(mi_span_str("TRUNCATE \"t\""), 0, &logged);
	CHECK(logged.effect == MI_LOGGED_EFFECT_REFUSED, "a string is no table");
	mi_logged_read(mi_span_str("TRUNCATE \"t\""), MI_LEX_ANSI_QUOTES, &logged);
	CHECK(logged.effect == MI_LOGGED_EFFECT_TRUNCATES &&
	          mi_span_is(logged.name.name.text, "\"t\""),
	      "under ANSI_QUOTES it is");
	mi_logged_read(mi_span_str(drop), MI_LEX_ANSI_QUOTES | MI_LEX_UNKNOWN_MODE, &logged);
	CHECK(logged.kind == MI_LOGGED_DEFINITION, "the head of another language");
	mi_logged_read(mi_span_str(path), MI_LEX_NO_BACKSLASH_ESCAPES, &logged);
	CHECK(logged.effect == MI_LOGGED_EFFECT_REFUSED, "EXCHANGE behind a backslash");
	mi_logged_read(mi_span_str(path), 0, &logged);
	CHECK(logged.effect == MI_LOGGED_EFFECT_REFUSED, "a quote without end");
}

static void test_truncated(const char *text, const char *want_db, const char *want_table)
{
	char *db = NULL, *table = NULL;
	struct mi_logged logged;
	bool found;

	mi_logged_read(mi_span_str(text), 0, &logged);
	found = logged.name.name.kind != MI_LEX_END;
	if (found)
		table = mi_token_name(&logged.name.name);
	if (logged.name.db.kind != MI_LEX_END)
		db = mi_token_name(&logged.name.db);
	CHECK(found == (want_table != NULL), "%s: %s", text, want_table ? "understood" : "refused");
	if (found && want_table) {
		CHECK_STR(table, want_table, text);
		CHECK_STR(db ? db : "", want_db, text);
	}
	free(db);
	free(table);
}

int main(void)
{
	struct mi_logged logged;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		mi_logged_read(mi_span_str(cases[i].text), 0, &logged);
		CHECK(logged.effect == cases[i].effect, "%s", cases[i].text);
	}
	test_exact();
	test_modes();
	test_truncated("SELECT 1", NULL, NULL);
	test_truncated("TRUNCATE TABLE", "", "TABLE");
	test_truncated("truncate `a``b`.`t`", "a`b", "t");
	test_truncated("TRUNCATE TABLE db . t", "db", "t");
	test_truncated("/*!40000 TRUNCATE */ db.5t", "db", "5t");
	test_truncated("TRUNCATE t", "", "t");
	DONE();
}
