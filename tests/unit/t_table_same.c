/* The digest of the text in which a server shows a table: it stands for all of it but the counter.
 */
#include "base/buf.h"
#include "t.h"
#include "table/table.h"

static struct mi_table shown(const char *text)
{
	struct mi_table table = {0};

	mi_table_set_text(&table, mi_span_str(text));
	return table;
}

static void texts(const char *a, const char *b, bool same)
{
	struct mi_table one = shown(a), other = shown(b);
	static int number;

	CHECK(mi_table_same(&one, &other) == same, "pair %d", ++number);
}

int main(void)
{
	const struct mi_table unknown = {0}, known = shown("CREATE TABLE `t` (\n) ENGINE=InnoDB");

	texts("CREATE TABLE `t` (\n  `a` int\n) ENGINE=InnoDB AUTO_INCREMENT=3 DEFAULT "
	      "CHARSET=utf8mb4",
	      "CREATE TABLE `t` (\n  `a` int\n) ENGINE=InnoDB AUTO_INCREMENT=18446744073709551615 "
	      "DEFAULT CHARSET=utf8mb4",
	      true);
	texts("CREATE TABLE `t` (\n) ENGINE=InnoDB",
	      "CREATE TABLE `t` (\n) ENGINE=InnoDB AUTO_INCREMENT=7", true);
	texts("(\n) COMMENT='a AUTO_INCREMENT=3'", "(\n) COMMENT='a AUTO_INCREMENT=4'", false);
	texts("(\n) COMMENT='it''s AUTO_INCREMENT=3'", "(\n) COMMENT='it''s AUTO_INCREMENT=4'",
	      false);
	texts("(\n) COMMENT='it\\'s AUTO_INCREMENT=3'", "(\n) COMMENT='it\\'s AUTO_INCREMENT=4'",
	      false);
	texts("(\n) COMMENT=')' AUTO_INCREMENT=3", "(\n) COMMENT=')' AUTO_INCREMENT=4", true);
	texts("(\n  `a( AUTO_INCREMENT=3` int\n) E", "(\n  `a( AUTO_INCREMENT=4` int\n) E", false);
	texts("(\n  `a(` int\n) E AUTO_INCREMENT=1", "(\n  `a(` int\n) E AUTO_INCREMENT=2", true);
	texts("(\n  `a\\` int\n) E AUTO_INCREMENT=1", "(\n  `a\\` int\n) E AUTO_INCREMENT=2", true);
	texts("( x AUTO_INCREMENT=1)", "( x AUTO_INCREMENT=2)", false);
	texts("(\n) E AUTO_INCREMENT=1 A", "(\n) E AUTO_INCREMENT=1 B", false);
	texts("(\n) E", "(\n) E ", false);
	texts("", "", true);
	texts("'", "`", false);
	CHECK(mi_table_same(&unknown, &known) && mi_table_same(&known, &unknown),
	      "a text that nobody asked for is no difference");
	DONE();
}
