#include "stream/csv_read.h"
#include "base/buf.h"

#include <csv.h>
#include <stdlib.h>

enum {
	MAX_FIELDS = 16384,     /* an update of 4096 columns has 8192 values */
	FIELD_BLOCK = 64 << 10, /* bytes by which libcsv's buffer grows for a long field */
	KEEP_ROOM = 1 << 20,    /* a larger buffer is given back after a long record */
};

struct mi_csv {
	struct csv_parser parser;
	mi_csv_record_fn *record;
	void *user;
	struct mi_buf text;     /* the fields of the record at hand, one after another */
	struct mi_span *fields; /* until the record is complete only len is set */
	size_t count, room;
	int failure; /* what mi_csv_feed returns for the feeding that it stopped; 0: none */
};

static void on_field(void *field, size_t len, void *data)
{
	struct mi_csv *csv = data;

	if (csv->failure)
		return;
	if (csv->count == csv->room) {
		if (csv->room == MAX_FIELDS) {
			csv->failure = 1;
			return;
		}
		csv->room *= 2;
		csv->fields = mi_realloc_array(csv->fields, csv->room, sizeof *csv->fields);
	}
	/* no address yet, as text may move while the record grows; a length of SIZE_MAX is NULL */
	csv->fields[csv->count++] = mi_span(NULL, field ? len : SIZE_MAX);
	mi_buf_add(&csv->text, field, len);
}

static void on_record(int end, void *data)
{
	struct mi_csv *csv = data;
	const char *at = csv->text.data ? csv->text.data : "";

	(void)end;
	if (csv->failure)
		return;
	for (size_t i = 0; i < csv->count; i++) {
		struct mi_span *field = &csv->fields[i];

		if (field->len == SIZE_MAX) {
			*field = mi_span(NULL, 0);
			continue;
		}
		field->data = at;
		at += field->len;
	}
	csv->failure = csv->record(csv->user, csv->fields, csv->count);
	csv->count = 0;
	if (csv->text.room > KEEP_ROOM)
		mi_buf_release(&csv->text);
	mi_buf_reset(&csv->text);
}

static void start(struct mi_csv *csv)
{
	/* csv_init fails for no reason but a NULL parser */
	(void)csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL);
	csv_set_blk_size(&csv->parser, FIELD_BLOCK);
	csv_set_realloc_func(&csv->parser, mi_realloc);
}

struct mi_csv *mi_csv_new(mi_csv_record_fn *record, void *user)
{
	struct mi_csv *csv = mi_alloc(sizeof *csv);

	csv->record = record;
	csv->user = user;
	csv->room = 64;
	csv->fields = mi_realloc_array(NULL, csv->room, sizeof *csv->fields);
	start(csv);
	return csv;
}

void mi_csv_free(struct mi_csv *csv)
{
	if (!csv)
		return;
	csv_free(&csv->parser);
	mi_buf_release(&csv->text);
	free(csv->fields);
	free(csv);
}

void mi_csv_reset(struct mi_csv *csv)
{
	csv_free(&csv->parser);
	start(csv);
	mi_buf_reset(&csv->text);
	csv->count = 0;
	csv->failure = 0;
}

int mi_csv_feed(struct mi_csv *csv, struct mi_span text)
{
	size_t done = csv_parse(&csv->parser, text.data, text.len, on_field, on_record, csv);

	if (csv->failure)
		return csv->failure;
	return done == text.len ? 0 : 1;
}

bool mi_csv_at_record_end(const struct mi_csv *csv)
{
	return csv->parser.pstate == 0 && csv->count == 0; /* 0: libcsv's ROW_NOT_BEGUN */
}
