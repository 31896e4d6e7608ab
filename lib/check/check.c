#include "check/check.h"
#include "base/err.h"
#include "base/stop.h"
#include "check/say.h"
#include "check/table.h"

const struct mi_check *mi_check_find(const char *id)
{
	for (const struct mi_check *check = mi_checks; check->id; check++)
		if (strcmp(check->id, id) == 0)
			return check;
	return NULL;
}

/* The check's answer is unknown: a blocker that --ignore does not apply to, and the run's exit
 * code. */
static void could_not_look(struct mi_check_at *at, const struct mi_err *err)
{
	struct mi_finding *finding;

	mi_check_block(at, err->hint[0] ? err->hint : NULL, "could not look: %s", err->text);
	finding = &at->run->findings[at->run->count - 1];
	finding->level = MI_CHECK_BLOCK;
	finding->ignored = false;
	if (!at->run->code)
		at->run->code = err->code;
}

static void look(struct mi_check_run *run, const struct mi_check *check, enum mi_check_side side)
{
	struct mi_check_server *servers[] = {&run->source, &run->target, NULL};
	struct mi_check_at at = {.run = run, .check = check, .side = side, .server = servers[side]};
	struct mi_err err = {0};

	if (at.server && !(check->flavours & MI_CHECK_BIT(at.server->conn->flavour)))
		return;
	if (check->look(&at, &err) != 0)
		could_not_look(&at, &err);
}

static bool present(const struct mi_check_run *run, enum mi_check_side side)
{
	switch (side) {
	case MI_CHECK_SOURCE:
		return run->source.conn;
	case MI_CHECK_TARGET:
		return run->target.conn;
	case MI_CHECK_PAIR:
		return run->source.conn && run->target.conn;
	}
	return false;
}

void mi_check_all(struct mi_check_run *run)
{
	for (int side = 0; side < MI_CHECK_SIDES; side++) {
		if (!present(run, (enum mi_check_side)side))
			continue;
		for (const struct mi_check *check = mi_checks; check->id; check++)
			if (check->sides & MI_CHECK_BIT(side) && !mi_stop_asked())
				look(run, check, (enum mi_check_side)side);
	}
}

void mi_check_unreached(struct mi_check_run *run, enum mi_check_side side, const struct mi_err *why)
{
	struct mi_check_at at = {.run = run, .check = mi_check_find("connect"), .side = side};

	could_not_look(&at, why);
}

size_t mi_check_tally(const struct mi_check_run *run, enum mi_check_level level)
{
	size_t count = 0;

	for (size_t i = 0; i < run->count; i++)
		count += run->findings[i].level == level;
	return count;
}
