#include "route/control/metrics.h"
#include "base/buf.h"
#include "route/auth/users.h"
#include "route/control/lease.h"
#include "route/session/gate.h"
#include "route/session/sessions.h"
#include "route/session/state.h"
#include "route/shared/latency.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"

static void begin(struct mi_buf *text, const char *name, const char *kind, const char *help)
{
	mi_buf_addf(text, "# HELP mi_route_%s %s\n# TYPE mi_route_%s %s\n", name, help, name, kind);
}

static void one(struct mi_buf *text, const char *name, const char *kind, const char *help,
                uint64_t value)
{
	begin(text, name, kind, help);
	mi_buf_addf(text, "mi_route_%s %llu\n", name, (unsigned long long)value);
}

static void by_side(struct mi_buf *text, const char *name, const char *help,
                    const atomic_uint_fast64_t values[MI_ROUTE_SIDES])
{
	begin(text, name, "counter", help);
	for (int side = 0; side < MI_ROUTE_SIDES; side++)
		mi_buf_addf(text, "mi_route_%s{side=\"%s\"} %llu\n", name,
		            mi_route_side_names[side],
		            (unsigned long long)atomic_load(&values[side]));
}

static void print_mode(const struct mi_route *route, struct mi_buf *text)
{
	enum mi_route_mode now = mi_route_mode(route);

	begin(text, "mode", "gauge", "1 for the mode in force");
	for (int mode = 0; mode < MI_MODES; mode++)
		mi_buf_addf(text, "mi_route_mode{mode=\"%s\"} %d\n", mi_route_mode_names[mode],
		            mode == (int)now);
	one(text, "epoch", "gauge", "grows with each change of mode", atomic_load(&route->epoch));
}

static void print_sessions(struct mi_route *route, struct mi_buf *text)
{
	struct mi_route_tally tally;

	mi_route_tally(route, &tally);
	begin(text, "sessions", "gauge", "client sessions, by what a hold thinks of them");
	mi_buf_addf(text,
	            "mi_route_sessions{state=\"all\"} %u\nmi_route_sessions{state=\"busy\"} %u\n"
	            "mi_route_sessions{state=\"pinned\"} %u\n"
	            "mi_route_sessions{state=\"waiting\"} %u\n",
	            tally.sessions, tally.busy, tally.pinned, tally.waiting);
}

static void print_latency(const struct mi_route *route, struct mi_buf *text)
{
	begin(text, "statement_seconds", "histogram",
	      "from a statement's arrival to the end of its answer");
	for (int side = 0; side < MI_ROUTE_SIDES; side++) {
		const struct mi_route_latency *latency = &route->latency[side];
		const char *name = mi_route_side_names[side];
		uint64_t total = 0;

		for (int i = 0; i < MI_LATENCY_BUCKETS; i++) {
			total += atomic_load(&latency->bucket[i]);
			if (i < MI_LATENCY_BUCKETS - 1)
				mi_buf_addf(text,
				            "mi_route_statement_seconds_bucket{side=\"%s\",le="
				            "\"%g\"} %llu\n",
				            name, (double)mi_route_latency_us[i] / 1e6,
				            (unsigned long long)total);
		}
		mi_buf_addf(text,
		            "mi_route_statement_seconds_bucket{side=\"%s\",le=\"+Inf\"} %llu\n"
		            "mi_route_statement_seconds_sum{side=\"%s\"} %.6f\n"
		            "mi_route_statement_seconds_count{side=\"%s\"} %llu\n",
		            name, (unsigned long long)total, name,
		            (double)atomic_load(&latency->sum_us) / 1e6, name,
		            (unsigned long long)total);
	}
	begin(text, "statement_longest_seconds", "gauge", "the longest of them since the start");
	for (int side = 0; side < MI_ROUTE_SIDES; side++)
		mi_buf_addf(text, "mi_route_statement_longest_seconds{side=\"%s\"} %.6f\n",
		            mi_route_side_names[side],
		            (double)atomic_load(&route->latency[side].max_us) / 1e6);
}

static void print_holds(const struct mi_lease *lease, struct mi_buf *text)
{
	struct mi_lease_counters counters;

	mi_lease_counters(lease, &counters);
	begin(text, "holds_total", "counter", "holds begun, and how they went");
	mi_buf_addf(text,
	            "mi_route_holds_total{end=\"granted\"} %llu\n"
	            "mi_route_holds_total{end=\"stuck\"} %llu\n"
	            "mi_route_holds_total{end=\"expired\"} %llu\n",
	            (unsigned long long)counters.granted, (unsigned long long)counters.stuck,
	            (unsigned long long)counters.expired);
	begin(text, "held_seconds_total", "counter", "time in holds, draining included");
	mi_buf_addf(text, "mi_route_held_seconds_total %.3f\n", (double)counters.held_ms / 1000);
	one(text, "mode_changes_total", "counter", "changes of mode since the start",
	    counters.changes);
}

struct bytes {
	uint64_t in, out;
};

static void add_bytes(struct mi_route_session *session, void *arg)
{
	struct bytes *bytes = arg;

	bytes->in += session->client.bytes_in;
	bytes->out += session->client.bytes_out;
}

/* Of the sessions that have ended, and of those that live. */
static void print_bytes(struct mi_route *route, struct mi_buf *text)
{
	struct bytes bytes = {route->counters.bytes_in, route->counters.bytes_out};

	mi_route_each_session(route, add_bytes, &bytes);
	one(text, "client_bytes_in_total", "counter", "bytes from clients", bytes.in);
	one(text, "client_bytes_out_total", "counter", "bytes to clients", bytes.out);
}

void mi_metrics_print(struct mi_route *route, const struct mi_lease *lease, struct mi_buf *text)
{
	const struct mi_route_counters *counters = &route->counters;

	print_mode(route, text);
	print_sessions(route, text);
	one(text, "connections_total", "counter", "clients that connected", counters->accepted);
	one(text, "connections_refused_total", "counter", "clients over the limit",
	    counters->refused);
	one(text, "logins_total", "counter", "clients that logged in", counters->logins);
	one(text, "logins_failed_total", "counter", "logins refused", counters->failed_logins);
	by_side(text, "statements_total", "statements sent", counters->statements);
	by_side(text, "backends_lost_total", "connections to a server that were lost",
	        counters->lost);
	one(text, "statements_repeated_total", "counter", "reads sent a second time",
	    counters->repeated);
	one(text, "outcome_unknown_total", "counter", "statements whose answer was lost",
	    counters->outcome_unknown);
	print_bytes(route, text);
	print_latency(route, text);
	print_holds(lease, text);
}
