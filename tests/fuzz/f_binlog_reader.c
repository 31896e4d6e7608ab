/* A log in pieces: the first byte is their size. Compressed transactions, table maps, rows. */
#include "../unit/definition.h"
#include "base/buf.h"
#include "base/err.h"
#include "binlog/event.h"
#include "binlog/layout.h"
#include "binlog/reader.h"
#include "binlog/rows.h"
#include "binlog/table_map.h"
#include "stream/parse.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static struct mi_table_maps maps;

/* As if every character set were UTF-8. */
static int same(void *user, struct mi_span charset, struct mi_span bytes, struct mi_buf *text,
                struct mi_err *err)
{
	(void)user, (void)charset, (void)err;
	mi_buf_add_span(text, bytes);
	return 0;
}

static void read_rows(struct mi_rows *rows, struct mi_table_map *map)
{
	const struct mi_layout_recode recode = {same, NULL};
	struct mi_layout layout = {0};
	struct mi_change change;
	struct mi_err err;

	if (mi_layout_make(&layout, map, definition_of(map), &recode, &err) != 0)
		return;
	if (mi_rows_start(rows, &layout, &err) == 0)
		while (mi_rows_next(rows, &change, &err) > 0)
			;
	mi_layout_release(&layout);
}

static int on_event(void *user, const struct mi_event *event, struct mi_err *err)
{
	struct mi_table_map *map;
	struct mi_rows_head head;

	if (event->type == MI_EVENT_TABLE_MAP)
		return mi_table_maps_add(&maps, event, &map, err);
	if (event->type < MI_EVENT_WRITE_ROWS_V1 || mi_rows_open(user, event, &head, err) != 0)
		return 0;
	map = mi_table_maps_find(&maps, head.table_id);
	if (map)
		read_rows(user, map);
	return 0;
}

/* Each event is a packet, which its own header ends. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct mi_rows *rows = mi_rows_new();
	struct mi_binlog_reader *reader = mi_binlog_reader_new(false, on_event, rows);
	size_t most = size ? data[0] + 1U : 1, len, left;
	struct mi_err err;
	int status = 0;

	for (size_t at = 1; status == 0 && size - at > MI_EVENT_HEAD && at < size; at += left) {
		left = mi_get_u32(data + at + 9);
		left = left == 0 || left > size - at ? size - at : left;
		for (size_t done = 0; status == 0 && done < left; done += len) {
			len = left - done < most ? left - done : most;
			status = mi_binlog_push(reader, mi_span(data + at + done, len),
			                        done + len == left, &err);
		}
	}
	mi_binlog_reader_free(reader);
	mi_rows_free(rows);
	mi_table_maps_release(&maps);
	return 0;
}
