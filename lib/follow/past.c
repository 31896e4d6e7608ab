#include "follow/past.h"
#include "base/buf.h"
#include "base/err.h"
#include "binlog/event.h"
#include "binlog/rows.h"
#include "binlog/table_map.h"
#include "follow/binlog.h"
#include "follow/state.h"
#include "follow/trx.h"
#include "gtid/gtid.h"
#include "table/filter.h"

enum { LONGEST_NOTES = 4000, LONGEST_NOTE = 300 };

bool mi_follow_past_is(const struct mi_follow *f, const struct mi_gtid *gtid)
{
	struct mi_gtid_set *one;
	struct mi_err ignored = {0};
	bool is;

	if (!f->past)
		return false;
	one = mi_gtid_new();
	is = mi_gtid_add(one, gtid, &ignored) == 0 && mi_gtid_equal(one, f->past);
	mi_gtid_free(one);
	return is;
}

/* A NUL or a line break in a statement becomes a blank. */
static void add_plain(struct mi_buf *out, struct mi_span text)
{
	for (size_t i = 0; i < text.len && i < LONGEST_NOTE; i++)
		mi_buf_add_char(out, (unsigned char)text.data[i] < ' ' ? ' ' : text.data[i]);
}

int mi_follow_past_note(struct mi_follow *f, struct mi_span text)
{
	struct mi_buf one = {0}, all = {0};

	add_plain(&one, text);
	mi_buf_addf(&all, "; %s;", mi_buf_cstr(&f->passed));
	mi_buf_reset(&f->scratch);
	mi_buf_addf(&f->scratch, "; %s;", mi_buf_cstr(&one));
	if (f->passed.len < LONGEST_NOTES && !strstr(mi_buf_cstr(&all), mi_buf_cstr(&f->scratch)))
		mi_buf_addf(&f->passed, "%s%s", f->passed.len ? "; " : "", mi_buf_cstr(&one));
	mi_buf_release(&one);
	mi_buf_release(&all);
	return 0;
}

/* Notes the table that rows of the transaction are of; one whose columns cannot be read, too. */
static void note_table(struct mi_follow *f, const struct mi_event *event)
{
	struct mi_buf db = {0}, name = {0};
	struct mi_table_map *map;
	struct mi_err err = {0};

	if (mi_table_maps_add(&f->maps, event, &map, &err) != 0) {
		(void)mi_follow_past_note(f, mi_span_str(err.text));
		return;
	}
	mi_buf_add_span(&db, map->db);
	mi_buf_add_span(&name, map->name);
	if (mi_filter_takes(f->options->filter, mi_buf_cstr(&db), mi_buf_cstr(&name))) {
		mi_buf_add_char(&db, '.');
		mi_buf_add_span(&db, map->name);
		(void)mi_follow_past_note(f, mi_buf_span(&db));
	}
	mi_buf_release(&db);
	mi_buf_release(&name);
}

bool mi_follow_past_event(struct mi_follow *f, const struct mi_event *event)
{
	switch (event->type) {
	case MI_EVENT_TABLE_MAP:
		note_table(f, event);
		return true;
	case MI_EVENT_BEGIN_LOAD:
		(void)mi_follow_past_note(f, mi_span_str("LOAD DATA, logged as a statement"));
		return true;
	case MI_EVENT_GTID:
	case MI_EVENT_GTID_TAGGED:
	case MI_EVENT_ANONYMOUS_GTID:
	case MI_EVENT_GTID_MARIADB:
	case MI_EVENT_QUERY:
	case MI_EVENT_QUERY_COMPRESSED:
	case MI_EVENT_XID:
	case MI_EVENT_XA_PREPARE:
	case MI_EVENT_FORMAT:
		return false;
	default:
		return true;
	}
}

int mi_follow_past_lost(struct mi_follow *f, struct mi_gtid_set **lost, struct mi_err *err)
{
	struct mi_buf text = {0};
	int ret;

	*lost = mi_gtid_new();
	if (!f->past || mi_gtid_contains(f->done, f->past))
		return 0;
	mi_gtid_free(*lost);
	ret = mi_src_binlog_lost(f->binlog, f->done, lost, err);
	if (ret == 0 && !mi_gtid_is_empty(*lost) && !mi_gtid_equal(*lost, f->past)) {
		mi_gtid_print(*lost, &text);
		ret = mi_fail(err, MI_DATA, "the source has purged %.400s, and not --past=%.400s",
		              mi_buf_cstr(&text), f->options->past);
		mi_buf_release(&text);
	}
	if (ret != 0)
		mi_gtid_free(*lost);
	return ret;
}

int mi_follow_past_pass(struct mi_follow *f, const struct mi_gtid_set *lost, struct mi_err *err)
{
	struct mi_buf text = {0};
	int ret;

	if (mi_gtid_is_empty(lost))
		return 0;
	mi_gtid_print(lost, &text);
	(void)mi_follow_past_note(f, mi_span_str("any table: purged at the source"));
	ret = mi_follow_write_past(f, mi_buf_cstr(&text), err);
	mi_buf_release(&text);
	mi_buf_reset(&f->passed);
	return ret == 0 ? mi_gtid_union(f->done, lost, err) : -1;
}
