/* Binary log files as text, for tests.
 *
 *   mk_binlog events FILE...          a line per event: its name and what it says
 *   mk_binlog changes STREAM FILE...  a line per changed row: I, U or D, table, images;
 *                                     STREAM has the definitions (mi-dump writes them)
 *   mk_binlog rows STREAM             a line per row of a stream, in the same form
 *
 * MI_PIECE=N feeds the events in pieces of N bytes (65536). An image is its values joined by
 * commas: hex, NULL, or for long ones #length:hash. */
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/msg.h"
#include "binlog/event.h"
#include "binlog/gtid.h"
#include "binlog/layout.h"
#include "binlog/query.h"
#include "binlog/reader.h"
#include "binlog/rows.h"
#include "binlog/table_map.h"
#include "gtid/gtid.h"
#include "recode.h"
#include "stream/parse.h"
#include "table/table.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LONG_VALUE = 400 };

struct printer {
	struct mi_tables tables; /* definitions; the parser owns them */
	int stream;
	struct mi_table_maps maps;
	struct mi_rows *rows;
	struct mi_buf scratch;
	bool changes;
};

/* ---- Rows as text ---- */

static void print_value(struct mi_span value)
{
	struct mi_hash hash;
	char hex[33];

	if (!value.data) {
		fputs("NULL", stdout);
		return;
	}
	if (value.len > LONG_VALUE) {
		mi_hash_init(&hash);
		mi_hash_add(&hash, value.data, value.len);
		mi_hash_hex(&hash, hex);
		printf("#%zu:%s", value.len, hex);
		return;
	}
	for (size_t i = 0; i < value.len; i++)
		printf("%02x", (unsigned char)value.data[i]);
}

static void print_image(const struct mi_table *table, const struct mi_span *values)
{
	putchar('\t');
	for (size_t i = 0; values && i < table->carried_count; i++) {
		if (i > 0)
			putchar(',');
		print_value(values[i]);
	}
}

static void print_change(const char *kind, const struct mi_table *table,
                         const struct mi_span *before, const struct mi_span *after)
{
	printf("%s\t%s.%s", kind, table->db, table->name);
	if (before)
		print_image(table, before);
	if (after)
		print_image(table, after);
	putchar('\n');
}

/* ---- Events as text ---- */

static void print_text(struct mi_span text)
{
	for (size_t i = 0; i < text.len && i < 200; i++)
		putchar(text.data[i] >= 0x20 && text.data[i] < 0x7f ? text.data[i] : '.');
}

static int print_gtid(const struct mi_event *event, struct mi_err *err)
{
	struct mi_event_gtid gtid;
	struct mi_buf text = {0};

	if (mi_event_gtid(event, &gtid, err) != 0)
		return -1;
	mi_gtid_print_one(&gtid.gtid, &text);
	printf(" %s%s flags=%x extra=%x length=%llu age=%s", mi_buf_cstr(&text),
	       gtid.statements ? " statements" : "", gtid.flags, gtid.extra,
	       (unsigned long long)gtid.length,
	       gtid.commit_us / 1000000 - event->time <= 1 ? "ok" : "wrong");
	if (gtid.xid.gtrid.len > 0) {
		printf(" xid=%u,", gtid.xid.format);
		print_text(gtid.xid.gtrid);
	}
	mi_buf_release(&text);
	return 0;
}

static int print_set(const struct mi_event *event, struct mi_err *err)
{
	struct mi_gtid_set *set;
	struct mi_buf text = {0};

	if (mi_event_gtid_set(event, &set, err) != 0)
		return -1;
	mi_gtid_print(set, &text);
	printf(" %s", mi_buf_cstr(&text));
	mi_buf_release(&text);
	mi_gtid_free(set);
	return 0;
}

static int print_query(struct printer *printer, const struct mi_event *event, struct mi_err *err)
{
	struct mi_event_query query;

	if (mi_event_query(event, &printer->scratch, &query, err) != 0)
		return -1;
	printf(" db=%.*s unknown=%d dbs=%u%s: ", (int)query.db.len, query.db.data, query.unknown,
	       query.db_count, query.many_dbs ? "+" : "");
	print_text(query.text);
	return 0;
}

static int print_xa(const struct mi_event *event, struct mi_err *err)
{
	struct mi_event_xa_prepare xa;

	if (mi_event_xa_prepare(event, &xa, err) != 0)
		return -1;
	printf(" one_phase=%d %u,", xa.one_phase, xa.xid.format);
	print_text(xa.xid.gtrid);
	putchar(',');
	print_text(xa.xid.bqual);
	return 0;
}

static int print_statement(const struct mi_event *event, struct mi_err *err)
{
	struct mi_span text;

	if (mi_event_statement(event, &text, err) != 0)
		return -1;
	putchar(' ');
	print_text(text);
	return 0;
}

static int print_rotate(const struct mi_event *event, struct mi_err *err)
{
	struct mi_event_rotate rotate;

	if (mi_event_rotate(event, &rotate, err) != 0)
		return -1;
	printf(" %.*s:%llu", (int)rotate.file.len, rotate.file.data,
	       (unsigned long long)rotate.position);
	return 0;
}

static int print_map(struct printer *printer, const struct mi_event *event, struct mi_err *err)
{
	struct mi_table_map *map;

	if (mi_table_maps_add(&printer->maps, event, &map, err) != 0)
		return -1;
	printf(" %.*s.%.*s columns=%zu", (int)map->db.len, map->db.data, (int)map->name.len,
	       map->name.data, map->column_count);
	for (size_t i = 0; i < map->column_count; i++) {
		const struct mi_map_column *column = &map->columns[i];

		printf(" %.*s:%u(%u,%u)%s%s", (int)column->name.len,
		       column->name.data ? column->name.data : "", column->code, column->length,
		       column->scale, column->nullable ? "?" : "", column->is_unsigned ? "u" : "");
		if (column->member_count > 0)
			printf("{%zu}", column->member_count);
	}
	if (map->key) {
		printf(" key");
		for (size_t i = 0; i < map->key_count; i++)
			printf(",%zu", map->key[i]);
	}
	return 0;
}

static bool is_rows(unsigned type)
{
	return (type >= MI_EVENT_WRITE_ROWS_V1 && type <= MI_EVENT_DELETE_ROWS_V1) ||
	       (type >= MI_EVENT_WRITE_ROWS && type <= MI_EVENT_DELETE_ROWS) ||
	       type == MI_EVENT_PARTIAL_UPDATE_ROWS ||
	       (type >= MI_EVENT_WRITE_ROWS_COMPRESSED_V1 &&
	        type <= MI_EVENT_DELETE_ROWS_COMPRESSED);
}

static int print_rows_head(struct printer *printer, const struct mi_event *event,
                           struct mi_err *err)
{
	struct mi_rows_head head;

	if (mi_rows_open(printer->rows, event, &head, err) != 0)
		return -1;
	printf(" flags=%x%s", head.flags, head.dummy ? " dummy" : "");
	return 0;
}

static int print_body(struct printer *printer, const struct mi_event *event, struct mi_err *err)
{
	uint64_t number;

	if (is_rows(event->type))
		return print_rows_head(printer, event, err);
	switch (event->type) {
	case MI_EVENT_GTID:
	case MI_EVENT_ANONYMOUS_GTID:
	case MI_EVENT_GTID_TAGGED:
	case MI_EVENT_GTID_MARIADB:
		return print_gtid(event, err);
	case MI_EVENT_PREVIOUS_GTIDS:
	case MI_EVENT_GTID_LIST:
		return print_set(event, err);
	case MI_EVENT_QUERY:
	case MI_EVENT_QUERY_COMPRESSED:
		return print_query(printer, event, err);
	case MI_EVENT_ROWS_QUERY:
	case MI_EVENT_ANNOTATE_ROWS:
		return print_statement(event, err);
	case MI_EVENT_XA_PREPARE:
		return print_xa(event, err);
	case MI_EVENT_XID:
		return mi_event_xid(event, &number, err);
	case MI_EVENT_ROTATE:
		return print_rotate(event, err);
	case MI_EVENT_TABLE_MAP:
		return print_map(printer, event, err);
	default:
		return 0;
	}
}

static int print_event(struct printer *printer, const struct mi_event *event, struct mi_err *err)
{
	printf("%s%s", event->inner ? "  " : "", mi_event_name(event->type));
	if (event->type == MI_EVENT_FORMAT)
		printf(" %s types=%u%s", event->format->version, event->format->types,
		       event->format->checksums ? " checksums" : "");
	if (print_body(printer, event, err) != 0)
		return -1;
	putchar('\n');
	return 0;
}

/* ---- Changes ---- */

static void free_layout(void *user)
{
	mi_layout_release(user);
	free(user);
}

static int layout_of(struct printer *printer, struct mi_table_map *map, struct mi_err *err)
{
	struct mi_table *table = NULL;

	for (size_t i = 0; i < printer->tables.count && !table; i++)
		if (mi_span_is(map->db, printer->tables.items[i]->db) &&
		    mi_span_is(map->name, printer->tables.items[i]->name))
			table = printer->tables.items[i];
	if (!table || map->user)
		return 0;
	map->user = mi_alloc(sizeof(struct mi_layout));
	return mi_layout_make(map->user, map, table, &recode, err);
}

static int print_rows(struct printer *printer, const struct mi_event *event, struct mi_err *err)
{
	struct mi_rows_head head;
	struct mi_change change;
	struct mi_table_map *map;
	int ret = 0;

	if (mi_rows_open(printer->rows, event, &head, err) != 0)
		return -1;
	map = mi_table_maps_find(&printer->maps, head.table_id);
	if (!map && !head.dummy)
		return mi_event_fail(event, MI_PROTOCOL, err, "no TABLE_MAP came before");
	if (map && map->user) {
		ret = mi_rows_start(printer->rows, map->user, err);
		while (ret == 0 && (ret = mi_rows_next(printer->rows, &change, err)) > 0) {
			print_change(head.kind == MI_ROWS_INSERT   ? "I"
			             : head.kind == MI_ROWS_UPDATE ? "U"
			                                           : "D",
			             change.table, change.before, change.after);
			ret = 0;
		}
	}
	if (head.flags & MI_ROWS_STMT_END)
		mi_table_maps_end(&printer->maps);
	return ret;
}

static int print_changes(struct printer *printer, const struct mi_event *event, struct mi_err *err)
{
	struct mi_table_map *map;

	if (is_rows(event->type))
		return print_rows(printer, event, err);
	if (event->type == MI_EVENT_FORMAT)
		mi_table_maps_clear(&printer->maps);
	if (event->type != MI_EVENT_TABLE_MAP)
		return 0;
	if (mi_table_maps_add(&printer->maps, event, &map, err) != 0)
		return -1;
	return layout_of(printer, map, err);
}

static int on_event(void *user, const struct mi_event *event, struct mi_err *err)
{
	struct printer *printer = user;

	return printer->changes ? print_changes(printer, event, err)
	                        : print_event(printer, event, err);
}

/* ---- Files and streams ---- */

/* Bytes of an event that are read and pushed at once, its head apart. */
static size_t piece_size(void)
{
	const char *text = getenv("MI_PIECE");
	size_t size = text ? strtoul(text, NULL, 10) : 1 << 16;

	return size > 0 ? size : 1;
}

static int read_piece(int fd, size_t len, struct mi_buf *bytes, bool *end, struct mi_err *err)
{
	size_t got;

	mi_buf_reset(bytes);
	mi_buf_reserve(bytes, len);
	if (mi_read_full(fd, bytes->data, len, &got, err) != 0)
		return -1;
	*end = got == 0;
	bytes->len = got;
	return got == len || *end ? 0 : mi_fail(err, MI_DATA, "cut off");
}

static int read_event(struct mi_binlog_reader *reader, int fd, struct mi_buf *bytes, bool *end,
                      struct mi_err *err)
{
	size_t left, step = piece_size();
	bool cut;

	if (read_piece(fd, MI_EVENT_HEAD, bytes, end, err) != 0 || *end)
		return *end ? 0 : -1;
	left = mi_get_u32(bytes->data + 9);
	if (left < MI_EVENT_HEAD)
		return mi_fail(err, MI_DATA, "an event of %zu bytes", left);
	left -= MI_EVENT_HEAD;
	if (mi_binlog_push(reader, mi_buf_span(bytes), left == 0, err) != 0)
		return -1;
	while (left > 0) {
		size_t len = left < step ? left : step;

		if (read_piece(fd, len, bytes, &cut, err) != 0)
			return -1;
		if (cut)
			return mi_fail(err, MI_DATA, "cut off");
		left -= len;
		if (mi_binlog_push(reader, mi_buf_span(bytes), left == 0, err) != 0)
			return -1;
	}
	return 0;
}

static int read_file(struct printer *printer, const char *path, struct mi_err *err)
{
	struct mi_binlog_reader *reader = mi_binlog_reader_new(false, on_event, printer);
	struct mi_buf bytes = {0};
	int fd = open(path, O_RDONLY), ret = 0;
	char magic[4];
	bool end = false;

	if (fd < 0 || read(fd, magic, 4) != 4 ||
	    memcmp(magic,
	           "\xfe"
	           "bin",
	           4) != 0)
		ret = mi_fail(err, MI_IO, "%s is no binary log", path);
	while (ret == 0 && !end)
		ret = read_event(reader, fd, &bytes, &end, err);
	if (fd >= 0)
		(void)close(fd);
	mi_buf_release(&bytes);
	mi_binlog_reader_free(reader);
	return ret;
}

static int on_header(void *user, const struct mi_stream_header *header, struct mi_err *err)
{
	(void)user, (void)header, (void)err;
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
	struct printer *printer = user;

	(void)err;
	if (!printer->changes)
		print_change("I", table, NULL, values);
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

static char **files;
static int file_count;

static int on_table(void *user, const struct mi_table *table, struct mi_err *err)
{
	struct printer *printer = user;

	(void)err;
	*(const struct mi_table **)mi_array_add(&printer->tables.items, &printer->tables.count,
	                                        sizeof table) = table;
	return 0;
}

/* The tables live as long as the parser is at work: the files are read at its stream's end. */
static int on_end(void *user, const struct mi_totals *totals, struct mi_err *err)
{
	struct printer *printer = user;

	(void)totals;
	for (int i = 0; printer->changes && i < file_count; i++)
		if (read_file(printer, files[i], err) != 0)
			return mi_within(err, "%s", files[i]);
	return 0;
}

static int read_stream(struct printer *printer, const char *path, struct mi_err *err)
{
	static const struct mi_stream_ops ops = {
	    .header = on_header,
	    .table = on_table,
	    .chunk = on_chunk,
	    .row = on_row,
	    .chunk_end = on_chunk_end,
	    .table_end = on_table_end,
	    .end = on_end,
	};
	int fd = open(path, O_RDONLY), ret;

	if (fd < 0)
		return mi_fail(err, MI_IO, "no %s", path);
	ret = mi_parse_stream(fd, &ops, printer, err);
	(void)close(fd);
	return ret;
}

int main(int argc, char **argv)
{
	struct printer printer = {.maps.free_user = free_layout};
	struct mi_err err = {0};
	int ret = 0;

	mi_msg_init(argv[0]);
	if (argc < 3)
		return MI_USAGE;
	printer.rows = mi_rows_new();
	printer.changes = strcmp(argv[1], "changes") == 0;
	if (strcmp(argv[1], "events") == 0) {
		for (int i = 2; i < argc && ret == 0; i++)
			ret = read_file(&printer, argv[i], &err);
	} else {
		files = argv + 3;
		file_count = argc - 3;
		ret = read_stream(&printer, argv[2], &err);
	}
	mi_table_maps_release(&printer.maps);
	mi_rows_free(printer.rows);
	mi_buf_release(&printer.scratch);
	free(printer.tables.items);
	if (fflush(stdout) != 0)
		return MI_IO;
	return ret == 0 ? 0 : mi_report(&err);
}
