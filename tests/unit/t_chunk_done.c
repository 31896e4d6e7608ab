/* The list of finished chunks: what is printed reads back, and nothing else is accepted. */
#include "base/buf.h"
#include "base/err.h"
#include "chunk/done.h"
#include "t.h"

static void refuse(const char *text, const char *what)
{
	struct mi_done done = {0};
	struct mi_err err = {0};

	CHECK(mi_done_parse(&done, mi_span_str(text), &err) != 0, "refused: %s", what);
	CHECK(err.code == MI_DATA && strstr(err.text, "line "), "names the line: %s", err.text);
	mi_done_release(&done);
}

static void refuse_nul(void)
{
	static const char text[] = "a\tb\t0\t1\0002\t5\n";
	struct mi_done done = {0};
	struct mi_err err = {0};

	CHECK(mi_done_parse(&done, mi_span(text, sizeof text - 1), &err) != 0, "NUL in a key");
	mi_done_release(&done);
}

static void round_trip(void)
{
	struct mi_buf out = {0};
	struct mi_done done = {0};
	struct mi_err err = {0};

	mi_done_print_chunk(&out, "d\\b", "t\ta\nb\rle", 0, "", "42 x616263", false);
	mi_done_print_chunk(&out, "d", "t", 7, "", "", false);
	mi_done_print_chunk(&out, "d", "t", 0, "-1.5", "", true);
	mi_done_print_table(&out, "\xf0\x9f\x99\x82", "whole", true);
	CHECK(mi_done_parse(&done, mi_buf_span(&out), &err) == 0, "parses what it printed");
	CHECK(done.count == 4, "four lines");
	if (done.count == 4) {
		CHECK_STR(done.items[0].db, "d\\b", "backslash");
		CHECK_STR(done.items[0].table, "t\ta\nb\rle", "tab, newline, return");
		CHECK_STR(done.items[0].lo, "", "open end");
		CHECK_STR(done.items[0].hi, "42 x616263", "key");
		CHECK(done.items[1].part == 7, "part");
		CHECK_STR(done.items[2].lo, "-1.5", "signed key");
		CHECK(done.items[3].whole, "whole table");
	}
	CHECK(mi_done_has_table(&done, "\xf0\x9f\x99\x82", "whole"), "finds it");
	CHECK(!mi_done_has_table(&done, "d", "t"), "chunks alone do not finish a table");
	mi_done_release(&done);
	mi_buf_release(&out);
}

int main(void)
{
	struct mi_done done = {0};
	struct mi_err err = {0};

	CHECK(mi_done_parse(&done, mi_span("", 0), &err) == 0 && done.count == 0, "empty text");
	refuse("a\tb\tdone", "no newline at the end");
	refuse("\n", "empty line");
	refuse("a\tb\n", "two fields");
	refuse("a\tb\tfinished\n", "unknown word");
	refuse("a\tb\t0\t1\n", "four fields");
	refuse("a\tb\t0\t1\t2\t3\n", "six fields");
	refuse("a\tb\tx\t1\t2\n", "part not a number");
	refuse("a\tb\t\t1\t2\n", "part empty");
	refuse("a\tb\t99999999999999999999\t\t\n", "part too large");
	refuse("a\tb\t3\t1\t\n", "part with a range");
	refuse("a\tb\t0\t1;\t2\n", "semicolon in a key");
	refuse("a\tb\t0\t1'\t2\n", "quote in a key");
	refuse("a\\q\tb\tdone\n", "unknown escape");
	refuse("a\\\tb\tdone\n", "escape at the end");
	refuse("\tb\tdone\n", "empty name");
	refuse_nul();
	round_trip();
	DONE();
}
