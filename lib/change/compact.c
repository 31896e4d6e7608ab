#include "change/compact.h"
#include "base/buf.h"
#include "base/set.h"
#include "change/bundle.h"
#include "table/keyplan.h"

#include <stdlib.h>

/* ---- Lanes ---- */

static void lane_free(struct mi_lane *lane)
{
	free(lane->ops);
	free(lane->nets);
	mi_set_release(&lane->by_key);
	free(lane);
}

void mi_compact_release(struct mi_compact *compact)
{
	for (size_t i = 0; i < compact->made; i++)
		lane_free(compact->lanes[i]);
	free(compact->lanes);
	*compact = (struct mi_compact){0};
}

void mi_compact_reset(struct mi_compact *compact)
{
	for (size_t i = 0; i < compact->count; i++)
		compact->lanes[i]->plan->lane = NULL;
	compact->count = 0;
}

static struct mi_lane *open_lane(struct mi_compact *compact, struct mi_keyplan *plan)
{
	struct mi_lane *lane;

	if (compact->count == compact->made)
		*(struct mi_lane **)mi_array_add(&compact->lanes, &compact->made, sizeof lane) =
		    mi_alloc(sizeof *lane);
	lane = compact->lanes[compact->count++];
	lane->plan = plan;
	lane->op_count = lane->net_count = 0;
	lane->compacted = false;
	plan->lane = lane;
	return lane;
}

void mi_compact_add(struct mi_compact *compact, struct mi_keyplan *plan, const struct mi_op *op)
{
	struct mi_lane *lane = plan->lane ? plan->lane : open_lane(compact, plan);

	if (lane->op_count == lane->op_room) {
		lane->op_room = lane->op_room ? 2 * lane->op_room : 64;
		lane->ops = mi_realloc_array(lane->ops, lane->op_room, sizeof *lane->ops);
	}
	lane->ops[lane->op_count++] = op;
}

static bool unique_changed(const struct mi_keyplan *plan, const struct mi_op *op)
{
	if (op->kind != MI_OP_UPDATE)
		return true; /* a value appears or disappears */
	for (size_t i = 0; i < plan->table->carried_count; i++)
		if (plan->in_unique[i] && !mi_keyplan_same_value(op->before[i], op->after[i]))
			return true;
	return false;
}

/* True when rows can collide in their row key alone, as far as the lane's changes go. */
static bool may_compact(const struct mi_lane *lane)
{
	if (lane->plan->hidden_unique)
		return false;
	if (!lane->plan->has_unique)
		return true;
	for (size_t i = 0; i < lane->op_count; i++)
		if (unique_changed(lane->plan, lane->ops[i]))
			return false;
	return true;
}

/* ---- Rows by key ---- */

static uint64_t hash_key(const struct mi_keyplan *plan, const struct mi_span *image)
{
	uint64_t hash = MI_SET_HASH;

	for (size_t i = 0; i < plan->key_count; i++) {
		struct mi_span value = image[plan->key[i]];

		hash = mi_set_hash(hash, value);
		hash = (hash ^ 0x100u ^ value.len) * 0x100000001b3u;
	}
	return hash;
}

/* A row that is looked for among a lane's. */
struct wanted {
	const struct mi_lane *lane;
	const struct mi_span *image;
};

static bool is_row(const void *user, size_t net)
{
	const struct wanted *wanted = user;

	return mi_keyplan_same_key(wanted->lane->plan, wanted->lane->nets[net].key, wanted->image);
}

/* The row that image's key names. One that the batch has not changed yet is made, with op NULL. */
static struct mi_net *find_net(struct mi_lane *lane, const struct mi_span *image)
{
	const struct wanted wanted = {lane, image};
	size_t place = mi_set_put(&lane->by_key, hash_key(lane->plan, image), is_row, &wanted,
	                          lane->net_count);

	if (place < lane->net_count)
		return &lane->nets[place];
	if (lane->net_count == lane->net_room) {
		lane->net_room = lane->net_room ? 2 * lane->net_room : 64;
		lane->nets = mi_realloc_array(lane->nets, lane->net_room, sizeof *lane->nets);
	}
	lane->nets[lane->net_count] = (struct mi_net){.key = image};
	return &lane->nets[lane->net_count++];
}

static bool take_away(struct mi_lane *lane, const struct mi_op *op)
{
	struct mi_net *net = find_net(lane, op->before);

	if (!net->op)
		net->existed = true;
	else if (!net->image)
		return false;
	net->image = NULL;
	net->op = op;
	return true;
}

static bool put_in(struct mi_lane *lane, const struct mi_op *op)
{
	struct mi_net *net = find_net(lane, op->after);

	if (net->op && net->image)
		return false;
	net->image = op->after;
	net->op = op;
	return true;
}

static bool change_in_place(struct mi_lane *lane, const struct mi_op *op)
{
	struct mi_net *net = find_net(lane, op->before);

	if (!net->op)
		net->existed = true;
	else if (!net->image)
		return false;
	net->image = op->after;
	net->op = op;
	return true;
}

static bool fold(struct mi_lane *lane, const struct mi_op *op)
{
	switch (op->kind) {
	case MI_OP_INSERT:
		return put_in(lane, op);
	case MI_OP_DELETE:
		return take_away(lane, op);
	default:
		if (mi_keyplan_same_key(lane->plan, op->before, op->after))
			return change_in_place(lane, op);
		return take_away(lane, op) && put_in(lane, op);
	}
}

bool mi_compact_settle(struct mi_compact *compact, bool allowed)
{
	for (size_t i = 0; allowed && i < compact->count; i++) {
		struct mi_lane *lane = compact->lanes[i];

		if (!may_compact(lane))
			continue;
		lane->compacted = true;
		mi_set_clear(&lane->by_key);
		mi_set_reserve(&lane->by_key, lane->op_count);
		for (size_t k = 0; k < lane->op_count; k++)
			if (!fold(lane, lane->ops[k]))
				return false;
	}
	return true;
}
