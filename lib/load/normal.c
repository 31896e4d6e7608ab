#include "load/normal.h"
#include "base/buf.h"
#include "base/hash.h"
#include "table/json.h"
#include "table/json_fold.h"
#include "table/number.h"
#include "table/table.h"

#include <stdio.h>
#include <stdlib.h>

enum how {
	AS_IS,
	NUMBER,    /* a double: its 64 bits */
	JSON_TEXT, /* MySQL's JSON as MariaDB's text: types that text cannot tell are gone */
	JSON,      /* MariaDB's text as MySQL's JSON: what it means */
	FORM_ROOM = 40,
};

static enum how how_of(const struct mi_column *def, const struct mi_column *here, bool same_flavour,
                       bool here_mariadb)
{
	if (def->type == MI_TYPE_JSON && here_mariadb)
		return JSON_TEXT;
	if (def->type != MI_TYPE_JSON && here->type == MI_TYPE_JSON)
		return JSON;
	return def->type == MI_TYPE_DOUBLE && !same_flavour ? NUMBER : AS_IS;
}

void mi_normal_init(struct mi_normal_plan *plan, const struct mi_table *def,
                    const struct mi_table *shape, bool same_flavour, bool here_mariadb)
{
	bool any = false;
	size_t n = 0;

	*plan = (struct mi_normal_plan){.how = mi_alloc(mi_table_fields(def) + 1),
	                                .count = mi_table_fields(def)};
	for (int proven = 0; proven < 2; proven++)
		for (size_t i = 0; i < def->column_count; i++) {
			const struct mi_column *column = &def->columns[i];
			enum how how;

			if (proven ? !column->proven : !column->carried)
				continue;
			how = how_of(column, &shape->columns[i], same_flavour, here_mariadb);
			plan->how[n++] = (unsigned char)how;
			any |= how != AS_IS;
		}
	if (!any)
		mi_normal_release(plan);
}

void mi_normal_release(struct mi_normal_plan *plan)
{
	free(plan->how);
	*plan = (struct mi_normal_plan){0};
}

void mi_normal_row_release(struct mi_normal_row *row)
{
	free(row->values);
	mi_buf_release(&row->room);
	*row = (struct mi_normal_row){0};
}

/* Appends 16 bytes for what the document means; nothing for what is no JSON. */
static bool fold(struct mi_span text, struct mi_buf *out)
{
	struct mi_hash hash;

	if (!mi_json_fold(text, &hash))
		return false;
	mi_buf_add(out, &hash.state, sizeof hash.state);
	return true;
}

/* Appends the double's bytes; -0 is not 0. */
static void add_double(struct mi_span text, struct mi_buf *out)
{
	char copy[MI_NUMBER_ROOM];
	double value;

	(void)snprintf(copy, sizeof copy, "%.*s", (int)text.len, text.data);
	value = strtod(copy, NULL);
	mi_buf_add(out, &value, sizeof value);
}

static struct mi_span normal(enum how how, struct mi_span value, struct mi_buf *room)
{
	struct mi_span text, codes;
	size_t from = room->len;

	if (!value.data || how == AS_IS)
		return value;
	mi_json_split(value, &text, &codes);
	if (how == JSON_TEXT)
		return text;
	if (how == NUMBER)
		add_double(value, room);
	else if (!fold(text, room))
		return value;
	return mi_span(room->data + from, room->len - from);
}

const struct mi_span *mi_normal_take(struct mi_normal_row *row, const struct mi_normal_plan *plan,
                                     const struct mi_span *values)
{
	if (!plan->how)
		return values;
	if (row->count < plan->count) {
		row->values = mi_realloc_array(row->values, plan->count, sizeof *row->values);
		row->count = plan->count;
	}
	mi_buf_reset(&row->room);
	mi_buf_reserve(&row->room, plan->count * FORM_ROOM); /* so that it does not move */
	for (size_t i = 0; i < plan->count; i++)
		row->values[i] = normal((enum how)plan->how[i], values[i], &row->room);
	return row->values;
}
