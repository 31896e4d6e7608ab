#include "change/bundle.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "gtid/gtid.h"
#include "stream/parse.h"
#include "table/json.h"
#include "table/number.h"
#include "table/table.h"

#include <stdlib.h>

struct mi_bundle *mi_bundle_new(void)
{
	return mi_alloc(sizeof(struct mi_bundle));
}

void mi_bundle_free(struct mi_bundle *bundle)
{
	if (!bundle)
		return;
	for (struct mi_trx *trx = bundle->first; trx; trx = trx->next)
		mi_gtid_free(trx->gtids);
	mi_arena_release(&bundle->arena);
	free(bundle);
}

size_t mi_bundle_bytes(const struct mi_bundle *bundle)
{
	return sizeof *bundle + bundle->arena.bytes;
}

int mi_bundle_begin(struct mi_bundle *bundle, const char *gtid, uint64_t commit_us,
                    struct mi_trx **trx, struct mi_err *err)
{
	struct mi_gtid_set *gtids;
	struct mi_trx *t;

	if (mi_gtid_parse(mi_span_str(gtid), &gtids, err) != 0) {
		err->code = MI_DATA;
		return mi_within(err, "bad stream: '%.80s'", gtid);
	}
	t = mi_arena_alloc(&bundle->arena, sizeof *t);
	*t = (struct mi_trx){
	    .gtid = mi_arena_text(&bundle->arena, gtid), .gtids = gtids, .commit_us = commit_us};
	if (bundle->last)
		bundle->last->next = t;
	else
		bundle->first = t;
	bundle->last = t;
	bundle->trx_count++;
	*trx = t;
	return 0;
}

void mi_bundle_drop_last(struct mi_bundle *bundle)
{
	struct mi_trx *before = NULL;

	for (struct mi_trx *trx = bundle->first; trx != bundle->last; trx = trx->next)
		before = trx;
	bundle->op_count -= bundle->last->op_count;
	bundle->trx_count--;
	mi_gtid_free(bundle->last->gtids);
	bundle->last = before;
	if (before)
		before->next = NULL;
	else
		bundle->first = NULL;
}

/* The column of the field behind that of column (NULL: of the first): carried ones, then proven
 * ones. */
static const struct mi_column *next_field(const struct mi_table *table,
                                          const struct mi_column *column)
{
	const struct mi_column *end = table->columns + table->column_count;
	bool carried = !column || column->carried;

	for (column = column ? column + 1 : table->columns; carried && column < end; column++)
		if (column->carried)
			return column;
	if (carried)
		column = table->columns;
	while (column < end && !column->proven)
		column++;
	return column;
}

static const struct mi_span *copy_image(struct mi_arena *arena, const struct mi_table *table,
                                        const struct mi_span *image, const char **bad)
{
	size_t fields = mi_table_fields(table), need = 0;
	struct mi_span *copy = mi_arena_alloc(arena, fields * sizeof *copy);
	const struct mi_column *column = NULL;
	char *at;

	for (size_t i = 0; i < fields; i++)
		need += image[i].len;
	at = mi_arena_alloc(arena, need + 1);
	for (size_t i = 0; i < fields; i++) {
		column = next_field(table, column);
		copy[i] = mi_span(image[i].data ? at : NULL, image[i].len);
		if (!image[i].data)
			continue;
		if (mi_type_is_number(column->type) && !mi_number_is_plain(image[i]))
			*bad = "a number's field holds something else";
		if (column->type == MI_TYPE_JSON && !mi_json_is_valid(image[i]))
			*bad = "the types of a JSON document are none that its text can have";
		memcpy(at, image[i].data, image[i].len);
		at += image[i].len;
	}
	return copy;
}

int mi_bundle_change(struct mi_bundle *bundle, enum mi_op_kind kind, const struct mi_change *change,
                     struct mi_err *err)
{
	struct mi_trx *trx = bundle->last;
	struct mi_op *op = mi_arena_alloc(&bundle->arena, sizeof *op);
	const char *bad = NULL;

	*op = (struct mi_op){
	    .kind = kind, .fk_flags = change->fk_flags, .table = change->table, .trx = trx};
	if (change->before)
		op->before = copy_image(&bundle->arena, op->table, change->before, &bad);
	if (change->after)
		op->after = copy_image(&bundle->arena, op->table, change->after, &bad);
	if (bad)
		return mi_fail(err, MI_DATA, "bad stream: transaction %s: table %s.%s: %s",
		               trx->gtid, op->table->db, op->table->name, bad);
	if (trx->last_op)
		trx->last_op->next = op;
	else
		trx->ops = op;
	trx->last_op = op;
	trx->op_count++;
	bundle->op_count++;
	return 0;
}

void mi_bundle_statement(struct mi_bundle *bundle, const struct mi_ddl *ddl)
{
	struct mi_arena *arena = &bundle->arena;
	struct mi_op_statement *statement = mi_arena_alloc(arena, sizeof *statement);
	struct mi_op_statement **end = &bundle->last->statements;

	*statement = (struct mi_op_statement){
	    .ddl = {.section = mi_arena_text(arena, ddl->section),
	            .kind = mi_arena_text(arena, ddl->kind),
	            .db = mi_arena_text(arena, ddl->db),
	            .object = mi_arena_text(arena, ddl->object),
	            .name = mi_arena_text(arena, ddl->name),
	            .text = mi_arena_text(arena, ddl->text)},
	};
	for (size_t i = 0; i < MI_DDL_SETTINGS; i++)
		if (ddl->settings[i])
			statement->ddl.settings[i] = mi_arena_text(arena, ddl->settings[i]);
	while (*end)
		end = &(*end)->next;
	*end = statement;
}
