#include "follow/rows.h"
#include "base/buf.h"
#include "base/err.h"
#include "binlog/event.h"
#include "binlog/layout.h"
#include "binlog/rows.h"
#include "binlog/table_map.h"
#include "change/deleted_twice.h"
#include "follow/binlog.h"
#include "follow/catalog.h"
#include "follow/state.h"
#include "follow/trx.h"
#include "server/recode.h"
#include "stream/parse.h"
#include "source/definitions.h"
#include "stream/write.h"
#include "table/table.h"

#include <stdlib.h>

void mi_follow_map_free(void *user)
{
	struct mi_follow_map *map = user;

	if (map)
		mi_layout_release(&map->layout);
	free(map);
}

/* Looks the map's table up in the catalog, and makes the layout by which its rows are decoded. */
static int think(struct mi_follow *f, const struct mi_table_map *map, struct mi_follow_map *known,
                 struct mi_err *err)
{
	const struct mi_layout_recode recode = {mi_recode, mi_src_binlog_control(f->binlog)};

	mi_layout_release(&known->layout);
	known->layout = (struct mi_layout){0};
	if (mi_catalog_find(f->catalog, f->done, map->db, map->name, &known->table, err) != 0)
		return -1;
	known->generation = mi_catalog_generation(f->catalog);
	if (!known->table)
		return 0;
	mi_table_prove_stored(known->table);
	/* a map that names its columns is compared with the definition; this one names none */
	if (map->column_count && !map->columns[0].name.data)
		mi_catalog_trusted(f->catalog, known->table);
	if (mi_layout_make(&known->layout, map, known->table, &recode, err) == 0)
		return 0;
	known->generation--;
	if (!*err->hint)
		(void)mi_hint(err, "the definition is of another time than the log: give the one "
		                   "as of the start by --schema");
	return -1;
}

/* What goes with the map: made before, or made now. */
static int known_map(struct mi_follow *f, struct mi_table_map *map, struct mi_follow_map **known,
                     struct mi_err *err)
{
	bool is_new = !map->user;

	if (is_new)
		map->user = mi_alloc(sizeof **known);
	*known = map->user;
	if (!is_new && (*known)->generation == mi_catalog_generation(f->catalog))
		return 0;
	return think(f, map, *known, err);
}

/* Writes the table's definition unless the stream has it. It goes in a control frame before the
 * frame of its rows, so what is collected for the events frame is sent first. */
static int announce(struct mi_follow *f, const struct mi_table *table, struct mi_err *err)
{
	if (table->id >= f->announced_room) {
		size_t room = 2 * (size_t)table->id + 64;

		f->announced = mi_realloc_array(f->announced, room, sizeof *f->announced);
		memset(f->announced + f->announced_room, 0,
		       (room - f->announced_room) * sizeof *f->announced);
		f->announced_room = room;
	}
	if (f->announced[table->id])
		return 0;
	if (mi_writer_flush(f->events, err) != 0 || mi_record_table(f->control, table, err) != 0 ||
	    mi_writer_flush(f->control, err) != 0)
		return -1;
	f->announced[table->id] = true;
	return 0;
}

int mi_follow_map(struct mi_follow *f, const struct mi_event *event, struct mi_err *err)
{
	struct mi_table_map *map;

	return mi_table_maps_add(&f->maps, event, &map, err);
}

static int write_rows(struct mi_follow *f, const struct mi_rows_head *head,
                      const struct mi_follow_map *map, struct mi_err *err)
{
	struct mi_change change;
	int got;

	if (announce(f, map->table, err) != 0 || mi_follow_begin(f, err) != 0 ||
	    mi_rows_start(f->rows, &map->layout, err) != 0)
		return -1;
	f->now.lasting |= !mi_src_has_snapshots(map->table);
	while ((got = mi_rows_next(f->rows, &change, err)) > 0) {
		change.table = map->table;
		change.fk_flags = head->fk_flags;
		if (mi_deleted_concerns(&change) && mi_deleted_again(&f->gone, &change))
			continue;
		if (mi_record_change(f->events, &change, err) != 0)
			return -1;
		f->changes++;
	}
	return got;
}

static int read_rows(struct mi_follow *f, const struct mi_event *event,
                     const struct mi_rows_head *head, struct mi_err *err)
{
	struct mi_table_map *map = mi_table_maps_find(&f->maps, head->table_id);
	struct mi_follow_map *known;

	if (!map)
		return mi_event_fail(event, MI_PROTOCOL, err,
		                     "rows of a table without a TABLE_MAP");
	if (known_map(f, map, &known, err) != 0)
		return -1;
	return known->table ? write_rows(f, head, known, err) : 0;
}

int mi_follow_rows(struct mi_follow *f, const struct mi_event *event, struct mi_err *err)
{
	struct mi_rows_head head;

	if (!f->now.open)
		return mi_event_fail(event, MI_PROTOCOL, err, "rows outside of a transaction");
	if (mi_rows_open(f->rows, event, &head, err) != 0 ||
	    (!head.dummy && read_rows(f, event, &head, err) != 0))
		return -1;
	if (head.flags & MI_ROWS_STMT_END)
		mi_table_maps_end(&f->maps);
	return 0;
}
