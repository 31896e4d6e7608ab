/* JSON texts that mean the same fold into the same, others into others. */
#include "table/json_fold.h"
#include "base/buf.h"
#include "t.h"

static bool same(const char *a, const char *b)
{
	struct mi_hash x, y;

	return mi_json_fold(mi_span_str(a), &x) && mi_json_fold(mi_span_str(b), &y) &&
	       x.state == y.state;
}

int main(void)
{
	static const char *const equal[][2] = {
	    {"{}", " { } "},
	    {"[]", "[\n]"},
	    {"{\"a\":1,\"bb\":[true,null]}", "{\"bb\": [true, null], \"a\": 1}"},
	    {"\"\\u00e9\\n\\/\"", "\"\xc3\xa9\\u000a/\""},
	    {"\"\\ud83d\\ude42\"", "\"\xf0\x9f\x99\x82\""},
	    {"1.0", "1e0"},
	    {"100.0", "1E2"},
	    {"-0", "0"},
	    {"-0.0", "0.0"},
	    {"0.1000", "0.1"},
	    {"18446744073709551615", " 18446744073709551615"},
	    {"18446744073709551616", "1.8446744073709552e19"},
	    {"{\"a\":{\"b\":1},\"c\":2}", "{\"c\":2,\"a\":{\"b\":1}}"},
	};
	static const char *const other[][2] = {
	    {"{}", "[]"},
	    {"[1,2]", "[2,1]"},
	    {"[[1],2]", "[1,[2]]"},
	    {"\"1\"", "1"},
	    {"null", "\"null\""},
	    {"true", "false"},
	    {"[]", "[[]]"},
	    {"[[],[]]", "[[[]]]"},
	    {"{\"a\":1}", "{\"a\":2}"},
	    {"{\"a\":1}", "{\"b\":1}"},
	    {"0.1", "0.10000000000000002"},
	    {"18446744073709551615", "18446744073709551614"},
	    {"{\"a\":1,\"b\":2}", "{\"a\":2,\"b\":1}"},
	    {"{\"a\":{\"b\":1},\"c\":2}", "{\"a\":{\"b\":1,\"c\":2}}"},
	    {"{\"a\":1,\"a\":1}", "{\"a\":1}"},
	};
	static const char *const none[] = {"",        "{",         "[1,]",  "{\"a\"}",
	                                   "\"\\x\"", "\"\\u12\"", "1e999", "nul",
	                                   "1 2",     "-",         "+1",    "\"a"};
	struct mi_hash hash;

	for (size_t i = 0; i < sizeof equal / sizeof *equal; i++)
		CHECK(same(equal[i][0], equal[i][1]), "%s is %s", equal[i][0], equal[i][1]);
	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		CHECK(!same(other[i][0], other[i][1]), "%s is not %s", other[i][0], other[i][1]);
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		CHECK(!mi_json_fold(mi_span_str(none[i]), &hash), "no JSON: %s", none[i]);
	return t_done();
}
