#include "route/state/settings.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "protocol/caps.h"
#include "protocol/collation.h"
#include "route/auth/users.h"
#include "route/state/carry.h"
#include "route/state/state.h"
#include "route/shared/baseline.h"
#include "route/shared/carried.h"
#include "route/shared/settings.h"
#include "sql/class.h"
#include "sql/class_scan.h"
#include "sql/lexer.h"

#include <string.h>

/* ---- How texts are read ---- */

/* Before any tracker has told: the rules that the baseline and the login make. */
static void fill_rules(struct mi_route_session *session)
{
	struct mi_session_settings *settings = &session->settings;
	const struct mi_route_baseline *baseline = session->route->baseline;
	const char *modes = mi_route_baseline_value(baseline, "sql_mode");
	const char *collation = mi_collation_name(session->collation);
	const char *is_null = mi_route_baseline_value(baseline, "sql_auto_is_null");

	settings->auto_is_null = is_null && strcmp(is_null, "1") == 0;
	if (!collation)
		collation = mi_route_baseline_value(baseline, "collation_server");
	settings->modes = mi_lex_modes(mi_span_str(modes ? modes : ""));
	if (session->caps & MI_CAP_IGNORE_SPACE)
		settings->modes |= MI_LEX_IGNORE_SPACE;
	settings->charset = mi_lex_charset(mi_collation_charset(collation ? collation : ""));
	settings->has_rules = true;
}

struct mi_class_rules mi_session_settings_rules(struct mi_route_session *session)
{
	const struct mi_backend *writer = &session->back[mi_session_writer(session)];
	const char *map = session->route->server[MI_ROUTE_TARGET].map_from;

	if (!session->settings.has_rules)
		fill_rules(session);
	return (struct mi_class_rules){
	    .modes = session->settings.modes,
	    .charset = session->settings.charset,
	    .mariadb = writer->mariadb,
	    .version = writer->version,
	    .system_db = mi_class_is_system(mi_buf_span(&session->database.name)),
	    .other_db = map ? mi_span_str(map) : (struct mi_span){0},
	};
}

/* ---- What trackers tell ---- */

/* back's server has made the newest setting itself: if it had all before, it has all now. */
static void keep_up(struct mi_backend *back, uint64_t before)
{
	if (back->settings.generation == before)
		back->settings.generation = back->session->settings.made.generation;
}

/* Some variables are those by which texts are read. */
static void keep_rule(struct mi_session_settings *settings, struct mi_span name,
                      struct mi_span value)
{
	if (mi_span_is(name, "sql_mode"))
		settings->modes = mi_lex_modes(value);
	if (mi_span_is(name, "sql_auto_is_null"))
		settings->auto_is_null = !mi_span_is(value, "OFF") && !mi_span_is(value, "0");
	if (mi_span_is(name, "character_set_client"))
		settings->charset = mi_lex_charset(value);
}

bool mi_session_settings_told(struct mi_backend *back, struct mi_span name, struct mi_span value)
{
	struct mi_session_settings *settings = &back->session->settings;
	uint64_t before = settings->made.generation;

	if (mi_span_is(name, "transaction_read_only") || mi_span_is(name, "tx_read_only"))
		return true; /* trans.c has it */
	if (!mi_route_settings_note(&settings->made, name, value))
		return false;
	if (!settings->has_rules)
		fill_rules(back->session); /* now: later it would overwrite this change */
	if (mi_route_settings_is_charset(name))
		mi_carry_collation_changed(back->session, back->side);
	keep_rule(settings, name, value);
	keep_up(back, before);
	return true;
}

static struct mi_span next_value(struct mi_bytes *row)
{
	if (row->len && row->at[0] == 0xfb) { /* NULL */
		(void)mi_take_u8(row);
		return (struct mi_span){0};
	}
	return mi_take_string(row);
}

/* Is the collation that the row tells that of the login? Then the login makes it everywhere. */
static bool is_of_login(const struct mi_backend *back, struct mi_span row)
{
	const char *mine = mi_collation_name(back->session->collation), *name;
	struct mi_bytes in = mi_bytes(row);
	bool same = false;

	for (size_t i = 0;
	     in.len && (name = mi_route_carried_name(back->mariadb, back->version, i)); i++) {
		struct mi_span value = next_value(&in);

		if (strcmp(name, "collation_connection") == 0)
			same = mi_span_is(value, mine);
	}
	return same;
}

void mi_session_settings_answered(struct mi_backend *back, struct mi_span row)
{
	struct mi_route_session *session = back->session;
	struct mi_bytes in = mi_bytes(row);
	bool login = mi_route_baseline_login_makes(session->collation) && is_of_login(back, row);
	const char *name;

	if (!session->settings.has_rules)
		fill_rules(session); /* the answer is newer */
	session->settings.asked = true;
	for (size_t i = 0;
	     in.len && (name = mi_route_carried_name(back->mariadb, back->version, i)); i++) {
		struct mi_span value = next_value(&in);

		mi_trans_told_variable(back, mi_span_str(name), value);
		if (login && mi_route_settings_is_charset(mi_span_str(name)))
			keep_rule(&session->settings, mi_span_str(name), value);
		else if (!mi_tracking_answered(&session->tracking, mi_span_str(name), value))
			(void)mi_session_settings_told(back, mi_span_str(name), value);
	}
	session->tracking.known = true;
	session->tracking.mysql = !back->mariadb;
	mi_carry_collation_known(session); /* it was among them */
	if (row.len)
		back->settings.generation = session->settings.made.generation;
}

void mi_session_settings_ask_again(struct mi_route_session *session)
{
	session->settings.asked = false;
}

void mi_session_settings_collation(struct mi_backend *back, struct mi_span name)
{
	struct mi_session_settings *settings = &back->session->settings;
	uint64_t before = settings->made.generation;

	mi_carry_collation_known(back->session);
	if (name.len)
		(void)mi_route_settings_note(&settings->made, mi_span_str("collation_connection"),
		                             name);
	keep_up(back, before);
}

/* ---- On the other side ---- */

bool mi_session_settings_replay(struct mi_backend *back, struct mi_buf *sql)
{
	const struct mi_route_baseline_at at = {
	    .baseline = back->side == MI_ROUTE_TARGET ? back->session->route->baseline : NULL,
	    .mariadb = back->mariadb,
	    .version = back->version,
	};

	return mi_route_settings_sql(&back->session->settings.made, back->settings.generation,
	                             mi_route_baseline_there, &at, sql);
}

void mi_session_settings_made(struct mi_backend *back)
{
	back->settings.generation = back->session->settings.made.generation;
}

void mi_session_settings_lost(struct mi_backend *back)
{
	back->settings.generation = 0;
}

void mi_session_settings_release(struct mi_route_session *session)
{
	mi_route_settings_release(&session->settings.made);
	session->settings.has_rules = session->settings.asked = false;
	mi_tracking_forget(&session->tracking);
}
