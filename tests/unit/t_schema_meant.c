/* What a server has made of a definition, compared with what was meant. */
#include "schema/meant.h"
#include "base/buf.h"
#include "base/err.h"
#include "sql/lexer.h"
#include "t.h"

/* As a server with latin1, for the letter of byte E9. */
static int recode(void *user, struct mi_span charset, struct mi_span bytes, struct mi_buf *text,
                  struct mi_err *err)
{
	(void)user;
	(void)err;
	CHECK(mi_span_is(charset, "latin1") && bytes.len == 1 && bytes.data[0] == '\xe9',
	      "asked for the byte");
	mi_buf_add_str(text, "é");
	return 0;
}

/* Elements of a table, "|" and options, and NULL or a part of what is said. */
static const struct {
	const char *meant, *made, *said;
} tables[] = {
    {"`a` int DEFAULT 0", "`a` int(11) DEFAULT '0'", NULL},
    {"`a` int DEFAULT -1", "`a` int DEFAULT '-1'", NULL},
    {"`a` int DEFAULT 1", "`a` int DEFAULT '2'", "column a"},
    {"`a` int", "`a` int COMMENT 'x'", "column a"},
    {"`a` char(9) COMMENT ''", "`a` char(9)", "column a"},
    {"`a` char(9) DEFAULT ''", "`a` char(9)", "column a"},
    {"`a` int, `b` int", "`a` int", "column b is missing"},
    {"`a` int AS (concat(`b`,'é'))", "`a` int AS (concat(`b`,_utf8mb4'é'))", NULL},
    {"`a` int AS (concat(`b`,'é'))", "`a` int AS (concat(`b`,_latin1'\xe9'))", NULL},
    {"`a` int AS (concat(`b`,'é'))", "`a` int AS (concat(`b`,'xC3xA9'))", "xC3xA9"},
    {"`a` int AS (concat(`b`,0xc3a9))", "`a` int AS (concat(`b`,'é'))", NULL},
    {"`a` int AS (concat(`b`,b'01000001'))", "`a` int AS (concat(`b`,X'41'))", NULL},
    {"`a` int AS (concat(`b`,'it''s'))", "`a` int AS (concat(`b`,'it\\'s'))", NULL},
    {"`a` int AS ((`b` + `c`))", "`a` int AS (`b` + `c`)", NULL},
    {"`a` int AS ((`b` + `c`))", "`a` int AS (`c` + `b`)", "column a"},
    {"`a` int AS (not `b`)", "`a` int AS ((0 = `b`))", NULL},
    {"`a` varchar(9) DEFAULT '\xf0\x9f\x98\x80'", "`a` varchar(9) DEFAULT '?'", NULL},
    {"`a` json", "`a` longtext CHECK (json_valid(`a`))", NULL},
    {"`a` int, CONSTRAINT `x` CHECK ((`a` > 5))", "`a` int, CONSTRAINT `y` CHECK (`a` > 5)", NULL},
    {"`a` int, CHECK ((`a` > 5))", "`a` int, CHECK (`a` > 6)", "CHECK"},
    {"`a` int, CHECK ((`a` > 5))", "`a` int", "CHECK"},
    {"`a` int", "`a` int, CHECK (`a` > 5)", "CHECK"},
    {"`a` int|COMMENT='one' /*!50100 PARTITION BY HASH (`a`) PARTITIONS 4 */",
     "`a` int|COMMENT='one'\n PARTITION BY HASH (`a`)\nPARTITIONS 4", NULL},
    {"`a` int|PARTITION BY HASH (`a`) PARTITIONS 4", "`a` int|PARTITION BY HASH (`a`) PARTITIONS 5",
     "partitioning"},
    {"`a` int|COMMENT='one'", "`a` int|", "comment"},
    {"`a` int, KEY `k` (`a`(9),`b`)", "`a` int, KEY `k` (`a`(9), `b`) USING BTREE", NULL},
    {"`a` int, KEY `k` (`a`(9),`b`)", "`a` int, KEY `k` (`a`(8),`b`)", "key k"},
    {"`a` int, KEY `k` (`a`) COMMENT 'x'", "`a` int, KEY `k` (`a`)", "key k"},
    {"`a` int, KEY `k` (`a`)", "`a` int", "key k is missing"},
    {"`a` int, UNIQUE KEY `k` (`a`)", "`a` int, KEY `k` (`a`)", "key k is missing"},
    {"`a` int, CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `d`.`p` (`i`)",
     "`a` int, CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `p` (`i`)", NULL},
};

static void add_statement(const char *part, struct mi_buf *sql)
{
	size_t elements = strcspn(part, "|");

	mi_buf_addf(sql, "CREATE TABLE `t` (%.*s\n)%s", (int)elements, part,
	            part[elements] ? part + elements + 1 : "");
}

static void test_tables(void)
{
	struct mi_buf meant = {0}, made = {0};

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		struct mi_err err = {0};
		int ret;

		mi_buf_reset(&meant);
		mi_buf_reset(&made);
		add_statement(tables[i].meant, &meant);
		add_statement(tables[i].made, &made);
		ret = mi_meant_table(mi_buf_cstr(&meant), mi_buf_cstr(&made), recode, NULL, &err);
		if (tables[i].said)
			CHECK(ret != 0 && err.code == MI_DATA && strstr(err.text, tables[i].said),
			      "%s and %s: %s", tables[i].meant, tables[i].made, err.text);
		else
			CHECK(ret == 0, "%s and %s: %s", tables[i].meant, tables[i].made, err.text);
	}
	mi_buf_release(&meant);
	mi_buf_release(&made);
}

static const struct {
	const char *meant, *made;
	unsigned modes;
	bool same;
} objects[] = {
    {"CREATE VIEW `v` AS select 'é' AS `x`", "CREATE VIEW `d`.`v` AS select 'é' AS `x`", 0, true},
    {"CREATE VIEW `v` AS select 'é' AS `x`", "CREATE VIEW `v` AS select 'xC3' AS `x`", 0, false},
    {"select 'a' AS `x` order by `x`", "select 'a' AS `x` order by 'a'", 0, true},
    {"select 'a'", "select 'a','b'", 0, false},
    {"CREATE PROCEDURE p() SELECT 'a\\'", "CREATE PROCEDURE `p`() SELECT 'a\\'",
     MI_LEX_NO_BACKSLASH_ESCAPES, true},
    {"CREATE PROCEDURE p() SELECT 'a\\'", "CREATE PROCEDURE `p`() SELECT 'b\\'", 0, false},
    {"SELECT \"a\"", "SELECT \"b\"", 0, false},
};

static void test_objects(void)
{
	for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
		struct mi_err err = {0};
		int ret = mi_meant_object(objects[i].meant, objects[i].made, objects[i].modes,
		                          false, &err);

		CHECK((ret == 0) == objects[i].same, "%s and %s: %s", objects[i].meant,
		      objects[i].made, err.text);
	}
}

int main(void)
{
	test_tables();
	test_objects();
	return t_done();
}
