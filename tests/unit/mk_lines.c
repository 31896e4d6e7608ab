/* Makes streams from lines of text on stdin, for tests that want a stream just so. Fields are
 * separated by one tab; in them \t \n \\ \0 and \xHH are bytes, and \N alone is NULL.
 *
 *   stream KIND [IMPORT [LOW [HIGH [SERVER]]]]   schema, rows or events
 *   table DB NAME                            columns and keys follow
 *   column NAME TYPE TYPE_TEXT [WORDS [BYTES [CHARSET [GENERATED]]]]   as in mi-stream(5)
 *   fkey NAME DB TABLE ON_UPDATE ON_DELETE COLUMN REF_COLUMN...
 *   key NAME KIND COLUMN...                  KIND: primary, unique or plain
 *                                            a part may be COLUMN/PREFIX
 *   define                                   ends the table and writes it
 *   expect DB NAME
 *   ddl SECTION KIND DB OBJECT NAME TEXT [SQL_MODE [CHARSET [COLLATION]]]
 *   chunk TABLE [PART [LO [HI]]]             rows follow
 *   row VALUE...
 *   rows FROM TO VALUE...                    a row for each number, which # stands for
 *   endchunk
 *   tableend TABLE ROWS
 *   begin GTID [TIME [xa]]                   a transaction; changes follow
 *   insert TABLE FLAGS VALUE...
 *   update TABLE FLAGS VALUE...              before, then after
 *   delete TABLE FLAGS VALUE...
 *   statement DB TEXT
 *   commit | abort | xa STEP XID
 *   skip SET | past SET WHAT | heartbeat TIME
 *   flush                                    writes what there is of events
 *   end
 *
 * A line that cannot be followed is exit 64. */
#include "base/buf.h"
#include "base/err.h"
#include "base/hex.h"
#include "base/msg.h"
#include "base/words.h"
#include "stream/frame.h"
#include "stream/parse.h"
#include "stream/words.h"
#include "stream/write.h"
#include "table/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_FIELDS = 1200 };

static struct mi_stream *stream;
static struct mi_writer *control, *rows, *events;
static struct mi_tables tables;
static struct mi_table *building;
static const struct mi_table *chunk_table;
static struct mi_chunk chunk;
static char *chunk_keys[2];

static struct mi_span fields[MAX_FIELDS];
static size_t field_count;
static unsigned long line_number;

static void die(const char *why)
{
	fprintf(stderr, "mk_lines: line %lu: %s\n", line_number, why);
	exit(MI_USAGE);
}

static void must(int result, const struct mi_err *err)
{
	if (result != 0)
		die(err->text);
}

/* Field i as text; fallback when it is absent. */
static char *text(size_t i, const char *fallback)
{
	if (i >= field_count || !fields[i].data) {
		if (!fallback)
			die("a field is missing");
		return mi_strdup(fallback);
	}
	return mi_strndup(fields[i].data, fields[i].len);
}

static uint64_t number(size_t i, uint64_t fallback)
{
	char *value = text(i, "");
	uint64_t result = *value ? strtoull(value, NULL, 10) : fallback;

	free(value);
	return result;
}

static int word_of(size_t i, const char *const *words)
{
	int index = mi_word_index(fields[i], words);

	if (index < 0)
		die("an unknown word");
	return index;
}

/* Undoes the escapes, in place. */
static struct mi_span unescape(char *field)
{
	char *to = field;

	if (strcmp(field, "\\N") == 0)
		return mi_span(NULL, 0);
	for (const char *from = field; *from; from++) {
		if (*from != '\\') {
			*to++ = *from;
			continue;
		}
		from++;
		if (*from == 'x' && mi_hex_digit(from[1]) >= 0 && mi_hex_digit(from[2]) >= 0) {
			*to++ = (char)(mi_hex_digit(from[1]) * 16 + mi_hex_digit(from[2]));
			from += 2;
		} else {
			const char *plain = "tn\\0";
			const char *at = *from ? strchr(plain, *from) : NULL;

			if (!at)
				die("an unknown escape");
			*to++ = "\t\n\\\0"[at - plain];
		}
	}
	return mi_span(field, (size_t)(to - field));
}

static const struct mi_table *table_named(size_t i)
{
	char *name = text(i, NULL);

	for (size_t k = tables.count; k-- > 0;) { /* the newest of its name */
		if (strcmp(tables.items[k]->name, name) == 0) {
			free(name);
			return tables.items[k];
		}
	}
	die("no such table");
	return NULL;
}

/* ---- The lines ---- */

static void do_stream(void)
{
	struct mi_err err = {0};
	char *import = text(2, ""), *low = text(3, ""), *high = text(4, "");
	char *server = text(5, "00000000-0000-0000-0000-00000000000a");
	struct mi_stream_header header = {.features = "",
	                                  .import_id = import,
	                                  .flavour = "mysql",
	                                  .version = "9.7.4",
	                                  .server = server,
	                                  .low = low,
	                                  .high = high};

	header.kind = (enum mi_stream_kind)word_of(1, mi_stream_kind_words);
	mi_tables_release(&tables);
	stream = mi_stream_new(STDOUT_FILENO, 1);
	must(mi_stream_begin(stream, &header, &err), &err);
	control = mi_writer_new(stream, MI_FRAME_CONTROL);
	rows = mi_writer_new(stream, MI_FRAME_ROWS);
	events = mi_writer_new(stream, MI_FRAME_EVENTS);
	free(import);
	free(low);
	free(high);
	free(server);
}

static void do_table(void)
{
	building = mi_alloc(sizeof *building);
	building->id = (uint32_t)tables.count + 1;
	building->db = text(1, NULL);
	building->name = text(2, NULL);
	building->engine = mi_strdup("InnoDB");
	building->collation = mi_strdup("utf8mb4_bin");
}

static void do_column(void)
{
	struct mi_column *column =
	    mi_array_add(&building->columns, &building->column_count, sizeof *column);
	char *words = text(4, "");

	column->name = text(1, NULL);
	if (!mi_type_parse(fields[2], &column->type))
		die("an unknown type");
	column->type_text = text(3, NULL);
	column->is_unsigned = strstr(words, MI_WORD_UNSIGNED) != NULL;
	column->nullable = strstr(words, MI_WORD_NULLABLE) != NULL;
	column->auto_increment = strstr(words, MI_WORD_AUTO_INCREMENT) != NULL;
	column->invisible = strstr(words, MI_WORD_INVISIBLE) != NULL;
	column->variable = strstr(words, MI_WORD_VARIABLE) != NULL;
	column->bytes = (unsigned)number(5, 0);
	if (field_count > 6 && fields[6].len)
		column->charset = text(6, NULL);
	if (field_count > 7)
		column->generated = (enum mi_generated)word_of(7, mi_generated_words);
	free(words);
}

static void do_key(void)
{
	struct mi_key *key = mi_array_add(&building->keys, &building->key_count, sizeof *key);

	key->name = text(1, NULL);
	key->kind = (enum mi_key_kind)word_of(2, mi_key_kind_words);
	for (size_t i = 3; i < field_count; i++) {
		char *name = text(i, NULL);
		struct mi_key_part *part =
		    mi_array_add(&key->parts, &key->part_count, sizeof *part);

		if (strchr(name, '/')) {
			part->prefix = (unsigned)strtoul(strchr(name, '/') + 1, NULL, 10);
			*strchr(name, '/') = '\0';
		}
		part->column = mi_table_column(building, name);
		free(name);
	}
}

static void do_fkey(void)
{
	struct mi_fkey *fkey = mi_array_add(&building->fkeys, &building->fkey_count, sizeof *fkey);

	fkey->name = text(1, NULL);
	fkey->ref_db = text(2, NULL);
	fkey->ref_table = text(3, NULL);
	fkey->on_update = text(4, NULL);
	fkey->on_delete = text(5, NULL);
	fkey->column_count = (field_count - 6) / 2;
	fkey->columns = mi_alloc(fkey->column_count * sizeof(char *));
	fkey->ref_columns = mi_alloc(fkey->column_count * sizeof(char *));
	for (size_t i = 0; i < fkey->column_count; i++) {
		fkey->columns[i] = text(6 + 2 * i, NULL);
		fkey->ref_columns[i] = text(7 + 2 * i, NULL);
	}
}

static void do_define(void)
{
	struct mi_err err = {0};

	mi_table_finish(building);
	*(struct mi_table **)mi_array_add(&tables.items, &tables.count, sizeof building) = building;
	must(mi_writer_flush(events, &err), &err);
	must(mi_record_table(control, building, &err), &err);
	must(mi_writer_flush(control, &err), &err);
	building = NULL;
}

static void do_expect(void)
{
	struct mi_err err = {0};
	char *db = text(1, NULL), *name = text(2, NULL);

	must(mi_record_expect(control, db, name, &err), &err);
	free(db);
	free(name);
}

static const char *set_or_none(const char *value)
{
	return *value ? value : NULL;
}

static void do_ddl(void)
{
	struct mi_err err = {0};
	char *texts[9];
	struct mi_ddl ddl;

	for (size_t i = 0; i < 9; i++)
		texts[i] = text(i + 1, i < 6 ? NULL : "");
	ddl = (struct mi_ddl){
	    .section = texts[0],
	    .kind = texts[1],
	    .db = texts[2],
	    .object = texts[3],
	    .name = texts[4],
	    .text = texts[5],
	    .settings = {set_or_none(texts[6]), set_or_none(texts[7]), set_or_none(texts[8])}};
	must(mi_record_ddl(control, &ddl, &err), &err);
	for (size_t i = 0; i < 9; i++)
		free(texts[i]);
}

static void do_chunk(void)
{
	struct mi_err err = {0};

	must(mi_writer_flush(control, &err), &err);
	chunk_table = table_named(1);
	chunk_keys[0] = text(3, "");
	chunk_keys[1] = text(4, "");
	chunk = (struct mi_chunk){.part = number(2, 0), .lo = chunk_keys[0], .hi = chunk_keys[1]};
	must(mi_record_chunk_begin(rows, chunk_table, &err), &err);
}

static void write_row(const struct mi_span *values, size_t count)
{
	struct mi_err err = {0};

	if (!chunk_table || count != chunk_table->carried_count)
		die("a row has another number of values than its table");
	must(mi_record_row(rows, chunk_table, values, &err), &err);
}

static void do_row(void)
{
	write_row(fields + 1, field_count - 1);
}

/* value with each # replaced by number. */
static struct mi_span numbered(struct mi_span value, uint64_t n, struct mi_buf *out)
{
	mi_buf_reset(out);
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] == '#')
			mi_buf_addf(out, "%llu", (unsigned long long)n);
		else
			mi_buf_add_char(out, value.data[i]);
	}
	return mi_buf_span(out);
}

static void do_rows(void)
{
	static struct mi_buf texts[MAX_FIELDS];
	static struct mi_span values[MAX_FIELDS];
	uint64_t from = number(1, 0), to = number(2, 0);

	for (uint64_t n = from; n <= to; n++) {
		for (size_t i = 3; i < field_count; i++)
			values[i - 3] =
			    fields[i].data ? numbered(fields[i], n, &texts[i]) : mi_span(NULL, 0);
		write_row(values, field_count - 3);
	}
	for (size_t i = 3; i < field_count; i++)
		mi_buf_release(&texts[i]);
}

static void do_endchunk(void)
{
	struct mi_err err = {0};

	must(mi_record_chunk_end(rows, &chunk, &err), &err);
	free(chunk_keys[0]);
	free(chunk_keys[1]);
	chunk_table = NULL;
}

static void do_tableend(void)
{
	struct mi_err err = {0};

	must(mi_record_table_end(control, table_named(1), number(2, 0), &err), &err);
	must(mi_writer_flush(control, &err), &err);
}

static void do_begin(void)
{
	struct mi_err err = {0};
	char *gtid = text(1, NULL);

	must(mi_record_begin(events, gtid, number(2, 1), field_count > 3, &err), &err);
	free(gtid);
}

static void do_change(void)
{
	struct mi_change change = {.table = table_named(1), .fk_flags = (unsigned)number(2, 0)};
	size_t width = change.table->carried_count, images = fields[0].data[0] == 'u' ? 2 : 1;
	struct mi_err err = {0};

	if (field_count != 3 + images * width)
		die("a change has another number of values than its table");
	if (fields[0].data[0] != 'i')
		change.before = fields + 3;
	if (fields[0].data[0] != 'd')
		change.after = fields + 3 + (images - 1) * width;
	must(mi_record_change(events, &change, &err), &err);
}

static void do_statement(void)
{
	struct mi_err err = {0};
	char *db = text(1, NULL), *sql = text(2, NULL);
	struct mi_ddl ddl = {
	    .section = "", .kind = "", .db = db, .object = "", .name = "", .text = sql};

	must(mi_record_statement(events, &ddl, &err), &err);
	free(db);
	free(sql);
}

static void do_commit(void)
{
	struct mi_err err = {0};

	must(mi_record_commit(events, &err), &err);
}

static void do_abort(void)
{
	struct mi_err err = {0};

	must(mi_record_abort(events, &err), &err);
}

static void do_xa(void)
{
	struct mi_err err = {0};

	must(mi_record_xa(events, (enum mi_xa_step)word_of(1, mi_xa_words), fields[2], &err), &err);
}

static void do_skip(void)
{
	struct mi_err err = {0};
	char *set = text(1, NULL);

	must(mi_record_skip(events, set, &err), &err);
	free(set);
}

static void do_past(void)
{
	struct mi_err err = {0};
	char *set = text(1, NULL), *what = text(2, NULL);

	must(mi_record_past(events, set, what, &err), &err);
	free(set);
	free(what);
}

static void do_heartbeat(void)
{
	struct mi_err err = {0};

	must(mi_record_heartbeat(events, number(1, 0), &err), &err);
}

static void do_flush(void)
{
	struct mi_err err = {0};

	must(mi_writer_flush(events, &err), &err);
}

static void do_end(void)
{
	struct mi_err err = {0};

	must(mi_writer_flush(control, &err), &err);
	must(mi_writer_flush(events, &err), &err);
	mi_writer_free(control);
	mi_writer_free(events);
	mi_writer_free(rows);
	must(mi_stream_end(stream, &err), &err);
	mi_stream_free(stream);
	control = rows = NULL;
	stream = NULL;
}

static const struct {
	const char *word;
	void (*run)(void);
} lines[] = {
    {"stream", do_stream}, {"table", do_table},       {"column", do_column},
    {"key", do_key},       {"define", do_define},     {"expect", do_expect},
    {"ddl", do_ddl},       {"chunk", do_chunk},       {"row", do_row},
    {"rows", do_rows},     {"endchunk", do_endchunk}, {"tableend", do_tableend},
    {"fkey", do_fkey},     {"begin", do_begin},       {"insert", do_change},
    {"update", do_change}, {"delete", do_change},     {"statement", do_statement},
    {"commit", do_commit}, {"abort", do_abort},       {"xa", do_xa},
    {"skip", do_skip},     {"past", do_past},         {"heartbeat", do_heartbeat},
    {"flush", do_flush},   {"end", do_end},
};

static void run_line(char *line)
{
	field_count = 0;
	for (char *field; (field = strsep(&line, "\t"));) {
		if (field_count == MAX_FIELDS)
			die("too many fields");
		fields[field_count++] = unescape(field);
	}
	if (!stream && !mi_span_is(fields[0], "stream"))
		die("no stream has begun");
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		if (mi_span_is(fields[0], lines[i].word)) {
			lines[i].run();
			return;
		}
	}
	die("an unknown line");
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	(void)argc;
	mi_msg_init(argv[0]);
	while ((len = getline(&line, &room, stdin)) > 0) {
		line_number++;
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		if (*line && *line != '#')
			run_line(line);
	}
	free(line);
	mi_writer_free(control);
	mi_writer_free(rows);
	mi_stream_free(stream);
	mi_tables_release(&tables);
	return 0;
}
