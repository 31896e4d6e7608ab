/* Prints what event and row streams on stdin hold, a line for each image, for tests/lib/replay.py:
 *
 *   I TABLE AFTER     U TABLE BEFORE AFTER     D TABLE BEFORE     R TABLE ROW
 *
 * with tabs between. An image is its values with | between: bytes that would not print as %XX, NULL
 * as %N, long ones by length and hash. Transactions that ABORT takes back are not printed, nor one
 * that has no end; those that XA PREPARE ends are. --gtids prints the transactions instead: a line
 * with GTID and number of changes, or SKIP and the set, or STATEMENT and its text. An input that is
 * damaged or has no end: exit 65, after its whole transactions. */
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/msg.h"
#include "base/stop.h"
#include "stream/parse.h"
#include "table/table.h"

#include <stdio.h>
#include <unistd.h>

enum { LONG_VALUE = 300 };

static bool gtids;
static struct mi_buf pending; /* lines of the transaction at hand */
static char gtid[200];
static unsigned long changes;

static void add_value(struct mi_buf *out, struct mi_span value)
{
	struct mi_hash hash;
	char hex[33];

	if (!value.data) {
		mi_buf_add_str(out, "%N");
		return;
	}
	if (value.len > LONG_VALUE) {
		mi_hash_init(&hash);
		mi_hash_add(&hash, value.data, value.len);
		mi_hash_hex(&hash, hex);
		mi_buf_addf(out, "%%L%zu:%s", value.len, hex);
		return;
	}
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.data[i];

		if (c > ' ' && c < 0x7f && c != '%' && c != '|')
			mi_buf_add_char(out, (char)c);
		else
			mi_buf_addf(out, "%%%02x", c);
	}
}

static void add_image(struct mi_buf *out, const struct mi_table *table,
                      const struct mi_span *values)
{
	mi_buf_add_char(out, '\t');
	for (size_t i = 0; i < table->carried_count; i++) {
		mi_buf_add_char(out, '|');
		add_value(out, values[i]);
	}
}

static void add_line(char kind, const struct mi_table *table, const struct mi_span *one,
                     const struct mi_span *two)
{
	changes++;
	if (gtids)
		return;
	mi_buf_addf(&pending, "%c\t%s.%s", kind, table->db, table->name);
	if (one)
		add_image(&pending, table, one);
	if (two)
		add_image(&pending, table, two);
	mi_buf_add_char(&pending, '\n');
}

static void print_pending(void)
{
	if (pending.len)
		fwrite(pending.data, 1, pending.len, stdout);
	mi_buf_reset(&pending);
}

static int on_chunk(void *user, const struct mi_table *table, const struct mi_chunk *chunk,
                    struct mi_err *err)
{
	(void)chunk;
	return mi_ignore_table(user, table, err);
}

static int on_row(void *user, const struct mi_table *table, const struct mi_span *values,
                  struct mi_err *err)
{
	(void)user;
	(void)err;
	add_line('R', table, values, NULL);
	print_pending();
	return 0;
}

static int on_table_end(void *user, const struct mi_table *table, uint64_t rows, struct mi_err *err)
{
	(void)rows;
	return mi_ignore_table(user, table, err);
}

static int on_begin(void *user, const char *text, uint64_t commit_us, bool xa, struct mi_err *err)
{
	(void)user;
	(void)xa;
	(void)commit_us;
	(void)err;
	(void)snprintf(gtid, sizeof gtid, "%s", text);
	changes = 0;
	return 0;
}

static int on_insert(void *user, const struct mi_change *change, struct mi_err *err)
{
	(void)user;
	(void)err;
	add_line('I', change->table, change->after, NULL);
	return 0;
}

static int on_update(void *user, const struct mi_change *change, struct mi_err *err)
{
	(void)user;
	(void)err;
	add_line('U', change->table, change->before, change->after);
	return 0;
}

static int on_remove(void *user, const struct mi_change *change, struct mi_err *err)
{
	(void)user;
	(void)err;
	add_line('D', change->table, change->before, NULL);
	return 0;
}

static int on_commit(void *user, struct mi_err *err)
{
	(void)user;
	(void)err;
	if (gtids)
		printf("%s %lu\n", gtid, changes);
	print_pending();
	return 0;
}

static int on_abort(void *user, struct mi_err *err)
{
	(void)user;
	(void)err;
	if (gtids)
		printf("ABORT %s\n", gtid);
	mi_buf_reset(&pending);
	return 0;
}

static int on_xa(void *user, enum mi_xa_step step, struct mi_span xid, struct mi_err *err)
{
	static const char *const steps[] = {"prepare", "commit", "rollback"};

	(void)user;
	(void)err;
	if (gtids)
		printf("%s %lu XA %s %.*s\n", gtid, changes, steps[step], (int)xid.len, xid.data);
	print_pending();
	return 0;
}

static void print_statement(const struct mi_ddl *ddl)
{
	printf("STATEMENT %s|", ddl->db);
	for (size_t i = 0; i < MI_DDL_SETTINGS; i++)
		printf("%s|", ddl->settings[i] ? ddl->settings[i] : "-");
	printf("%s\n", ddl->text);
}

static int on_statement(void *user, const struct mi_ddl *ddl, struct mi_err *err)
{
	(void)user;
	(void)err;
	if (gtids)
		print_statement(ddl);
	return 0;
}

static int on_skip(void *user, const char *set, struct mi_err *err)
{
	(void)user;
	(void)err;
	if (gtids)
		printf("SKIP %s\n", set);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct mi_stream_ops ops = {
	    .header = mi_ignore_header,
	    .table = mi_ignore_table,
	    .chunk = on_chunk,
	    .row = on_row,
	    .chunk_end = mi_ignore_table,
	    .table_end = on_table_end,
	    .begin = on_begin,
	    .insert = on_insert,
	    .update = on_update,
	    .remove = on_remove,
	    .commit = on_commit,
	    .abort = on_abort,
	    .xa = on_xa,
	    .statement = on_statement,
	    .skip = on_skip,
	    .heartbeat = mi_ignore_heartbeat,
	    .end = mi_ignore_end,
	};
	struct mi_err err = {0};

	mi_msg_init(argv[0]);
	gtids = argc > 1 && strcmp(argv[1], "--gtids") == 0;
	mi_stop_install();
	if (mi_parse_stream(STDIN_FILENO, &ops, NULL, &err) != 0)
		return mi_report(&err);
	mi_buf_release(&pending);
	return fflush(stdout) == 0 ? 0 : MI_IO;
}
