/* Where words, names, numbers and points begin and end. What is expected was seen in servers: MySQL
 * 9.7 and MariaDB 10.11 take `SELECT a FROM db.5t` and `db.5e3`, and refuse "db .5t". */
#include "base/buf.h"
#include "base/err.h"
#include "sql/lexer.h"
#include "sql/tokens.h"
#include "t.h"

#include <stdlib.h>

/* "w:db .: w:5t": kinds by letter, punctuation as it stands. */
static void print(const struct mi_lexeme *token, struct mi_buf *out)
{
	static const char kinds[] = {
	    [MI_LEX_WORD] = 'w',   [MI_LEX_NUMBER] = '#', [MI_LEX_NAME] = 'n',
	    [MI_LEX_STRING] = 's', [MI_LEX_OPEN] = 'o',   [MI_LEX_CLOSE] = 'c',
	    [MI_LEX_HINT] = 'h',   [MI_LEX_PUNCT] = 'p',  [MI_LEX_BAD] = '!'};

	mi_buf_addf(out, "%s%c", out->len ? " " : "", kinds[token->kind]);
	mi_buf_add_span(out, token->text);
}

static void lexes_with(struct mi_lexer lexer, const char *text, const char *want)
{
	struct mi_lexeme token = mi_lex_next(&lexer);
	struct mi_buf got = {0};

	for (; token.kind != MI_LEX_END; token = mi_lex_next(&lexer)) {
		print(&token, &got);
		if (token.kind == MI_LEX_BAD)
			break;
	}
	CHECK_STR(mi_buf_cstr(&got), want, text);
	mi_buf_release(&got);
}

static void lexes(const char *text, unsigned modes, enum mi_lex_charset charset, const char *want)
{
	lexes_with(mi_lexer(mi_span_str(text), modes, charset), text, want);
}

/* What of executable comments a server reads, as MySQL 9.7.4 and MariaDB 10.11.19 do (tried). */
static void versions(void)
{
	static const struct {
		const char *text, *mysql, *mariadb;
	} rows[] = {
	    {"/*! a*/ b", "wa wb", "wa wb"},
	    {"/*!4010 a*/", "#4010 wa", "#4010 wa"},
	    {"/*!40101 a*/", "wa", "wa"},
	    {"/*!40101a*/", "wa", "wa"},
	    {"/*!50699 a*/", "wa", "wa"},
	    {"/*!50700 a*/", "wa", ""},
	    {"/*!90704 a*/", "wa", ""},
	    {"/*!90705 a*/", "", ""},
	    {"/*!090704 a*/", "wa", ""},
	    {"/*!100000 a*/", "", "wa"},
	    {"/*!101119 a*/", "", "wa"},
	    {"/*!101120 a*/ b", "wb", "wb"},
	    {"/*!999999 a*/", "", ""},
	    {"/*!0501001 a*/", "#1 wa", "#1 wa"},
	    {"/*M! a*/ b", "wb", "wa wb"},
	    {"/*M!50744 a*/", "", "wa"},
	    {"/*M!101120 a*/", "", ""},
	    {"/*!99999 a /* b */ c */ d", "wd", "wd"},
	    {"/*!99999 /* a */ b", "!", "!"},
	    {"/*!99999 '*/' b", "!", "!"},
	    {"/*!99999 -- */\na", "wa", "wa"},
	    {"/*!50001 '*/' */ b", "s'*/' wb", "s'*/' wb"},
	    {"/*!50001 a /* b */ c */", "wa wc", "wa wc"},
	    {"/*!50001 a /*!50001 b */ */", "wa !", "wa !"},
	    {"/*!50001 a", "wa !", "wa !"},
	    {"/*m!50001 a*/", "", ""},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct mi_span text = mi_span_str(rows[i].text);

		lexes_with(mi_lexer_for(text, 0, MI_LEX_UTF8, false, 90704), rows[i].text,
		           rows[i].mysql);
		lexes_with(mi_lexer_for(text, 0, MI_LEX_UTF8, true, 101119), rows[i].text,
		           rows[i].mariadb);
	}
}

static void points(void)
{
	static const char *const list[][2] = {
	    {"db.5t", "wdb p. w5t"},
	    {"db.5", "wdb p. w5"},
	    {"db.5e3.0x1F", "wdb p. w5e3 p. w0x1F"},
	    {"5t.5t.5t", "w5t p. w5t p. w5t"},
	    {"db. 5t", "wdb p. w5t"},
	    {"db./**/5t", "wdb p. w5t"},
	    {"db .5t", "wdb #.5 wt"},
	    {"`db`.5t", "n`db` #.5 wt"},
	    {"db.x'00'", "wdb p. wx s'00'"},
	    {"db.$5$", "wdb p. w$5$"},
	    {"db.`5t`.c", "wdb p. n`5t` p. wc"},
	    {"db.*", "wdb p. p*"},
	    {"1.5", "#1.5"},
	    {"1.FOR", "#1. wFOR"},
	    {"1e5.5", "#1e5 #.5"},
	    {"(.5)", "p( #.5 p)"},
	    {"a.'b'", "wa p. s'b'"},
	};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		lexes(list[i][0], 0, MI_LEX_UTF8, list[i][1]);
}

static void letters(void)
{
	lexes("$x a$b$c $", 0, MI_LEX_UTF8, "w$x wa$b$c w$");
	lexes("$x$", 0, MI_LEX_UTF8, "!");
	lexes("$$x$$", MI_LEX_DEFINITION, MI_LEX_UTF8, "w$$x$$");
	lexes("@@g @ x", 0, MI_LEX_UTF8, "p@ p@ wg p@ wx");
	lexes("@@g @`x` a@b @", MI_LEX_DEFINITION, MI_LEX_UTF8, "w@@g w@ n`x` wa@b w@");
	lexes("\xc3\xa9", 0, MI_LEX_UTF8, "w\xc3\xa9");
	lexes("\xc3\xa9", 0, MI_LEX_BYTES, "w\xc3\xa9");
	lexes("a\xa0", 0, MI_LEX_BYTES, "wa !");
	lexes("a\xff", 0, MI_LEX_BYTES, "wa !");
	lexes("[a^b~]", 0, MI_LEX_BYTES, "p[ wa p^ wb p~ p]");
	lexes("[a^b~]", 0, MI_LEX_SWE7, "w[a^b~]");
	lexes("\xe9 \xc3\xa0", 0, MI_LEX_LETTERS, "w\xe9 w\xc3\xa0");
	lexes("t\xa0u", 0, MI_LEX_LETTERS, "wt !");
	lexes("'\xa0'", 0, MI_LEX_LETTERS, "s'\xa0'");
	lexes("\xe9", 0, MI_LEX_UTF8, "!");
	lexes("a", 0, MI_LEX_OTHER, "!");
	/* a later byte that looks like something else */
	lexes("'\xbf\\' a", 0, MI_LEX_GBK, "s'\xbf\\' wa");
	lexes("'\xbf\\' a", 0, MI_LEX_GB2312, "!");
	lexes("'\x83\\' a", 0, MI_LEX_SJIS, "s'\x83\\' wa");
	lexes("'\xa5\\' a", 0, MI_LEX_SJIS, "!");
	lexes("'\xb3\\' a", 0, MI_LEX_BIG5, "s'\xb3\\' wa");
	lexes("'\xb0\\' a", 0, MI_LEX_EUCKR, "!");
	lexes("'\x81\x30\x81\x30\\' a'", 0, MI_LEX_GB18030, "s'\x81\x30\x81\x30\\' a'");
	lexes("'\x81\x30\x81\\' a", 0, MI_LEX_GB18030, "s'\x81\x30\x81\\' wa");
	lexes("`\xbf`` a", 0, MI_LEX_GBK, "n`\xbf`` wa");
	lexes("`\xbf`` a", 0, MI_LEX_UJIS, "!");
	/* one byte of it behind a backslash: the next is looked at alone */
	lexes("'\\\xbf\\' a", 0, MI_LEX_GBK, "!");
	lexes("\xb0\xa1@\xb0\xa1", 0, MI_LEX_GBK, "w\xb0\xa1 p@ w\xb0\xa1");
	lexes("\xb0\x20", 0, MI_LEX_GBK, "!");
	lexes("\x8f\xa1\xa1\x8e\xa1\xa1\xa1", 0, MI_LEX_UJIS, "w\x8f\xa1\xa1\x8e\xa1\xa1\xa1");
	lexes("\x8f\xa1 a", 0, MI_LEX_UJIS, "!");
}

/* Why a definition cannot be read, and where. */
static void reasons(void)
{
	static const char *const list[][2] = {
	    {"a 'b", "a quote without end at offset 2"},
	    {"a x'b", "a quote without end at offset 2"},
	    {"a `b", "a quote without end at offset 2"},
	    {"a /* b", "a comment without end at offset 2"},
	    {"a /*M b", "a comment without end at offset 2"},
	    {"/*!1 a /*!2 b */ */", "a comment inside another at offset 7"},
	    {"/*!1 a", "an open comment at offset 6"},
	    {"a)", "a bracket that closes nothing at offset 1"},
	    {"(a", "an open bracket at offset 2"},
	    {"a \x01", "a byte that is no SQL at offset 2"},
	    {"a \xff'", "a byte that is no SQL at offset 2"},
	};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		struct mi_tokens tokens;
		struct mi_err err = {0};
		struct mi_buf want = {0};

		mi_buf_addf(&want, "cannot read a definition: %s", list[i][1]);
		CHECK(mi_tokens_read(&tokens, mi_span_str(list[i][0]), &err) == -1, "refused: %s",
		      list[i][0]);
		CHECK_STR(err.text, mi_buf_cstr(&want), list[i][0]);
		mi_buf_release(&want);
	}
}

static void array(void)
{
	struct mi_tokens tokens;
	struct mi_err err = {0};
	struct mi_buf got = {0};

	CHECK(mi_tokens_read(&tokens, mi_span_str("5t.a /*+ x */ 1.5, .5 -- y"), &err) == 0,
	      "an array");
	for (size_t i = 0; i < tokens.count; i++)
		print(&tokens.items[i], &got);
	CHECK_STR(mi_buf_cstr(&got), "w5t p. wa w1.5 p, w.5", "numbers are words, hints are none");
	CHECK(tokens.items[tokens.count].kind == MI_LEX_END, "the end stands behind the last");
	mi_tokens_release(&tokens);
	mi_buf_release(&got);
}

int main(void)
{
	versions();
	points();
	letters();
	reasons();
	array();
	DONE();
}
