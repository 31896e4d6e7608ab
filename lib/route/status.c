#include "route/status.h"
#include "base/buf.h"
#include "route/catalogue/catalogue.h"
#include "route/net/loop.h"
#include "route/replica/progress.h"
#include "route/replica/replica.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"

#include <stdatomic.h>

/* Why no read at all goes to the target now; false: reads do. */
static bool why_source(struct mi_route *route, struct mi_buf *why)
{
	struct mi_route_replica *replica = route->replica;

	if (mi_route_mode(route) != MI_MODE_REPLICA)
		mi_buf_add_str(why, "mode");
	else if (!mi_catalogue_has_databases(route->catalogue))
		mi_buf_add_str(why, "no-databases");
	else if (!mi_catalogue_is_known(route->catalogue))
		mi_buf_add_str(why, "programs");
	else if (mi_loop_now(route->loops[0]) < atomic_load(&replica->down_until))
		mi_buf_add_str(why, "down");
	else
		return mi_replica_progress_why(replica->causal, why);
	return true;
}

static void add_reads(struct mi_route *route, struct mi_buf *text)
{
	struct mi_buf why = {0};

	if (mi_route_writer(mi_route_mode(route)) == MI_ROUTE_TARGET)
		mi_buf_add_str(text, "reads_go target\n");
	else if (why_source(route, &why))
		mi_buf_addf(text, "reads_go source\nreads_why %s\n", mi_buf_cstr(&why));
	else
		mi_buf_add_str(text, "reads_go target\n");
	mi_buf_release(&why);
}

void mi_route_status(struct mi_route *route, struct mi_buf *text)
{
	add_reads(route, text);
	mi_route_replica_status(route, text);
	mi_catalogue_status(route->catalogue, text);
}

void mi_route_programs(struct mi_route *route, struct mi_buf *text)
{
	mi_catalogue_want(route->catalogue);
	mi_catalogue_print(route->catalogue, text);
}
