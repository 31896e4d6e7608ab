/* How long a follower may go on before the source has purged what it needs. */
#include "t.h"
#include "binlog/retention.h"

#include <math.h>

enum { DAY = 86400, HOUR = 3600, T = 1795000000 };

static void never(void)
{
	struct mi_retention r = {0};

	CHECK(!mi_retention_warns(&r), "nothing is known before the first look");
	mi_retention_look(&r, 0, T, T - 100 * DAY);
	mi_retention_look(&r, 0, T + 60, T - 100 * DAY);
	CHECK(isinf(mi_retention_left(&r)) && isinf(mi_retention_lasts(&r)), "kept for ever");
	CHECK(!mi_retention_warns(&r), "no warning");
}

static void live(void)
{
	struct mi_retention r = {0};

	for (int i = 0; i < 10; i++)
		mi_retention_look(&r, 7 * DAY, T + 60 * i, T + 60 * i - (i % 3));
	CHECK(mi_retention_left(&r) > 7 * DAY - 10, "all is left");
	CHECK(!mi_retention_warns(&r), "no warning for a follower that is up to date");
	mi_retention_look(&r, 7 * DAY, T + 1000, T + 2000);
	CHECK(mi_retention_left(&r) <= 7 * DAY, "clocks that disagree give no more than all");
}

static void catching_up(void)
{
	struct mi_retention r = {0};

	for (int i = 0; i < 10; i++)
		mi_retention_look(&r, DAY, T + 60 * i, T - 20 * HOUR + 600 * i);
	CHECK(r.speed > 9.9 && r.speed < 10.1, "ten times as fast as the source: %g", r.speed);
	CHECK(isinf(mi_retention_lasts(&r)), "never lost");
	CHECK(!mi_retention_warns(&r), "no warning: it gets there in time");
}

static void falling_behind(void)
{
	struct mi_retention r = {0};

	mi_retention_look(&r, DAY, T, T - 14 * HOUR);
	CHECK(!mi_retention_warns(&r), "ten hours are left, and the speed is not known");
	mi_retention_look(&r, DAY, T + 60, T - 14 * HOUR + 6);
	CHECK(fabs(mi_retention_lasts(&r) - (10 * HOUR - 54) / 0.9) < 1, "lasts %g",
	      mi_retention_lasts(&r));
	CHECK(mi_retention_warns(&r), "a tenth as fast: lost within half a day");
	for (int i = 0; i < 20; i++)
		mi_retention_look(&r, DAY, T + 120 + 60 * i, T - 14 * HOUR + 6 + 54 * i);
	CHECK(!mi_retention_warns(&r), "nine tenths: not within half a day (%g)",
	      mi_retention_lasts(&r));
	mi_retention_look(&r, 40 * DAY, T + 2000, T - 14 * HOUR + 6);
	CHECK(!mi_retention_warns(&r), "the setting was raised");
}

static void at_the_edge(void)
{
	struct mi_retention r = {0};

	mi_retention_look(&r, DAY, T, T - 22 * HOUR);
	CHECK(mi_retention_left(&r) == 2 * HOUR, "two hours");
	CHECK(mi_retention_warns(&r), "less than an eighth, whatever the speed");
	mi_retention_look(&r, DAY, T + 1, T - 30 * HOUR);
	CHECK(mi_retention_left(&r) == 0 && mi_retention_lasts(&r) == 0, "past it");
	CHECK(mi_retention_warns(&r), "warns");
}

int main(void)
{
	never();
	live();
	catching_up();
	falling_behind();
	at_the_edge();
	return t_done();
}
