#include "base/buf.h"
#include "t.h"
#include "table/json.h"

/* A literal with its NUL bytes, as a span. */
#define SPAN(text) mi_span(text, sizeof(text) - 1)

static struct mi_buf out;

static const char *name(enum mi_json_token kind)
{
	static const char *const names[] = {"bad", "end", "{", "[", "close", "key", "scalar"};

	return names[kind];
}

/* The text's tokens, one after another. */
static const char *tokens(struct mi_span text)
{
	struct mi_json_reader reader;
	struct mi_span token;
	enum mi_json_token kind;

	mi_buf_reset(&out);
	mi_json_read(&reader, text);
	do {
		kind = mi_json_next(&reader, &token);
		mi_buf_addf(&out, "%s%s:%.*s", out.len ? " " : "", name(kind), (int)token.len,
		            token.data ? token.data : "");
	} while (kind > MI_JSON_END);
	return mi_buf_cstr(&out);
}

static void reading(void)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	    {"1", "scalar:1 end:"},
	    {" -1.5e+3 ", "scalar:-1.5e+3 end:"},
	    {"\"a\\\"b\"", "scalar:\"a\\\"b\" end:"},
	    {"\"\\\\\"", "scalar:\"\\\\\" end:"},
	    {"[]", "[: close: end:"},
	    {"{}", "{: close: end:"},
	    {"[1, [null], \"\"]", "[: scalar:1 [: scalar:null close: scalar:\"\" close: end:"},
	    {"{\"\": true, \"}\": {}}", "{: key:\"\" scalar:true key:\"}\" {: close: close: end:"},
	    {"", "bad:"},
	    {"1 2", "scalar:1 bad:"},
	    {"[1", "[: scalar:1 bad:"},
	    {"[1,", "[: scalar:1 bad:"},
	    {"[1 2]", "[: scalar:1 bad:"},
	    {"{\"a\"}", "{: bad:\"a\""},
	    {"{1: 2}", "{: bad:"},
	    {"{\"a\": 1]", "{: key:\"a\" scalar:1 bad:"},
	    {"\"open", "bad:"},
	    {"\"open\\", "bad:"},
	    {"]", "bad:"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		CHECK_STR(tokens(mi_span_str(rows[i].text)), rows[i].want, rows[i].text);
}

static void depth(void)
{
	struct mi_buf text = {0};

	for (int i = 0; i < MI_JSON_DEPTH; i++)
		mi_buf_add_char(&text, '[');
	for (int i = 0; i < MI_JSON_DEPTH; i++)
		mi_buf_add_char(&text, ']');
	CHECK(strstr(tokens(mi_buf_span(&text)), "end:"), "the server's depth is read");
	mi_buf_reset(&text);
	for (int i = 0; i <= MI_JSON_DEPTH; i++)
		mi_buf_add_char(&text, '[');
	CHECK(strstr(tokens(mi_buf_span(&text)), "bad:"), "one more is not");
	mi_buf_release(&text);
}

static void suiting(void)
{
	static const struct {
		char code;
		const char *scalar;
		bool suits;
	} rows[] = {
	    {'.', "\"x\"", true},
	    {'D', "1.10", true},
	    {'D', "-5", true},
	    {'D', "1.", false},
	    {'D', "1e5", false},
	    {'D', "\"1.10\"", false},
	    {'D', "null", false},
	    {'U', "0", true},
	    {'U', "4294967295", true},
	    {'U', "4294967296", false},
	    {'U', "-1", false},
	    {'U', "1.0", false},
	    {'I', "4294967295", false},
	    {'I', "4294967296", true},
	    {'I', "9223372036854775807", true},
	    {'I', "9223372036854775808", false},
	    {'I', "99999999999999999999999", false},
	    {'d', "\"2024-01-01\"", true},
	    {'d', "\"2024-01-0\"", false},
	    {'d', "20240101", false},
	    {'t', "\"-838:59:59.000000\"", true},
	    {'t', "\"1:59:59.000000\"", false},
	    {'t', "\"01:02:03\"", false},
	    {'c', "\"2024-01-01 01:02:03.000000\"", true},
	    {'s', "\"2024-01-01 01:02:03.000000\"", true},
	    {'s', "\"2024-01-01' 1:02:03.000000\"", false},
	    {'o', "\"base64:type15:\"", true},
	    {'o', "\"base64:type252:AP8=\"", true},
	    {'o', "\"base64:type:AP8=\"", false},
	    {'o', "\"base64:type1234:\"", false},
	    {'o', "\"base64:type15\"", false},
	    {'?', "1", false},
	    {'\0', "1", false},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		CHECK(mi_json_suits(rows[i].code, mi_span_str(rows[i].scalar)) == rows[i].suits,
		      "%c and %s", rows[i].code, rows[i].scalar);
	CHECK(mi_json_is_double(mi_span_str("1.0")) && mi_json_is_double(mi_span_str("-1e5")),
	      "doubles");
	CHECK(!mi_json_is_double(mi_span_str("15")) && !mi_json_is_double(mi_span_str("\"1.0\"")) &&
	          !mi_json_is_double(mi_span_str("-")) && !mi_json_is_double(mi_span_str("null")),
	      "no doubles");
}

static void validity(void)
{
	const struct {
		struct mi_span value;
		bool valid;
		const char *why;
	} rows[] = {
	    {SPAN("no JSON at all"), true, "what has no codes is not looked at"},
	    {SPAN("1.10\0D"), true, "a scalar"},
	    {SPAN("[\"x\", 1.10, 5]\0.D"), true, "the last ones left out"},
	    {SPAN("{\"k\": 5}\0U"), true, "a member"},
	    {SPAN("[1.10]\0"), false, "no codes"},
	    {SPAN("[1.10]\0D."), false, "a plain one at the end"},
	    {SPAN("[1.10]\0DD"), false, "one too many"},
	    {SPAN("[]\0D"), false, "none to be had"},
	    {SPAN("[1.10]\0d"), false, "another kind"},
	    {SPAN("[1.10]\0X"), false, "an unknown one"},
	    {SPAN("[1.10]\0D\0"), false, "a NUL among them"},
	    {SPAN("[1.10\0D"), false, "no JSON"},
	    {SPAN("\0D"), false, "no text"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		CHECK(mi_json_is_valid(rows[i].value) == rows[i].valid, "%s", rows[i].why);
}

static void codes(void)
{
	struct mi_span text, found;

	mi_buf_reset(&out);
	mi_buf_add_str(&out, "[1.10, 2]");
	mi_json_add_codes(&out, mi_span_str(".."));
	CHECK_STR(mi_buf_cstr(&out), "[1.10, 2]", "plain ones add nothing");
	mi_json_add_codes(&out, mi_span_str("D."));
	mi_json_split(mi_buf_span(&out), &text, &found);
	CHECK(mi_span_eq(text, mi_span_str("[1.10, 2]")) && mi_span_eq(found, mi_span_str("D")),
	      "text and codes come apart again");
}

int main(void)
{
	reading();
	depth();
	suiting();
	validity();
	codes();
	mi_buf_release(&out);
	DONE();
}
