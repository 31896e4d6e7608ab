/* Conversion between the flavours: a table of clauses with what becomes of each. */
#include "base/buf.h"
#include "base/err.h"
#include "schema/collation.h"
#include "schema/convert.h"
#include "schema/create_table.h"
#include "schema/list.h"
#include "t.h"

#include <stdlib.h>

enum { MY57 = 50700, MY8 = 80030, MY9 = 90000, MA105 = 100500, MA1011 = 101100, MA117 = 110700 };

static struct mi_notes notes;

static struct mi_convert convert_to(enum mi_dialect to, unsigned version)
{
	mi_notes_release(&notes);
	return (struct mi_convert){.from = to == MI_DIALECT_MYSQL ? MI_DIALECT_MARIADB
	                                                          : MI_DIALECT_MYSQL,
	                           .to = to,
	                           .version = version,
	                           .notes = &notes};
}

static bool noted(enum mi_note_kind kind, const char *part)
{
	for (size_t i = 0; i < notes.count; i++)
		if (notes.items[i].kind == kind && strstr(notes.items[i].text, part))
			return true;
	return false;
}

/* Converts "CREATE TABLE `t` (" + item + ") " + options; answers the text between, and the tail. */
static void convert_text(struct mi_convert *convert, const char *item, const char *options,
                         struct mi_buf *out)
{
	struct mi_buf text = {0};
	struct mi_ddl_table ddl;
	struct mi_err err = {0};

	mi_buf_reset(out);
	mi_buf_addf(&text, "CREATE TABLE `t` (%s) %s", item, options);
	if (CHECK(mi_ddl_table_read(&ddl, mi_buf_span(&text), &err) == 0, "read: %s", err.text)) {
		CHECK(mi_convert_table(convert, &ddl, "d", &err) == 0, "convert: %s", err.text);
		for (size_t i = 0; i < ddl.element_count; i++)
			if (!ddl.elements[i].dropped)
				mi_buf_addf(out, "%s%s", out->len ? "," : "",
				            mi_buf_cstr(&ddl.elements[i].text));
		mi_buf_addf(out, "|%s", mi_buf_cstr(&ddl.tail));
		mi_ddl_table_release(&ddl);
	}
	(void)mi_buf_cstr(out);
	mi_buf_release(&text);
}

enum fate { SILENT, CHANGED, LEFT, REFUSED };

struct row {
	unsigned version;
	const char *item, *want;
	enum fate fate;
};

static void check_fate(enum fate fate, const char *what)
{
	bool any[] = {notes.count == 0, noted(MI_NOTE_CHANGED, ""), noted(MI_NOTE_LEFT, ""),
	              noted(MI_NOTE_REFUSED, "")};

	CHECK(any[fate], "%s: %s (%s)", what,
	      fate == SILENT    ? "nothing to say"
	      : fate == CHANGED ? "said to be changed"
	      : fate == LEFT    ? "said to be left out"
	                        : "refused",
	      notes.count ? notes.items[0].text : "silence");
}

static void check_items(enum mi_dialect to, const struct row *rows, size_t count)
{
	struct mi_buf got = {0}, want = {0};

	for (size_t i = 0; i < count; i++) {
		struct mi_convert convert = convert_to(to, rows[i].version);

		convert_text(&convert, rows[i].item, "ENGINE=InnoDB", &got);
		if (rows[i].want) {
			mi_buf_reset(&want);
			mi_buf_addf(&want, "%s|ENGINE=InnoDB", rows[i].want);
			CHECK_STR(got.data, mi_buf_cstr(&want), rows[i].item);
		}
		check_fate(rows[i].fate, rows[i].item);
		mi_convert_release(&convert);
	}
	mi_buf_release(&got);
	mi_buf_release(&want);
}

static const struct row to_mysql[] = {
    /* refusals first */
    {MY8, "`a` uuid NOT NULL", NULL, REFUSED},
    {MY8, "`a` inet4 DEFAULT NULL", NULL, REFUSED},
    {MY8, "`a` inet6 DEFAULT '::'", NULL, REFUSED},
    {MY8, "`a` vector(3) NOT NULL", NULL, REFUSED},
    {MY8, "`a` int(11) DEFAULT nextval(`d`.`s`)", NULL, REFUSED},
    {MY8, "`a` varchar(9) COLLATE utf8mb4_thai_520_w2", NULL, REFUSED},
    {MY8, "`a` text,UNIQUE KEY `u` (`a`) USING HASH", NULL, REFUSED},
    {MY8, "`a` int(11),UNIQUE KEY `u` (`a`,`p` WITHOUT OVERLAPS)", NULL, REFUSED},
    {MY8, "`a` date,PERIOD FOR `p` (`a`, `b`)", NULL, REFUSED},
    {MY8, "`a` timestamp(6) GENERATED ALWAYS AS ROW START", NULL, REFUSED},
    {MY57, "`a` int(11) DEFAULT uuid()", NULL, REFUSED},
    {MY57, "`a` varchar(9) COLLATE utf8mb4_uca1400_ai_ci", NULL, REFUSED},
    /* left out, and said */
    {MY8, "`a` longtext /*M!100301 COMPRESSED*/ DEFAULT NULL", "`a` longtext DEFAULT NULL", LEFT},
    {MY8, "`a` int(11) DEFAULT 1 `EA`='x'", "`a` int(11) DEFAULT 1", LEFT},
    {MY8, "`a` int(11),VECTOR KEY `v` (`a`)", "`a` int(11)", LEFT},
    {MY8, "`a` text,FULLTEXT KEY `f` (`a`) WITH PARSER x", "`a` text", LEFT},
    /* changed in form only */
    {MY8, "`a` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()",
     "`a` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP", SILENT},
    {MY8, "`a` datetime(6) DEFAULT current_timestamp(6) COMMENT 'DEFAULT x()'",
     "`a` datetime(6) DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'DEFAULT x()'", SILENT},
    {MY8, "`a` datetime DEFAULT current_timestamp(6)",
     "`a` datetime DEFAULT (current_timestamp(6))", SILENT},
    {MY8, "`a` date DEFAULT curdate()", "`a` date DEFAULT (curdate())", SILENT},
    {MY8, "`a` varchar(9) DEFAULT concat('a',')',uuid()) COMMENT 'c'",
     "`a` varchar(9) DEFAULT (concat('a',')',uuid())) COMMENT 'c'", SILENT},
    {MY8, "`a` int(11) DEFAULT (1 + 1)", "`a` int(11) DEFAULT (1 + 1)", SILENT},
    {MY8, "`a` int(11) DEFAULT -1", "`a` int(11) DEFAULT -1", SILENT},
    {MY8, "`a` int(11) DEFAULT NULL", "`a` int(11) DEFAULT NULL", SILENT},
    {MY8, "`a` text DEFAULT 'x\\'y'", "`a` text DEFAULT ('x\\'y')", SILENT},
    {MY8, "`a` text DEFAULT NULL", "`a` text DEFAULT NULL", SILENT},
    {MY8, "`a` blob DEFAULT X'00'", "`a` blob DEFAULT (X'00')", SILENT},
    {MY8, "`a` varchar(9) DEFAULT _latin1'x'", "`a` varchar(9) DEFAULT (_latin1'x')", SILENT},
    {MY8, "`a` int(11) DEFAULT `b`", "`a` int(11) DEFAULT (`b`)", SILENT},
    {MY8, "`a` bit(1) DEFAULT b'1'", "`a` bit(1) DEFAULT b'1'", SILENT},
    {MY8,
     "`a` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK "
     "(json_valid(`a`))",
     "`a` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL,CHECK (json_valid(`a`))",
     SILENT},
    {MY8, "`a` int(11) GENERATED ALWAYS AS (`b`) PERSISTENT",
     "`a` int(11) GENERATED ALWAYS AS (`b`) STORED", SILENT},
    {MY8, "`a` int(11) INVISIBLE DEFAULT 7", "`a` int(11) INVISIBLE DEFAULT 7", SILENT},
    {MY8, "`a` int(11) WITHOUT SYSTEM VERSIONING", "`a` int(11)", SILENT},
    {MY8, "`a` int(11),KEY `i` (`a`) IGNORED", "`a` int(11),KEY `i` (`a`) INVISIBLE", SILENT},
    {MY8, "`a` int(11),CONSTRAINT `CONSTRAINT_1` CHECK (`a` > 0)", "`a` int(11),CHECK (`a` > 0)",
     SILENT},
    {MY8, "`a` varchar(9) COLLATE utf8mb4_uca1400_ai_ci",
     "`a` varchar(9) COLLATE utf8mb4_unicode_520_ci", CHANGED},
    {MY8, "`a` char(9) CHARACTER SET utf8 COLLATE utf8_bin",
     "`a` char(9) CHARACTER SET utf8 COLLATE utf8mb3_bin", SILENT},
    {MY9, "`a` vector(3) NOT NULL", "`a` vector(3) NOT NULL", SILENT},
    {MY8, "`uuid` int(11) DEFAULT 1 COMMENT 'COMPRESSED'",
     "`uuid` int(11) DEFAULT 1 COMMENT 'COMPRESSED'", SILENT},
};

static const struct row to_mariadb[] = {
    {MA1011, "`a` vector(3) DEFAULT NULL", NULL, REFUSED},
    {MA1011, "`a` int,UNIQUE KEY `u` ((lower(`a`)))", NULL, REFUSED},
    {MA1011, "`a` int,UNIQUE KEY `u` (`a`(3),(lower(`a`)) DESC)", NULL, REFUSED},
    {MA1011, "`a` int NOT NULL /*!80023 INVISIBLE */", NULL, REFUSED},
    {MA1011, "`a` char(1) CHARACTER SET gb18030 COLLATE gb18030_bin", NULL, REFUSED},
    {MA1011, "`a` int GENERATED ALWAYS AS (1) STORED NOT NULL,PRIMARY KEY (`a`)", NULL, REFUSED},
    {MA105, "`a` char(1) COLLATE utf8mb4_0900_as_cs", NULL, REFUSED},
    {MA1011, "`a` int,KEY `f` ((`a` + 1))", "`a` int", LEFT},
    {MA1011, "`a` text,FULLTEXT KEY `f` (`a`) /*!50100 WITH PARSER `ngram` */ ", "`a` text", LEFT},
    {MA1011, "`a` int,CONSTRAINT `c` CHECK ((`a` < 1)) /*!80016 NOT ENFORCED */", "`a` int", LEFT},
    {MA1011, "`a` int GENERATED ALWAYS AS ((`b` + 1)) STORED NOT NULL COMMENT 'NOT NULL'",
     "`a` int GENERATED ALWAYS AS ((`b` + 1)) STORED COMMENT 'NOT NULL'", LEFT},
    {MA1011, "`a` int /*!50606 STORAGE DISK */ /*!50606 COLUMN_FORMAT DYNAMIC */ DEFAULT NULL",
     "`a` int DEFAULT NULL", LEFT},
    {MA105, "`a` int,KEY `k` (`a`) /*!80000 INVISIBLE */", "`a` int,KEY `k` (`a`)", LEFT},
    {MA1011, "`a` int,KEY `k` (`a`) /*!80000 INVISIBLE */", "`a` int,KEY `k` (`a`) IGNORED",
     SILENT},
    {MA105, "`a` int,KEY `k` (`a` DESC)", "`a` int,KEY `k` (`a` DESC)", CHANGED},
    {MA1011, "`a` int,KEY `k` (`a`(3) DESC)", "`a` int,KEY `k` (`a`(3) DESC)", SILENT},
    {MA1011, "`a` bigint unsigned NOT NULL AUTO_INCREMENT /*!80023 INVISIBLE */",
     "`a` bigint unsigned NOT NULL AUTO_INCREMENT INVISIBLE", SILENT},
    {MA1011, "`a` int DEFAULT '7' /*!80023 INVISIBLE */", "`a` int DEFAULT '7' INVISIBLE", SILENT},
    {MA1011, "`a` point NOT NULL /*!80003 SRID 4326 */", "`a` point REF_SYSTEM_ID=4326 NOT NULL",
     CHANGED},
    {MA1011, "`a` geomcollection DEFAULT NULL", "`a` geometrycollection DEFAULT NULL", SILENT},
    {MA1011, "`a` json DEFAULT (json_array(1,_utf8mb4'x'))", "`a` json DEFAULT (json_array(1,'x'))",
     SILENT},
    {MA1011, "`a` int AS (concat(`b`,_utf8mb3'it\\'s \\\\ é'))",
     "`a` int AS (concat(`b`,'it\\'s \\\\ é'))", SILENT},
    {MA1011, "`a` int AS (concat(`b`,_binary'x'))", "`a` int AS (concat(`b`,_binary'x'))", SILENT},
    {MA1011, "`a` int AS (concat(`b`,_binary'\\''))",
     "`a` int AS (concat(`b`,CAST(X'27' AS BINARY)))", SILENT},
    {MA1011, "`a` int AS (concat(`b`,_latin1'x'))", NULL, REFUSED},
    {MA1011, "`a` char(1) CHARACTER SET utf8mb4 COLLATE utf8mb4_de_pb_0900_as_cs",
     "`a` char(1) CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_german2_nopad_as_cs", CHANGED},
    {MA1011, "`a` int GENERATED ALWAYS AS ((`b` collate utf8mb4_0900_bin)) VIRTUAL",
     "`a` int GENERATED ALWAYS AS ((`b` collate utf8mb4_nopad_bin)) VIRTUAL", CHANGED},
    {MA117, "`a` vector(3) DEFAULT NULL", "`a` vector(3) DEFAULT NULL", SILENT},
};

static void check_options(enum mi_dialect to, const char *options, const char *want, enum fate fate)
{
	struct mi_convert convert = convert_to(to, to == MI_DIALECT_MYSQL ? MY8 : MA1011);
	struct mi_buf got = {0}, all = {0};

	convert_text(&convert, "`a` int", options, &got);
	if (want) {
		mi_buf_addf(&all, "`a` int|%s", want);
		CHECK_STR(got.data, mi_buf_cstr(&all), options);
	}
	check_fate(fate, options);
	mi_convert_release(&convert);
	mi_buf_release(&got);
	mi_buf_release(&all);
}

static void test_options(void)
{
	check_options(MI_DIALECT_MYSQL, "ENGINE=CONNECT", NULL, REFUSED);
	check_options(MI_DIALECT_MYSQL, "ENGINE=InnoDB WITH SYSTEM VERSIONING", NULL, REFUSED);
	check_options(MI_DIALECT_MARIADB, "ENGINE=ndbcluster", NULL, REFUSED);
	check_options(MI_DIALECT_MYSQL,
	              "ENGINE=Aria DEFAULT CHARSET=latin1 COLLATE=latin1_bin PAGE_CHECKSUM=1 "
	              "TRANSACTIONAL=1 ROW_FORMAT=PAGE",
	              "ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_bin", CHANGED);
	check_options(
	    MI_DIALECT_MYSQL,
	    "ENGINE=InnoDB COMMENT='ENGINE=Aria' `PAGE_COMPRESSED`='1' STATS_PERSISTENT=1",
	    "ENGINE=InnoDB COMMENT='ENGINE=Aria' STATS_PERSISTENT=1", LEFT);
	check_options(MI_DIALECT_MYSQL,
	              "ENGINE=InnoDB\n PARTITION BY LIST  COLUMNS(`k`)\n(PARTITION `a` VALUES IN "
	              "('ENGINE = Aria') ENGINE = Aria)",
	              "ENGINE=InnoDB\n PARTITION BY LIST  COLUMNS(`k`)\n(PARTITION `a` VALUES IN "
	              "('ENGINE = Aria') ENGINE = InnoDB)",
	              CHANGED);
	check_options(MI_DIALECT_MARIADB,
	              "/*!50100 TABLESPACE `ts` */ ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 "
	              "COLLATE=utf8mb4_0900_ai_ci COMPRESSION='zlib' /*!80016 ENCRYPTION='Y' */",
	              "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_nopad_ai_ci",
	              LEFT);
	CHECK(noted(MI_NOTE_LEFT, "ENCRYPTION='Y'") && noted(MI_NOTE_LEFT, "TABLESPACE `ts`") &&
	          noted(MI_NOTE_LEFT, "COMPRESSION='zlib'"),
	      "each option that is left out is named");
	check_options(MI_DIALECT_MARIADB,
	              "ENGINE=InnoDB\n/*!50100 PARTITION BY RANGE (`a`)\n(PARTITION p0 VALUES LESS "
	              "THAN (1) ENGINE = InnoDB) */",
	              "ENGINE=InnoDB PARTITION BY RANGE (`a`)\n(PARTITION p0 VALUES LESS THAN (1) "
	              "ENGINE = InnoDB)",
	              SILENT);
}

static void test_text_types(void)
{
	struct mi_convert convert = convert_to(MI_DIALECT_MYSQL, MY8);
	struct mi_buf got = {0};

	convert.text_types = true;
	convert_text(&convert, "`a` uuid NOT NULL DEFAULT uuid(),`b` inet6 DEFAULT NULL", "", &got);
	CHECK_STR(got.data,
	          "`a` char(36) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL DEFAULT "
	          "(uuid()),`b` varchar(39) CHARACTER SET ascii COLLATE ascii_general_ci DEFAULT "
	          "NULL|",
	          "UUID and INET6 as text, when asked");
	check_fate(CHANGED, "text types");
	mi_convert_release(&convert);
	mi_buf_release(&got);
}

static void test_check_names(void)
{
	struct mi_convert convert = convert_to(MI_DIALECT_MYSQL, MY8);
	struct mi_buf got = {0};

	convert_text(&convert, "`a` int,CONSTRAINT `c` CHECK (`a` > 0)", "", &got);
	CHECK_STR(got.data, "`a` int,CONSTRAINT `c` CHECK (`a` > 0)|", "the first keeps its name");
	convert_text(&convert, "`a` int,CONSTRAINT `C` CHECK (`a` > 0)", "", &got);
	CHECK_STR(got.data, "`a` int,CHECK (`a` > 0)|", "the second gets another");
	check_fate(CHANGED, "a constraint's name");
	mi_convert_release(&convert);
	mi_buf_release(&got);
}

static void test_identity(void)
{
	static const char item[] =
	    "`a` int /*!80023 INVISIBLE */,KEY `k` ((`a` + 1)) /*!80000 INVISIBLE */";
	struct mi_convert convert = {
	    .from = MI_DIALECT_MYSQL, .to = MI_DIALECT_MYSQL, .version = MY8, .notes = &notes};
	struct mi_buf got = {0}, want = {0};

	mi_notes_release(&notes);
	convert_text(&convert, item, "/*!50100 TABLESPACE `innodb_system` */ ENGINE=InnoDB", &got);
	mi_buf_addf(&want, "%s|/*!50100 TABLESPACE `innodb_system` */ ENGINE=InnoDB", item);
	CHECK_STR(got.data, mi_buf_cstr(&want), "one flavour: nothing changes");
	check_fate(SILENT, "one flavour");
	mi_buf_reset(&got);
	convert_text(&convert, item, "/*!50100 TABLESPACE `x` */ ENGINE=InnoDB", &got);
	mi_buf_reset(&want);
	mi_buf_addf(&want, "%s|/*!50100 */ ENGINE=InnoDB", item);
	CHECK_STR(got.data, mi_buf_cstr(&want), "but for a tablespace that somebody has made");
	check_fate(LEFT, "its tablespace");
	mi_buf_release(&got);
	mi_buf_release(&want);
}

struct collation_row {
	const char *name, *want; /* NULL: none; "": the same */
};

static void check_collation(enum mi_dialect to, unsigned version, const struct collation_row *row)
{
	struct mi_buf near = {0};
	enum mi_schema_collation_fate fate =
	    to == MI_DIALECT_MYSQL ? mi_schema_collation_to_mysql(row->name, version, &near)
				   : mi_schema_collation_to_mariadb(row->name, version, &near);
	const char *got = fate == MI_SCHEMA_COLLATION_SAME ? "" : mi_buf_cstr(&near);

	CHECK((fate == MI_SCHEMA_COLLATION_NONE) == (row->want == NULL), "%s: %s", row->name,
	      row->want ? "there is one" : "there is none");
	if (row->want && fate != MI_SCHEMA_COLLATION_NONE)
		CHECK_STR(got, row->want, row->name);
	mi_buf_release(&near);
}

static void test_collations(void)
{
	static const struct collation_row mysql[] = {
	    {"utf8mb4_bin", ""},
	    {"latin1_swedish_ci", ""},
	    {"utf8mb3_general_ci", ""},
	    {"utf8_general_ci", "utf8mb3_general_ci"},
	    {"utf8mb4_uca1400_ai_ci", "utf8mb4_unicode_520_ci"},
	    {"utf8mb4_uca1400_nopad_ai_ci", "utf8mb4_0900_ai_ci"},
	    {"utf8mb4_uca1400_as_ci", "utf8mb4_0900_as_ci"},
	    {"utf8mb4_uca1400_as_cs", "utf8mb4_0900_as_cs"},
	    {"utf8mb4_uca1400_swedish_ai_ci", "utf8mb4_swedish_ci"},
	    {"utf8mb4_uca1400_spanish2_nopad_ai_ci", "utf8mb4_es_trad_0900_ai_ci"},
	    {"utf8mb4_uca1400_german2_nopad_as_ci", "utf8mb4_de_pb_0900_as_cs"},
	    {"utf8mb4_uca1400_persian_nopad_ai_ci", "utf8mb4_persian_ci"},
	    {"utf8mb4_uca1400_persian_as_cs", NULL},
	    {"utf8mb3_uca1400_ai_ci", "utf8mb3_unicode_520_ci"},
	    {"utf8mb3_uca1400_as_cs", NULL},
	    {"uca1400_ai_ci", NULL},
	    {"utf8mb4_uca1400_", NULL},
	    {"utf8mb4_nopad_bin", "utf8mb4_0900_bin"},
	    {"utf8mb4_unicode_520_nopad_ci", "utf8mb4_0900_ai_ci"},
	    {"latin1_swedish_nopad_ci", "latin1_swedish_ci"},
	    {"utf8mb4_croatian_mysql561_ci", "utf8mb4_croatian_ci"},
	    {"utf8mb4_myanmar_ci", NULL},
	    {"", ""},
	};
	static const struct collation_row mariadb[] = {
	    {"utf8mb4_general_ci", ""},
	    {"utf8mb4_0900_ai_ci", "utf8mb4_uca1400_nopad_ai_ci"},
	    {"utf8mb4_0900_as_ci", "utf8mb4_uca1400_nopad_as_ci"},
	    {"utf8mb4_0900_bin", "utf8mb4_nopad_bin"},
	    {"utf8mb4_es_trad_0900_as_cs", "utf8mb4_uca1400_spanish2_nopad_as_cs"},
	    {"utf8mb4_ru_0900_ai_ci", "utf8mb4_uca1400_nopad_ai_ci"},
	    {"utf8mb4_ja_0900_as_cs_ks", "utf8mb4_uca1400_nopad_as_cs"},
	    {"utf8mb4_xx_0900_ai_ci", NULL},
	    {"gb18030_chinese_ci", NULL},
	    {"utf8_bin", "utf8mb3_bin"},
	};
	static const struct collation_row old[] = {
	    {"utf8mb4_0900_ai_ci", "utf8mb4_unicode_520_nopad_ci"},
	    {"utf8mb4_sv_0900_ai_ci", "utf8mb4_swedish_ci"},
	    {"utf8mb4_0900_as_cs", NULL},
	};

	for (size_t i = 0; i < sizeof mysql / sizeof *mysql; i++)
		check_collation(MI_DIALECT_MYSQL, MY8, &mysql[i]);
	for (size_t i = 0; i < sizeof mariadb / sizeof *mariadb; i++)
		check_collation(MI_DIALECT_MARIADB, MA1011, &mariadb[i]);
	for (size_t i = 0; i < sizeof old / sizeof *old; i++)
		check_collation(MI_DIALECT_MARIADB, MA105, &old[i]);
}

static void check_database(enum mi_dialect to, const char *text, const char *want)
{
	struct mi_convert convert = convert_to(to, to == MI_DIALECT_MYSQL ? MY8 : MA1011);
	struct mi_buf statement = {0};
	struct mi_err err = {0};

	mi_buf_add_str(&statement, text);
	CHECK(mi_convert_database(&convert, &statement, "d", "utf8mb4_general_ci", &err) == 0, "%s",
	      text);
	CHECK_STR(mi_buf_cstr(&statement), want, text);
	mi_buf_release(&statement);
}

static void test_database(void)
{
	check_database(MI_DIALECT_MYSQL,
	               "CREATE DATABASE `d` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE "
	               "utf8mb4_uca1400_ai_ci */ COMMENT 'x'",
	               "CREATE DATABASE `d` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE "
	               "utf8mb4_unicode_520_ci */");
	check_database(MI_DIALECT_MARIADB,
	               "CREATE DATABASE `d` /*!40100 DEFAULT CHARACTER SET utf8mb4 */ /*!80016 "
	               "DEFAULT ENCRYPTION='Y' */",
	               "CREATE DATABASE `d` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE "
	               "utf8mb4_general_ci */ /*!80016 DEFAULT ENCRYPTION='Y' */");
	CHECK(noted(MI_NOTE_LEFT, "ENCRYPTION"), "encryption is said to be left out");
}

static void test_modes_and_target(void)
{
	struct mi_convert convert = convert_to(MI_DIALECT_MYSQL, MY8);
	char *modes = mi_convert_sql_mode(&convert, "ANSI_QUOTES,NO_AUTO_CREATE_USER", "x");

	CHECK_STR(modes, "ANSI_QUOTES", "a mode that has gone and does nothing is dropped");
	check_fate(SILENT, "an idle mode");
	free(modes);
	modes = mi_convert_sql_mode(&convert, "ORACLE", "routine d.p");
	check_fate(REFUSED, "sql_mode ORACLE");
	free(modes);
	CHECK(!mi_convert_target(&convert, "oracle") && !mi_convert_target(&convert, "mysql-") &&
	          !mi_convert_target(&convert, "mysql-8") &&
	          !mi_convert_target(&convert, "mariadb-10.6x"),
	      "targets that are none");
	CHECK(mi_convert_target(&convert, "mariadb-10.6") && convert.to == MI_DIALECT_MARIADB &&
	          convert.version == 100600,
	      "a target with its version");
}

int main(void)
{
	check_items(MI_DIALECT_MYSQL, to_mysql, sizeof to_mysql / sizeof *to_mysql);
	check_items(MI_DIALECT_MARIADB, to_mariadb, sizeof to_mariadb / sizeof *to_mariadb);
	test_options();
	test_text_types();
	test_check_names();
	test_identity();
	test_collations();
	test_database();
	test_modes_and_target();
	mi_notes_release(&notes);
	DONE();
}
