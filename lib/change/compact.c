#include "change/compact.h"
#include "base/buf.h"
#include "change/bundle.h"
#include "table/keyplan.h"

#include <stdlib.h>

/* ---- Lanes ---- */

static void lane_free(struct mi_lane *lane)
{
	free(lane->ops);
	free(lane->nets);
	free(lane->slots);
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
		return true; /* a value appears or goes */
	for (size_t i = 0; i < plan->table->carried_count; i++)
		if (plan->in_unique[i] && !mi_keyplan_same_value(op->before[i], op->after[i]))
			return true;
	return false;
}

/* True when rows of the lane meet each other by their row key alone. */
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
	uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */

	for (size_t i = 0; i < plan->key_count; i++) {
		struct mi_span value = image[plan->key[i]];

		for (size_t k = 0; k < value.len; k++)
			hash = (hash ^ (unsigned char)value.data[k]) * 0x100000001b3u;
		hash = (hash ^ 0x100u ^ value.len) * 0x100000001b3u;
	}
	return hash ^ hash >> 29;
}

/* Room for every key that the lane's changes can name. */
static void make_slots(struct mi_lane *lane)
{
	size_t need = 64;

	while (need < 4 * lane->op_count)
		need *= 2;
	if (need > lane->slot_count) {
		lane->slots = mi_realloc_array(lane->slots, need, sizeof *lane->slots);
		lane->slot_count = need;
	}
	memset(lane->slots, 0, lane->slot_count * sizeof *lane->slots);
}

/* The row that image's key names; made when it is new: its op is NULL then. */
static struct mi_net *find_net(struct mi_lane *lane, const struct mi_span *image)
{
	uint64_t hash = hash_key(lane->plan, image);
	size_t slot = hash & (lane->slot_count - 1);
	struct mi_net *net;

	for (; lane->slots[slot]; slot = (slot + 1) & (lane->slot_count - 1)) {
		net = &lane->nets[lane->slots[slot] - 1];
		if (net->hash == hash && mi_keyplan_same_key(lane->plan, net->key, image))
			return net;
	}
	if (lane->net_count == lane->net_room) {
		lane->net_room = lane->net_room ? 2 * lane->net_room : 64;
		lane->nets = mi_realloc_array(lane->nets, lane->net_room, sizeof *lane->nets);
	}
	net = &lane->nets[lane->net_count++];
	*net = (struct mi_net){.key = image, .hash = hash};
	lane->slots[slot] = (uint32_t)lane->net_count;
	return net;
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
		make_slots(lane);
		for (size_t k = 0; k < lane->op_count; k++)
			if (!fold(lane, lane->ops[k]))
				return false;
	}
	return true;
}
