/* mi-fence: one end of a switch, as a conversation. */
#include "base/err.h"
#include "base/msg.h"
#include "program/opt.h"
#include "base/stop.h"
#include "fence/fence.h"
#include "fence/talk.h"
#include "server/conn.h"
#include "server/options.h"
#include "table/dbmap.h"
#include "table/filter.h"

#include <stdlib.h>
#include <unistd.h>

struct settings {
	struct mi_conn_options server;
	struct mi_filter filter;
	struct mi_fence_options fence;
};

static void parse(int argc, char **argv, struct settings *s)
{
	const struct mi_opt opts[] = {
	    MI_CONN_OPT_ROWS(&s->server),
	    MI_FILTER_OPT_ROWS(&s->filter),
	    MI_HEADING("Bookkeeping"),
	    MI_TEXT(0, "import", "ID", &s->fence.import, "name of the import"),
	    MI_TEXT(0, "state-db", "DB", &s->fence.state_db,
	            "database of _mi_checkpoint (default: the first that is taken)"),
	    MI_LIST(0, "map-db", "OLD=NEW", &s->fence.map.pairs,
	            "what the other side calls OLD is NEW here; may be given again"),
	    MI_OPT_END};
	const struct mi_opt_tool tool = {
	    .synopsis = "[options] -s NAME --import=ID < commands > answers",
	    .summary = "Holds one end of a switch: locks the old writer, seals and opens flows.",
	    .opts = opts};

	if (mi_opt_parse(argc, argv, &tool) != argc)
		exit(mi_usage_error("no operands are expected; databases go after -d"));
	if (!s->fence.import)
		exit(mi_usage_error("--import is missing: which import is it about?"));
	s->fence.conn = &s->server;
	s->fence.filter = &s->filter;
}

int main(int argc, char **argv)
{
	struct settings s = {.fence = {.import = NULL}};
	struct mi_fence fence = {0};
	struct mi_err err = {0};
	int code = 0, ret = -1;

	mi_msg_init(argv[0]);
	parse(argc, argv, &s);
	mi_stop_install();
	if (mi_map_check(&s.fence.map, &err) == 0 && mi_conn_init(&err) == 0 &&
	    mi_conn_options_load(&s.server, &err) == 0 &&
	    mi_fence_open(&fence, &s.fence, &err) == 0)
		ret = mi_fence_talk(&fence, STDIN_FILENO, STDOUT_FILENO, &code, &err);
	mi_fence_close(&fence);
	mi_conn_options_release(&s.server);
	free(s.fence.map.pairs.items);
	return ret == 0 ? code : mi_report(&err);
}
