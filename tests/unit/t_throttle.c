/* The pace of throttled work, as a table, and the file of limits. */
#include "base/buf.h"
#include "base/err.h"
#include "t.h"
#include "throttle/limits.h"
#include "throttle/pace.h"

static const struct {
	unsigned pace;
	enum mi_zone zone;
	bool over;
	unsigned next;
} steps[] = {
    {16, MI_ZONE_GO, false, 16},    {15, MI_ZONE_GO, false, 16},  {1, MI_ZONE_GO, false, 2},
    {0, MI_ZONE_GO, false, 1}, /* out of a pause, one step at a time */
    {16, MI_ZONE_SLOW, false, 15},  {2, MI_ZONE_SLOW, false, 1},  {1, MI_ZONE_SLOW, false, 1},
    {0, MI_ZONE_SLOW, false, 1}, /* near the limit, but below it: no pause for ever */
    {16, MI_ZONE_PAUSE, false, 8},  {8, MI_ZONE_PAUSE, false, 4}, {4, MI_ZONE_PAUSE, false, 2},
    {2, MI_ZONE_PAUSE, false, 1},   {1, MI_ZONE_PAUSE, false, 0}, {0, MI_ZONE_PAUSE, false, 0},
    {16, MI_ZONE_BLIND, false, 16}, {3, MI_ZONE_BLIND, false, 3}, {0, MI_ZONE_BLIND, false, 0},
    {16, MI_ZONE_BLIND, true, 0},   {16, MI_ZONE_GO, true, 16}, /* it sees again */
};

static const struct {
	double load;
	enum mi_zone zone;
} loads[] = {
    {0, MI_ZONE_GO},      {0.79, MI_ZONE_GO}, {0.8, MI_ZONE_SLOW},
    {0.99, MI_ZONE_SLOW}, {1, MI_ZONE_PAUSE}, {1e9, MI_ZONE_PAUSE},
};

static void paces(void)
{
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		CHECK(mi_pace_next(steps[i].pace, steps[i].zone, steps[i].over) == steps[i].next,
		      "pace %u, zone %d%s: %u", steps[i].pace, steps[i].zone,
		      steps[i].over ? " for long" : "", steps[i].next);
	for (size_t i = 0; i < sizeof loads / sizeof *loads; i++)
		CHECK(mi_pace_zone(loads[i].load) == loads[i].zone, "a load of %g", loads[i].load);
	CHECK(mi_pace_rest(16, 1000) == 0, "no rest at full pace");
	CHECK(mi_pace_rest(8, 1000) == 1000, "as much rest as work at half pace");
	CHECK(mi_pace_rest(1, 1000) == 15000, "fifteen times the work at the slowest");
	CHECK(mi_pace_rest(0, 0) == UINT64_MAX, "a pause");
}

static void good(const char *text, const char *side, struct mi_limits want)
{
	struct mi_limits got = {0};
	struct mi_err err = {0};

	want.blind_seconds = want.blind_seconds > 0 ? want.blind_seconds : 10;
	CHECK(mi_limits_parse(mi_span_str(text), side, &got, &err) == 0 &&
	          got.pause == want.pause && got.max_rate == want.max_rate &&
	          got.running == want.running && got.per_core == want.per_core &&
	          got.commit_ms == want.commit_ms && got.history == want.history &&
	          got.replica_lag == want.replica_lag && strcmp(got.replica, want.replica) == 0 &&
	          got.blind_seconds == want.blind_seconds,
	      "limits of %zu bytes (%s)", strlen(text), err.text);
}

static void bad(const char *text, const char *why)
{
	struct mi_limits got = {.running = 7};
	struct mi_err err = {0};

	CHECK(mi_limits_parse(mi_span_str(text), "source", &got, &err) == -1 &&
	          err.code == MI_DATA && got.running == 7,
	      "refused: %zu bytes", strlen(text));
	CHECK_STR(err.text, why, why);
}

static void limits(void)
{
	good("", "source", (struct mi_limits){0});
	good("# nothing\n\n  \n", "source", (struct mi_limits){0});
	good("pause yes\nmax-rate 20M\r\nthreads-running 4", "source",
	     (struct mi_limits){.pause = true, .max_rate = 20 << 20, .running = 4});
	good("commit-latency = 12.5 # ms\nhistory-list=100000\nblind-after 3\n", "target",
	     (struct mi_limits){.commit_ms = 12.5, .history = 100000, .blind_seconds = 3});
	good("source.threads-running 4\ntarget.threads-running 9\n", "target",
	     (struct mi_limits){.running = 9});
	good("threads-running-per-core 1\nsource.pause yes\n", "target",
	     (struct mi_limits){.per_core = 1});
	good("replica near\nreplica-lag 5", "source",
	     (struct mi_limits){.replica = "near", .replica_lag = 5});
	bad("speed 4", "line 1: 'speed' is not known");
	bad("\npause maybe", "line 2: pause cannot be 'maybe'");
	bad("target.pause maybe", "line 1: pause cannot be 'maybe'");
	bad("max-rate 20X", "line 1: max-rate cannot be '20X'");
	bad("max-rate", "line 1: 'max-rate' is not followed by one value");
	bad("threads-running 4 5", "line 1: 'threads-running' is not followed by one value");
	bad("commit-latency -1", "line 1: commit-latency cannot be '-1'");
	bad("commit-latency 1e3", "line 1: commit-latency cannot be '1e3'");
	bad("replica-lag 5", "replica-lag needs a line: replica NAME");
}

int main(void)
{
	paces();
	limits();
	DONE();
}
