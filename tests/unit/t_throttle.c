/* The pace of throttled work, as a table, and the file of limits. */
#include "base/buf.h"
#include "base/err.h"
#include "t.h"
#include "throttle/crew.h"
#include "throttle/limits.h"
#include "throttle/pace.h"

static const struct {
	unsigned pace;
	enum mi_zone zone;
	bool over;
	unsigned next;
} steps[] = {
    {64, MI_ZONE_GO, false, 64},
    {63, MI_ZONE_GO, false, 64},
    {1, MI_ZONE_GO, false, 2},
    {0, MI_ZONE_GO, false, 1}, /* out of a pause, one step at a time */
    {64, MI_ZONE_SLOW, false, 63},
    {2, MI_ZONE_SLOW, false, 1},
    {1, MI_ZONE_SLOW, false, 1},
    {0, MI_ZONE_SLOW, false, 1}, /* near the limit, but below it: no pause for ever */
    {64, MI_ZONE_PAUSE, false, 32},
    {3, MI_ZONE_PAUSE, false, 1},
    {1, MI_ZONE_PAUSE, false, 0},
    {0, MI_ZONE_PAUSE, false, 0},
    {64, MI_ZONE_BLIND, false, 64},
    {3, MI_ZONE_BLIND, false, 3},
    {0, MI_ZONE_BLIND, false, 0},
    {64, MI_ZONE_BLIND, true, 0},
    {64, MI_ZONE_GO, true, 64}, /* it sees again */
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
	CHECK(mi_pace_rest(64, 1000) == 0, "no rest at full pace");
	CHECK(mi_pace_rest(32, 1000) == 1000, "as much rest as work at half pace");
	CHECK(mi_pace_rest(1, 1000) == 63000, "63 times the work at the slowest");
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

/* A side whose threads bring 10 each until `knee` of them work, and wait for the other side as
 * said. */
static size_t settle(size_t max, size_t knee, double waited)
{
	struct mi_crew_state s = {.count = 2};
	size_t most = 0;

	for (int i = 0; i < 40; i++) {
		size_t count = s.count < knee ? s.count : knee;

		(void)mi_crew_next(&s, max, 10 * (double)count, waited);
		if (i >= 20 && s.count > most)
			most = s.count;
	}
	return most;
}

static void crews(void)
{
	struct mi_crew_state s = {.count = 2};
	uint64_t threads = 0;
	bool is_auto;

	CHECK(mi_crew_next(&s, 8, 100, 0.05) == 3, "who is waited for gets one more");
	CHECK(mi_crew_next(&s, 8, 150, 0.05) == 4, "which helped: another");
	CHECK(mi_crew_next(&s, 8, 151, 0.05) == 3, "which did not: back");
	CHECK(mi_crew_next(&s, 8, 150, 0.05) == 3, "and none for a while");
	CHECK(mi_crew_next(&s, 8, 150, 0.6) == 2, "who waits has one too many");
	CHECK(mi_crew_next(&s, 8, 150, 0.3) == 2, "between the two nothing changes");
	s.count = 1;
	CHECK(mi_crew_next(&s, 8, 150, 1) == 1, "one is always left");
	CHECK(settle(8, 4, 0) == 5, "settles at the knee, with a try of one more");
	CHECK(settle(8, 20, 0) == 8, "settles at the most");
	CHECK(settle(8, 8, 0.9) == 1, "settles at one when the other side is slow");
	CHECK(mi_crew_parse("auto", 64, 8, &threads, &is_auto) && is_auto && threads == 8, "auto");
	CHECK(mi_crew_parse("64", 64, 8, &threads, &is_auto) && !is_auto && threads == 64, "64");
	CHECK(!mi_crew_parse("65", 64, 8, &threads, &is_auto), "65 is too many");
	CHECK(!mi_crew_parse("0", 64, 8, &threads, &is_auto), "0 is too few");
	CHECK(!mi_crew_parse("many", 64, 8, &threads, &is_auto), "many");
}

int main(void)
{
	crews();
	paces();
	limits();
	DONE();
}
