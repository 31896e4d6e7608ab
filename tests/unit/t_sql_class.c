/* What statements are, for the router: mistakes here send a write to the wrong side. */
#include "base/buf.h"
#include "sql/class.h"
#include "sql/class_set.h"
#include "sql/digest.h"
#include "sql/function.h"
#include "sql/lexer.h"
#include "t.h"

#include <stdlib.h>
#include <strings.h>

static const struct mi_class_rules mysql = {.charset = MI_LEX_UTF8, .version = 90704};
static const struct mi_class_rules mariadb = {
    .charset = MI_LEX_UTF8, .mariadb = true, .version = 101119};

static struct mi_class_kind read_kind(const char *text, size_t len,
                                      const struct mi_class_rules *rules)
{
	struct mi_class_kind kind;
	/* of its own size, so that a sanitizer sees what is read past it */
	char *copy = malloc(len ? len : 1);

	memcpy(copy, text, len);
	mi_class_read(mi_span(copy, len), rules, &kind);
	free(copy); /* kind's spans are not looked at by those who call this */
	return kind;
}

static void is(const char *text, size_t len, const struct mi_class_rules *rules, enum mi_class want)
{
	struct mi_class_kind kind = read_kind(text, len, rules);

	CHECK(kind.class == want, "%s, not %s: %.100s", mi_class_names[want],
	      mi_class_names[kind.class], text);
}

#define ALL(list, rules, want)                                  \
	for (size_t i = 0; i < sizeof list / sizeof *list; i++) \
	is(list[i], strlen(list[i]), rules, want)

static void reads(void)
{
	static const char *const both[] = {
	    "SELECT 1",
	    "select c from sbtest1 where id=?",
	    "SELECT c FROM sbtest1 WHERE id BETWEEN 1 AND 100 ORDER BY c",
	    "SELECT SUM(k) FROM sbtest1 WHERE id BETWEEN ? AND ?",
	    "SELECT DISTINCT c FROM sbtest1 WHERE id BETWEEN 1 AND 2 ORDER BY c;",
	    "SELECT 1 ; ",
	    "SELECT 1;;\n-- end",
	    "/* app:1 */ SELECT 1 /* by: x */",
	    "-- who\nSELECT 1",
	    "# who\nSELECT 1",
	    "--\tx\nSELECT 1",
	    "SELECT 1 --",
	    "SELECT 5--1",
	    "(SELECT 1)",
	    "((SELECT 1) UNION (SELECT 2)) ORDER BY 1",
	    "SELECT * FROM `order` WHERE `for` = 'x'",
	    "SELECT 'for update', \"into\", `procedure` FROM t",
	    "SELECT 'it''s; DELETE FROM t' FROM t",
	    "SELECT 'a\\'; DELETE FROM t' FROM t",
	    "SELECT * FROM a JOIN b USING (id) WHERE a.x IN (1,2) AND (b.y = 3 OR NOT (b.z))",
	    "SELECT IF(a > 1, 'x', REPLACE(b, 'y', 'z')), INSERT(a, 1, 2, 'x'), LEFT(a, 1) FROM t",
	    "SELECT COUNT(*), MAX(a) FROM t GROUP BY b HAVING (COUNT(*)) > 1 LIMIT 5 OFFSET 2",
	    "SELECT CAST(a AS CHAR(10)), CAST(b AS DECIMAL(10,2)), CONVERT(c USING utf8mb4) FROM t",
	    "SELECT CASE WHEN (a) THEN (b) ELSE (c) END FROM t",
	    "SELECT NOW(), CURRENT_TIMESTAMP, CURRENT_TIMESTAMP(6), RAND(), UUID()",
	    "SELECT a->'$.x', JSON_EXTRACT(b, '$[0]') FROM t",
	    "SELECT * FROM t WHERE MATCH(a) AGAINST ('x' IN BOOLEAN MODE)",
	    "SELECT * FROM t USE INDEX (i) IGNORE INDEX (j)",
	    "SELECT * FROM t PARTITION (p0)",
	    "SELECT EXISTS(SELECT 1 FROM t)",
	    "SELECT * FROM t WHERE d > DATE_SUB(NOW(), INTERVAL (1) DAY)",
	    "WITH a AS (SELECT 1 AS x) SELECT x FROM a",
	    "WITH RECURSIVE a AS (SELECT 1 AS x UNION ALL (SELECT x + 1 FROM a WHERE x < 5)) "
	    "SELECT x "
	    "FROM a",
	    "SELECT ROW_NUMBER() OVER (PARTITION BY a ORDER BY b) FROM t",
	    "SELECT /*+ MAX_EXECUTION_TIME(1000) */ 1",
	    "SELECT SQL_NO_CACHE * FROM t",
	    "SELECT 0x1F, x'00ff', b'01', N'x', _utf8mb4'x', .5, 1.5e3, 1e-3",
	    "SELECT 1a FROM t",
	    "SELECT \xc3\xa9 FROM `\xe2\x82\xac` WHERE x = '\xf0\x9f\x98\x80'",
	    "EXPLAIN SELECT 1",
	    "DESC t",
	    "DESCRIBE t c",
	    "SHOW FULL COLUMNS FROM t",
	    "SHOW INDEX FROM t",
	    "VALUES (1,2)",
	    "TABLE t",
	    "SELECT STRAIGHT_JOIN 1 FROM a STRAIGHT_JOIN (b) ON (a.x = b.x)",
	};
	static const char *const of_mysql[] = {
	    "SELECT ANY_VALUE(a) FROM t",
	    "SELECT REGEXP_LIKE(a, 'b') FROM t",
	    "SELECT * FROM a, LATERAL (SELECT 1) b",
	};
	static const char *const of_mariadb[] = {
	    "SELECT NVL(a, b) FROM t",
	    "SELECT MEDIAN(a) OVER (PARTITION BY b) FROM t",
	    "SELECT MD5(a) FROM t",
	};

	ALL(both, &mysql, MI_CLASS_READ);
	ALL(both, &mariadb, MI_CLASS_READ);
	ALL(of_mysql, &mysql, MI_CLASS_READ);
	ALL(of_mysql, &mariadb, MI_CLASS_WRITE);
	ALL(of_mariadb, &mariadb, MI_CLASS_READ);
	ALL(of_mariadb, &mysql, MI_CLASS_WRITE);
}

static void no_reads(void)
{
	static const char *const list[] = {
	    "SELECT * FROM t FOR UPDATE",
	    "SELECT * FROM t for share",
	    "SELECT * FROM t LOCK IN SHARE MODE",
	    "SELECT * FROM t FOR/**/UPDATE",
	    "SELECT * FROM t\nFOR\nUPDATE",
	    "SELECT 1.FOR UPDATE",
	    "SELECT 1e5FOR UPDATE",
	    "SELECT .5FOR UPDATE",
	    "SELECT 1 -- \\\n FOR UPDATE",
	    "SELECT 1 --FOR\nFOR UPDATE",
	    "SELECT 1 # x\nFOR UPDATE",
	    "SELECT 'a' 'b'FOR UPDATE",
	    "SELECT '\\\\'FOR UPDATE",
	    "SELECT 1 INTO OUTFILE '/tmp/x'",
	    "SELECT a INTO b FROM t",
	    "SELECT 1 INTO @x",
	    "SELECT @x",
	    "SELECT @x := 1",
	    "SELECT @`x y`",
	    "SELECT @'x'",
	    "SELECT @@version",
	    "SELECT @@session.autocommit",
	    "SELECT x:=1",
	    "SELECT 1; DELETE FROM t",
	    "SELECT 1;SELECT 2",
	    "SELECT 1;/*!50000 DELETE FROM t */",
	    "SELECT 1; /* x */ ; COMMIT",
	    "SELECT /*!50000 1 */",
	    "SELECT /*M!100000 1 */",
	    "SELECT /*! SQL_NO_CACHE */ 1",
	    "/*!40000 SELECT 1 */",
	    "SELECT /*!99999 a */ 1",
	    "SELECT /*+ SET_VAR(sql_mode = 'x') */ 1",
	    "SELECT /*+ RESOURCE_GROUP(x) */ 1",
	    "SELECT /*+ QB_NAME(`a*/b`) */ 1",
	    "SELECT SQL_CALC_FOUND_ROWS * FROM t",
	    "SELECT * FROM t PROCEDURE ANALYSE()",
	    "SELECT f(1)",
	    "SELECT f (1)",
	    "SELECT f/* */(1)",
	    "SELECT db.f(1)",
	    "SELECT db.count(1)",
	    "SELECT db . count(1)",
	    "SELECT `count`(1)",
	    "SELECT count (1)",
	    "SELECT now/**/()",
	    "SELECT GET_LOCK('x', 1)",
	    "SELECT RELEASE_LOCK('x')",
	    "SELECT IS_FREE_LOCK('x')",
	    "SELECT SLEEP(1)",
	    "SELECT BENCHMARK(1,1)",
	    "SELECT LAST_INSERT_ID(7)",
	    "SELECT LAST_INSERT_ID(7), LAST_INSERT_ID()",
	    "SELECT * FROM t WHERE id = LAST_INSERT_ID()",
	    "SELECT FOUND_ROWS() FROM t",
	    "SELECT CONNECTION_ID()",
	    "SELECT CURRENT_USER",
	    "SELECT CURRENT_USER()",
	    "SELECT USER()",
	    "SELECT DATABASE()",
	    "SELECT VERSION()",
	    "SELECT UUID_SHORT()",
	    "SELECT LOAD_FILE('/etc/passwd')",
	    "SELECT NEXTVAL(s)",
	    "SELECT NEXT VALUE FOR s",
	    "SELECT LASTVAL(s)",
	    "SELECT WAIT_FOR_EXECUTED_GTID_SET('x')",
	    "SELECT MASTER_POS_WAIT('x', 1)",
	    "SELECT CONVERT_TZ(a, 'x', 'y') FROM t",
	    "SELECT * FROM mysql.user",
	    "SELECT * FROM `mysql`.`user`",
	    "SELECT * FROM INFORMATION_SCHEMA.TABLES",
	    "SELECT * FROM performance_schema.threads",
	    "SELECT * FROM sys.version",
	    "SELECT * FROM _mi_checkpoint",
	    "SELECT * FROM shop.`_MI_checkpoint`",
	    "SELECT 'open",
	    "SELECT `open",
	    "SELECT 1 /* open",
	    "SELECT 'a\\'",
	    "SELECT {d '2020-01-01'}",
	    "SELECT $$x$$",
	    "SELECT \x80 FROM t",
	    "SELECT \xc3\x28 FROM t",
	    "SELECT \xed\xa0\x80 FROM t",
	    "SELECT 1 \x01 FOR",
	    "WITH a AS (SELECT 1) UPDATE t SET x = 1",
	    "WITH a AS (SELECT 1) DELETE FROM t",
	    "WITH a(b) AS (SELECT 1) SELECT b FROM a",
	    "EXPLAIN ANALYZE SELECT 1",
	    "EXPLAIN FOR CONNECTION 5",
	    "EXPLAIN UPDATE t SET a = 1",
	    "EXPLAIN INSERT INTO t VALUES (1)",
	    "ANALYZE SELECT 1",
	    "ANALYZE FORMAT=JSON UPDATE t SET a = 1",
	    "SHOW TABLES",
	    "SHOW VARIABLES",
	    "SHOW STATUS",
	    "SHOW MASTER STATUS",
	    "SHOW PROCESSLIST",
	    "SHOW CREATE TABLE t",
	    "SHOW COLUMNS FROM user FROM mysql",
	    "CALL p()",
	    "DO SLEEP(1)",
	    "HANDLER t READ FIRST",
	    "EXECUTE s",
	    "BEGIN NOT ATOMIC SELECT 1; END",
	    "XA RECOVER",
	    "INSERT INTO t VALUES (1)",
	    "INSERT INTO t SELECT 1",
	    "INSERT(1)",
	    "REPLACE INTO t VALUES (1)",
	    "UPDATE t SET a = 1",
	    "DELETE FROM t",
	    "MERGE INTO t",
	    "LOAD DATA INFILE 'x' INTO TABLE t",
	    "IMPORT TABLE FROM 'x'",
	    "SIGNAL SQLSTATE '45000'",
	    "whatever",
	    "?",
	    "1",
	};

	ALL(list, &mysql, MI_CLASS_WRITE);
	ALL(list, &mariadb, MI_CLASS_WRITE);
	is("SELECT 1 -- x\0\nFOR UPDATE", 25, &mysql, MI_CLASS_WRITE);
	is("SELECT 1 \0", 10, &mysql, MI_CLASS_WRITE);
	is("SELECT /*\0*/ 1", 14, &mysql, MI_CLASS_WRITE);
	is("SELECT 'a\0b'", 12, &mysql, MI_CLASS_READ);
}

/* The same text under other settings. */
static void settings(void)
{
	struct mi_class_rules ansi = mysql, plain = mysql, spaced = mysql, latin1 = mysql,
			      gbk = mysql, oracle = mysql, old = mysql, system = mysql,
			      renamed = mysql;
	static const char *const dbs[] = {"SELECT * FROM shop.t", "SELECT * FROM `shop`.t",
	                                  "SELECT * FROM SHOP.t", "SELECT shop.t.a FROM t",
	                                  "SHOW COLUMNS FROM t FROM shop"};

	ansi.modes = mi_lex_modes(mi_span_str("REAL_AS_FLOAT,ansi_quotes"));
	plain.modes = mi_lex_modes(mi_span_str("NO_BACKSLASH_ESCAPES"));
	spaced.modes = mi_lex_modes(mi_span_str("STRICT_ALL_TABLES,IGNORE_SPACE"));
	oracle.modes = mi_lex_modes(mi_span_str("PIPES_AS_CONCAT,ORACLE"));
	latin1.charset = mi_lex_charset(mi_span_str("latin1"));
	gbk.charset = mi_lex_charset(mi_span_str("gbk"));
	old.version = 50744;
	system.system_db = true;
	renamed.other_db = mi_span_str("shop");

	is("SELECT \"mysql\".x FROM t", 23, &mysql, MI_CLASS_READ);
	is("SELECT \"mysql\".x FROM t", 23, &ansi, MI_CLASS_WRITE);
	is("SELECT \"f\"(1)", 13, &ansi, MI_CLASS_WRITE);
	is("SELECT \"a\\\" FOR UPDATE", 22, &ansi, MI_CLASS_WRITE);
	is("SELECT 'a\\' FOR UPDATE -- '", 27, &plain, MI_CLASS_WRITE);
	is("SELECT 'a\\' FOR UPDATE -- '", 27, &mysql, MI_CLASS_READ);
	is("SELECT 'a\\'", 11, &plain, MI_CLASS_READ);
	is("SELECT COUNT (*) FROM t", 23, &mysql, MI_CLASS_WRITE);
	is("SELECT COUNT (*) FROM t", 23, &spaced, MI_CLASS_READ);
	is("SELECT ABS (a) FROM t", 21, &mysql, MI_CLASS_READ);
	is("SELECT 1", 8, &oracle, MI_CLASS_WRITE);
	is("SELECT 1", 8, &gbk, MI_CLASS_READ);
	is("SELECT '\xbf\\', GET_LOCK(1, 2) -- '", 31, &gbk, MI_CLASS_WRITE);
	is("SELECT 'me@example.net', '\xbf\\'", 29, &gbk, MI_CLASS_READ);
	is("SELECT '\xe9' FROM t", 17, &latin1, MI_CLASS_READ);
	is("SELECT 1\xa0"
	   "FOR\xa0UPDATE",
	   19, &latin1, MI_CLASS_WRITE);
	is("SELECT REGEXP_LIKE(a, 'b')", 26, &old, MI_CLASS_WRITE);
	is("SELECT RANK() FROM t", 20, &old, MI_CLASS_WRITE);
	is("SELECT * FROM tables", 20, &system, MI_CLASS_WRITE);
	ALL(dbs, &mysql, MI_CLASS_READ);
	ALL(dbs, &renamed, MI_CLASS_WRITE);
	CHECK(read_kind(dbs[0], strlen(dbs[0]), &renamed).renames_db,
	      "another database is noticed");
	CHECK(mi_lex_charset(mi_span_str("UTF8MB4")) == MI_LEX_UTF8 &&
	          mi_lex_charset(mi_span_str("utf16")) == MI_LEX_OTHER &&
	          mi_lex_charset(mi_span_str("")) == MI_LEX_OTHER,
	      "character sets by name");
}

static void diagnostics(void)
{
	static const struct {
		const char *text;
		unsigned asks;
	} list[] = {
	    {"SHOW WARNINGS", MI_CLASS_ASK_LAST},
	    {"SHOW ERRORS LIMIT 1", MI_CLASS_ASK_LAST},
	    {"SHOW COUNT(*) WARNINGS", MI_CLASS_ASK_LAST},
	    {"SELECT ROW_COUNT()", MI_CLASS_ASK_LAST},
	    {"SELECT @@warning_count", MI_CLASS_ASK_LAST},
	    {"SELECT @@session.error_count AS x", MI_CLASS_ASK_LAST},
	    {"GET DIAGNOSTICS @x = NUMBER", MI_CLASS_ASK_LAST},
	    {"SELECT FOUND_ROWS()", MI_CLASS_ASK_FOUND_ROWS},
	    {"select last_insert_id() as id", MI_CLASS_ASK_INSERT_ID},
	    {"SELECT @@identity", MI_CLASS_ASK_INSERT_ID},
	    {"SELECT LAST_INSERT_ID(), ROW_COUNT()", MI_CLASS_ASK_INSERT_ID | MI_CLASS_ASK_LAST},
	};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		struct mi_class_kind kind = read_kind(list[i].text, strlen(list[i].text), &mysql);

		CHECK(kind.class == MI_CLASS_DIAGNOSTICS && kind.asks == list[i].asks,
		      "asks %u: %s", list[i].asks, list[i].text);
	}
}

static void transactions(void)
{
	static const char *const begins[] = {
	    "BEGIN", "begin work;", "START TRANSACTION", "/* x */ START TRANSACTION READ ONLY",
	    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ WRITE"};
	static const char *const commits[] = {"COMMIT", "COMMIT WORK", "COMMIT AND CHAIN",
	                                      "COMMIT AND NO CHAIN NO RELEASE", "COMMIT RELEASE;"};
	static const char *const rollbacks[] = {"ROLLBACK", "ROLLBACK WORK AND CHAIN"};
	static const char *const savepoints[] = {
	    "SAVEPOINT a", "ROLLBACK TO a", "ROLLBACK WORK TO SAVEPOINT a", "RELEASE SAVEPOINT a"};
	struct mi_class_kind kind;

	ALL(begins, &mysql, MI_CLASS_BEGIN);
	ALL(commits, &mysql, MI_CLASS_COMMIT);
	ALL(rollbacks, &mysql, MI_CLASS_ROLLBACK);
	ALL(savepoints, &mysql, MI_CLASS_SAVEPOINT);
	kind = read_kind(begins[3], strlen(begins[3]), &mysql);
	CHECK(kind.read_only && !kind.read_write && !kind.snapshot, "READ ONLY");
	kind = read_kind(begins[4], strlen(begins[4]), &mysql);
	CHECK(!kind.read_only && kind.read_write && kind.snapshot, "SNAPSHOT, READ WRITE");
	kind = read_kind(commits[2], strlen(commits[2]), &mysql);
	CHECK(kind.chain && !kind.release, "AND CHAIN");
	kind = read_kind(commits[3], strlen(commits[3]), &mysql);
	CHECK(!kind.chain && !kind.release, "AND NO CHAIN NO RELEASE");
	kind = read_kind(commits[4], strlen(commits[4]), &mysql);
	CHECK(!kind.chain && kind.release, "RELEASE");
}

static void pins(void)
{
	static const struct {
		const char *text;
		unsigned pins, unpins;
	} list[] = {
	    {"SELECT 1", 0, 0},
	    {"INSERT INTO t VALUES (1)", 0, 0},
	    {"BEGIN", 0, 0},
	    {"SET autocommit = 0", 0, 0},
	    {"CREATE TEMPORARY TABLE x (a INT)", MI_CLASS_PIN_TEMPORARY, 0},
	    {"create or replace temporary table x select 1", MI_CLASS_PIN_TEMPORARY, 0},
	    {"DROP TEMPORARY TABLE x", 0, 0},
	    {"LOCK TABLES t WRITE", MI_CLASS_PIN_LOCK_TABLES, 0},
	    {"LOCK TABLE t READ", MI_CLASS_PIN_LOCK_TABLES, 0},
	    {"UNLOCK TABLES", 0, MI_CLASS_PIN_LOCK_TABLES | MI_CLASS_PIN_FLUSH_LOCK},
	    {"LOCK INSTANCE FOR BACKUP", MI_CLASS_PIN_FLUSH_LOCK, 0},
	    {"FLUSH TABLES WITH READ LOCK", MI_CLASS_PIN_FLUSH_LOCK, 0},
	    {"FLUSH TABLES t FOR EXPORT", MI_CLASS_PIN_FLUSH_LOCK, 0},
	    {"FLUSH TABLES", 0, 0},
	    {"BACKUP STAGE START", MI_CLASS_PIN_FLUSH_LOCK, 0},
	    {"SELECT GET_LOCK('a', 1)", MI_CLASS_PIN_USER_LOCK, 0},
	    {"DO get_lock('a', 1)", MI_CLASS_PIN_USER_LOCK, 0},
	    {"SELECT 1; SELECT GET_LOCK('a', 1)", MI_CLASS_PIN_USER_LOCK, 0},
	    {"SELECT RELEASE_ALL_LOCKS()", 0, MI_CLASS_PIN_USER_LOCK},
	    {"SELECT RELEASE_ALL_LOCKS(), GET_LOCK('a', 1)", MI_CLASS_PIN_USER_LOCK, 0},
	    {"SELECT 'GET_LOCK(1)'", 0, 0},
	    {"HANDLER t OPEN AS x", MI_CLASS_PIN_HANDLER, 0},
	    {"HANDLER x READ FIRST", 0, 0},
	    {"PREPARE s FROM 'SELECT 1'", MI_CLASS_PIN_STATE, 0},
	    {"EXECUTE s", MI_CLASS_PIN_STATE, 0},
	    {"DEALLOCATE PREPARE s", 0, 0},
	    {"DROP PREPARE s", 0, 0},
	    {"SET @x = 1", MI_CLASS_PIN_STATE, 0},
	    {"SET autocommit = 1, @x = 1", MI_CLASS_PIN_STATE, 0},
	    {"SELECT @x := 1", MI_CLASS_PIN_STATE, 0},
	    {"SELECT 1 INTO @x", MI_CLASS_PIN_STATE, 0},
	    {"SELECT @x", 0, 0},
	    {"CALL p(@x)", MI_CLASS_PIN_STATE, 0},
	    {"CALL p(1)", 0, 0},
	    {"UPDATE t SET a = (@x := a)", MI_CLASS_PIN_STATE, 0},
	    {"SET STATEMENT max_statement_time=1 FOR SELECT 1", 0, 0},
	    {"SET STATEMENT sql_mode='ANSI', x=1 FOR INSERT INTO t VALUES (1)", 0, 0},
	    {"SET STATEMENT x=1 FOR SELECT GET_LOCK('a', 1)",
	     MI_CLASS_PIN_STATE | MI_CLASS_PIN_USER_LOCK, 0},
	    {"SET STATEMENT x=1 FOR SELECT @a := 1", MI_CLASS_PIN_STATE, 0},
	    {"SET STATEMENT x=1 FOR SELECT f(1)", MI_CLASS_PIN_STATE, 0},
	    {"SET STATEMENT x=1 FOR CALL p()", MI_CLASS_PIN_STATE, 0},
	    {"SET STATEMENT x=1 FOR HANDLER t OPEN", MI_CLASS_PIN_STATE | MI_CLASS_PIN_HANDLER, 0},
	    {"SET STATEMENT x=1", MI_CLASS_PIN_STATE, 0},
	    {"SET sql_mode = (SELECT 'ANSI')", MI_CLASS_PIN_STATE, 0},
	    {"SET sql_mode = f()", MI_CLASS_PIN_STATE, 0},
	    {"SET sql_mode = @x", MI_CLASS_PIN_STATE, 0},
	    {"SET sql_mode = CONCAT(@@sql_mode, ',ANSI')", 0, 0},
	    {"SET ROLE r", MI_CLASS_PIN_STATE, 0},
	    {"SET timestamp = 1000000000", MI_CLASS_PIN_STATE, 0},
	    {"SET autocommit=1, @@session.RAND_SEED1 = 5", MI_CLASS_PIN_STATE, 0},
	    {"SET insert_id = 7", MI_CLASS_PIN_STATE, 0},
	    {"SET timestamp = DEFAULT", 0, 0},
	    {"SET TIMESTAMP=0, gtid_next = 'AUTOMATIC'", 0, 0},
	    {"XA START 'a'", MI_CLASS_PIN_XA, 0},
	    {"XA BEGIN 'a'", MI_CLASS_PIN_XA, 0},
	    {"XA END 'a'", 0, 0},
	    {"XA COMMIT 'a' ONE PHASE", 0, MI_CLASS_PIN_XA},
	    {"CREATE DEFINER = a@b PROCEDURE p() BEGIN SET @x = 1; END", 0, 0},
	    {"SELECT 1; CREATE TEMPORARY TABLE x (a INT); LOCK TABLES x READ",
	     MI_CLASS_PIN_TEMPORARY | MI_CLASS_PIN_LOCK_TABLES, 0},
	    {"UNLOCK TABLES; SELECT 1", 0, 0},
	    {"SELECT 'open GET_LOCK(1)", MI_CLASS_PIN_USER_LOCK, 0},
	};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		struct mi_class_kind kind = read_kind(list[i].text, strlen(list[i].text), &mysql);

		CHECK(kind.pins == list[i].pins && kind.unpins == list[i].unpins,
		      "pins %u, unpins %u (not %u, %u): %s", list[i].pins, list[i].unpins,
		      kind.pins, kind.unpins, list[i].text);
	}
}

/* Others, by class. */
static void others(void)
{
	static const struct {
		const char *text;
		enum mi_class class;
	} list[] = {
	    {"", MI_CLASS_EMPTY},
	    {" /* x */ -- y", MI_CLASS_EMPTY},
	    {";", MI_CLASS_EMPTY},
	    {"USE shop", MI_CLASS_USE},
	    {"use `shop`;", MI_CLASS_USE},
	    {"USE a; SELECT 1", MI_CLASS_WRITE},
	    {"LOAD DATA LOCAL INFILE 'x' INTO TABLE t", MI_CLASS_LOAD_LOCAL},
	    {"load data concurrent local infile 'x' into table t", MI_CLASS_LOAD_LOCAL},
	    {"LOAD XML LOCAL INFILE 'x' INTO TABLE t", MI_CLASS_LOAD_LOCAL},
	    {"SELECT 1; LOAD DATA LOCAL INFILE 'x' INTO TABLE t", MI_CLASS_LOAD_LOCAL},
	    {"SELECT 'LOAD DATA LOCAL'", MI_CLASS_READ},
	    {"KILL 5", MI_CLASS_KILL},
	    {"KILL QUERY 5", MI_CLASS_KILL},
	    {"KILL CONNECTION 5;", MI_CLASS_KILL},
	    {"KILL HARD QUERY 5", MI_CLASS_GLOBAL},
	    {"KILL USER a", MI_CLASS_GLOBAL},
	    {"KILL 5 + 1", MI_CLASS_GLOBAL},
	    {"KILL 99999999999999999999", MI_CLASS_GLOBAL},
	    {"CREATE USER a", MI_CLASS_ACCOUNT},
	    {"CREATE OR REPLACE USER a@b", MI_CLASS_ACCOUNT},
	    {"ALTER USER a", MI_CLASS_ACCOUNT},
	    {"DROP ROLE a", MI_CLASS_ACCOUNT},
	    {"RENAME USER a TO b", MI_CLASS_ACCOUNT},
	    {"GRANT ALL ON *.* TO a", MI_CLASS_ACCOUNT},
	    {"REVOKE ALL ON *.* FROM a", MI_CLASS_ACCOUNT},
	    {"SET PASSWORD = 'x'", MI_CLASS_ACCOUNT},
	    {"SET DEFAULT ROLE ALL TO a", MI_CLASS_ACCOUNT},
	    {"SET GLOBAL x = 1", MI_CLASS_GLOBAL},
	    {"SET @@global.x = 1", MI_CLASS_GLOBAL},
	    {"SET a = 1, GLOBAL x = 1", MI_CLASS_GLOBAL},
	    {"SET PERSIST x = 1", MI_CLASS_GLOBAL},
	    {"SET GLOBAL TRANSACTION READ ONLY", MI_CLASS_GLOBAL},
	    {"FLUSH PRIVILEGES", MI_CLASS_GLOBAL},
	    {"PURGE BINARY LOGS TO 'x'", MI_CLASS_GLOBAL},
	    {"ANALYZE TABLE t", MI_CLASS_GLOBAL},
	    {"OPTIMIZE LOCAL TABLE t", MI_CLASS_GLOBAL},
	    {"CREATE SERVER s FOREIGN DATA WRAPPER mysql", MI_CLASS_GLOBAL},
	    {"START REPLICA", MI_CLASS_GLOBAL},
	    {"CREATE SPATIAL REFERENCE SYSTEM 1", MI_CLASS_GLOBAL},
	    {"SET STATEMENT x=1 FOR SELECT 1", MI_CLASS_WRITE},
	    {"SET a.b = 1", MI_CLASS_WRITE},
	    {"SET x", MI_CLASS_WRITE},
	    {"SET", MI_CLASS_WRITE},
	    {"SET x = 1; SELECT 1", MI_CLASS_WRITE},
	};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		is(list[i].text, strlen(list[i].text), &mysql, list[i].class);
	CHECK(read_kind("KILL QUERY 2147483649", 21, &mysql).kill_query &&
	          read_kind("KILL QUERY 2147483649", 21, &mysql).kill_id == 2147483649,
	      "the id of a KILL QUERY");
	CHECK(!read_kind("KILL 7", 6, &mysql).kill_query, "KILL of a connection");
	CHECK(!read_kind("CREATE PROCEDURE p() BEGIN SELECT 1; END", 40, &mysql).several,
	      "a body's semicolons end nothing");
	CHECK(read_kind("SELECT 1; SELECT 2", 18, &mysql).several, "two statements");
}

/* A definition anywhere among several statements is one; a body's are not looked at. */
static void definitions_among_others(void)
{
	static const char *const list[] = {
	    "DROP TABLE t", "SELECT 1; DROP TABLE t", "DROP TABLE t; SELECT 1",
	    "SET a=1; INSERT INTO t VALUES (1); ALTER TABLE t ADD b INT"};
	static const char *const others[] = {
	    "SELECT 1; SELECT 2", "CREATE TEMPORARY TABLE t (a INT)",
	    "SELECT 1; DROP TEMPORARY TABLE t", "DROP PREPARE s", "SELECT 'x; DROP TABLE t'"};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		CHECK(read_kind(list[i], strlen(list[i]), &mysql).defines, "defines: %s", list[i]);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		CHECK(!read_kind(others[i], strlen(others[i]), &mysql).defines,
		      "defines nothing that lasts: %s", others[i]);
}

/* What may run a program of the server's, in which anything may happen to the session. */
static void programs(void)
{
	static const char *const list[] = {"CALL p()",
	                                   "SELECT f(1)",
	                                   "SELECT a.version()",
	                                   "DO f(1)",
	                                   "EXECUTE s",
	                                   "SET NAMES utf8; CALL p()",
	                                   "BEGIN NOT ATOMIC SET @a = 1; END"};
	static const char *const others[] = {
	    "SELECT ABS(1)", "SELECT DATABASE(), VERSION()", "SET NAMES utf8; SELECT 1",
	    "SET NAMES utf8; INSERT INTO t (a) VALUES (1)", "SET sql_mode = ''"};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		CHECK(read_kind(list[i], strlen(list[i]), &mysql).runs_program, "a program: %s",
		      list[i]);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		CHECK(!read_kind(others[i], strlen(others[i]), &mysql).runs_program,
		      "no program: %s", others[i]);
}

static void harmless(void)
{
	static const char *const list[] = {
	    "SELECT 1",      "SELECT $$", "SELECT @@version_comment LIMIT 1", "SHOW VARIABLES",
	    "SHOW WARNINGS", "SELECT @x", "SELECT LAST_INSERT_ID()"};
	static const char *const others[] = {"SELECT f(1)",
	                                     "SELECT $$, f(1)",
	                                     "SELECT 1 INTO @x",
	                                     "SELECT @x := 1",
	                                     "SELECT GET_LOCK('a', 1)",
	                                     "SELECT 1; SELECT 2",
	                                     "UPDATE t SET a = 1",
	                                     "SELECT 1 FOR UPDATE",
	                                     "SELECT NEXT VALUE FOR s",
	                                     "SELECT next /* x */ value FOR a.s, 1",
	                                     "SELECT $$, NEXT VALUE FOR s",
	                                     "SHOW STATUS WHERE f(1)",
	                                     "EXPLAIN ANALYZE SELECT 1",
	                                     "CALL p()",
	                                     "SHOW TABLES; DROP TABLE t",
	                                     "WITH a AS (SELECT 1) DELETE FROM t"};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		CHECK(read_kind(list[i], strlen(list[i]), &mysql).harmless, "harmless: %s",
		      list[i]);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		CHECK(!read_kind(others[i], strlen(others[i]), &mysql).harmless, "perhaps not: %s",
		      others[i]);
}

static void add_name(struct mi_buf *out, const struct mi_class_name *name)
{
	if (name->db.kind != MI_LEX_END) {
		mi_lexeme_value(&name->db, 0, out);
		mi_buf_add_char(out, '.');
	}
	mi_lexeme_value(&name->name, 0, out);
}

static void definitions(void)
{
	static const struct {
		const char *text, *want;
	} list[] = {
	    {"CREATE TABLE a (b INT)", "CREATE TABLE a"},
	    {"create table if not exists `d`.`a``b` like x", "CREATE TABLE d.a`b"},
	    {"CREATE TEMPORARY TABLE a (b INT)", "temporary CREATE TABLE a"},
	    {"CREATE OR REPLACE ALGORITHM = MERGE DEFINER = `a`@`b` SQL SECURITY DEFINER VIEW d.v "
	     "AS "
	     "SELECT 1",
	     "CREATE VIEW d.v"},
	    {"CREATE UNIQUE INDEX i USING BTREE ON d.a (b)", "CREATE INDEX d.a"},
	    {"CREATE TRIGGER x BEFORE INSERT ON a FOR EACH ROW SET @x = 1", "CREATE TRIGGER a"},
	    {"DROP TRIGGER x", "DROP TRIGGER more"},
	    {"DROP INDEX i ON a", "DROP INDEX a"},
	    {"ALTER TABLE a ADD b INT", "ALTER TABLE a"},
	    {"ALTER ONLINE IGNORE TABLE d.a DROP b", "ALTER TABLE d.a"},
	    {"DROP TABLE a, b.c, d", "DROP TABLE a b.c d"},
	    {"DROP TABLE IF EXISTS a, b, c, d, e", "DROP TABLE a b c d more"},
	    {"DROP TEMPORARY TABLE a", "temporary DROP TABLE a"},
	    {"RENAME TABLE a TO b, c TO d", "RENAME TABLE a b c d"},
	    {"TRUNCATE a", "TRUNCATE TABLE a"},
	    {"TRUNCATE TABLE d.a", "TRUNCATE TABLE d.a"},
	    {"CREATE DATABASE IF NOT EXISTS d", "CREATE DATABASE d"},
	    {"DROP SCHEMA d", "DROP SCHEMA d"},
	    {"CREATE PROCEDURE p() SELECT 1", "CREATE PROCEDURE p"},
	    {"ALTER TABLE", "ALTER TABLE more"},
	    {"CREATE", "CREATE  more"},
	};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		struct mi_class_kind kind;
		struct mi_buf got = {0};

		mi_class_read(mi_span_str(list[i].text), &mysql, &kind);
		mi_buf_addf(&got, "%s%s %s", kind.temporary ? "temporary " : "", kind.verb,
		            kind.object);
		for (unsigned n = 0; n < kind.name_count; n++) {
			mi_buf_add_char(&got, ' ');
			add_name(&got, &kind.names[n]);
		}
		mi_buf_add_str(&got, kind.more_names ? " more" : "");
		CHECK(kind.class == MI_CLASS_DEFINITION, "a definition: %s", list[i].text);
		CHECK_STR(mi_buf_cstr(&got), list[i].want, list[i].text);
		mi_buf_release(&got);
	}
}

/* Names that readers of their own once took for something else. */
static void exact_definitions(void)
{
	static const struct {
		const char *text, *object, *db, *name;
	} list[] = {
	    {"CREATE TABLE shop.2024 (a INT)", "TABLE", "shop", "2024"},
	    {"CREATE TABLE 5t.5e3 (a INT)", "TABLE", "5t", "5e3"},
	    {"TRUNCATE shop.2024_orders", "TABLE", "shop", "2024_orders"},
	    {"CREATE SPATIAL INDEX i ON t (a)", "INDEX", "", "t"},
	    {"CREATE DEFINER=role VIEW v AS SELECT 1", "VIEW", "", "v"},
	    {"CREATE DEFINER = user@10.0.0.1 PROCEDURE p() SELECT 1", "PROCEDURE", "", "p"},
	    {"ALTER DEFINER=CURRENT_USER() EVENT e DISABLE", "EVENT", "", "e"},
	    {"CREATE DEFINER='table'@'%' FUNCTION f() RETURNS INT RETURN 1", "FUNCTION", "", "f"},
	};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		struct mi_class_kind kind;
		struct mi_buf want = {0}, got = {0};

		mi_class_read(mi_span_str(list[i].text), &mysql, &kind);
		mi_buf_addf(&want, "%s %s%s%s", list[i].object, list[i].db, *list[i].db ? "." : "",
		            list[i].name);
		mi_buf_addf(&got, "%s ", kind.object);
		if (kind.name_count)
			add_name(&got, &kind.names[0]);
		CHECK_STR(mi_buf_cstr(&got), mi_buf_cstr(&want), list[i].text);
		CHECK(kind.class == MI_CLASS_DEFINITION && !kind.more_names, "all of it: %s",
		      list[i].text);
		mi_buf_release(&want);
		mi_buf_release(&got);
	}
}

/* Behind a program's definition, its body's semicolons; behind its end, further statements. */
static void bodies(void)
{
	struct mi_class_kind drop = read_kind("DROP PROCEDURE p; SET @a = 1", 28, &mysql);
	struct mi_class_kind both =
	    read_kind("DROP PROCEDURE p; CREATE PROCEDURE p() BEGIN SET @a = 1; END", 60, &mysql);

	CHECK(drop.several && drop.pins == MI_CLASS_PIN_STATE, "DROP has no body");
	CHECK(both.several && both.defines && !both.pins, "CREATE has one");
}

static void ends(void)
{
	static const struct {
		const char *text;
		enum mi_class class;
	} list[] = {
	    {"COMMIT", MI_CLASS_COMMIT},
	    {" commit work ; ", MI_CLASS_COMMIT},
	    {"/* trace:1 */ COMMIT -- x", MI_CLASS_COMMIT},
	    {"# x\nCOMMIT/**/WORK", MI_CLASS_COMMIT},
	    {"COMMIT AND NO CHAIN NO RELEASE", MI_CLASS_COMMIT},
	    {"ROLLBACK", MI_CLASS_ROLLBACK},
	    {"Rollback Work;", MI_CLASS_ROLLBACK},
	    {"/* x */ROLLBACK", MI_CLASS_ROLLBACK},
	    {"", MI_CLASS_WRITE},
	    {"COMMITWORK", MI_CLASS_WRITE},
	    {"COMMITTED", MI_CLASS_WRITE},
	    {"`COMMIT`", MI_CLASS_WRITE},
	    {"COMMIT AND CHAIN", MI_CLASS_WRITE},
	    {"COMMIT RELEASE", MI_CLASS_WRITE},
	    {"COMMIT; SELECT 1", MI_CLASS_WRITE},
	    {"COMMIT;;", MI_CLASS_WRITE},
	    {";COMMIT", MI_CLASS_WRITE},
	    {"COMMIT /*!50000 AND CHAIN */", MI_CLASS_WRITE},
	    {"/*!50000 COMMIT */", MI_CLASS_WRITE},
	    {"COMMIT /* open", MI_CLASS_WRITE},
	    {"ROLLBACK TO a", MI_CLASS_WRITE},
	    {"ROLLBACK WORK TO SAVEPOINT a", MI_CLASS_WRITE},
	    {"ROLLBACK AND CHAIN", MI_CLASS_WRITE},
	    {"BEGIN", MI_CLASS_WRITE},
	    {"RELEASE SAVEPOINT a", MI_CLASS_WRITE},
	    {"XA COMMIT 'a'", MI_CLASS_WRITE},
	    {"CALL p()", MI_CLASS_WRITE},
	};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		CHECK(mi_class_end(mi_span_str(list[i].text)) == list[i].class, "%s: %s",
		      mi_class_names[list[i].class], list[i].text);
	CHECK(mi_class_end(mi_span("COMMIT\0", 7)) == MI_CLASS_WRITE, "a NUL byte at the end");
	CHECK(mi_class_end(mi_span(NULL, 0)) == MI_CLASS_WRITE, "no text");
}

static void plain(void)
{
	static const char *const list[] = {"SELECT 1", "insert into t values (1)",
	                                   "UPDATE t SET a = 1", "DELETE FROM t", "COMMIT"};
	static const char *const others[] = {"",
	                                     "SELECT",
	                                     "SELECT @a",
	                                     "SELECT 1; SELECT 2",
	                                     "SELECT GET_LOCK('a', 1)",
	                                     "SET a = 1",
	                                     "/* x */ SELECT 1",
	                                     "UPDATE t SET lOcal = 1"};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		struct mi_class_kind kind = read_kind(list[i], strlen(list[i]), &mysql);

		CHECK(mi_class_is_plain(mi_span_str(list[i])) && !kind.pins && !kind.several,
		      "plain: %s", list[i]);
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		CHECK(!mi_class_is_plain(mi_span_str(others[i])), "not plain: %s", others[i]);
}

/* In a log, what executable comments hold has run. */
static void executes(void)
{
	struct mi_class_rules log = mysql;

	log.executes = true;
	is("/*!50000 DROP TABLE t */", 24, &log, MI_CLASS_DEFINITION);
	is("/*!50000 DROP TABLE t */", 24, &mysql, MI_CLASS_DEFINITION);
	is("DROP /*M! TABLE */ t", 20, &log, MI_CLASS_DEFINITION);
	is("/*!50000 COMMIT", 15, &log, MI_CLASS_WRITE);
	is("/*!1 COMMIT */;", 15, &log, MI_CLASS_COMMIT);
}

static void set_lists(void)
{
	static const char *const forms[] = {"variable", "names", "charset", "transaction"};
	static const struct {
		const char *text, *want;
	} list[] = {
	    {"SET autocommit=0", "variable autocommit=0;"},
	    {"set session sql_mode = 'ANSI,STRICT_ALL_TABLES' , local x=ON",
	     "variable sql_mode='ANSI,STRICT_ALL_TABLES';variable x=ON;"},
	    {"SET @@session.a := -1, @@b = DEFAULT, @@LOCAL.`c` = 1.5;",
	     "variable a=-1;variable b=DEFAULT;variable c=1.5;"},
	    {"SET sql_mode = CONCAT(@@sql_mode, ',x'), b = (1)",
	     "variable sql_mode=CONCAT(@@sql_mode, ',x') (computed);variable b=(1) (computed);"},
	    {"SET NAMES utf8mb4", "names =utf8mb4;"},
	    {"SET NAMES 'utf8' COLLATE utf8_bin, autocommit = 1",
	     "names ='utf8' COLLATE utf8_bin;variable autocommit=1;"},
	    {"SET CHARACTER SET latin1", "charset =latin1;"},
	    {"SET charset utf8", "charset =utf8;"},
	    {"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY",
	     "transaction = ISOLATION LEVEL READ COMMITTED, READ ONLY;"},
	    {"SET TRANSACTION READ ONLY", "transaction = READ ONLY (next);"},
	    {"SET @@transaction_isolation = 'SERIALIZABLE'",
	     "variable transaction_isolation='SERIALIZABLE' (next);"},
	    {"SET transaction_isolation = 'SERIALIZABLE'",
	     "variable transaction_isolation='SERIALIZABLE';"},
	};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		struct mi_class_kind kind;
		struct mi_class_setting setting;
		struct mi_buf got = {0};

		mi_class_read(mi_span_str(list[i].text), &mysql, &kind);
		CHECK(kind.class == MI_CLASS_SET && !kind.pins, "settings: %s", list[i].text);
		while (mi_class_set_next(&kind.settings, &setting)) {
			mi_buf_addf(&got, "%s %.*s=%.*s", forms[setting.form],
			            (int)setting.name.len, setting.name.data,
			            (int)setting.value.len, setting.value.data);
			if (setting.collation.len)
				mi_buf_addf(&got, " COLLATE %.*s", (int)setting.collation.len,
				            setting.collation.data);
			if (setting.form == MI_SET_VARIABLE && !setting.literal)
				mi_buf_add_str(&got, " (computed)");
			mi_buf_add_str(&got, setting.next_only ? " (next);" : ";");
		}
		CHECK_STR(mi_buf_cstr(&got), list[i].want, list[i].text);
		mi_buf_release(&got);
	}
}

static void trackers(void)
{
	struct mi_class_kind one = read_kind("SET session_track_gtids=OFF", 27, &mysql);
	struct mi_class_kind two = read_kind("SET a=1, @@SESSION_TRACK_SCHEMA = 0", 35, &mysql);
	struct mi_class_kind none = read_kind("SET a=1", 7, &mysql);

	CHECK(one.trackers && one.trackers_only, "a tracker alone");
	CHECK(two.trackers && !two.trackers_only, "a tracker and more");
	CHECK(!none.trackers && !none.trackers_only, "no tracker");
}

static void digests(void)
{
	static const struct {
		const char *text, *want;
	} list[] = {
	    {"SELECT  a,\n b FROM t WHERE id = 5 AND c='x' /* y */",
	     "SELECT a, b FROM t WHERE id = ? "
	     "AND c=?"},
	    {"SELECT * FROM t WHERE id IN (1, 2,3)", "SELECT * FROM t WHERE id IN (?)"},
	    {"SELECT * FROM t WHERE id IN (1)", "SELECT * FROM t WHERE id IN (?)"},
	    {"SELECT f('a', 'b'), -1", "SELECT f(?), -?"},
	    {"SELECT 'open", "SELECT ..."},
	    {"SELECT `a\nb\tc` FROM t", "SELECT `a b c` FROM t"},
	};
	struct mi_buf out = {0};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		mi_buf_reset(&out);
		mi_class_digest(mi_span_str(list[i].text), &mysql, 200, &out);
		CHECK_STR(mi_buf_cstr(&out), list[i].want, list[i].text);
	}
	mi_buf_reset(&out);
	mi_class_digest(mi_span_str("SELECT abcdef FROM t"), &mysql, 10, &out);
	CHECK(out.len <= 10, "a digest's limit: %.*s", (int)out.len, out.data);
	mi_buf_release(&out);
}

static void function_table(void)
{
	bool sorted = true, found = true;

	for (size_t i = 0; i < mi_function_count; i++) {
		sorted &= i == 0 || strcasecmp(mi_functions[i - 1].name, mi_functions[i].name) < 0;
		found &= mi_function_find(mi_span_str(mi_functions[i].name)) == &mi_functions[i];
	}
	CHECK(sorted, "the functions are sorted");
	CHECK(found, "each of %zu is found", mi_function_count);
	CHECK(!mi_function_find(mi_span_str("ABSX")) && !mi_function_find(mi_span_str("AB")) &&
	          !mi_function_find(mi_span("", 0)) && mi_function_find(mi_span_str("abs")),
	      "others are not");
}

/* Every statement cut at every byte: never a read that the whole is not, never past its end. */
static void cut_short(void)
{
	static const char text[] =
	    "SELECT a FROM t WHERE b = 'x' /* y */ AND f(1) -- z\n; DELETE FROM t";
	size_t wrong = 0;

	for (size_t i = 0; i < sizeof text - 1; i++) {
		struct mi_class_kind kind = read_kind(text, i, &mysql);

		wrong += kind.class == MI_CLASS_READ && i > sizeof "SELECT a FROM t WHERE b = 'x' "
		                                                   "/* y */ AND f";
	}
	CHECK(wrong == 0, "cut anywhere");
}

int main(void)
{
	no_reads();
	reads();
	settings();
	diagnostics();
	transactions();
	pins();
	others();
	harmless();
	definitions();
	definitions_among_others();
	exact_definitions();
	bodies();
	ends();
	plain();
	executes();
	programs();
	set_lists();
	trackers();
	digests();
	function_table();
	cut_short();
	DONE();
}
