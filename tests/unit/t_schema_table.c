/* Definitions taken apart: tokens, tables, views, filters. Malformed text first. */
#include "base/buf.h"
#include "base/err.h"
#include "schema/column.h"
#include "schema/create_table.h"
#include "schema/fkey.h"
#include "schema/object.h"
#include "schema/script.h"
#include "schema/settle.h"
#include "sql/tokens.h"
#include "stream/parse.h"
#include "t.h"
#include "table/filter.h"
#include "table/table.h"
#include "table/type.h"

#include <stdlib.h>

static void test_malformed_tokens(void)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
	    {"CREATE TABLE `t", "a name without end"},
	    {"SELECT 'abc", "a string without end"},
	    {"SELECT 'abc\\'", "a string that ends in an escaped quote"},
	    {"SELECT \"abc''", "a double-quoted string without end"},
	    {"/* open", "a comment without end"},
	    {"/*!50100 PARTITION", "an executable comment without end"},
	    {"/*!1 a /*!2 b */ */", "one inside another"},
	    {"(a, (b)", "an open bracket"},
	    {"a)", "a bracket that closes nothing"},
	    {"X'00", "a hexadecimal literal without end"},
	};
	struct mi_tokens tokens;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct mi_err err = {0};

		CHECK(mi_tokens_read(&tokens, mi_span_str(bad[i].text), &err) == -1 &&
		          err.code == MI_DATA,
		      "%s is an error", bad[i].why);
	}
}

static void test_tokens(void)
{
	static const char text[] = "a `b``c` 'd''e\\'f' X'0a' -- rest 'x\n# more `\n/* plain ' */ "
				   "1.5e-3/*!80016 _utf8mb4'x' */ @@g,--1";
	static const struct {
		enum mi_lex_kind kind;
		const char *text;
	} want[] = {
	    {MI_LEX_WORD, "a"},        {MI_LEX_NAME, "`b``c`"}, {MI_LEX_STRING, "'d''e\\'f'"},
	    {MI_LEX_STRING, "X'0a'"},  {MI_LEX_WORD, "1.5e-3"}, {MI_LEX_OPEN, "/*!80016"},
	    {MI_LEX_WORD, "_utf8mb4"}, {MI_LEX_STRING, "'x'"},  {MI_LEX_CLOSE, "*/"},
	    {MI_LEX_WORD, "@@g"},      {MI_LEX_PUNCT, ","},     {MI_LEX_PUNCT, "-"},
	    {MI_LEX_PUNCT, "-"},       {MI_LEX_WORD, "1"},      {MI_LEX_END, ""}};
	struct mi_tokens tokens;
	struct mi_err err = {0};
	struct mi_buf value = {0};
	char *name;

	if (!CHECK(mi_tokens_read(&tokens, mi_span_str(text), &err) == 0, "tokens: %s", err.text))
		return;
	CHECK(tokens.count == sizeof want / sizeof *want - 1, "%zu tokens", tokens.count);
	for (size_t i = 0; i < sizeof want / sizeof *want && i <= tokens.count; i++)
		CHECK(tokens.items[i].kind == want[i].kind &&
		          mi_span_is(tokens.items[i].text, want[i].text),
		      "token %zu is %s", i, want[i].text);
	name = mi_token_name(&tokens.items[1]);
	CHECK_STR(name, "b`c", "a name's own text");
	free(name);
	mi_token_string(&tokens.items[2], &value);
	CHECK_STR(mi_buf_cstr(&value), "d'e'f", "a string's own text");
	mi_buf_release(&value);
	mi_tokens_release(&tokens);
	CHECK(mi_tokens_read(&tokens, mi_span(NULL, 0), &err) == 0 && tokens.count == 0,
	      "nothing has no tokens");
	mi_tokens_release(&tokens);
	mi_tokens_read_head(&tokens, mi_span_str("CREATE VIEW `x` AS 'open"), 100);
	CHECK(tokens.count == 4, "a head ends before what cannot be read");
	mi_tokens_release(&tokens);
}

static void test_malformed_tables(void)
{
	static const char *const bad[] = {
	    "",
	    "CREATE",
	    "CREATE TABLE",
	    "CREATE TABLE `t`",
	    "CREATE TABLE t (`a` int)",
	    "CREATE TABLE `t` ()",
	    "CREATE TABLE `t` (`a` int,)",
	    "CREATE TABLE `t` (`a` int,,`b` int)",
	    "CREATE TABLE `t` (`a` int",
	    "CREATE TABLE `t` (a int)",
	    "CREATE TABLE `t` (`a` int, PRIMARY (`a`))",
	    "CREATE TABLE `t` (`a` int, UNIQUE (`a`))",
	    "CREATE TABLE `t` (`a` int, KEY (`a`))",
	    "CREATE TABLE `t` (`a` int, CONSTRAINT `c` UNIQUE (`a`))",
	    "CREATE TABLE `t` (`a` int, 'x')",
	    "CREATE VIEW `t` (`a`)",
	};
	struct mi_ddl_table ddl;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct mi_err err = {0};

		CHECK(mi_ddl_table_read(&ddl, mi_span_str(bad[i]), &err) == -1 &&
		          err.code == MI_DATA && err.text[0],
		      "refused: %s", bad[i]);
	}
}

/* A definition with these columns (all int), and keys given as {name, kind, column}. */
struct key_spec {
	const char *name;
	enum mi_key_kind kind;
	int column;
};

static struct mi_table *make_table(const char *const *columns, size_t column_count,
                                   const struct key_spec *keys, size_t key_count)
{
	struct mi_table *table = mi_alloc(sizeof *table);

	table->db = mi_strdup("d");
	table->name = mi_strdup("t");
	table->engine = mi_strdup("InnoDB");
	table->collation = mi_strdup("utf8mb4_bin");
	for (size_t i = 0; i < column_count; i++) {
		struct mi_column *column =
		    mi_array_add(&table->columns, &table->column_count, sizeof *column);

		column->name = mi_strdup(columns[i]);
		column->type_text = mi_strdup("int");
		column->bytes = 4;
	}
	for (size_t i = 0; i < key_count; i++) {
		struct mi_key *key = mi_array_add(&table->keys, &table->key_count, sizeof *key);

		key->name = mi_strdup(keys[i].name);
		key->kind = keys[i].kind;
		((struct mi_key_part *)mi_array_add(&key->parts, &key->part_count,
		                                    sizeof *key->parts))
		    ->column = keys[i].column;
	}
	mi_table_finish(table);
	return table;
}

static void check_later(const struct mi_ddl_table *ddl, const char *want, const char *what)
{
	struct mi_buf got = {0};

	for (size_t i = 0; i < ddl->element_count; i++)
		if (ddl->elements[i].later)
			mi_buf_addf(&got, "%s ", ddl->elements[i].name);
	CHECK_STR(mi_buf_cstr(&got), want, what);
	mi_buf_release(&got);
}

static void check_defer(const char *text, struct mi_table *table, const char *want,
                        const char *what)
{
	struct mi_ddl_table ddl;
	struct mi_err err = {0};

	if (!CHECK(mi_ddl_table_read(&ddl, mi_span_str(text), &err) == 0, "%s: %s", what, err.text))
		return;
	if (CHECK(mi_ddl_table_defer(&ddl, table, &err) == 0, "%s: %s", what, err.text))
		check_later(&ddl, want, what);
	mi_ddl_table_release(&ddl);
	mi_table_free(table);
}

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void test_defer(void)
{
	static const char *const abc[] = {"a", "b", "c"};
	static const struct key_spec with_pk[] = {
	    {"PRIMARY", MI_KEY_PRIMARY, 0}, {"u", MI_KEY_UNIQUE, 1}, {"k", MI_KEY_PLAIN, 2}};
	static const struct key_spec without_pk[] = {
	    {"u1", MI_KEY_UNIQUE, 0}, {"u2", MI_KEY_UNIQUE, 1}, {"k", MI_KEY_PLAIN, 2}};
	struct mi_table *table;

	check_defer("CREATE TABLE `t` (`a` int, `b` int, `c` int, PRIMARY KEY (`a`), "
	            "UNIQUE KEY `u` (`b`), KEY `k` (`c`), CONSTRAINT `f` FOREIGN KEY (`b`) "
	            "REFERENCES `p` (`x`), CONSTRAINT `c` CHECK ((`a` > 0)))",
	            make_table(abc, 3, with_pk, COUNT(with_pk)), "u k f ",
	            "secondary and foreign keys wait, CHECKs do not");
	table = make_table(abc, 3, without_pk, COUNT(without_pk));
	CHECK(strcmp(mi_table_row_key(table)->name, "u1") == 0, "u1 identifies rows");
	check_defer("CREATE TABLE `t` (`a` int, `b` int, `c` int, UNIQUE KEY `u1` (`a`), "
	            "UNIQUE KEY `u2` (`b`), KEY `k` (`c`))",
	            table, "u2 k ", "the row key stays");
	table = make_table(abc, 3, without_pk, COUNT(without_pk));
	check_defer("CREATE TABLE `t` (`a` int, `b` int, `c` int, UNIQUE KEY `u2` (`b`), "
	            "UNIQUE KEY `u1` (`a`), KEY `k` (`c`))",
	            table, "k ", "a key printed before the row key stays too");
	table = make_table(abc, 3, with_pk, COUNT(with_pk));
	table->columns[2].auto_increment = true;
	check_defer("CREATE TABLE `t` (`a` int, `b` int, `c` int AUTO_INCREMENT, "
	            "PRIMARY KEY (`a`), UNIQUE KEY `u` (`b`), KEY `k` (`c`), KEY `z` (`b`))",
	            table, "z ", "the key that AUTO_INCREMENT needs stays");
}

static void test_defer_mismatch(void)
{
	static const char *const columns[] = {"a", "hidden"};
	static const struct key_spec keys[] = {{"PRIMARY", MI_KEY_PRIMARY, 0}};
	struct mi_table *table = make_table(columns, 2, keys, 1);
	struct mi_ddl_table ddl;
	struct mi_err err = {0};

	if (mi_ddl_table_read(&ddl, mi_span_str("CREATE TABLE `t` (`a` int, PRIMARY KEY (`a`))"),
	                      &err) < 0)
		return;
	CHECK(mi_ddl_table_defer(&ddl, table, &err) == -1 && err.code == MI_DATA,
	      "columns that information_schema does not name are an error");
	mi_ddl_table_release(&ddl);
	mi_table_free(table);
}

static void test_pieces(void)
{
	static const char text[] =
	    "CREATE TABLE `we``ird\nname` (\n"
	    "  `key` int COMMENT 'a ), KEY `x` (`y`)' DEFAULT (json_array(1,')')),\n"
	    "  `primary\nkey` varchar(10) DEFAULT '\\'),(' /*!80023 INVISIBLE */,\n"
	    "  `\xF0\x9F\x98\x80 (` decimal(65,30) /* , */,\n"
	    "  PRIMARY KEY (`key` DESC),\n"
	    "  UNIQUE KEY `unique` (((`a` + 1)),`b`(3)),\n"
	    "  KEY `) , KEY (` (`key`) /*!80000 INVISIBLE */,\n"
	    "  FULLTEXT KEY `fulltext` (`a`) /*!50100 WITH PARSER `ngram` */ ,\n"
	    "  SPATIAL KEY `index` (`g`),\n"
	    "  VECTOR KEY `v` (`v`),\n"
	    "  CONSTRAINT `foreign key` FOREIGN KEY (`a`) REFERENCES `d`.`t` (`b`),\n"
	    "  CONSTRAINT `check` CHECK ((`a` <> ')'))\n"
	    ") ENGINE=InnoDB COMMENT='PARTITION BY ('\n"
	    "/*!50100 PARTITION BY HASH (`key`) PARTITIONS 4 */";
	static const struct {
		enum mi_table_element_kind kind;
		const char *name;
	} want[] = {{MI_ELEMENT_COLUMN, "key"},
	            {MI_ELEMENT_COLUMN, "primary\nkey"},
	            {MI_ELEMENT_COLUMN, "\xF0\x9F\x98\x80 ("},
	            {MI_ELEMENT_PRIMARY, "PRIMARY"},
	            {MI_ELEMENT_UNIQUE, "unique"},
	            {MI_ELEMENT_INDEX, ") , KEY ("},
	            {MI_ELEMENT_FULLTEXT, "fulltext"},
	            {MI_ELEMENT_SPATIAL, "index"},
	            {MI_ELEMENT_INDEX, "v"},
	            {MI_ELEMENT_FOREIGN_KEY, "foreign key"},
	            {MI_ELEMENT_CHECK, "check"}};
	struct mi_ddl_table ddl;
	struct mi_err err = {0};
	struct mi_buf sql = {0};

	if (!CHECK(mi_ddl_table_read(&ddl, mi_span_str(text), &err) == 0, "read: %s", err.text))
		return;
	CHECK_STR(ddl.name, "we`ird\nname", "the table's name");
	CHECK(ddl.element_count == COUNT(want), "%zu elements", ddl.element_count);
	for (size_t i = 0; i < COUNT(want) && i < ddl.element_count; i++)
		CHECK(ddl.elements[i].kind == want[i].kind &&
		          strcmp(ddl.elements[i].name, want[i].name) == 0,
		      "element %zu is '%s'", i, ddl.elements[i].name);
	for (size_t i = 1; i < ddl.element_count; i++)
		ddl.elements[i].later = true;
	mi_ddl_table_text(&ddl, &sql);
	CHECK_STR(mi_buf_cstr(&sql),
	          "CREATE TABLE `we``ird\nname` (\n"
	          "  `key` int COMMENT 'a ), KEY `x` (`y`)' DEFAULT (json_array(1,')'))\n"
	          ") ENGINE=InnoDB COMMENT='PARTITION BY ('\n"
	          "/*!50100 PARTITION BY HASH (`key`) PARTITIONS 4 */",
	          "what is marked is left out, the rest stays as it was");
	CHECK_STR(mi_buf_cstr(&ddl.elements[6].text),
	          "FULLTEXT KEY `fulltext` (`a`) /*!50100 WITH PARSER `ngram` */",
	          "a element has no space behind it");
	mi_buf_release(&sql);
	mi_ddl_table_release(&ddl);
}

static void check_settle(const char *text, const char *column_collation, const char *want)
{
	static const char *const a[] = {"a"};
	struct mi_table *table = make_table(a, 1, NULL, 0);
	struct mi_ddl_table ddl;
	struct mi_err err = {0};
	struct mi_buf sql = {0};

	table->columns[0].collation = mi_strdup(column_collation);
	if (CHECK(mi_ddl_table_read(&ddl, mi_span_str(text), &err) == 0, "read: %s", err.text)) {
		CHECK(mi_ddl_table_settle(&ddl, table, &err) == 0, "settle");
		mi_ddl_table_text(&ddl, &sql);
		CHECK_STR(mi_buf_cstr(&sql), want, text);
		mi_ddl_table_release(&ddl);
	}
	mi_buf_release(&sql);
	mi_table_free(table);
}

static void test_settle(void)
{
	check_settle("CREATE TABLE `t` (`a` char(1) CHARACTER SET ascii DEFAULT NULL) "
	             "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
	             "ascii_general_ci",
	             "CREATE TABLE `t` (\n  `a` char(1) CHARACTER SET ascii COLLATE "
	             "ascii_general_ci DEFAULT NULL\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 "
	             "COLLATE=utf8mb4_bin");
	check_settle("CREATE TABLE `t` (`a` char(1) COLLATE utf8mb4_bin DEFAULT 'COLLATE x') "
	             "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='CHARSET=x'",
	             "utf8mb4_bin",
	             "CREATE TABLE `t` (\n  `a` char(1) DEFAULT 'COLLATE x'\n) DEFAULT "
	             "CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='CHARSET=x'");
	check_settle("CREATE TABLE `t` (`a` char(1) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin) "
	             "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
	             "utf8mb4_bin",
	             "CREATE TABLE `t` (\n  `a` char(1) CHARACTER SET utf8mb4 COLLATE "
	             "utf8mb4_bin\n) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin");
	check_settle("CREATE TABLE `t` (`a` char(1) GENERATED ALWAYS AS ((`b` collate "
	             "utf8mb4_bin)) VIRTUAL) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
	             "utf8mb4_bin",
	             "CREATE TABLE `t` (\n  `a` char(1) GENERATED ALWAYS AS ((`b` collate "
	             "utf8mb4_bin)) VIRTUAL\n) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin");
}

/* What SHOW CREATE prints as "?" is put back. */
static void test_column(void)
{
	struct mi_column column = {.type_text = mi_strdup("enum('\xF0\x9F\x98\x80','?')")};
	struct mi_table_element element = {.kind = MI_ELEMENT_COLUMN};
	struct mi_buf value = {0};
	struct mi_err err = {0};

	mi_buf_add_str(&element.text, "`enum` enum('?','?') DEFAULT '?' COMMENT '?'");
	CHECK(mi_ddl_column_default(&element, &value), "a default with a question mark");
	CHECK_STR(mi_buf_cstr(&value), "?", "the default");
	CHECK(mi_ddl_column_set_members(&element, &column, &err) == 0, "members");
	CHECK(mi_ddl_column_set_default(&element, mi_span_str("\xF0\x9F\x98\x80"), &err) == 0,
	      "default");
	CHECK_STR(mi_buf_cstr(&element.text),
	          "`enum` enum('\xF0\x9F\x98\x80','?') DEFAULT '\xF0\x9F\x98\x80' COMMENT '?'",
	          "members and default as they are");
	mi_buf_reset(&element.text);
	mi_buf_add_str(&element.text, "`default` varchar(9) DEFAULT (concat('?')) COMMENT '?'");
	CHECK(!mi_ddl_column_default(&element, &value), "an expression is no literal default");
	mi_buf_reset(&element.text);
	mi_buf_add_str(&element.text, "`a` varchar(9) COMMENT 'DEFAULT'");
	CHECK(!mi_ddl_column_default(&element, &value), "nor is a comment");
	mi_buf_release(&element.text);
	mi_buf_release(&value);
	free(column.type_text);
}

static void test_definer(void)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	    {"CREATE ALGORITHM=UNDEFINED DEFINER=`a``b`@`%` SQL SECURITY DEFINER VIEW `v` AS "
	     "select 1",
	     "CREATE ALGORITHM=UNDEFINED SQL SECURITY DEFINER VIEW `v` AS select 1"},
	    {"CREATE DEFINER=\"a\"@\"h\" PROCEDURE \"p\"() SELECT 'open",
	     "CREATE PROCEDURE \"p\"() SELECT 'open"},
	    {"CREATE DEFINER=a@b TRIGGER `t`", "CREATE TRIGGER `t`"},
	    {"CREATE DEFINER=`role` FUNCTION `f`()", "CREATE FUNCTION `f`()"},
	    {"CREATE VIEW `definer` AS select 1", "CREATE VIEW `definer` AS select 1"},
	    {"CREATE DEFINER=", "CREATE DEFINER="},
	    {"", ""},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mi_buf text = {0};

		mi_buf_add_str(&text, rows[i].text);
		mi_ddl_strip_definer(&text);
		CHECK_STR(mi_buf_cstr(&text), rows[i].want, rows[i].text);
		mi_buf_release(&text);
	}
}

static void add_view(struct mi_views *views, const char *db, const char *name, const char *text)
{
	struct mi_view *view = mi_array_add(&views->items, &views->count, sizeof *view);

	view->db = mi_strdup(db);
	view->name = mi_strdup(name);
	mi_buf_add_str(&view->text, text);
	mi_view_uses(mi_span_str(text), db, &view->uses);
}

/* What a view or program uses, as "read db.name" and "call db.name" with commas. */
static void list_uses(const struct mi_uses *uses, struct mi_buf *out)
{
	for (size_t i = 0; i < uses->count; i++)
		mi_buf_addf(out, "%s%s %s.%s", out->len ? ", " : "",
		            uses->items[i].is_call ? "call" : "read", uses->items[i].db,
		            uses->items[i].name);
}

static void test_uses(void)
{
	static const struct {
		bool program;
		const char *text, *want;
	} rows[] = {
	    {false,
	     "CREATE VIEW `v` AS select `t`.`a` AS `a` from ((`t` join `e`.`u`) left join `w` "
	     "on(1))",
	     "read d.t, read e.u, read d.w"},
	    {false,
	     "CREATE VIEW `v` AS select extract(year from `t`.`a`) AS `y`,trim(both `t`.`b` from "
	     "concat((select max(`s`.`q`) from `s`))) AS `z` from `t`",
	     "read d.s, read d.t"},
	    {false, "CREATE VIEW `v` AS select `f`(`t`.`a`) AS `n`,`e`.`g`() AS `m` from `t`",
	     "call d.f, call d.e, call e.g, read d.t"},
	    {false,
	     "CREATE VIEW `v` AS with recursive `x` (`q`) as (select 1 union all select `x`.`q` "
	     "from `x`), y as (select 1 from `t`) select 1 from (`x` join `y`)",
	     "read d.t"},
	    {false,
	     "CREATE VIEW `v` AS select 'from `no`' AS `from` from `t` `f` where `t`.`a` in (1)",
	     "read d.t"},
	    {true, "CREATE PROCEDURE p() BEGIN CALL e.q; CALL `r`(1); SET @a = f(2); END",
	     "call d.p, call d.e, call e.q, call d.r, call d.f"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct mi_uses uses = {0};
		struct mi_buf got = {0};

		if (rows[i].program)
			mi_program_uses(mi_span_str(rows[i].text), "d", &uses);
		else
			mi_view_uses(mi_span_str(rows[i].text), "d", &uses);
		list_uses(&uses, &got);
		CHECK(strcmp(mi_buf_cstr(&got), rows[i].want) == 0, "%s: %s", rows[i].text,
		      mi_buf_cstr(&got));
		mi_uses_release(&uses);
		mi_buf_release(&got);
	}
}

static void test_views(void)
{
	struct mi_views views = {0};
	size_t order[5];

	add_view(&views, "d", "a",
	         "CREATE VIEW `a` AS select `b`.`c` AS `c` from (`b` join `e`.`x` `c`)");
	add_view(&views, "d", "b",
	         "CREATE VIEW `b` AS select `t`.`a` AS `a`,'`d`' AS `d` from `t`");
	add_view(&views, "d", "c", "CREATE VIEW `c` AS select 1 AS `a` from `t` `a`");
	add_view(&views, "d", "d", "CREATE VIEW `d` (`a`,`b`) AS select 'an open quote from `a`");
	add_view(&views, "e", "x", "CREATE VIEW `x` AS select `t`.`a` from `d`.`d` `t`");
	mi_views_order(&views, order);
	CHECK(order[0] == 1 && order[1] == 3 && order[2] == 4 && order[3] == 0 && order[4] == 2,
	      "views come after those they read: %zu %zu %zu %zu %zu", order[0], order[1], order[2],
	      order[3], order[4]);
	mi_views_release(&views);
	add_view(&views, "d", "a", "CREATE VIEW `a` AS select 1 from `b`");
	add_view(&views, "d", "b", "CREATE VIEW `b` AS select 1 from `a`");
	mi_views_order(&views, order);
	CHECK(order[0] + order[1] == 1, "a cycle ends");
	mi_views_release(&views);
}

static void test_filter(void)
{
	static const struct {
		const char *pattern, *db, *table;
		bool fold, want;
	} rows[] = {
	    {"shop.orders", "shop", "orders", false, true},
	    {"shop.orders", "shop", "orders2", false, false},
	    {"shop.orders", "Shop", "orders", false, false},
	    {"shop.orders", "Shop", "ORDERS", true, true},
	    {"shop.*", "shop", "", false, true},
	    {"*.a?c", "x",
	     "a\xC3\x9F"
	     "c",
	     false, true},
	    {"*.a?c", "x",
	     "a\xF0\x9F\x98\x80"
	     "c",
	     false, true},
	    {"*.a?c", "x", "ac", false, false},
	    {"*.*a*b*c*", "x", "aabbcc", false, true},
	    {"*.*a*b*c*", "x", "aabb", false, false},
	    {"orders", "any", "orders", false, true},
	    {"d.a.b", "d", "a.b", false, true},
	    {".x", "", "x", false, true},
	    {"*.**", "d", "x", false, true},
	};
	const char *items[] = {"shop.*"}, *excluded[] = {"*.tmp*"};
	struct mi_filter filter = {.tables = {items, 1}, .exclude = {excluded, 1}};

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK(mi_pattern_matches(rows[i].pattern, rows[i].db, rows[i].table,
		                         rows[i].fold) == rows[i].want,
		      "'%s' %s '%s'.'%s'", rows[i].pattern, rows[i].want ? "takes" : "leaves",
		      rows[i].db, rows[i].table);
	CHECK(mi_filter_takes(&filter, "shop", "a"), "a table that a pattern names");
	CHECK(!mi_filter_takes(&filter, "shop", "tmp1"), "one that is excluded");
	CHECK(!mi_filter_takes(&filter, "other", "a"), "one that no pattern names");
	CHECK(!mi_filter_takes(&filter, "shop", "_mi_load"), "bookkeeping, never");
	filter = (struct mi_filter){.all = true};
	CHECK(!mi_filter_takes(&filter, "mysql", "user") && mi_filter_takes(&filter, "x", "y"),
	      "all but the server's own");
}

static void test_types(void)
{
	struct mi_column column = {0};

	CHECK(!mi_column_set_type(&column, &(struct mi_column_facts){.data_type = "xmltype",
	                                                             .column_type = "xmltype"}),
	      "an unknown type is said to be one");
	CHECK(!mi_column_set_type(&column, &(struct mi_column_facts){0}), "no type at all too");
	CHECK(mi_column_set_type(&column, &(struct mi_column_facts){"enum", "enum('a unsigned')",
	                                                            "40", NULL, ""}) &&
	          column.type == MI_TYPE_ENUM && !column.is_unsigned,
	      "a member is no attribute");
	free(column.type_text);
	CHECK(mi_column_set_type(&column, &(struct mi_column_facts){"int", "int(6) zerofill", NULL,
	                                                            "10", "auto_increment"}) &&
	          column.bytes == 4 && column.is_unsigned && column.auto_increment,
	      "zerofill is unsigned");
	free(column.type_text);
	CHECK(
	    mi_column_set_type(&column, &(struct mi_column_facts){"json", "json", NULL, NULL,
	                                                          "DEFAULT_GENERATED INVISIBLE"}) &&
		column.generated == MI_NOT_GENERATED && column.invisible,
	    "DEFAULT_GENERATED is not generated");
	free(column.type_text);
	CHECK(mi_column_set_type(&column, &(struct mi_column_facts){"varchar", "varchar(9)", "36",
	                                                            NULL, "STORED GENERATED"}) &&
	          column.generated == MI_STORED && column.bytes == 36 && column.variable,
	      "a stored column");
	free(column.type_text);
}

static void test_sql(void)
{
	struct mi_buf sql = {0};
	const char *db = NULL;
	struct mi_ddl ddl = {.section = "post",
	                     .kind = "routine",
	                     .db = "d`b",
	                     .object = "p",
	                     .name = "",
	                     .text = "CREATE PROCEDURE p() SELECT ';;' -- end",
	                     .settings = {"", "latin1", "latin1_swedish_ci"}};

	mi_ddl_sql_add(&sql, &ddl, &db);
	CHECK_STR(mi_buf_cstr(&sql),
	          "\nUSE `d``b`;\nSET sql_mode = '';\n"
	          "SET character_set_client = 'latin1';\n"
	          "SET collation_connection = 'latin1_swedish_ci';\n"
	          "DELIMITER $$\nCREATE PROCEDURE p() SELECT ';;' -- end\n$$\nDELIMITER ;\n"
	          "SET sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,"
	          "NO_ENGINE_SUBSTITUTION,ALLOW_INVALID_DATES';\nSET NAMES utf8mb4;\n",
	          "a program in its own session settings");
	mi_buf_reset(&sql);
	ddl = (struct mi_ddl){.section = "post",
	                      .kind = "index",
	                      .db = "d`b",
	                      .object = "t`",
	                      .name = "k",
	                      .text = "ADD KEY `k` (`a`)"};
	mi_ddl_sql_add(&sql, &ddl, &db);
	CHECK_STR(mi_buf_cstr(&sql), "\nALTER TABLE `t``` ADD KEY `k` (`a`);\n", "a clause");
	mi_buf_release(&sql);
}

/* Reads the foreign key of a table of database d. */
static int read_fkey(const char *key, struct mi_table *table, struct mi_err *err)
{
	struct mi_ddl_table ddl;
	struct mi_buf text = {0};
	int ret = -1;

	mi_buf_addf(&text, "CREATE TABLE `t` (`a` int, %s)", key);
	if (CHECK(mi_ddl_table_read(&ddl, mi_buf_span(&text), err) == 0, "%s: a table: %s", key,
	          err->text)) {
		ret = mi_ddl_fkey_read(
		    &ddl, &ddl.elements[1], "d",
		    mi_array_add(&table->fkeys, &table->fkey_count, sizeof *table->fkeys), err);
		mi_ddl_table_release(&ddl);
	}
	mi_buf_release(&text);
	return ret;
}

static void test_fkeys(void)
{
	static const struct {
		const char *text, *ref_db, *ref_table, *ref_column, *on_delete, *on_update;
		size_t columns;
	} good[] = {
	    {"CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `p` (`x`)", "d", "p", "x", "RESTRICT",
	     "RESTRICT", 1},
	    {"CONSTRAINT `c` FOREIGN KEY (`a`, `b,)`) REFERENCES `o``e`.`p` (`x`,`y (`) ON DELETE "
	     "SET NULL ON UPDATE CASCADE",
	     "o`e", "p", "x", "SET NULL", "CASCADE", 2},
	    {"CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `p` (`x`) ON UPDATE NO ACTION ON DELETE "
	     "SET DEFAULT",
	     "d", "p", "x", "SET DEFAULT", "NO ACTION", 1},
	};
	static const char *const bad[] = {
	    "CONSTRAINT FOREIGN KEY (`a`) REFERENCES `p` (`x`)",
	    "CONSTRAINT `c` FOREIGN KEY () REFERENCES `p` (`x`)",
	    "CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `p`",
	    "CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `o`.(`x`)",
	    "CONSTRAINT `c` FOREIGN KEY (`a`, `b`) REFERENCES `p` (`x`)",
	    "CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `p` (`x`, `y`)",
	    "CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `p` (`x`) ON DELETE",
	    "CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `p` (`x`) ON DELETE SET",
	    "CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `p` (`x`) ON DELETE CASCADE ON DELETE "
	    "CASCADE",
	    "CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `p` (`x`) MATCH FULL",
	};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct mi_table *table = mi_alloc(sizeof *table);
		struct mi_err err = {0};

		if (CHECK(read_fkey(good[i].text, table, &err) == 0, "a key: %s", err.text)) {
			const struct mi_fkey *fkey = table->fkeys;

			CHECK_STR(fkey->name, "c", "its name");
			CHECK_STR(fkey->ref_db, good[i].ref_db, "the parent's database");
			CHECK_STR(fkey->ref_table, good[i].ref_table, "the parent");
			CHECK_STR(fkey->ref_columns[0], good[i].ref_column, "its column");
			CHECK_STR(fkey->on_delete, good[i].on_delete, "on delete");
			CHECK_STR(fkey->on_update, good[i].on_update, "on update");
			CHECK(fkey->column_count == good[i].columns, "%zu columns",
			      fkey->column_count);
		}
		mi_table_free(table);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct mi_table *table = mi_alloc(sizeof *table);
		struct mi_err err = {0};

		CHECK(read_fkey(bad[i], table, &err) == -1 && err.code == MI_DATA, "refused: %s",
		      bad[i]);
		mi_table_free(table);
	}
}

int main(void)
{
	test_malformed_tokens();
	test_tokens();
	test_malformed_tables();
	test_defer_mismatch();
	test_defer();
	test_pieces();
	test_fkeys();
	test_settle();
	test_column();
	test_definer();
	test_views();
	test_uses();
	test_filter();
	test_types();
	test_sql();
	DONE();
}
