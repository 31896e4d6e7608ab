#include "fence/talk.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hex.h"
#include "base/io.h"
#include "program/opt.h"
#include "base/savefile.h"
#include "base/stop.h"
#include "bookkeeping/flow.h"
#include "bookkeeping/load.h"
#include "fence/counters.h"
#include "fence/fence.h"
#include "fence/programs.h"
#include "gtid/gtid.h"
#include "server/conn.h"
#include "source/lock.h"
#include "table/dbmap.h"
#include "table/table.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum { LONGEST_LINE = 16 << 20, PIECE = 65536, MOST_WORDS = 6 };

/* One command. The last word is the rest of the line. */
struct call {
	struct mi_fence *fence;
	char *words[MOST_WORDS];
	size_t count;
	struct mi_buf *out;  /* the answer's data lines, whole */
	struct mi_buf *said; /* what follows "ok" in the answer's last line */
};

/* ---- Arguments ---- */

static int take_number(const struct call *call, size_t i, uint64_t most, uint64_t *number,
                       struct mi_err *err)
{
	if (mi_opt_number(call->words[i], number) && *number <= most)
		return 0;
	return mi_fail(err, MI_USAGE, "%s: '%.40s' is not a number here", call->words[0],
	               call->words[i]);
}

static int take_flow(const struct call *call, const struct mi_state **state, struct mi_err *err)
{
	if (strcmp(call->words[1], "forward") == 0)
		*state = &call->fence->forward;
	else if (strcmp(call->words[1], "reverse") == 0)
		*state = &call->fence->reverse;
	else
		return mi_fail(err, MI_USAGE, "%s: '%.40s' is neither forward nor reverse",
		               call->words[0], call->words[1]);
	return 0;
}

static int take_kind(const struct call *call, const char **kind, struct mi_err *err)
{
	*kind = strcmp(call->words[1], "triggers") == 0 ? "trigger" : "event";
	if (strcmp(call->words[1], "triggers") == 0 || strcmp(call->words[1], "events") == 0)
		return 0;
	return mi_fail(err, MI_USAGE, "%s: '%.40s' is neither triggers nor events", call->words[0],
	               call->words[1]);
}

static int parse_set(struct mi_span text, struct mi_gtid_set **set, struct mi_err *err)
{
	while (text.len > 0 && isspace((unsigned char)text.data[text.len - 1]))
		text.len--;
	while (text.len > 0 && isspace((unsigned char)*text.data))
		text.data++, text.len--;
	return mi_gtid_parse(mi_span_is(text, "-") ? mi_span_str("") : text, set, err);
}

/* Reads a word as a GTID set: blanks are allowed, "-" is the empty set, and "A + B" the union. */
static int take_set(const struct call *call, size_t i, struct mi_gtid_set **set, struct mi_err *err)
{
	const char *text = call->count > i ? call->words[i] : "-";
	const char *plus = strchr(text, '+');
	struct mi_gtid_set *more;
	int ret;

	if (!plus)
		return parse_set(mi_span_str(text), set, err);
	if (parse_set((struct mi_span){text, (size_t)(plus - text)}, set, err) != 0)
		return -1;
	ret = parse_set(mi_span_str(plus + 1), &more, err);
	if (ret == 0) {
		ret = mi_gtid_union(*set, more, err);
		mi_gtid_free(more);
	}
	if (ret != 0) {
		mi_gtid_free(*set);
		*set = NULL;
	}
	return ret;
}

static void add_set(struct mi_buf *out, const struct mi_gtid_set *set)
{
	if (mi_gtid_is_empty(set))
		mi_buf_add_char(out, '-');
	else
		mi_gtid_print(set, out);
}

/* Appends a name as one word: bytes but letters, digits, _, $ and - are written as %XX. */
static void add_name(struct mi_buf *out, const char *name)
{
	for (const char *at = name; *at; at++) {
		unsigned char c = (unsigned char)*at;

		if (isalnum(c) || c == '_' || c == '$' || c == '-')
			mi_buf_add_char(out, *at);
		else
			mi_buf_addf(out, "%%%02X", c);
	}
}

/* Turns a word of add_name's form back into the name, in place. */
static int take_name(char *name, struct mi_err *err)
{
	char *to = name;

	for (const char *at = name; *at; at++) {
		if (*at != '%') {
			*to++ = *at;
			continue;
		}
		if (mi_hex_digit(at[1]) < 0 || mi_hex_digit(at[2]) < 0 ||
		    (at[1] == '0' && at[2] == '0'))
			return mi_fail(err, MI_USAGE, "'%.80s' is not a name", name);
		*to++ = (char)(mi_hex_digit(at[1]) << 4 | mi_hex_digit(at[2]));
		at += 2;
	}
	*to = '\0';
	return 0;
}

/* ---- Commands ---- */

static int do_ready(struct call *call, struct mi_err *err)
{
	if (mi_fence_ready(call->fence, err) != 0)
		return -1;
	mi_buf_addf(call->said, " %zu tables", call->fence->tables.count);
	return 0;
}

static int do_server(struct call *call, struct mi_err *err)
{
	(void)err;
	mi_buf_addf(call->out, "server %s\n", call->fence->link.conn.server_id);
	return 0;
}

static int do_position(struct call *call, struct mi_err *err)
{
	struct mi_buf set = {0};
	int ret = mi_fence_position(call->fence, &set, err);

	if (ret == 0)
		mi_buf_addf(call->out, "position %s\n", set.len ? mi_buf_cstr(&set) : "-");
	mi_buf_release(&set);
	return ret;
}

static int do_flow(struct call *call, struct mi_err *err)
{
	const struct mi_state *state;
	struct mi_flow flow = {0};
	int ret;

	if (take_flow(call, &state, err) != 0)
		return -1;
	ret = mi_flow_read(state, mi_fence_books(call->fence), &flow, err);
	if (ret == 0 && flow.exists) {
		mi_buf_addf(call->out, "epoch %llu\nstate %s\nseq %llu\nsource %s\nhigh %s\n",
		            (unsigned long long)flow.epoch, flow.open ? "open" : "sealed",
		            (unsigned long long)flow.seq, *flow.source ? flow.source : "-",
		            flow.passed_high ? "passed" : "ahead");
		mi_buf_add_str(call->out, "position ");
		add_set(call->out, flow.position);
		mi_buf_add_char(call->out, '\n');
	} else if (ret == 0) {
		mi_buf_add_str(call->said, " none");
	}
	mi_flow_release(&flow);
	return ret;
}

static int do_wait(struct call *call, struct mi_err *err)
{
	const struct mi_state *state;
	struct mi_gtid_set *set;
	uint64_t epoch, ms;
	int ret;

	if (take_flow(call, &state, err) != 0 ||
	    take_number(call, 2, UINT64_MAX, &epoch, err) != 0 ||
	    take_number(call, 3, 86400000, &ms, err) != 0 || take_set(call, 4, &set, err) != 0)
		return -1;
	ret = mi_flow_wait(state, mi_fence_books(call->fence), epoch, set, (unsigned)ms, err);
	mi_gtid_free(set);
	return ret;
}

static int do_seal(struct call *call, struct mi_err *err)
{
	const struct mi_state *state;
	uint64_t epoch;

	if (take_flow(call, &state, err) != 0 || take_number(call, 2, UINT64_MAX, &epoch, err) != 0)
		return -1;
	return mi_flow_seal(state, mi_fence_books(call->fence), epoch, err);
}

static int do_unseal(struct call *call, struct mi_err *err)
{
	const struct mi_state *state;
	uint64_t epoch, into;

	if (take_flow(call, &state, err) != 0 ||
	    take_number(call, 2, UINT64_MAX, &epoch, err) != 0 ||
	    take_number(call, 3, UINT64_MAX, &into, err) != 0)
		return -1;
	if (into <= epoch)
		return mi_fail(err, MI_USAGE, "unseal: the new epoch must be the greater");
	return mi_flow_unseal(state, mi_fence_books(call->fence), epoch, into, err);
}

static int do_open(struct call *call, struct mi_err *err)
{
	const struct mi_state *state;
	struct mi_gtid_set *set;
	uint64_t epoch;
	int ret;

	if (take_flow(call, &state, err) != 0 ||
	    take_number(call, 2, UINT64_MAX, &epoch, err) != 0 || take_set(call, 4, &set, err) != 0)
		return -1;
	ret = mi_flow_open(state, mi_fence_books(call->fence), epoch, call->words[3], set, err);
	mi_gtid_free(set);
	if (ret == 0 && call->fence->locked)
		ret = mi_src_lock_check(call->fence->lock, err);
	return ret;
}

static int do_forget(struct call *call, struct mi_err *err)
{
	const struct mi_state *state;
	uint64_t epoch;

	if (take_flow(call, &state, err) != 0 || take_number(call, 2, UINT64_MAX, &epoch, err) != 0)
		return -1;
	return mi_flow_forget(state, mi_fence_books(call->fence), epoch, err);
}

static int do_lock(struct call *call, struct mi_err *err)
{
	uint64_t ms;

	if (take_number(call, 1, 600000, &ms, err) != 0)
		return -1;
	return mi_fence_lock(call->fence, (unsigned)ms, err);
}

static int do_unlock(struct call *call, struct mi_err *err)
{
	unsigned ended;
	int ret = mi_fence_unlock(call->fence, &ended, err);

	if (ret == 0)
		mi_buf_addf(call->said, " %u sessions ended", ended);
	return ret;
}

static int do_digest(struct call *call, struct mi_err *err)
{
	mi_buf_add_str(call->out, "digest ");
	if (mi_fence_digest(call->fence, call->out, err) != 0)
		return -1;
	mi_buf_add_char(call->out, '\n');
	return 0;
}

static int do_programs(struct call *call, struct mi_err *err)
{
	if (mi_fence_programs(call->fence, call->words[1], err) != 0)
		return -1;
	mi_buf_addf(call->said, " %zu", call->fence->programs.count);
	return 0;
}

static int do_make(struct call *call, struct mi_err *err)
{
	const char *kind;
	unsigned count;

	if (take_kind(call, &kind, err) != 0 || mi_fence_make(call->fence, kind, &count, err) != 0)
		return -1;
	mi_buf_addf(call->said, " %u", count);
	return 0;
}

static int do_drop(struct call *call, struct mi_err *err)
{
	const char *kind;
	unsigned count;

	if (take_kind(call, &kind, err) != 0 || mi_fence_drop(call->fence, kind, &count, err) != 0)
		return -1;
	mi_buf_addf(call->said, " %u", count);
	return 0;
}

static int tell_counter(void *user, const struct mi_table *table, uint64_t value,
                        struct mi_err *err)
{
	struct mi_buf *out = user;

	(void)err;
	mi_buf_add_str(out, "counter ");
	add_name(out, table->db);
	mi_buf_add_char(out, ' ');
	add_name(out, table->name);
	mi_buf_addf(out, " %llu\n", (unsigned long long)value);
	return 0;
}

static int do_counters(struct call *call, struct mi_err *err)
{
	return mi_fence_counters(call->fence, tell_counter, call->out, err);
}

static int do_raise(struct call *call, struct mi_err *err)
{
	uint64_t value;

	if (take_name(call->words[1], err) != 0 || take_name(call->words[2], err) != 0 ||
	    take_number(call, 3, UINT64_MAX, &value, err) != 0)
		return -1;
	return mi_fence_raise(call->fence, mi_map_db(&call->fence->options->map, call->words[1]),
	                      call->words[2], value, err);
}

/* Writes the journal of a switch: here, because clients wait, and the script would have to start a
 * process for it. */
static int do_note(struct call *call, struct mi_err *err)
{
	struct mi_buf text = {0};
	int ret;

	mi_buf_addf(&text, "%s\n", call->words[2]);
	ret = mi_save_file(call->words[1], mi_buf_span(&text), 0600, err);
	mi_buf_release(&text);
	return ret;
}

static int do_drop_books(struct call *call, struct mi_err *err)
{
	return mi_fence_drop_books(call->fence, err);
}

static const struct {
	const char *word;
	size_t words; /* that must follow */
	int (*call)(struct call *call, struct mi_err *err);
} commands[] = {
    {"ready", 0, do_ready}, {"server", 0, do_server}, {"position", 0, do_position},
    {"lock", 1, do_lock},   {"unlock", 0, do_unlock}, {"flow", 1, do_flow},
    {"wait", 4, do_wait},   {"seal", 2, do_seal},     {"unseal", 3, do_unseal},
    {"open", 4, do_open},   {"forget", 2, do_forget}, {"counters", 0, do_counters},
    {"raise", 3, do_raise}, {"digest", 0, do_digest}, {"programs", 1, do_programs},
    {"make", 1, do_make},   {"drop", 1, do_drop},     {"drop-books", 0, do_drop_books},
    {"note", 2, do_note},
};

/* ---- Lines ---- */

/* Splits off words until the call has `most`; the last one, unless it is the command, is the rest
 * of the line. Returns what follows. */
static char *split(char *at, struct call *call, size_t most)
{
	while (call->count < most) {
		at += strspn(at, " \t\r");
		if (!*at)
			break;
		call->words[call->count++] = at;
		if (call->count > 1 && call->count == most)
			break;
		at += strcspn(at, " \t\r");
		if (*at)
			*at++ = '\0';
	}
	return at;
}

static int run(struct call *call, char *rest, struct mi_err *err)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (strcmp(call->words[0], commands[i].word) != 0)
			continue;
		rest += strspn(rest, " \t\r");
		if (commands[i].words > 0)
			(void)split(rest, call, commands[i].words + 1);
		if (call->count != commands[i].words + 1 || (commands[i].words == 0 && *rest))
			return mi_fail(err, MI_USAGE, "%s takes %zu words", call->words[0],
			               commands[i].words);
		return commands[i].call(call, err);
	}
	return mi_fail(err, MI_USAGE, "'%.40s' is no command", call->words[0]);
}

/* Ends the link's transaction, which a command may have begun: left open it would keep tables
 * busy. */
static int settle(struct mi_fence *fence, int ret, struct mi_err *err)
{
	struct mi_err ignored = {0};

	if (!fence->link.is_open)
		return ret;
	if (ret == 0)
		return mi_conn_exec(&fence->link.conn, err, "COMMIT");
	(void)!mi_conn_exec(&fence->link.conn, &ignored, "ROLLBACK");
	return -1;
}

static int answer(struct mi_fence *fence, char *line, int out, int *code, struct mi_err *err)
{
	struct mi_buf data = {0}, said = {0};
	struct call call = {.fence = fence, .out = &data, .said = &said};
	struct mi_err failed = {0};
	int ret;

	line = split(line, &call, 1);
	if (call.count == 0)
		return 0;
	ret = settle(fence, run(&call, line, &failed), &failed);
	if (ret == 0) {
		mi_buf_addf(&data, "ok%s\n", mi_buf_cstr(&said));
	} else {
		*code = failed.code ? failed.code : MI_BUG;
		mi_buf_reset(&data);
		mi_buf_addf(&data, "error %d %s%s%s\n", *code, failed.text,
		            *failed.hint ? "; " : "", failed.hint);
		for (size_t i = 0; i + 1 < data.len; i++)
			if ((unsigned char)data.data[i] < ' ')
				data.data[i] = ' ';
	}
	ret = mi_fd_write(out, data.data, data.len, err);
	mi_buf_release(&data);
	mi_buf_release(&said);
	return ret;
}

/* Returns 1 when there is something to read, 0 when somebody asks to stop. */
static int wait_for_input(int in, struct mi_err *err)
{
	struct pollfd fds[] = {{.fd = in, .events = POLLIN},
	                       {.fd = mi_stop_fd(), .events = POLLIN}};

	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return mi_fail_errno(err, MI_IO, errno, "waiting for standard input");
		if (mi_stop_asked())
			return 0;
		if (fds[0].revents)
			return 1;
	}
}

/* Reads a piece of the input; *got is 0 at its end. */
static int read_more(int in, struct mi_buf *input, size_t *got, struct mi_err *err)
{
	ssize_t n;

	mi_buf_reserve(input, PIECE);
	do
		n = read(in, input->data + input->len, PIECE);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return mi_fail_errno(err, MI_IO, errno, "reading standard input");
	input->len += (size_t)n;
	*got = (size_t)n;
	return 0;
}

/* Answers the whole lines in input and takes them out of it. */
static int answer_lines(struct mi_fence *fence, struct mi_buf *input, int out, int *code,
                        struct mi_err *err)
{
	size_t from = 0;
	char *end;
	int ret = 0;

	while (ret == 0 && from < input->len &&
	       (end = memchr(input->data + from, '\n', input->len - from))) {
		char *line = input->data + from;

		*end = '\0';
		from = (size_t)(end - input->data) + 1;
		if (strlen(line) != (size_t)(end - line))
			return mi_fail(err, MI_USAGE, "a command with a NUL byte in it");
		ret = answer(fence, line, out, code, err);
	}
	if (from > 0)
		memmove(input->data, input->data + from, input->len - from);
	input->len -= from;
	if (ret == 0 && input->len > LONGEST_LINE)
		return mi_fail(err, MI_USAGE, "a command of more than %d bytes", LONGEST_LINE);
	return ret;
}

int mi_fence_talk(struct mi_fence *fence, int in, int out, int *code, struct mi_err *err)
{
	struct mi_buf input = {0};
	size_t got = 1;
	int ret = 0, ready;

	*code = 0;
	while (ret == 0 && got > 0) {
		ready = wait_for_input(in, err);
		if (ready <= 0) {
			ret = ready == 0 ? mi_stop_fail(err) : -1;
			break;
		}
		if (read_more(in, &input, &got, err) != 0 ||
		    answer_lines(fence, &input, out, code, err) != 0)
			ret = -1;
	}
	if (ret == 0 && input.len > 0)
		ret = mi_fail(err, MI_USAGE, "the last command has no line feed");
	mi_buf_release(&input);
	return ret;
}
