#include "base/buf.h"
#include "base/err.h"
#include "schema/text.h"
#include "t.h"
#include "table/dbmap.h"

#include <stdlib.h>

static struct mi_buf out;
static const char *pairs[] = {"old=new", "a`b=c`d"};
static const struct mi_map map = {{pairs, 2}};
static const struct mi_map no_map;

static void check_map(void)
{
	const char *bad[] = {"x", "=x", "x=", "a=b=c"};
	const char *twice[] = {"a=b", "a=c"};
	struct mi_err err = {0};

	CHECK_STR(mi_map_db(&map, "old"), "new", "a mapped name");
	CHECK_STR(mi_map_db(&map, "ol"), "ol", "a prefix of it is not mapped");
	CHECK_STR(mi_map_db(&map, "older"), "older", "nor is a longer name");
	CHECK(mi_map_check(&map, &err) == 0, "pairs");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const struct mi_map one = {{&bad[i], 1}};

		CHECK(mi_map_check(&one, &err) != 0 && err.code == MI_USAGE, "%s is none", bad[i]);
	}
	CHECK(mi_map_check(&(struct mi_map){{twice, 2}}, &err) != 0, "one name mapped twice");
}

static void check_rename(const char *text, bool alone, const char *want)
{
	struct mi_err err = {0};

	mi_buf_reset(&out);
	if (CHECK(mi_ddltext_rename(text, &map, alone, &out, &err) == 0, "%s can be renamed", text))
		CHECK_STR(mi_buf_cstr(&out), want, "and is");
}

static void refuse_rename(const char *text)
{
	struct mi_err err = {0};

	mi_buf_reset(&out);
	CHECK(mi_ddltext_rename(text, &map, false, &out, &err) != 0 && err.code == MI_DATA,
	      "%s cannot be renamed", text);
}

static void renames(void)
{
	struct mi_err err = {0};

	check_rename("CREATE DATABASE `old` /*!40100 x */", true,
	             "CREATE DATABASE `new` /*!40100 x */");
	check_rename("ADD FOREIGN KEY (`a`) REFERENCES `old`.`t` (`b`)", false,
	             "ADD FOREIGN KEY (`a`) REFERENCES `new`.`t` (`b`)");
	check_rename("SELECT `a``b`.`x`, `t`.`old`, '`old`.`t`', \"`old`.\" -- `old`\n", false,
	             "SELECT `c``d`.`x`, `t`.`old`, '`old`.`t`', \"`old`.\" -- `old`\n");
	refuse_rename("SELECT `x` AS `old` FROM `old`.`t`");
	check_rename("CREATE TABLE `old` (`old` int, KEY `old` (`old`))", false,
	             "CREATE TABLE `old` (`old` int, KEY `old` (`old`))");
	refuse_rename("SELECT 'no end");
	check_rename(
	    "BEGIN UPDATE old.t SET a=older.x WHERE old.t.b=NEW.old; CALL old . p(); END", false,
	    "BEGIN UPDATE `new`.t SET a=older.x WHERE `new`.t.b=NEW.old; CALL `new` . p(); END");
	check_rename("SELECT old FROM `old`.t", false, "SELECT old FROM `new`.t");
	check_rename("CREATE DATABASE `old` COMMENT old", true,
	             "CREATE DATABASE `new` COMMENT old");
	refuse_rename("SELECT old.a FROM t old");
	refuse_rename("SELECT old.a FROM x.old");
	refuse_rename("SELECT Old.a FROM x.y");
	refuse_rename("CREATE TRIGGER `t` BEFORE INSERT ON `u` FOR EACH ROW SET @a=old.b");
	mi_buf_reset(&out);
	CHECK(mi_ddltext_rename("SELECT 'no end `old`.", &no_map, false, &out, &err) == 0,
	      "without a map text is not looked at");
	CHECK_STR(mi_buf_cstr(&out), "SELECT 'no end `old`.", "and stays");
}

static void check_equal(const char *a, const char *b, bool equal)
{
	struct mi_buf other = {0};

	mi_buf_reset(&out);
	mi_ddltext_normalise(a, "old", "new", &out);
	mi_ddltext_normalise(b, "old", "new", &other);
	CHECK(mi_span_eq(mi_buf_span(&out), mi_buf_span(&other)) == equal, "'%s' and '%s' %s", a, b,
	      equal ? "are equal" : "differ");
	mi_buf_release(&other);
}

static void normalises(void)
{
	check_equal("CREATE PROCEDURE `p`() SELECT a FROM old.t",
	            "CREATE PROCEDURE `p`() SELECT a FROM `new`.t", true);
	check_equal("CREATE DEFINER=`a`@`b` SQL SECURITY DEFINER VIEW `v` AS select 1",
	            "CREATE SQL  SECURITY DEFINER\nVIEW `v` AS select 1", true);
	check_equal("CREATE VIEW `old`.`v` AS select `old`.`t`.`x`",
	            "CREATE VIEW `v` AS select "
	            "`new`.`t`.`x`;",
	            true);
	check_equal("CREATE VIEW v AS SELECT 'a  b'", "CREATE VIEW v AS SELECT 'a b'", false);
	check_equal("CREATE VIEW v AS SELECT 1", "CREATE VIEW v AS SELECT 2", false);
	check_equal("SELECT `other`.`t`.`x`", "SELECT `t`.`x`", false);
}

static void makes(void)
{
	const char *function = "CREATE DEFINER=`function`@`%` FUNCTION `procedure`() RETURNS int "
			       "RETURN 1";

	CHECK(strcmp(mi_ddltext_routine(function), "FUNCTION") == 0, "a function");
	CHECK(strcmp(mi_ddltext_routine("create procedure p() begin end"), "PROCEDURE") == 0,
	      "a procedure");
	CHECK(strcmp(mi_ddltext_routine("CREATE PACKAGE p AS FUNCTION f RETURN int; END"),
	             "PACKAGE") == 0,
	      "a package");
	CHECK(strcmp(mi_ddltext_routine("CREATE DEFINER=a@b PACKAGE BODY p AS END"),
	             "PACKAGE BODY") == 0,
	      "its body");
	CHECK(!mi_ddltext_routine("CREATE VIEW v AS SELECT 1"), "none of these");
}

int main(void)
{
	check_map();
	renames();
	normalises();
	makes();
	mi_buf_release(&out);
	DONE();
}
