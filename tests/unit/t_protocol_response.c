/* Where answers end: each answer whole, and cut in two at every byte, must give the same parts; so
 * must an answer in pieces of one byte. */
#include "base/buf.h"
#include "protocol/caps.h"
#include "protocol/packet.h"
#include "protocol/query.h"
#include "protocol/response.h"
#include "t.h"

#include <stdlib.h>

/* One letter per reported packet: O EOF is E, ERR is X, a prepare's first is P, a file is F; ! is
 * MI_RESPONSE_BAD, . at the end says that the answer ended, + that bytes were left over. */
struct answer {
	const char *what;
	uint8_t command;
	bool deprecate_eof, cursor;
	const char *parts;
	struct mi_buf bytes;
};

static void packet(struct mi_buf *out, uint8_t seq, const void *payload, size_t len)
{
	char header[4];

	mi_packet_header(header, (uint32_t)len, seq);
	mi_buf_add(out, header, 4);
	mi_buf_add(out, payload, len);
}

#define PACKET(out, seq, text) packet(out, seq, text, sizeof(text) - 1)
#define OK_HEAD "\0\0\0\2\0\0\0"
#define OK_MORE "\0\0\0\x0a\0\0\0"
#define OK_ROWS "\xfe\0\0\2\0\0\0"
#define OK_ROWS_MORE "\xfe\0\0\x0a\0\0\0"
#define EOF_PLAIN "\xfe\0\0\2\0"
#define EOF_MORE "\xfe\0\0\x0a\0"
#define EOF_CURSOR "\xfe\0\0\x42\0"
#define ERR_PACKET "\xff\x28\x04#42000no"
#define DEFINITION "\3def\0\0\0\1a\0\x0c\x3f\0\1\0\0\0\3\0\0\0\0\0"

static bool take(struct mi_response *response, struct mi_buf *have, struct mi_buf *parts,
                 size_t *passed)
{
	struct mi_span bytes = mi_buf_span(have);

	while (!mi_response_ended(response)) {
		static const char letters[] = "?..OEXPF!";
		size_t len;
		enum mi_response_part part = mi_response_next(response, bytes, &len);

		if (part == MI_RESPONSE_SHORT)
			break;
		if (part != MI_RESPONSE_PASS && part != MI_RESPONSE_EOF_BETWEEN)
			mi_buf_add_char(parts, letters[part]);
		if (part == MI_RESPONSE_BAD)
			return false;
		*passed += len;
		bytes.data += len;
		bytes.len -= len;
		if (part == MI_RESPONSE_FILE)
			mi_response_file_sent(response);
	}
	memmove(have->data, bytes.data, bytes.len);
	have->len = bytes.len;
	return true;
}

/* The answer in pieces of the sizes first, step, step... */
static bool parts_are(const struct answer *answer, size_t first, size_t step)
{
	struct mi_buf have = {0}, parts = {0};
	struct mi_response response;
	size_t at = 0, passed = 0;
	bool same;

	mi_response_begin(&response, answer->command, answer->deprecate_eof);
	response.cursor = answer->cursor;
	mi_buf_reserve(&have, 1);
	for (size_t n = first; at < answer->bytes.len; n = step) {
		if (n > answer->bytes.len - at)
			n = answer->bytes.len - at;
		mi_buf_add(&have, answer->bytes.data + at, n);
		at += n;
		if (!take(&response, &have, &parts, &passed))
			break;
	}
	if (mi_response_ended(&response))
		mi_buf_add_char(&parts, '.');
	if (have.len && mi_response_ended(&response))
		mi_buf_add_char(&parts, '+');
	same = strcmp(mi_buf_cstr(&parts), answer->parts) == 0;
	if (!same)
		printf("# %s, first %zu: got %s\n", answer->what, first, mi_buf_cstr(&parts));
	mi_buf_release(&have);
	mi_buf_release(&parts);
	return same;
}

static void check(struct answer *answer)
{
	bool ok = parts_are(answer, answer->bytes.len, 1);
	size_t step = answer->bytes.len > 4096 ? 997 : 1;

	for (size_t cut = 1; cut < answer->bytes.len; cut += step)
		ok = ok && parts_are(answer, cut, answer->bytes.len);
	ok = ok && parts_are(answer, 1, step);
	CHECK(ok, "%s: %s", answer->what, answer->parts);
	mi_buf_release(&answer->bytes);
}

static void one_result(struct mi_buf *out, bool deprecate_eof, bool more)
{
	PACKET(out, 1, "\1");
	PACKET(out, 2, DEFINITION);
	if (!deprecate_eof)
		PACKET(out, 3, EOF_PLAIN);
	PACKET(out, 4, "\3abc");
	PACKET(out, 5, "\xfb"); /* NULL */
	PACKET(out, 6,
	       "\xfe"
	       "12345678xx"); /* a row that looks like an end, but is too long */
	if (deprecate_eof && more)
		PACKET(out, 7, OK_ROWS_MORE);
	else if (deprecate_eof)
		PACKET(out, 7, OK_ROWS);
	else if (more)
		PACKET(out, 7, EOF_MORE);
	else
		PACKET(out, 7, EOF_PLAIN);
}

static void results(void)
{
	struct answer ok = {"an OK", MI_COM_QUERY, false, false, "O.", {0}};
	struct answer oks = {"three OKs", MI_COM_QUERY, true, false, "OOO.", {0}};
	struct answer err = {"an ERR", MI_COM_QUERY, true, false, "X.", {0}};
	struct answer err_later = {"an ERR after a result", MI_COM_QUERY, false, false, "EX.", {0}};
	struct answer rows = {"rows, then EOF", MI_COM_QUERY, false, false, "E.", {0}};
	struct answer both = {"two results, EOF", MI_COM_QUERY, false, false, "EEO.", {0}};
	struct answer fresh = {"two results, OK", MI_COM_QUERY, true, false, "!", {0}};
	struct answer more = {"bytes behind the end", MI_COM_QUERY, false, false, "O.+", {0}};
	struct answer broken = {"an ERR among rows", MI_COM_QUERY, false, false, "X.", {0}};

	PACKET(&ok.bytes, 1, OK_HEAD);
	check(&ok);
	PACKET(&oks.bytes, 1, OK_MORE);
	PACKET(&oks.bytes, 2, OK_MORE);
	PACKET(&oks.bytes, 3, OK_HEAD);
	check(&oks);
	PACKET(&err.bytes, 1, ERR_PACKET);
	check(&err);
	one_result(&err_later.bytes, false, true);
	PACKET(&err_later.bytes, 8, ERR_PACKET);
	check(&err_later);
	one_result(&rows.bytes, false, false);
	check(&rows);
	one_result(&both.bytes, false, true);
	one_result(&both.bytes, false, true);
	PACKET(&both.bytes, 8, OK_HEAD);
	check(&both);
	/* a row of 11 bytes that begins with 0xfe ends rows under DEPRECATE_EOF: not an OK */
	one_result(&fresh.bytes, true, false);
	fresh.parts = "O.+";
	check(&fresh);
	PACKET(&more.bytes, 1, OK_HEAD);
	PACKET(&more.bytes, 1, OK_HEAD);
	check(&more);
	PACKET(&broken.bytes, 1, "\1");
	PACKET(&broken.bytes, 2, DEFINITION);
	PACKET(&broken.bytes, 3, EOF_PLAIN);
	PACKET(&broken.bytes, 4, "\3abc");
	PACKET(&broken.bytes, 5, ERR_PACKET);
	check(&broken);
}

static void statements(void)
{
	struct answer none = {"a prepare of nothing", MI_COM_STMT_PREPARE, false, false, "P.", {0}};
	struct answer both = {"a prepare, 2 and 1", MI_COM_STMT_PREPARE, false, false, "P.", {0}};
	struct answer short_ = {
	    "the same without EOF", MI_COM_STMT_PREPARE, true, false, "P.", {0}};
	struct answer columns = {
	    "a prepare, 0 and 1", MI_COM_STMT_PREPARE, false, false, "P.", {0}};
	struct answer cursor = {"a cursor", MI_COM_STMT_EXECUTE, false, true, "E.", {0}};
	struct answer unasked = {
	    "no cursor asked for", MI_COM_STMT_EXECUTE, false, false, "E.", {0}};
	struct answer fetch = {"a fetch", MI_COM_STMT_FETCH, false, false, "E.", {0}};
	struct answer fresh = {"a fetch, OK", MI_COM_STMT_FETCH, true, false, "O.", {0}};

	PACKET(&none.bytes, 1, "\0\1\0\0\0\0\0\0\0\0\0\0");
	check(&none);
	PACKET(&both.bytes, 1, "\0\1\0\0\0\1\0\2\0\0\0\0");
	PACKET(&both.bytes, 2, DEFINITION);
	PACKET(&both.bytes, 3, DEFINITION);
	PACKET(&both.bytes, 4, EOF_PLAIN);
	PACKET(&both.bytes, 5, DEFINITION);
	PACKET(&both.bytes, 6, EOF_PLAIN);
	check(&both);
	PACKET(&short_.bytes, 1, "\0\1\0\0\0\1\0\2\0\0\0\0");
	PACKET(&short_.bytes, 2, DEFINITION);
	PACKET(&short_.bytes, 3, DEFINITION);
	PACKET(&short_.bytes, 4, DEFINITION);
	check(&short_);
	PACKET(&columns.bytes, 1, "\0\1\0\0\0\1\0\0\0\0\0\0");
	PACKET(&columns.bytes, 2, DEFINITION);
	PACKET(&columns.bytes, 3, EOF_PLAIN);
	check(&columns);
	PACKET(&cursor.bytes, 1, "\1");
	PACKET(&cursor.bytes, 2, DEFINITION);
	PACKET(&cursor.bytes, 3, EOF_CURSOR);
	check(&cursor);
	PACKET(&unasked.bytes, 1, "\1");
	PACKET(&unasked.bytes, 2, DEFINITION);
	PACKET(&unasked.bytes, 3, EOF_CURSOR);
	PACKET(&unasked.bytes, 4, EOF_PLAIN);
	check(&unasked);
	PACKET(&fetch.bytes, 1, "\0\0\3abc");
	PACKET(&fetch.bytes, 2, EOF_MORE); /* means nothing here */
	check(&fetch);
	PACKET(&fresh.bytes, 1, "\0\0\3abc");
	PACKET(&fresh.bytes, 2, OK_ROWS);
	check(&fresh);
}

static void others(void)
{
	struct answer fields = {"a field list", MI_COM_FIELD_LIST, false, false, "E.", {0}};
	struct answer text = {"statistics", MI_COM_STATISTICS, false, false, ".", {0}};
	struct answer file = {"a file", MI_COM_QUERY, false, false, "FO.", {0}};
	struct answer stmt_file = {"a file, executed", MI_COM_STMT_EXECUTE, false, false, "!", {0}};
	struct answer option = {"an option's EOF", MI_COM_SET_OPTION, true, false, "E.", {0}};
	struct answer ping = {"a ping", MI_COM_PING, true, false, "O.", {0}};

	PACKET(&fields.bytes, 1, DEFINITION);
	PACKET(&fields.bytes, 2, DEFINITION);
	PACKET(&fields.bytes, 3, EOF_PLAIN);
	check(&fields);
	PACKET(&text.bytes, 1, "Uptime: 1");
	check(&text);
	PACKET(&file.bytes, 1, "\xfb/etc/passwd");
	PACKET(&file.bytes, 3, OK_HEAD);
	check(&file);
	PACKET(&stmt_file.bytes, 1, "\xfb/etc/passwd");
	check(&stmt_file);
	PACKET(&option.bytes, 1, EOF_PLAIN);
	check(&option);
	PACKET(&ping.bytes, 1, OK_HEAD);
	check(&ping);
}

static void bad(void)
{
	static const struct {
		const char *what;
		const char *payload;
		size_t len;
	} cases[] = {
	    {"an empty packet", "", 0},
	    {"a count of no columns", "\xfc\0\0", 3},
	    {"a count cut short", "\xfc\1", 2},
	    {"a count and more", "\1\1", 2},
	    {"a count beyond reason", "\xfd\xff\xff\xff", 4},
	    {"an OK without its status", "\0\0\0", 3},
	    {"an ERR without its code", "\xff", 1},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct answer answer = {cases[i].what, MI_COM_QUERY, false, false, "!", {0}};

		packet(&answer.bytes, 1, cases[i].payload, cases[i].len);
		check(&answer);
	}
}

/* A row of 2^24 - 1 bytes goes on in the next packet, whose first byte means nothing. */
static void long_row(void)
{
	struct answer answer = {"a row of 16 MiB", MI_COM_QUERY, false, false, "E.", {0}};
	char *row = malloc(MI_PACKET_MAX);
	struct mi_buf have = {0};
	struct mi_response response;
	bool ok = row;
	size_t len;

	memset(row, 'x', MI_PACKET_MAX);
	row[0] = (char)0xfe;
	PACKET(&answer.bytes, 1, "\1");
	PACKET(&answer.bytes, 2, DEFINITION);
	PACKET(&answer.bytes, 3, EOF_PLAIN);
	packet(&answer.bytes, 4, row, MI_PACKET_MAX);
	PACKET(&answer.bytes, 5, EOF_PLAIN); /* its last 5 bytes */
	packet(&answer.bytes, 6, row, MI_PACKET_MAX);
	PACKET(&answer.bytes, 7, ""); /* nothing is left for it */
	PACKET(&answer.bytes, 8, EOF_PLAIN);
	for (size_t cut = 0; cut < 60; cut++)
		ok = ok && parts_are(&answer, answer.bytes.len - cut, 1);
	for (size_t cut = 0; cut < 40; cut++)
		ok = ok && parts_are(&answer, 70 + MI_PACKET_MAX - 20 + cut, answer.bytes.len);
	CHECK(ok, "a row of 16 MiB and more");
	mi_buf_release(&answer.bytes);

	mi_response_begin(&response, MI_COM_PING, false);
	CHECK(mi_response_next(&response, mi_buf_span(&have), &len) == MI_RESPONSE_SHORT &&
	          len == 0,
	      "nothing is nothing");
	free(row);
}

static void texts(void)
{
	static const char plain[] = "\3SELECT 1";
	static const char none[] = "\3\0\1SELECT 1";
	static const char two[] = "\3\2\1\1\1\xfd\0\1a\x08\0\1b\1\0\0\0\0\0\0\0SELECT 1";
	static const char cut[] = "\3\2\1\0\1\xfd\0\1a\x08\0";
	struct mi_span text;

	CHECK(mi_query_text(mi_span(plain, sizeof plain - 1), 0, &text) &&
	          mi_span_is(text, "SELECT 1"),
	      "a text");
	CHECK(mi_query_text(mi_span(none, sizeof none - 1), MI_CAP_QUERY_ATTRIBUTES, &text) &&
	          mi_span_is(text, "SELECT 1"),
	      "a text without attributes");
	CHECK(mi_query_text(mi_span(two, sizeof two - 1), MI_CAP_QUERY_ATTRIBUTES, &text) &&
	          mi_span_is(text, "SELECT 1"),
	      "a text after NULL and a number");
	for (size_t len = 1; len < sizeof cut; len++)
		CHECK(!mi_query_text(mi_span(cut, len), MI_CAP_QUERY_ATTRIBUTES, &text),
		      "attributes cut at %zu", len);
}

int main(void)
{
	results();
	statements();
	others();
	bad();
	long_row();
	texts();
	DONE();
}
