#include "route/session/noted.h"
#include "base/buf.h"
#include "protocol/caps.h"
#include "protocol/collation.h"
#include "route/auth/users.h"
#include "route/net/loop.h"
#include "route/session/reply.h"
#include "route/session/state.h"
#include "route/shared/baseline.h"
#include "route/shared/names.h"
#include "route/shared/settings.h"
#include "route/shared/shared.h"
#include "sql/class.h"
#include "sql/class_scan.h"
#include "sql/lexer.h"

#include <stdlib.h>

enum { DOWN_MS = 1000 };

struct mi_class_rules mi_noted_rules(struct mi_route_session *session)
{
	struct mi_route_noted *noted = session->noted;
	struct mi_route *route = session->route;
	const struct mi_backend *writer = &session->back[mi_route_writer(mi_route_mode(route))];
	const char *map = route->server[MI_ROUTE_TARGET].map_from;

	if (!noted->has_rules) {
		const char *modes = mi_route_baseline_value(route->baseline, "sql_mode");
		const char *collation = mi_collation_name(session->collation);
		const char *is_null = mi_route_baseline_value(route->baseline, "sql_auto_is_null");

		noted->auto_is_null = is_null && strcmp(is_null, "1") == 0;
		if (!collation)
			collation = mi_route_baseline_value(route->baseline, "collation_server");
		noted->modes = mi_lex_modes(mi_span_str(modes ? modes : ""));
		if (session->caps & MI_CAP_IGNORE_SPACE)
			noted->modes |= MI_LEX_IGNORE_SPACE;
		noted->charset = mi_lex_charset(mi_collation_charset(collation ? collation : ""));
		noted->has_rules = true;
	}
	return (struct mi_class_rules){
	    .modes = noted->modes,
	    .charset = noted->charset,
	    .mariadb = writer->mariadb,
	    .version = writer->version,
	    .system_db = mi_class_is_system(mi_buf_span(&session->database)),
	    .other_db = map ? mi_span_str(map) : (struct mi_span){0},
	};
}

bool mi_route_reader_failed(struct mi_backend *back, bool for_good)
{
	struct mi_route_session *session = back->session;
	struct mi_route *route = session->route;
	struct mi_route_noted *noted = session->noted;

	if (mi_route_mode(route) != MI_MODE_REPLICA || back->side != MI_ROUTE_TARGET)
		return false;
	if (for_good)
		noted->only_writer = true;
	else
		atomic_store(&route->replica->down_until,
		             mi_loop_now(session->client.loop) + DOWN_MS);
	if (session->phase == MI_SESSION_READY && session->wait == MI_WAIT_BACK)
		mi_session_resume(session);
	return true;
}

void mi_route_choose_open(struct mi_route_session *session)
{
	session->noted = mi_alloc(sizeof(struct mi_route_noted));
}

void mi_route_choose_close(struct mi_route_session *session)
{
	struct mi_route_noted *noted = session->noted;

	mi_route_settings_release(&noted->settings);
	mi_buf_release(&noted->failed_digest);
	free(noted);
	session->noted = NULL;
}
