/* Rows out of real servers' binary logs, against what mi-dump says of the same servers. Every
 * value of the torture database comes by INSERT, many by UPDATE and DELETE; what is inserted less
 * what is deleted must be exactly what is there in the end. */
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "binlog/event.h"
#include "binlog/layout.h"
#include "binlog/reader.h"
#include "binlog/rows.h"
#include "binlog/table_map.h"
#include "capture.h"
#include "recode.h"
#include "stream/parse.h"
#include "t.h"
#include "table/table.h"

#include <fcntl.h>
#include <unistd.h>

/* How often a row, by its text, is there: in the dump plus, in the log minus. */
struct tally {
	char hash[33];
	int count;
	char *start; /* for people */
};

struct run {
	const char *path, *only;
	struct tally *tallies;
	size_t tally_count;
	struct mi_table_maps maps;
	const struct mi_table **tables;
	size_t table_count;
	struct mi_rows *rows;
	unsigned row_count, insert_count, update_count, delete_count, partial_count;
	unsigned fk_flags[4];
	size_t piece;
	bool in_payload;
	char first_error[1024];
};

/* ---- Tallies ---- */

static void describe(const struct mi_table *table, const struct mi_span *values, struct mi_buf *out)
{
	mi_buf_addf(out, "%s.%s:", table->db, table->name);
	for (size_t i = 0; i < table->carried_count; i++) {
		mi_buf_add_char(out, ' ');
		if (!values[i].data) {
			mi_buf_add_str(out, "NULL");
			continue;
		}
		for (size_t k = 0; k < values[i].len && k < 150; k++) {
			unsigned char c = (unsigned char)values[i].data[k];

			if (c < ' ' || c > '~')
				mi_buf_addf(out, "\\x%02x", c);
			else
				mi_buf_add_char(out, (char)c);
		}
		if (values[i].len > 150)
			mi_buf_addf(out, "...%zu", values[i].len);
		mi_buf_add_char(out, ';');
	}
}

static void tally(struct run *run, const struct mi_table *table, const struct mi_span *values,
                  int by)
{
	struct mi_buf text = {0};
	struct mi_hash hash;
	struct tally *t;
	char hex[33];

	mi_hash_init(&hash);
	mi_hash_add_str(&hash, table->name);
	for (size_t i = 0; i < table->carried_count; i++) {
		mi_hash_add(&hash, &values[i].len, values[i].data ? sizeof values[i].len : 1);
		mi_hash_add(&hash, values[i].data, values[i].len);
	}
	mi_hash_hex(&hash, hex);
	for (size_t i = 0; i < run->tally_count; i++)
		if (strcmp(run->tallies[i].hash, hex) == 0) {
			run->tallies[i].count += by;
			return;
		}
	t = mi_array_add(&run->tallies, &run->tally_count, sizeof *run->tallies);
	memcpy(t->hash, hex, sizeof hex);
	t->count = by;
	describe(table, values, &text);
	t->start = mi_strdup(mi_buf_cstr(&text));
	mi_buf_release(&text);
}

/* ---- The log ---- */

static const struct mi_table *find(const struct run *run, const struct mi_table_map *map)
{
	for (size_t i = 0; i < run->table_count; i++)
		if (mi_span_is(map->db, run->tables[i]->db) &&
		    mi_span_is(map->name, run->tables[i]->name) &&
		    (!run->only || strcmp(run->only, run->tables[i]->name) == 0))
			return run->tables[i];
	return NULL;
}

static void on_change(struct run *run, const struct mi_change *change)
{
	run->row_count++;
	run->fk_flags[change->fk_flags & 3]++;
	run->insert_count += !change->before;
	run->delete_count += !change->after;
	run->update_count += change->before && change->after;
	if (change->before)
		tally(run, change->table, change->before, +1);
	if (change->after)
		tally(run, change->table, change->after, -1);
}

static int read_rows(struct run *run, const struct mi_table_map *map, const struct mi_table *table,
                     struct mi_err *err)
{
	struct mi_layout layout = {0};
	struct mi_change change;
	int status;

	if (mi_layout_make(&layout, map, table, &recode, err) != 0)
		return -1;
	status = mi_rows_start(run->rows, &layout, err);
	while (status == 0 && (status = mi_rows_next(run->rows, &change, err)) > 0) {
		on_change(run, &change);
		status = 0;
		continue;
	}
	mi_layout_release(&layout);
	return status;
}

static int on_rows(struct run *run, const struct mi_event *event, struct mi_err *err)
{
	struct mi_rows_head head;
	struct mi_table_map *map;
	const struct mi_table *table;

	if (mi_rows_open(run->rows, event, &head, err) != 0)
		return -1;
	map = mi_table_maps_find(&run->maps, head.table_id);
	if (!map)
		return mi_event_fail(event, MI_PROTOCOL, err, "no table map");
	table = find(run, map);
	run->partial_count += event->type == MI_EVENT_PARTIAL_UPDATE_ROWS;
	if (table && read_rows(run, map, table, err) != 0) {
		if (!*run->first_error)
			(void)snprintf(run->first_error, sizeof run->first_error, "%s", err->text);
		if (!run->only) /* captures that hold what must fail go on after it */
			return -1;
	}
	if (head.flags & MI_ROWS_STMT_END)
		mi_table_maps_end(&run->maps);
	return 0;
}

static bool is_rows(unsigned type)
{
	return (type >= MI_EVENT_WRITE_ROWS_V1 && type <= MI_EVENT_DELETE_ROWS_V1) ||
	       (type >= MI_EVENT_WRITE_ROWS && type <= MI_EVENT_DELETE_ROWS) ||
	       type == MI_EVENT_PARTIAL_UPDATE_ROWS || type >= MI_EVENT_WRITE_ROWS_COMPRESSED_V1;
}

static int on_event(void *user, const struct mi_event *event, struct mi_err *err)
{
	struct run *run = user;
	struct mi_table_map *map;

	run->in_payload |= event->inner;
	if (event->type == MI_EVENT_TABLE_MAP)
		return mi_table_maps_add(&run->maps, event, &map, err);
	if (is_rows(event->type))
		return on_rows(run, event, err);
	return 0;
}

/* One event in pieces of run->piece bytes, each on its own, so that a sanitizer sees what is read
 * past it. */
static int push_event(struct run *run, struct mi_binlog_reader *reader, struct mi_span bytes,
                      struct mi_err *err)
{
	int status = 0;

	for (size_t at = 0; at < bytes.len && status == 0; at += run->piece) {
		size_t len = bytes.len - at < run->piece ? bytes.len - at : run->piece;
		char *piece = mi_alloc(len);

		memcpy(piece, bytes.data + at, len);
		status = mi_binlog_push(reader, mi_span(piece, len), at + len == bytes.len, err);
		free(piece);
	}
	return status;
}

static int read_log(struct run *run, struct mi_err *err)
{
	struct mi_buf all = capture_read(run->path);
	struct mi_span rest = mi_buf_span(&all), bytes;
	struct mi_binlog_reader *reader = mi_binlog_reader_new(false, on_event, run);
	int status = 0;

	while (status == 0 && capture_next(&rest, &bytes))
		status = push_event(run, reader, bytes, err);
	mi_binlog_reader_free(reader);
	mi_buf_release(&all);
	return status;
}

/* ---- The dump ---- */

static int on_header(void *user, const struct mi_stream_header *header, struct mi_err *err)
{
	(void)user, (void)header, (void)err;
	return 0;
}

static int on_table(void *user, const struct mi_table *table, struct mi_err *err)
{
	struct run *run = user;
	const struct mi_table **slot =
	    mi_array_add(&run->tables, &run->table_count, sizeof *run->tables);

	(void)err;
	*slot = table;
	return 0;
}

static int on_expect(void *user, const char *db, const char *name, struct mi_err *err)
{
	(void)user, (void)db, (void)name, (void)err;
	return 0;
}

static int on_chunk(void *user, const struct mi_table *table, const struct mi_chunk *chunk,
                    struct mi_err *err)
{
	(void)user, (void)table, (void)chunk, (void)err;
	return 0;
}

static int on_row(void *user, const struct mi_table *table, const struct mi_span *values,
                  struct mi_err *err)
{
	struct run *run = user;

	(void)err;
	if (!run->only || strcmp(run->only, table->name) == 0)
		tally(run, table, values, +1);
	return 0;
}

static int on_chunk_end(void *user, const struct mi_table *table, struct mi_err *err)
{
	(void)user, (void)table, (void)err;
	return 0;
}

static int on_table_end(void *user, const struct mi_table *table, uint64_t rows, struct mi_err *err)
{
	(void)user, (void)table, (void)rows, (void)err;
	return 0;
}

/* While the tables of the stream are still there. */
static int on_end(void *user, const struct mi_totals *totals, struct mi_err *err)
{
	(void)totals;
	return read_log(user, err);
}

static const struct mi_stream_ops dump_ops = {
    .header = on_header,
    .table = on_table,
    .expect = on_expect,
    .chunk = on_chunk,
    .row = on_row,
    .chunk_end = on_chunk_end,
    .table_end = on_table_end,
    .end = on_end,
};

/* ---- Both ---- */

static void release(struct run *run)
{
	for (size_t i = 0; i < run->tally_count; i++)
		free(run->tallies[i].start);
	free(run->tallies);
	free(run->tables);
	mi_table_maps_release(&run->maps);
	mi_rows_free(run->rows);
}

static int compare(const char *name, struct run *run)
{
	struct mi_err err = {0};
	char log[128], dump[128];
	int fd, status;

	(void)snprintf(log, sizeof log, "tests/data/binlog/%s.binlog.gz", name);
	(void)snprintf(dump, sizeof dump, "tests/data/binlog/%s.rows", name);
	run->path = log;
	run->rows = mi_rows_new();
	mi_rows_json_text(run->rows); /* as in the dump that it is compared with */
	fd = open(dump, O_RDONLY | O_CLOEXEC);
	status = mi_parse_stream(fd, &dump_ops, run, &err);
	(void)close(fd);
	CHECK(status == 0, "%s in pieces of %zu is read: %s", name, run->piece, err.text);
	return status;
}

static void equal(const char *name, struct run *run)
{
	unsigned wrong = 0;

	if (compare(name, run) != 0)
		return;
	for (size_t i = 0; i < run->tally_count; i++) {
		if (run->tallies[i].count == 0)
			continue;
		if (wrong++ < 12)
			printf("# %s %s\n",
			       run->tallies[i].count > 0 ? "not in the log:" : "only in the log:",
			       run->tallies[i].start);
	}
	CHECK(wrong == 0, "its rows are those of the dump (%u differ)", wrong);
	CHECK(run->row_count > 4, "%u inserts, %u updates, %u deletes", run->insert_count,
	      run->update_count, run->delete_count);
}

static void torture(const char *name, size_t piece, bool payload)
{
	struct run run = {.piece = piece};

	equal(name, &run);
	CHECK(run.insert_count > 100 && run.update_count > 40 && run.delete_count >= 6,
	      "all kinds of changes");
	CHECK(run.in_payload == payload, "transactions are %scompressed", payload ? "" : "not ");
	release(&run);
}

static void documents(void)
{
	struct run run = {.piece = 4096};

	equal("mysql-docs", &run);
	CHECK(run.partial_count > 5, "%u events of partial updates", run.partial_count);
	release(&run);
}

static void one_table(const char *name, const char *table)
{
	struct run run = {.piece = 1000, .only = table};

	equal(name, &run);
	release(&run);
}

static void flags(void)
{
	struct run run = {.piece = 1000, .only = "p"};

	(void)compare("mysql-misc", &run);
	CHECK(run.fk_flags[MI_FK_SQL] > 5, "MySQL: the SQL layer's foreign keys");
	CHECK(run.fk_flags[MI_FK_SQL | MI_FK_NO_CHECKS] == 1, "and one row without checks");
	CHECK(strstr(run.first_error, "misc.p") && strstr(run.first_error, "lacks column v"),
	      "a MINIMAL image fails: %s", run.first_error);
	release(&run);
	run = (struct run){.piece = 1000, .only = "p"};
	(void)compare("mariadb-misc", &run);
	CHECK(run.fk_flags[0] > 2 && run.fk_flags[MI_FK_NO_CHECKS] == 1,
	      "MariaDB: one without checks");
	release(&run);
}

int main(void)
{
	setlinebuf(stdout);
	torture("mysql-full", 1 << 20, false);
	torture("mysql-full", 7, false);
	torture("mysql-payload", 1 << 20, true);
	torture("mysql-payload", 1, true);
	torture("mysql-payload", 300, true);
	torture("mariadb-plain", 4096, false);
	torture("mariadb-compressed", 4096, false);
	documents();
	one_table("mariadb-misc", "types");
	one_table("mariadb-misc", "years");
	one_table("mysql-misc", "years");
	flags();
	DONE();
}
