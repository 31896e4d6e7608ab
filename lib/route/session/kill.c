#include "route/session/kill.h"
#include "base/buf.h"
#include "protocol/caps.h"
#include "route/session/command_bytes.h"
#include "route/session/decide.h"
#include "route/session/reply.h"
#include "route/session/sessions.h"
#include "route/session/state.h"
#include "sql/kill.h"

#include <stdio.h>
#include <string.h>

enum { FIRST_ID = 31, NO_SUCH_THREAD = 1094, NOT_YOURS = 1095, INTERRUPTED = 1317 };

static const char interruption[] = "Query execution was interrupted";

struct search {
	struct mi_route_session *killer;
	struct mi_kill *kill;
	uint32_t id;
	bool query;
	enum mi_kill_step step;
};

static enum mi_kill_step refuse(struct mi_kill *kill, unsigned code, const char *state,
                                const char *why)
{
	kill->code = code;
	kill->state = state;
	(void)snprintf(kill->why, sizeof kill->why, "%s", why);
	return MI_KILL_REFUSED;
}

static enum mi_kill_step interrupted(struct mi_kill *kill)
{
	return refuse(kill, INTERRUPTED, "70100", interruption);
}

static enum mi_kill_step refuse_id(struct mi_kill *kill, unsigned code, const char *what,
                                   uint32_t id)
{
	char why[sizeof kill->why];

	(void)snprintf(why, sizeof why, "%s %u", what, id);
	return refuse(kill, code, "HY000", why);
}

/* The server that its command runs on must end it. */
static enum mi_kill_step pass_on(struct search *search, struct mi_backend *back)
{
	struct mi_kill *kill = search->kill;

	kill->side = back->side;
	(void)snprintf(kill->text, sizeof kill->text, "KILL %s %u",
	               search->query ? "QUERY" : "CONNECTION", back->connection_id);
	return MI_KILL_SEND;
}

static enum mi_kill_step kill_session(struct search *search, struct mi_route_session *victim)
{
	struct mi_backend *back = &victim->back[victim->command.side];

	if (victim == search->killer) {
		search->kill->close = !search->query;
		return interrupted(search->kill);
	}
	if (victim->command.running && back->state == MI_BACK_RELAY)
		return pass_on(search, back);
	if (!search->query)
		mi_session_close(victim, "it was killed");
	else if (victim->wait != MI_WAIT_NOTHING && victim->phase == MI_SESSION_READY)
		mi_command_withdraw(victim, INTERRUPTED, "70100", interruption);
	return MI_KILL_ANSWERED;
}

static bool look(struct mi_route_session *victim, void *arg)
{
	struct search *search = arg;

	if (victim->id != search->id || victim->phase < MI_SESSION_READY ||
	    victim->phase >= MI_SESSION_CLOSED)
		return false;
	/* in COM_CHANGE_USER it may be nobody's */
	if (!victim->user || strcmp(victim->user->name, search->killer->user->name) != 0)
		search->step =
		    refuse_id(search->kill, NOT_YOURS, "You are not owner of thread", search->id);
	else
		search->step = kill_session(search, victim);
	return true;
}

enum mi_kill_step mi_kill_command(struct mi_route_session *session, uint8_t code,
                                  struct mi_span text, struct mi_kill *kill)
{
	struct search search = {.killer = session, .kill = kill};
	uint64_t id;

	if (code == MI_COM_PROCESS_KILL) {
		if (text.len != sizeof search.id)
			return MI_KILL_NONE;
		id = mi_get_u32(text.data);
	} else if (!mi_kill_text(text, &search.query, &id)) {
		return MI_KILL_NONE;
	}
	if (id >> FIRST_ID != 1)
		return MI_KILL_NONE;
	search.id = (uint32_t)id;
	if (!mi_route_search_sessions(session, look, &search))
		return MI_KILL_LATER;
	if (search.step == MI_KILL_NONE)
		return refuse_id(kill, NO_SUCH_THREAD, "Unknown thread id:", search.id);
	return search.step;
}
