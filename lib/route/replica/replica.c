#include "route/replica/replica.h"
#include "base/buf.h"
#include "base/err.h"
#include "program/metric.h"
#include "base/words.h"
#include "route/net/loop.h"
#include "route/replica/incompatible.h"
#include "route/replica/lacking.h"
#include "route/replica/progress.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"

#include <stdlib.h>

static const char *const reasons[MI_REASONS] = {
    [MI_REASON_NONE] = "target",
    [MI_REASON_BEHIND] = "behind",
    [MI_REASON_SILENT] = "silent",
    [MI_REASON_UNKNOWN] = "unknown",
    [MI_REASON_DOWN] = "down",
    [MI_REASON_REFUSED] = "refused",
    [MI_REASON_NOT_IMPORTED] = "not-imported",
    [MI_REASON_PROGRAMS] = "programs",
    [MI_REASON_SESSION] = "session",
};

static bool scope_of(const char *text, enum mi_route_scope *scope)
{
	static const char *const names[] = {[MI_SCOPE_SESSION] = "session",
	                                    [MI_SCOPE_USER] = "user",
	                                    [MI_SCOPE_ALL] = "all",
	                                    [MI_SCOPE_ALL + 1] = NULL};

	int index = mi_word_index(mi_span_str(text), names);

	if (index < 0)
		return false;
	*scope = (enum mi_route_scope)index;
	return true;
}

int mi_route_replica_open(struct mi_route *route, const struct mi_route_replica_options *options,
                          struct mi_err *err)
{
	struct mi_replica_progress_options causal = {.notify = options->notify,
	                                             .scope = MI_SCOPE_ALL,
	                                             .wait_ms = options->causal_wait_ms,
	                                             .max_lag_ms = options->max_lag_ms};
	struct mi_route_replica *replica;

	if (options->causal && !scope_of(options->causal, &causal.scope))
		return mi_fail(err, MI_USAGE, "--causal=%s is not session, user or all",
		               options->causal);
	replica = mi_alloc(sizeof *replica);
	route->replica = replica;
	replica->allow_ddl = options->allow_ddl;
	replica->incompatible = mi_route_incompatible_new();
	if (route->server[MI_ROUTE_TARGET].given &&
	    mi_route_lacking_open(&replica->lacking, route, err) != 0)
		return -1;
	return mi_replica_progress_open(&replica->causal, route, &causal, err);
}

void mi_route_replica_close(struct mi_route *route)
{
	struct mi_route_replica *replica = route->replica;

	if (!replica)
		return;
	mi_replica_progress_close(replica->causal);
	mi_route_lacking_close(replica->lacking);
	mi_route_incompatible_free(replica->incompatible);
	free(replica);
	route->replica = NULL;
}

/* ---- Looking ---- */

static void print_count(struct mi_buf *text, const char *name, atomic_uint_fast64_t *count)
{
	mi_buf_addf(text, "%s %llu\n", name, (unsigned long long)atomic_load(count));
}

/* The age, in seconds, is that of the newest one. */
static void print_incompatible(const struct mi_route *route, struct mi_buf *text)
{
	struct mi_route_incompatible *list = route->replica->incompatible;
	uint64_t total = mi_route_incompatible_total(list);
	uint64_t last = mi_route_incompatible_last(list), now = mi_loop_now(route->loops[0]);

	mi_buf_addf(text, "incompatible %llu\n", (unsigned long long)total);
	if (total)
		mi_buf_addf(text, "incompatible_age %llu\n",
		            (unsigned long long)(now > last ? (now - last) / 1000 : 0));
}

static size_t lacking_count(const struct mi_route_replica *replica)
{
	return replica->lacking ? mi_route_lacking_count(replica->lacking) : 0;
}

void mi_route_replica_status(struct mi_route *route, struct mi_buf *text)
{
	struct mi_route_replica *replica = route->replica;
	uint64_t all = 0, there = atomic_load(&replica->reads[MI_REASON_NONE]);

	mi_replica_progress_status(replica->causal, text);
	for (int i = 0; i < MI_REASONS; i++)
		all += atomic_load(&replica->reads[i]);
	mi_buf_addf(text, "reads_target %llu\nreads_source %llu\n", (unsigned long long)there,
	            (unsigned long long)(all - there));
	for (int i = MI_REASON_NONE + 1; i < MI_REASONS; i++)
		mi_buf_addf(text, "reads_source_%s %llu\n", reasons[i],
		            (unsigned long long)atomic_load(&replica->reads[i]));
	print_incompatible(route, text);
	mi_buf_addf(text, "lacking %llu\n", (unsigned long long)lacking_count(replica));
	print_count(text, "other_database", &replica->other_db);
	print_count(text, "not_carried_account", &replica->accounts);
	print_count(text, "not_carried_global", &replica->globals);
	print_count(text, "ddl_refused", &replica->ddl_refused);
}

void mi_route_replica_metrics(struct mi_route *route, struct mi_buf *text)
{
	struct mi_route_replica *replica = route->replica;

	mi_metric_begin(text, "mi_route_reads_total", "counter",
	                "Reads that the target may answer, by where they went and why.");
	for (int i = 0; i < MI_REASONS; i++)
		mi_metric_count(text, "mi_route_reads_total",
		                MI_LABELS({"side", i == MI_REASON_NONE ? "target" : "source"},
		                          {"why", reasons[i]}),
		                atomic_load(&replica->reads[i]));
	mi_metric_begin(text, "mi_route_reads_waited_total", "counter",
	                "Reads that waited for the target.");
	mi_metric_count(text, "mi_route_reads_waited_total", MI_LABELS({"result", "target"}),
	                atomic_load(&replica->waited) - atomic_load(&replica->waited_in_vain));
	mi_metric_count(text, "mi_route_reads_waited_total", MI_LABELS({"result", "source"}),
	                atomic_load(&replica->waited_in_vain));
	mi_metric_begin(text, "mi_route_incompatible_total", "counter",
	                "Reads that only the source could answer.");
	mi_metric_count(text, "mi_route_incompatible_total", NULL,
	                mi_route_incompatible_total(replica->incompatible));
	mi_metric_begin(text, "mi_route_lacking", "gauge",
	                "Kinds of statements for which the target lacks something.");
	mi_metric_count(text, "mi_route_lacking", NULL, lacking_count(replica));
}

void mi_route_replica_incompatible(struct mi_route *route, struct mi_buf *text)
{
	mi_route_incompatible_print(route->replica->incompatible, text);
}

void mi_route_replica_lacking(struct mi_route *route, struct mi_buf *text)
{
	if (route->replica->lacking)
		mi_route_lacking_print(route->replica->lacking, text);
}
