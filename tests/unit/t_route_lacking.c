/* What the router watches for what the target lacks: how many statements are looked at, which kinds
 * are asked about, with which text, and the list. */
#include "base/buf.h"
#include "route/replica/lacking_ask.h"
#include "route/replica/lacking_list.h"
#include "sql/lexer.h"
#include "t.h"

#include <stdio.h>

/* How many of tries at one moment are taken. */
static unsigned taken(struct mi_lacking_list *list, uint64_t now, unsigned tries)
{
	unsigned count = 0;

	for (unsigned i = 0; i < tries; i++)
		count += mi_lacking_list_takes(list, now);
	return count;
}

static void rate(void)
{
	struct mi_lacking_list *list = mi_lacking_list_new();
	uint64_t now = 5000;
	unsigned count;

	CHECK(taken(list, now, 3000) == 1000, "after a pause a second's worth at once");
	CHECK(taken(list, now, 10) == 0, "then none");
	CHECK(taken(list, now + 7, 3000) == 7, "after 7 ms the 7 of these");
	now += 7;
	count = 0;
	for (unsigned ms = 0; ms < 2000; ms++)
		count += taken(list, ++now, 20);
	CHECK(count == 2000, "20,000 a second: 1,000 of them, not %u in 2 s", count);
	CHECK(taken(list, now + 3600000, 5000) == 1000, "a pause saves up no more than that");
	mi_lacking_list_free(list);
	list = mi_lacking_list_new();
	CHECK(taken(list, 3, 10) == 3, "a clock that has just begun");
	mi_lacking_list_free(list);
}

/* ---- The list ---- */

static bool sees(struct mi_lacking_list *list, const char *digest, uint64_t *key)
{
	return mi_lacking_list_sees(list, mi_span_str(digest), true, key);
}

static void printed(struct mi_lacking_list *list, const char *wanted, const char *what)
{
	struct mi_buf text = {0};

	mi_lacking_list_print(list, &text);
	CHECK(strcmp(mi_buf_cstr(&text), wanted) == 0, "%s: %s", what, mi_buf_cstr(&text));
	mi_buf_release(&text);
}

static void kinds(void)
{
	struct mi_lacking_list *list = mi_lacking_list_new();
	uint64_t a, b, again;

	CHECK(!mi_lacking_list_sees(list, mi_span_str("A"), false, &a), "no room: not asked about");
	CHECK(sees(list, "A", &a) && sees(list, "B", &b) && a != b, "two new kinds");
	CHECK(!sees(list, "A", &again) && again == a, "the first again");
	printed(list, "", "nothing is found yet");
	mi_lacking_list_add(list, a, 1305, mi_span_str("f"), mi_span_str("A"));
	mi_lacking_list_add(list, a, 1064, (struct mi_span){0}, mi_span_str("A"));
	mi_lacking_list_add(list, b, 1064, mi_span_str("rank"), mi_span_str("B"));
	mi_lacking_list_add(list, b, 1064, mi_span_str("rank"), mi_span_str("B"));
	CHECK(mi_lacking_list_count(list) == 3, "what is listed is not listed twice");
	printed(list, "2 1305 f A\n2 1064 - A\n1 1064 rank B\n",
	        "counted before it was found, too");
	for (int i = 0; i < 3; i++)
		(void)sees(list, "B", &again);
	(void)sees(list, "A", &again);
	printed(list, "4 1064 rank B\n3 1305 f A\n3 1064 - A\n", "the most frequent first");
	(void)sees(list, "B", &again);
	printed(list, "5 1064 rank B\n3 1305 f A\n3 1064 - A\n", "and after printing");
	mi_lacking_list_free(list);
}

static void bounds(void)
{
	struct mi_lacking_list *list = mi_lacking_list_new();
	unsigned news = 0;
	uint64_t key;
	char digest[32];

	(void)sees(list, "listed", &key);
	mi_lacking_list_add(list, key, 1305, mi_span_str("f"), mi_span_str("listed"));
	for (unsigned i = 0; i < 3 * MI_LACKING_SEEN; i++) {
		(void)snprintf(digest, sizeof digest, "%u", i);
		news += sees(list, digest, &key);
	}
	CHECK(news == 3 * MI_LACKING_SEEN, "so many kinds are forgotten, but %u were new", news);
	CHECK(!sees(list, "listed", &key), "what is listed is not asked about again");
	printed(list, "2 1305 f listed\n", "and is counted on");
	for (unsigned i = 0; i < 2 * MI_LACKING_LISTED; i++) {
		(void)snprintf(digest, sizeof digest, "more %u", i);
		(void)sees(list, digest, &key);
		mi_lacking_list_add(list, key, 1305, mi_span_str("f"), mi_span_str(digest));
	}
	CHECK(mi_lacking_list_count(list) == MI_LACKING_LISTED, "a list that has no end");
	mi_lacking_list_free(list);
}

/* ---- What is asked about ---- */

static void texts(void)
{
	static const struct {
		const char *text;
		unsigned modes;
		enum mi_lex_charset charset;
		const char *asked; /* NULL: it is not */
	} list[] = {
	    {"SELECT f(1)", 0, MI_LEX_UTF8, "SELECT f(1)"},
	    {"SELECT 'h\xc3\xa9'", 0, MI_LEX_UTF8, "SELECT 'hxx'"},
	    {"SELECT 'h\xe9'", 0, MI_LEX_BYTES, "SELECT 'hx'"},
	    {"SELECT 'h\x95\x5c'", 0, MI_LEX_OTHER, NULL}, /* sjis */
	    {"SELECT 'h'", 0, MI_LEX_OTHER, "SELECT 'h'"},
	    {"SELECT 1; SELECT 2", 0, MI_LEX_UTF8, NULL},
	    {"SELECT 1;", 0, MI_LEX_UTF8, "SELECT 1;"},
	    {"SELECT 1", MI_LEX_UNKNOWN_MODE, MI_LEX_UTF8, NULL},
	    {"CREATE USER u IDENTIFIED BY 'secret'", 0, MI_LEX_UTF8, NULL},
	    {"SET PASSWORD = 'secret'", 0, MI_LEX_UTF8, NULL},
	    {"CHANGE MASTER TO MASTER_PASSWORD='secret'", 0, MI_LEX_UTF8, NULL},
	    {"KILL 7", 0, MI_LEX_UTF8, NULL},
	    {"-- nothing", 0, MI_LEX_UTF8, NULL},
	    {"USE shop", 0, MI_LEX_UTF8, NULL},
	};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		struct mi_buf asked = {0};
		const struct mi_lacking_text text = {mi_span_str(list[i].text), list[i].modes,
		                                     list[i].charset};
		bool is = mi_lacking_is_asked(&text, &asked);

		CHECK(is == (list[i].asked != NULL) &&
		          (!is || strcmp(mi_buf_cstr(&asked), list[i].asked) == 0),
		      "%s: %s", list[i].text, is ? mi_buf_cstr(&asked) : "not asked about");
		mi_buf_release(&asked);
	}
}

static void modes(void)
{
	struct mi_buf mode = {0};

	mi_lacking_sql_mode(0, &mode);
	CHECK(mode.len == 0, "no mode");
	mi_lacking_sql_mode(MI_LEX_ANSI_QUOTES | MI_LEX_PIPES_AS_CONCAT, &mode);
	CHECK(strcmp(mi_buf_cstr(&mode), "ANSI_QUOTES,PIPES_AS_CONCAT") == 0, "two: %s",
	      mi_buf_cstr(&mode));
	mi_buf_release(&mode);
}

int main(void)
{
	rate();
	kinds();
	bounds();
	texts();
	modes();
	return t_done();
}
