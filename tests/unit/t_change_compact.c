/* Compaction against the plain truth: changes one after another on a small table. */
#include "base/buf.h"
#include "change/bundle.h"
#include "change/compact.h"
#include "t.h"
#include "table/keyplan.h"
#include "table/table.h"

#include <stdlib.h>

enum { KEYS = 6, ROUNDS = 2000, OPS = 40 };

static struct mi_table *table(bool unique)
{
	struct mi_table *t = mi_alloc(sizeof *t);
	static const char *const names[] = {"id", "v"};

	t->id = 1;
	t->db = mi_strdup("d");
	t->name = mi_strdup("t");
	for (int i = 0; i < 2; i++) {
		struct mi_column *c = mi_array_add(&t->columns, &t->column_count, sizeof *c);

		c->name = mi_strdup(names[i]);
		c->type_text = mi_strdup("int");
		c->bytes = 4;
	}
	for (int i = 0; i < 1 + unique; i++) {
		struct mi_key *k = mi_array_add(&t->keys, &t->key_count, sizeof *k);
		struct mi_key_part *p = mi_array_add(&k->parts, &k->part_count, sizeof *p);

		k->name = mi_strdup(i ? "u" : "PRIMARY");
		k->kind = i ? MI_KEY_UNIQUE : MI_KEY_PRIMARY;
		p->column = i;
	}
	mi_table_finish(t);
	return t;
}

/* Rows by key: the value, or -1 for none. */
struct rows {
	int value[KEYS];
};

static struct mi_op ops[OPS];
static struct mi_span images[OPS][2][2];
static char texts[OPS][2][2][16];

static const struct mi_span *image(int op, int which, int key, int value)
{
	(void)snprintf(texts[op][which][0], 16, "%d", key);
	(void)snprintf(texts[op][which][1], 16, "%d", value);
	for (int i = 0; i < 2; i++)
		images[op][which][i] = mi_span_str(texts[op][which][i]);
	return images[op][which];
}

/* A change that rows allow, and its effect on them. */
static void random_op(int i, const struct mi_table *t, struct rows *rows)
{
	int key = rand() % KEYS, to = rand() % KEYS, value = rand() % 1000;

	ops[i] = (struct mi_op){.table = t};
	if (rows->value[key] < 0) {
		ops[i].kind = MI_OP_INSERT;
		ops[i].after = image(i, 1, key, value);
		rows->value[key] = value;
		return;
	}
	ops[i].before = image(i, 0, key, rows->value[key]);
	if (rand() % 3 == 0) {
		ops[i].kind = MI_OP_DELETE;
		rows->value[key] = -1;
		return;
	}
	if (rows->value[to] >= 0)
		to = key;
	ops[i].kind = MI_OP_UPDATE;
	ops[i].after = image(i, 1, to, value);
	rows->value[key] = -1;
	rows->value[to] = value;
}

static int number(struct mi_span text)
{
	return (int)strtol(text.data, NULL, 10);
}

/* Deletes, updates, inserts; false when one meets a row that should not be, or none. */
static bool run_nets(const struct mi_lane *lane, struct rows *rows)
{
	for (int step = 0; step < 4; step++) {
		for (size_t i = 0; i < lane->net_count; i++) {
			const struct mi_net *net = &lane->nets[i];
			int key = number(net->key[0]);
			int kind = net->existed ? (net->image ? 2 : 0) : (net->image ? 3 : 1);

			if (kind != step)
				continue;
			if ((rows->value[key] >= 0) != net->existed)
				return false;
			rows->value[key] = net->image ? number(net->image[1]) : -1;
		}
	}
	return true;
}

static void test_random(struct mi_keyplan *plan)
{
	struct mi_compact compact = {0};
	int wrong = 0;

	for (int round = 0; round < ROUNDS; round++) {
		struct rows before, after;

		for (int k = 0; k < KEYS; k++)
			before.value[k] = rand() % 2 ? rand() % 1000 : -1;
		after = before;
		mi_compact_reset(&compact);
		for (int i = 0; i < OPS; i++) {
			random_op(i, plan->table, &after);
			mi_compact_add(&compact, plan, &ops[i]);
		}
		if (!mi_compact_settle(&compact, true) || !compact.lanes[0]->compacted ||
		    !run_nets(compact.lanes[0], &before) ||
		    memcmp(&before, &after, sizeof before) != 0)
			wrong++;
	}
	CHECK(wrong == 0, "%d of %d random batches give other rows", wrong, ROUNDS);
	mi_compact_reset(&compact);
	mi_compact_release(&compact);
}

static bool settles(struct mi_keyplan *plan, int count, bool *compacted)
{
	struct mi_compact compact = {0};
	bool ok;

	for (int i = 0; i < count; i++)
		mi_compact_add(&compact, plan, &ops[i]);
	ok = mi_compact_settle(&compact, true);
	*compacted = compact.lanes[0]->compacted;
	mi_compact_reset(&compact);
	mi_compact_release(&compact);
	return ok;
}

static void set(int i, const struct mi_table *t, enum mi_op_kind kind, const struct mi_span *before,
                const struct mi_span *after)
{
	ops[i] = (struct mi_op){.table = t, .kind = kind, .before = before, .after = after};
}

static void test_contradictions(struct mi_keyplan *plan)
{
	const struct mi_table *t = plan->table;
	bool compacted;

	set(0, t, MI_OP_INSERT, NULL, image(0, 1, 1, 1));
	set(1, t, MI_OP_INSERT, NULL, image(1, 1, 1, 2));
	CHECK(!settles(plan, 2, &compacted), "a row inserted twice");
	set(0, t, MI_OP_DELETE, image(0, 0, 1, 1), NULL);
	set(1, t, MI_OP_UPDATE, image(1, 0, 1, 1), image(1, 1, 1, 2));
	CHECK(!settles(plan, 2, &compacted), "a row changed after it is gone");
	set(1, t, MI_OP_DELETE, image(1, 0, 1, 1), NULL);
	CHECK(!settles(plan, 2, &compacted), "a row deleted twice");
}

static void test_unique(struct mi_keyplan *plan)
{
	const struct mi_table *t = plan->table;
	bool compacted;

	set(0, t, MI_OP_UPDATE, image(0, 0, 1, 7), image(0, 1, 1, 7));
	CHECK(settles(plan, 1, &compacted) && compacted, "no UNIQUE value moves: compacted");
	set(0, t, MI_OP_UPDATE, image(0, 0, 1, 7), image(0, 1, 1, 8));
	CHECK(settles(plan, 1, &compacted) && !compacted, "a UNIQUE value changes: in order");
	set(0, t, MI_OP_INSERT, NULL, image(0, 1, 1, 7));
	CHECK(settles(plan, 1, &compacted) && !compacted, "a UNIQUE value appears: in order");
	set(0, t, MI_OP_DELETE, image(0, 0, 1, 7), NULL);
	CHECK(settles(plan, 1, &compacted) && !compacted, "a UNIQUE value goes: in order");
	set(0, t, MI_OP_UPDATE, image(0, 0, 1, 7), image(0, 1, 1, 7));
	mi_keyplan_add_unique(plan, -1, true);
	CHECK(settles(plan, 1, &compacted) && !compacted, "a UNIQUE expression: never");
}

int main(void)
{
	struct mi_table *plain = table(false), *unique = table(true);
	struct mi_keyplan plan;

	srand(7);
	mi_keyplan_init(&plan, plain);
	test_random(&plan);
	test_contradictions(&plan);
	mi_keyplan_release(&plan);
	mi_keyplan_init(&plan, unique);
	test_unique(&plan);
	mi_keyplan_release(&plan);
	mi_table_free(plain);
	mi_table_free(unique);
	DONE();
}
