/* What statements make of a table's definition. */
#include "base/buf.h"
#include "evolve/evolve.h"
#include "sql/lexer.h"
#include "t.h"
#include "table/table.h"

#include <stdlib.h>

static bool find_charset(void *user, const char *name, struct mi_evolve_charset *charset)
{
	static const struct mi_evolve_charset known[] = {{"utf8mb4", "utf8mb4_0900_ai_ci", 4},
	                                                 {"latin1", "latin1_swedish_ci", 1},
	                                                 {"utf8mb3", "utf8mb3_general_ci", 3},
	                                                 {"binary", "binary", 1}};

	(void)user;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(known[i].name, name) == 0) {
			*charset = known[i];
			return true;
		}
	return false;
}

static struct mi_evolve_rules rules = {.charset = find_charset};

/* "a int 4!, b char 40 utf8mb4 latin..|PRIMARY a; k b(3)": ! is NOT NULL, + unsigned, ~ generated,
 * ^ auto_increment. */
static const char *show(const struct mi_table *table, struct mi_buf *text)
{
	mi_buf_reset(text);
	for (size_t i = 0; i < table->column_count; i++) {
		const struct mi_column *c = &table->columns[i];

		mi_buf_addf(text, "%s%s %s", i ? ", " : "", c->name, c->type_text);
		if (c->charset)
			mi_buf_addf(text, " %s", c->collation);
		mi_buf_addf(text, "%s%s%s", c->nullable ? "" : "!", c->generated ? "~" : "",
		            c->auto_increment ? "^" : "");
	}
	for (size_t i = 0; i < table->key_count; i++) {
		const struct mi_key *key = &table->keys[i];

		mi_buf_addf(text, "%s%s%s", i ? "; " : " | ",
		            key->kind == MI_KEY_UNIQUE ? "unique " : "", key->name);
		for (size_t j = 0; j < key->part_count; j++) {
			mi_buf_addf(text, " %s",
			            key->parts[j].column < 0
			                ? "()"
			                : table->columns[key->parts[j].column].name);
			if (key->parts[j].prefix)
				mi_buf_addf(text, "(%u)", key->parts[j].prefix);
		}
	}
	for (size_t i = 0; i < table->fkey_count; i++)
		mi_buf_addf(text, " > %s %s %s.%s.%s %s %s", table->fkeys[i].name,
		            table->fkeys[i].columns[0], table->fkeys[i].ref_db,
		            table->fkeys[i].ref_table, table->fkeys[i].ref_columns[0],
		            table->fkeys[i].on_delete, table->fkeys[i].on_update);
	return mi_buf_cstr(text);
}

static const struct {
	const char *create, *want; /* want: what show() says, or "? why" */
} creates[] = {
    {"CREATE TABLE t (a INT)", "a int"},
    {"create table if not exists d.t (a int primary key, b varchar(10) not null, unique (b)) "
     "charset=latin1;",
     "a int!, b varchar(10) latin1_swedish_ci! | PRIMARY a; unique b b"},
    {"CREATE TABLE t (`a``b` BIGINT(20) UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'x, y', KEY "
     "`k` (`a``b`) USING BTREE) ENGINE=InnoDB",
     "a`b bigint unsigned!^ | k a`b"},
    {"CREATE TABLE t (a DECIMAL, b NUMERIC(5), c DEC(7,3) UNSIGNED, d FLOAT(25), e FLOAT(24), f "
     "DOUBLE PRECISION, g FLOAT(7,4), h REAL, i BIT, j BIT(9))",
     "a decimal(10,0), b decimal(5,0), c decimal(7,3) unsigned, d double, e float, f double, g "
     "float(7,4), h double, i bit(1), j bit(9)"},
    {"CREATE TABLE t (a TIMESTAMP(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE NOW(3), b TIMESTAMP "
     "NULL DEFAULT NULL, c DATETIME(0), d BOOLEAN DEFAULT TRUE, e TIME DEFAULT '00:00:00')",
     "a timestamp(3), b timestamp, c datetime, d tinyint(1), e time"},
    {"CREATE TABLE t (a ENUM('x','it''s',\"y \") CHARACTER SET latin1, b SET('','q') COLLATE "
     "utf8mb4_bin, c CHAR CHARSET utf8)",
     "a enum('x','it''s','y') latin1_swedish_ci, b set('','q') utf8mb4_bin, c char(1) "
     "utf8mb3_general_ci"},
    {"CREATE TABLE t (a INT DEFAULT (1 + (2)), b INT AS (a + 1), c INT GENERATED ALWAYS AS (f(a, "
     "')')) STORED NOT NULL, d INT CONSTRAINT x CHECK (d > 0) NOT ENFORCED, CHECK (a > 1), KEY f "
     "((a + 1), b DESC))",
     "a int, b int~, c int!~, d int | f () b"},
    {"CREATE TABLE t (a INT UNIQUE, b INT, c TEXT CHARACTER SET latin1, KEY (b), KEY (b), INDEX "
     "(c(3)), CONSTRAINT f FOREIGN KEY (b) REFERENCES o.p (id) ON DELETE SET NULL ON UPDATE "
     "CASCADE)",
     "a int, b int, c text latin1_swedish_ci | unique a a; b b; b_2 b; c c(3) > f b o.p.id SET "
     "NULL CASCADE"},
    {"CREATE TABLE t (a VARBINARY(20), b BINARY, c BLOB, d JSON, e POINT NOT NULL SRID 4326, f "
     "CHARACTER VARYING (3) CHARACTER SET latin1, g YEAR(4)) PARTITION BY HASH (a) PARTITIONS 3",
     "a varbinary(20), b binary(1), c blob, d json, e point!, f varchar(3) latin1_swedish_ci, g "
     "year"},
    /* not understood, never guessed */
    {"CREATE TABLE t (a VARCHAR(10))", "? a character set"},
    {"CREATE TABLE t (a INT) SELECT 1 AS a", "? a query or versions of rows"},
    {"CREATE TABLE t (a INT) WITH SYSTEM VERSIONING", "? a query or versions of rows"},
    {"CREATE TABLE t LIKE u", "? a table without columns"},
    {"CREATE TABLE t (LIKE u)", "? a column's type"},
    {"CREATE TABLE t (a TEXT(100) CHARSET latin1)", "? a TEXT or BLOB with a length"},
    {"CREATE TABLE t (a SERIAL)", "? a column's type"},
    {"CREATE TABLE t (a VARCHAR(70000) CHARSET latin1)", "? a length that a server may change"},
    {"CREATE TABLE t (a INT REFERENCES u (a))", "? a word of a column's clause"},
    {"CREATE TABLE t (a /*!50100 INT */)", "? a comment that is executed"},
    {"CREATE TABLE t (a ENUM('\\n') CHARSET latin1)", "? a member of an ENUM or SET"},
    {"CREATE TABLE t (a INT", "? its text"},
};

static const char before[] =
    "CREATE TABLE t (a INT NOT NULL, b VARCHAR(10), c INT, PRIMARY KEY (a), KEY k (b(3), c)) "
    "CHARSET=latin1";

static const struct {
	const char *alter, *want;
} alters[] = {
    {"ALTER TABLE t MODIFY a INT AFTER b",
     "b varchar(10) latin1_swedish_ci, a int!, c int | PRIMARY a; k b(3) c"},
    {"ALTER TABLE t MODIFY COLUMN `A` INT, MODIFY B VARCHAR(10) FIRST",
     "B varchar(10) latin1_swedish_ci, A int!, c int | PRIMARY A; k B(3) c"},
    {"ALTER TABLE t CHANGE a c INT, CHANGE c a INT NOT NULL",
     "c int!, b varchar(10) latin1_swedish_ci, a int! | PRIMARY c; k b(3) a"},
    {"alter table d.t rename column a to c, rename column c to a",
     "c int!, b varchar(10) latin1_swedish_ci, a int | PRIMARY c; k b(3) a"},
    {"ALTER TABLE t ADD d INT FIRST, ADD COLUMN e CHAR(2) AFTER a, ADD (f INT, UNIQUE (f), g "
     "INT)",
     "d int, a int!, e char(2) latin1_swedish_ci, b varchar(10) latin1_swedish_ci, c int, f int, "
     "g int | PRIMARY a; k b(3) c; unique f f"},
    {"ALTER TABLE t DROP b, DROP PRIMARY KEY, ADD PRIMARY KEY (c)",
     "a int!, c int! | k c; PRIMARY c"},
    {"ALTER TABLE t DROP COLUMN b, DROP c", "a int! | PRIMARY a"},
    {"ALTER TABLE t ADD d INT AFTER e, ADD e INT FIRST", "? an AFTER"},
    {"ALTER TABLE t ADD e INT FIRST, ADD d INT AFTER e",
     "e int, d int, a int!, b varchar(10) latin1_swedish_ci, c int | PRIMARY a; k b(3) c"},
    {"ALTER TABLE t MODIFY c INT FIRST, MODIFY b BIGINT FIRST",
     "b bigint, c int, a int! | PRIMARY a; k b(3) c"},
    {"ALTER TABLE t CHANGE b x VARCHAR(20) NOT NULL AFTER c, MODIFY c INT AFTER a", "? an AFTER"},
    {"ALTER TABLE t MODIFY c INT AFTER a, CHANGE b x VARCHAR(20) NOT NULL AFTER c",
     "a int!, c int, x varchar(20) latin1_swedish_ci! | PRIMARY a; k x(3) c"},
    {"ALTER TABLE t ENGINE=InnoDB, ALGORITHM=COPY, LOCK=NONE, AUTO_INCREMENT = 7, COMMENT='a, b'",
     "a int!, b varchar(10) latin1_swedish_ci, c int | PRIMARY a; k b(3) c"},
    {"ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
     "a int!, b varchar(10) utf8mb4_bin, c int | PRIMARY a; k b(3) c"},
    {"ALTER TABLE t CONVERT TO CHARACTER SET binary", "? text of bytes"},
    {"ALTER TABLE t DEFAULT CHARACTER SET utf8mb4, ADD d CHAR(1) CHARACTER SET latin1",
     "a int!, b varchar(10) latin1_swedish_ci, c int, d char(1) latin1_swedish_ci | PRIMARY a; k "
     "b(3) c"},
    {"ALTER TABLE t ALTER c SET DEFAULT 7, ALTER COLUMN b DROP DEFAULT, RENAME KEY k TO l, ADD "
     "CONSTRAINT u UNIQUE (c), ADD CONSTRAINT FOREIGN KEY f (c) REFERENCES t (a)",
     "a int!, b varchar(10) latin1_swedish_ci, c int | PRIMARY a; l b(3) c; unique u c > f c "
     "d.t.a NO ACTION NO ACTION"},
    {"ALTER TABLE t DROP INDEX k, RENAME TO u, ORDER BY c",
     "a int!, b varchar(10) latin1_swedish_ci, c int | PRIMARY a"},
    {"ALTER TABLE t ADD COLUMN IF NOT EXISTS c TEXT, DROP COLUMN IF EXISTS q, MODIFY IF EXISTS z "
     "INT",
     "a int!, b varchar(10) latin1_swedish_ci, c int | PRIMARY a; k b(3) c"},
    {"ALTER TABLE t ADD d INT PRIMARY KEY, DROP PRIMARY KEY",
     "a int!, b varchar(10) latin1_swedish_ci, c int, d int! | k b(3) c; PRIMARY d"},
    {"ALTER TABLE t PARTITION BY KEY (a) PARTITIONS 2",
     "a int!, b varchar(10) latin1_swedish_ci, c int | PRIMARY a; k b(3) c"},
    {"ALTER TABLE t ADD PARTITION (PARTITION p VALUES LESS THAN (7))",
     "a int!, b varchar(10) latin1_swedish_ci, c int | PRIMARY a; k b(3) c"},
    {"ALTER TABLE t ADD KEY l (c), ADD KEY m (a), ADD KEY n (c, a), ADD d INT, ADD e INT",
     "a int!, b varchar(10) latin1_swedish_ci, c int, d int, e int | PRIMARY a; k b(3) c; l c; m "
     "a; n c a"},
    {"CREATE UNIQUE INDEX x ON t (c, b)",
     "a int!, b varchar(10) latin1_swedish_ci, c int | PRIMARY a; k b(3) c; unique x c b"},
    {"DROP INDEX k ON t", "a int!, b varchar(10) latin1_swedish_ci, c int | PRIMARY a"},
    {"ALTER TABLE t MODIFY a INT, MODIFY a BIGINT", "? two columns of one name"},
    {"ALTER TABLE t CHANGE a x INT, CHANGE a y INT", "? a column that is changed twice"},
    {"ALTER TABLE t ADD b INT", "? two columns of one name"},
    {"ALTER TABLE t MODIFY z INT", "? a column that was not there"},
    {"ALTER TABLE t ADD SYSTEM VERSIONING", "? versions of rows"},
    {"ALTER TABLE t FROBNICATE", "? a clause of ALTER TABLE"},
    {"ALTER TABLE t ENGINE=InnoDB DEFAULT CHARSET=utf8mb4", "? options without commas"},
    {"ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u", "? a clause of ALTER TABLE"},
    {"ALTER TABLE t", "? a statement of a name alone"},
};

static void compare(const char *statement, struct mi_table *table, const char *why,
                    const char *want)
{
	struct mi_buf text = {0};

	if (table)
		(void)show(table, &text);
	else
		mi_buf_addf(&text, "? %s", why);
	(void)CHECK_STR(mi_buf_cstr(&text), want, statement);
	mi_buf_release(&text);
	mi_table_free(table);
}

static void test_create(void)
{
	const char *why = NULL;

	for (size_t i = 0; i < sizeof creates / sizeof *creates; i++) {
		struct mi_table *table = mi_evolve_create(mi_span_str(creates[i].create), "d", "t",
		                                          &rules, NULL, NULL, &why);

		compare(creates[i].create, table, why, creates[i].want);
	}
}

static void test_alter(void)
{
	const char *why = NULL;
	struct mi_table *table =
	    mi_evolve_create(mi_span_str(before), "d", "t", &rules, NULL, NULL, &why);

	for (size_t i = 0; i < sizeof alters / sizeof *alters; i++) {
		struct mi_table *after =
		    mi_evolve_alter(table, mi_span_str(alters[i].alter), &rules, &why);

		compare(alters[i].alter, after, why, alters[i].want);
	}
	mi_table_free(table);
}

/* Statement after statement, each on what the one before has made. */
static void test_chain(void)
{
	const char *why = NULL;
	struct mi_buf text = {0};
	struct mi_table *table =
	    mi_evolve_create(mi_span_str(before), "d", "t", &rules, NULL, NULL, &why);

	for (int i = 0; i < 40 && table; i++) {
		struct mi_table *after;

		mi_buf_reset(&text);
		mi_buf_addf(
		    &text,
		    "ALTER TABLE t ADD x%d INT %s, ADD KEY y%d (x%d, a), ADD FOREIGN KEY z%d "
		    "(x%d) REFERENCES t (a)",
		    i, i % 3 ? "FIRST" : "AFTER a", i, i, i, i);
		after = mi_evolve_alter(table, mi_buf_span(&text), &rules, &why);
		mi_table_free(table);
		table = after;
	}
	CHECK(table && table->column_count == 43 && table->key_count == 42 &&
	          table->fkey_count == 40,
	      "a chain of forty");
	mi_buf_release(&text);
	mi_table_free(table);
}

/* The same text, another session or server. */
static void test_rules(void)
{
	static const struct {
		const char *what, *text;
		unsigned modes;
		const char *want;
	} cases[] = {
	    {"MariaDB, REAL_AS_FLOAT", "CREATE TABLE t (a TIMESTAMP, b REAL, `c` JSON)", 0,
	     "a timestamp!, b float, c longtext utf8mb4_bin"},
	    {"ANSI_QUOTES", "CREATE TABLE t (\"a\" INT)", MI_LEX_ANSI_QUOTES, "a int"},
	    {"another language", "CREATE TABLE t (a INT)", MI_LEX_UNKNOWN_MODE, "? its text"},
	};
	struct mi_evolve_rules other = rules;
	const char *why = NULL;

	other.mariadb = other.real_is_float = other.timestamps_default = true;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct mi_table *table;

		other.modes = cases[i].modes;
		table = mi_evolve_create(mi_span_str(cases[i].text), "d", "t", &other, NULL, NULL,
		                         &why);
		compare(cases[i].what, table, why, cases[i].want);
	}
}

int main(void)
{
	test_create();
	test_alter();
	test_chain();
	test_rules();
	DONE();
}
