/* OK, ERR, EOF and session state changes, as MySQL 9.7.4 and MariaDB 10.11.19 sent them. */
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "protocol/caps.h"
#include "protocol/packet.h"
#include "protocol/reply.h"
#include "t.h"
#include "unhex.h"

static const uint64_t tracked = MI_CAP_SESSION_TRACK | MI_CAP_DEPRECATE_EOF;

struct sample {
	const char *what, *hex, *info, *changes;
};

static const struct sample samples[] = {
    {"MySQL: INSERT",
     "00020102400000265265636f7264733a203220204475706c6963617465733a203020205761726e696e67733a20303"
     "d"
     "00100c73746174656d656e745f69640233320329002766396434313766372d653730342d313166312d623031352d3"
     "0"
     "32666330303030303030313a3236",
     "Records: 2  Duplicates: 0  Warnings: 0",
     "0 statement_id=32;3 =f9d417f7-e704-11f1-b015-02fc00000001:26;"},
    {"MySQL: USE", "00000002400000001900100c73746174656d656e745f696402333101020164020131", "",
     "0 statement_id=31;1 =d;2 =1;"},
    {"MySQL: START TRANSACTION",
     "00000003400000003200100c73746174656d656e745f6964023335050908545f5f5f5f5f5f5f04131253544152542"
     "05452"
     "414e53414354494f4e3b",
     "", "0 statement_id=35;5 =T_______;4 =START TRANSACTION;;"},
    {"MySQL: the end of rows",
     "fe000003400000001d00100c73746174656d656e745f6964023336050908545f525f5f5f535f", "",
     "0 statement_id=36;5 =T_R___S_;"},
    {"MariaDB: SET NAMES",
     "0000000240000000620020186368617261637465725f7365745f636f6e6e656374696f6e066c6174696e31001c146"
     "3"
     "68617261637465725f7365745f636c69656e74066c6174696e31001d156368617261637465725f7365745f7265737"
     "5"
     "6c7473066c6174696e31020131",
     "",
     "0 character_set_connection=latin1;0 character_set_client=latin1;0 "
     "character_set_results=latin1;2 =1;"},
    {"MariaDB: UPDATE",
     "0001002240000028526f7773206d6174636865643a203120204368616e6765643a203120205761726e696e67733a2"
     "0"
     "30160014096c6173745f6774696409302d33313035382d39",
     "Rows matched: 1  Changed: 1  Warnings: 0", "0 last_gtid=0-31058-9;"},
    {"MariaDB: an end without changes", "fe000002000000", "", ""},
};

static void list_changes(struct mi_span changes, struct mi_buf *text)
{
	struct mi_track_walk walk = {.in = mi_bytes(changes)};
	struct mi_track track;

	while (mi_track_next(&walk, &track)) {
		mi_buf_addf(text, "%u ", track.kind);
		mi_buf_add_span(text, track.name);
		mi_buf_add_char(text, '=');
		mi_buf_add_span(text, track.value);
		mi_buf_add_char(text, ';');
	}
	if (walk.in.bad)
		mi_buf_add_str(text, "bad");
}

/* Whatever is cut off is refused, or was not needed; nothing past the end is read. */
static void cut_everywhere(struct mi_span whole)
{
	unsigned accepted = 0;
	struct mi_err err;
	struct mi_reply_ok reply;
	struct mi_buf text = {0};

	for (size_t len = 0; len < whole.len; len++) {
		struct mi_span cut = exact(whole.data, len);

		if (mi_reply_ok_parse(&reply, cut, tracked, &err) == 0 && reply.changes.len) {
			accepted++;
			list_changes(reply.changes, &text);
		}
		exact_free(cut);
	}
	CHECK(accepted == 0, "cut short it has no changes");
	mi_buf_release(&text);
}

static void real(const struct sample *sample)
{
	struct mi_buf bytes = unhex(sample->hex), text = {0}, again = {0};
	struct mi_reply_ok reply;
	struct mi_err err;

	CHECK(mi_reply_ok_parse(&reply, mi_buf_span(&bytes), tracked, &err) == 0, "%s",
	      sample->what);
	list_changes(reply.changes, &text);
	CHECK_STR(mi_buf_cstr(&text), sample->changes, "its changes");
	CHECK(mi_span_is(reply.info, sample->info), "its message");
	CHECK(mi_reply_ok_rewrite(&again, mi_buf_span(&bytes), tracked, tracked, NULL, NULL,
	                          &err) == 0 &&
	          (mi_span_eq(mi_buf_span(&again), mi_buf_span(&bytes)) || !reply.changes.len),
	      "rewritten for one that wants all: the same bytes");
	cut_everywhere(mi_buf_span(&bytes));
	mi_buf_release(&bytes);
	mi_buf_release(&text);
	mi_buf_release(&again);
}

static bool keep_schema(void *arg, struct mi_track *track)
{
	++*(unsigned *)arg;
	return track->kind == MI_TRACK_SCHEMA;
}

static void rewritten(void)
{
	struct mi_buf bytes = unhex(samples[1].hex), out = {0}, text = {0};
	struct mi_reply_ok reply;
	struct mi_err err;
	unsigned asked = 0;

	CHECK(mi_reply_ok_rewrite(&out, mi_buf_span(&bytes), tracked, tracked, keep_schema, &asked,
	                          &err) == 0 &&
	          asked == 3 && mi_reply_ok_parse(&reply, mi_buf_span(&out), tracked, &err) == 0,
	      "filtered");
	list_changes(reply.changes, &text);
	CHECK_STR(mi_buf_cstr(&text), "1 =d;", "one change of three is left");
	mi_buf_reset(&out);
	CHECK(mi_reply_ok_rewrite(&out, mi_buf_span(&bytes), tracked, 0, NULL, NULL, &err) == 0 &&
	          mi_span_eq(mi_buf_span(&out), mi_span("\0\0\0\2\0\0\0", 7)),
	      "for a client without SESSION_TRACK: none, and no flag");
	mi_buf_release(&bytes);
	bytes = unhex(samples[5].hex);
	mi_buf_reset(&out);
	CHECK(mi_reply_ok_rewrite(&out, mi_buf_span(&bytes), tracked, 0, NULL, NULL, &err) == 0 &&
	          out.len == 7 + 41 && out.data[7] == 40,
	      "the message stays, with its length");
	mi_buf_release(&bytes);
	mi_buf_release(&out);
	mi_buf_release(&text);
}

static void damaged_changes(void)
{
	static const char *const blocks[] = {
	    "00",         "0005",     "000403616263",        "0106fe",
	    "03020031ff", "00100cff", "05fe0000000000000080"};
	struct mi_buf text = {0};
	unsigned bad = 0;

	for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
		struct mi_buf bytes = unhex(blocks[i]);
		struct mi_span alone = exact(bytes.data, bytes.len);

		mi_buf_reset(&text);
		list_changes(alone, &text);
		bad += strstr(mi_buf_cstr(&text), "bad") != NULL;
		exact_free(alone);
		mi_buf_release(&bytes);
	}
	CHECK(bad == sizeof blocks / sizeof *blocks, "damaged blocks are noticed: %u", bad);
	mi_buf_release(&text);
}

static void added(void)
{
	struct mi_buf changes = {0}, text = {0};

	for (uint8_t kind = 0; kind < 6; kind++)
		mi_track_add(&changes, kind, mi_span_str("n"), mi_span_str("v"));
	list_changes(mi_buf_span(&changes), &text);
	CHECK_STR(mi_buf_cstr(&text), "0 n=v;1 =v;2 =v;3 =v;4 =v;5 =v;", "built and read");
	mi_buf_release(&changes);
	mi_buf_release(&text);
}

static void errors(void)
{
	struct mi_buf out = {0};
	struct mi_reply_err reply;
	struct mi_err err;

	mi_reply_err_build(&out, 1045, "28000", mi_span_str("Access denied"));
	CHECK(mi_reply_is_err(mi_buf_span(&out)) &&
	          mi_reply_err_parse(&reply, mi_buf_span(&out), &err) == 0 && reply.code == 1045 &&
	          mi_span_is(reply.text, "Access denied"),
	      "an ERR");
	CHECK_STR(reply.state, "28000", "its state");
	mi_buf_reset(&out);
	mi_reply_err_build(&out, 1040, NULL, mi_span_str("Too many connections"));
	CHECK(mi_reply_err_parse(&reply, mi_buf_span(&out), &err) == 0 && !*reply.state &&
	          mi_span_is(reply.text, "Too many connections"),
	      "an ERR before the login");
	CHECK(mi_reply_err_parse(&reply, mi_span("\xff\x01", 2), &err) == -1, "half an ERR");
	CHECK(mi_reply_err_parse(&reply, mi_span("\xff\x01\x02#HY", 6), &err) == 0 &&
	          !*reply.state && mi_span_is(reply.text, "#HY"),
	      "half a state is text");
	mi_buf_release(&out);
}

static void ends(void)
{
	struct mi_buf out = {0};
	struct mi_reply_eof eof;
	struct mi_err err;

	mi_reply_eof_build(&out, 3, MI_STATUS_IN_TRANS);
	CHECK(mi_reply_is_eof(mi_buf_span(&out)) && out.len == 5 &&
	          mi_reply_eof_parse(&eof, mi_buf_span(&out), &err) == 0 && eof.warnings == 3 &&
	          eof.status == MI_STATUS_IN_TRANS,
	      "an EOF");
	CHECK(mi_reply_eof_parse(&eof, mi_span("\xfe\0", 2), &err) == -1, "half an EOF");
	CHECK(!mi_reply_is_eof(mi_span("\xfe\0\0\0\0\0\0\0\1", 9)),
	      "a row of 2^56 bytes is no EOF");
	CHECK(mi_reply_ends_rows(0xfe, 7) && !mi_reply_ends_rows(0xfe, MI_PACKET_MAX),
	      "nor the end of rows, when the packet is full");
	mi_buf_release(&out);
}

int main(void)
{
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
		real(&samples[i]);
	rewritten();
	damaged_changes();
	added();
	errors();
	ends();
	DONE();
}
