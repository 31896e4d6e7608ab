#include "table/normal.h"
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
	LEFT_OUT,  /* computed by each server when it is read, and stored by neither */
	NUMBER,    /* a double: its 64 bits */
	JSON_TEXT, /* MySQL's JSON as text: types that text cannot tell are gone */
	JSON,      /* what a document means: one of the servers may print it otherwise */
	FORM_ROOM = 40,
};

enum { JSON_TABLE_SINCE = 80004 }; /* before, types are not to be had of every document */

/* What the servers of a copy are to each other. */
struct pair {
	bool same_flavour, knows_types;
};

static enum how how_of(const struct mi_table *def, const struct mi_table *shape, size_t i,
                       const struct pair *pair)
{
	const struct mi_column *sent = &def->columns[i], *here = &shape->columns[i];

	if (sent->generated == MI_VIRTUAL && !pair->same_flavour && !mi_table_in_key(def, i))
		return LEFT_OUT;
	if (sent->type == MI_TYPE_JSON && sent->generated == MI_NOT_GENERATED &&
	    here->json_here == MI_JSON_HERE_TEXT)
		return JSON_TEXT;
	if (sent->type == MI_TYPE_JSON || here->type == MI_TYPE_JSON)
		return sent->type == here->type && pair->knows_types ? AS_IS : JSON;
	return sent->type == MI_TYPE_DOUBLE && !pair->same_flavour ? NUMBER : AS_IS;
}

void mi_normal_init(struct mi_normal_plan *plan, const struct mi_table *def,
                    const struct mi_table *shape, bool same_flavour, unsigned mysql_version)
{
	struct pair pair = {same_flavour, same_flavour && mysql_version >= JSON_TABLE_SINCE};
	bool any = false;
	size_t n = 0;

	/* where one column's document is text here, all are read as text */
	for (size_t i = 0; i < def->column_count; i++)
		if (def->columns[i].type == MI_TYPE_JSON &&
		    shape->columns[i].json_here == MI_JSON_HERE_TEXT)
			pair.knows_types = false;
	*plan = (struct mi_normal_plan){.how = mi_alloc(mi_table_fields(def) + 1),
	                                .count = mi_table_fields(def),
	                                .json_as_text = !pair.knows_types};
	for (int proven = 0; proven < 2; proven++)
		for (size_t i = 0; i < def->column_count; i++) {
			enum how how;

			if (proven ? !def->columns[i].proven : !def->columns[i].carried)
				continue;
			how = how_of(def, shape, i, &pair);
			plan->how[n++] = (unsigned char)how;
			any |= how != AS_IS;
		}
	if (!any) {
		free(plan->how);
		plan->how = NULL;
	}
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
	if (how == LEFT_OUT)
		return mi_span(NULL, 0);
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
