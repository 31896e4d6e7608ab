#include "route/control/metrics.h"
#include "base/buf.h"
#include "program/metric.h"
#include "route/auth/users.h"
#include "route/control/lease.h"
#include "route/session/gate.h"
#include "route/back/sessions.h"
#include "route/state/state.h"
#include "route/shared/latency.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"

#include <stdio.h>

static void one(struct mi_buf *text, const char *name, const char *kind, const char *help,
                uint64_t value)
{
	mi_metric_begin(text, name, kind, help);
	mi_metric_count(text, name, NULL, value);
}

static void by_side(struct mi_buf *text, const char *name, const char *help,
                    const atomic_uint_fast64_t values[MI_ROUTE_SIDES])
{
	mi_metric_begin(text, name, "counter", help);
	for (int side = 0; side < MI_ROUTE_SIDES; side++)
		mi_metric_count(text, name, MI_LABELS({"side", mi_route_side_names[side]}),
		                atomic_load(&values[side]));
}

static void print_mode(const struct mi_route *route, struct mi_buf *text)
{
	enum mi_route_mode now = mi_route_mode(route);

	mi_metric_begin(text, "mi_route_mode", "gauge", "1 for the mode in force");
	for (int mode = 0; mode < MI_MODES; mode++)
		mi_metric_count(text, "mi_route_mode",
		                MI_LABELS({"mode", mi_route_mode_names[mode]}), mode == (int)now);
	one(text, "mi_route_epoch", "gauge", "grows with each change of mode",
	    atomic_load(&route->epoch));
}

static void print_sessions(struct mi_route *route, struct mi_buf *text)
{
	struct mi_route_tally tally;

	mi_route_tally(route, &tally);
	mi_metric_begin(text, "mi_route_sessions", "gauge",
	                "client sessions, by what a hold thinks of them");
	mi_metric_count(text, "mi_route_sessions", MI_LABELS({"state", "all"}), tally.sessions);
	mi_metric_count(text, "mi_route_sessions", MI_LABELS({"state", "busy"}), tally.busy);
	mi_metric_count(text, "mi_route_sessions", MI_LABELS({"state", "pinned"}), tally.pinned);
	mi_metric_count(text, "mi_route_sessions", MI_LABELS({"state", "waiting"}), tally.waiting);
}

static void print_histogram(const struct mi_route_latency *latency, const char *side,
                            struct mi_buf *text)
{
	uint64_t total = 0;

	for (int i = 0; i < MI_LATENCY_BUCKETS; i++) {
		char limit[32] = "+Inf";

		if (i < MI_LATENCY_BUCKETS - 1)
			(void)snprintf(limit, sizeof limit, "%g",
			               (double)mi_route_latency_us[i] / 1e6);
		total += atomic_load(&latency->bucket[i]);
		mi_metric_count(text, "mi_route_statement_seconds_bucket",
		                MI_LABELS({"side", side}, {"le", limit}), total);
	}
	mi_metric_real(text, "mi_route_statement_seconds_sum", MI_LABELS({"side", side}), 6,
	               (double)atomic_load(&latency->sum_us) / 1e6);
	mi_metric_count(text, "mi_route_statement_seconds_count", MI_LABELS({"side", side}), total);
}

static void print_latency(const struct mi_route *route, struct mi_buf *text)
{
	mi_metric_begin(text, "mi_route_statement_seconds", "histogram",
	                "from a statement's arrival to the end of its answer");
	for (int side = 0; side < MI_ROUTE_SIDES; side++)
		print_histogram(&route->latency[side], mi_route_side_names[side], text);
	mi_metric_begin(text, "mi_route_statement_longest_seconds", "gauge",
	                "the longest of them since the start");
	for (int side = 0; side < MI_ROUTE_SIDES; side++)
		mi_metric_real(text, "mi_route_statement_longest_seconds",
		               MI_LABELS({"side", mi_route_side_names[side]}), 6,
		               (double)atomic_load(&route->latency[side].max_us) / 1e6);
}

static void print_holds(const struct mi_lease *lease, struct mi_buf *text)
{
	struct mi_lease_counters counters;

	mi_lease_counters(lease, &counters);
	mi_metric_begin(text, "mi_route_holds_total", "counter", "holds begun, and how they went");
	mi_metric_count(text, "mi_route_holds_total", MI_LABELS({"end", "granted"}),
	                counters.granted);
	mi_metric_count(text, "mi_route_holds_total", MI_LABELS({"end", "stuck"}), counters.stuck);
	mi_metric_count(text, "mi_route_holds_total", MI_LABELS({"end", "expired"}),
	                counters.expired);
	mi_metric_begin(text, "mi_route_held_seconds_total", "counter",
	                "time in holds, draining included");
	mi_metric_real(text, "mi_route_held_seconds_total", NULL, 3,
	               (double)counters.held_ms / 1000);
	one(text, "mi_route_mode_changes_total", "counter", "changes of mode since the start",
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

/* Bytes of the sessions that have ended (counters), and of those that live. */
static void print_bytes(struct mi_route *route, struct mi_buf *text)
{
	struct bytes bytes = {route->counters.bytes_in, route->counters.bytes_out};

	mi_route_each_session(route, add_bytes, &bytes);
	one(text, "mi_route_client_bytes_in_total", "counter", "bytes from clients", bytes.in);
	one(text, "mi_route_client_bytes_out_total", "counter", "bytes to clients", bytes.out);
}

void mi_metrics_print(struct mi_route *route, const struct mi_lease *lease, struct mi_buf *text)
{
	const struct mi_route_counters *counters = &route->counters;

	print_mode(route, text);
	print_sessions(route, text);
	one(text, "mi_route_connections_total", "counter", "clients that connected",
	    counters->accepted);
	one(text, "mi_route_connections_refused_total", "counter", "clients over the limit",
	    counters->refused);
	one(text, "mi_route_logins_total", "counter", "clients that logged in", counters->logins);
	one(text, "mi_route_logins_failed_total", "counter", "logins refused",
	    counters->failed_logins);
	by_side(text, "mi_route_statements_total", "statements sent", counters->statements);
	by_side(text, "mi_route_backends_lost_total", "connections to a server that were lost",
	        counters->lost);
	one(text, "mi_route_statements_repeated_total", "counter", "reads sent a second time",
	    counters->repeated);
	one(text, "mi_route_outcome_unknown_total", "counter", "statements whose answer was lost",
	    counters->outcome_unknown);
	print_bytes(route, text);
	print_latency(route, text);
	print_holds(lease, text);
}
