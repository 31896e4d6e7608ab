/* Which names in a definition are called, with how many arguments, and in which part of a table. */
#include "base/buf.h"
#include "sql/calls.h"
#include "t.h"

static void take(void *user, const struct mi_call *call)
{
	struct mi_buf *out = user;

	mi_buf_addf(out, "%s%.*s/%zu%s%.*s", out->len ? " " : "", (int)call->name.len,
	            call->name.data, call->arguments, call->part.len ? "@" : "",
	            (int)call->part.len, call->part.data);
}

static void calls(const char *text, const char *mode, enum mi_calls_form form, const char *want)
{
	struct mi_buf got = {0};

	CHECK(mi_calls_each(mi_span_str(text), mi_span_str(mode), form, take, &got), "%s", text);
	CHECK_STR(mi_buf_cstr(&got), want, text);
	mi_buf_release(&got);
}

static void written(void)
{
	calls("SELECT f(), g(1, (2), h(3,4)), `i` (NULL)", "", MI_CALLS_WRITTEN,
	      "f/0 g/3 h/2 `i`/1");
	calls("INSERT INTO md5 (a) VALUES (x.f(1)); INSERT t (b) SELECT 1; CALL p(1, 2)", "",
	      MI_CALLS_WRITTEN, "VALUES/1");
	calls("CREATE PROCEDURE `p`(a INT) SET @f = 'g(1)' /* h(1) */; -- i(1)\n", "",
	      MI_CALLS_WRITTEN, "");
	calls("WITH x (a) AS (SELECT count(*)) SELECT * FROM x", "", MI_CALLS_WRITTEN,
	      "AS/1 count/1");
	calls("SELECT \"f(1)\", '\\', g(1)'", "", MI_CALLS_WRITTEN, "");
	calls("SELECT \"f\"(1), '\\', g(1)", "ANSI_QUOTES,NO_BACKSLASH_ESCAPES", MI_CALLS_WRITTEN,
	      "\"f\"/1 g/1");
}

static void printed(void)
{
	calls("CREATE VIEW `v` AS select `f`(1), g(`a`) AS `h(1)` from `t`", "", MI_CALLS_PRINTED,
	      "g/1");
	calls("CREATE TABLE `t` (  `a` varchar(20) DEFAULT (f('x')),  `b` int AS (g(`a`,2)),"
	      "  KEY `h` (`a`),  CONSTRAINT `c` CHECK (i(`b`))) COMMENT='j(1)'",
	      "", MI_CALLS_TABLE,
	      "varchar/1@`a` DEFAULT/1@`a` f/1@`a` AS/1@`b` g/2@`b` CHECK/1@`c` i/1@`c`");
}

static void broken(void)
{
	struct mi_buf got = {0};

	CHECK(!mi_calls_each(mi_span_str("SELECT f(1), 'no end"), mi_span_str(""), MI_CALLS_WRITTEN,
	                     take, &got),
	      "%s", "no end");
	CHECK_STR(mi_buf_cstr(&got), "f/1", "what stands before");
	mi_buf_release(&got);
}

int main(void)
{
	written();
	printed();
	broken();
	DONE();
}
