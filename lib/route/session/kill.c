#include "route/session/kill.h"
#include "base/buf.h"
#include "protocol/caps.h"
#include "protocol/reply.h"
#include "route/back/command_answer.h"
#include "route/back/reply.h"
#include "route/back/sessions.h"
#include "route/state/decide.h"
#include "route/state/state.h"
#include "server/mysql_errors.h"
#include "sql/kill.h"

#include <stdio.h>
#include <string.h>

enum { OUR_ID_BIT = 31 }; /* set in the router's ids, and in no server's */

struct search {
	struct mi_route_session *killer;
	struct mi_kill *kill;
	uint32_t id;
	bool query;
	enum mi_kill_step step;
};

static enum mi_kill_step refuse(struct mi_kill *kill, unsigned code, const char *why)
{
	kill->code = code;
	(void)snprintf(kill->why, sizeof kill->why, "%s", why);
	return MI_KILL_REFUSED;
}

/* The session has killed itself: said as its server would. */
static enum mi_kill_step killed_itself(const struct search *search)
{
	const struct mi_route_session *session = search->killer;
	bool mariadb = session->back[mi_session_writer(session)].mariadb;

	search->kill->close = !search->query;
	if (mariadb && !search->query)
		return refuse(search->kill, MI_ER_CONNECTION_KILLED, "Connection was killed");
	return refuse(search->kill, MI_ER_QUERY_INTERRUPTED,
	              mi_server_error(MI_ER_QUERY_INTERRUPTED).text);
}

static void interrupt_waiting(struct mi_route_session *victim)
{
	struct mi_server_error known = mi_server_error(MI_ER_QUERY_INTERRUPTED);
	struct mi_reply_err reply = {.code = (uint16_t)known.number,
	                             .text = mi_span_str(known.text)};

	memcpy(reply.state, known.state, sizeof reply.state);
	mi_command_withdraw(victim, &reply);
}

static enum mi_kill_step refuse_id(struct mi_kill *kill, unsigned code, const char *what,
                                   uint32_t id)
{
	char why[sizeof kill->why];

	(void)snprintf(why, sizeof why, "%s %u", what, id);
	return refuse(kill, code, why);
}

/* The victim's command runs on a server, which must end it. */
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

	if (victim == search->killer)
		return killed_itself(search);
	if (victim->command.running && back->state == MI_BACK_RELAY)
		return pass_on(search, back);
	if (!search->query)
		mi_session_close(victim, "it was killed");
	else if (victim->wait != MI_WAIT_NOTHING && victim->phase == MI_SESSION_READY)
		interrupt_waiting(victim);
	return MI_KILL_ANSWERED;
}

static bool look(struct mi_route_session *victim, void *arg)
{
	struct search *search = arg;

	if (victim->id != search->id || victim->phase < MI_SESSION_READY ||
	    victim->phase >= MI_SESSION_CLOSED)
		return false;
	/* during COM_CHANGE_USER the victim may have no user */
	if (!victim->user || strcmp(victim->user->name, search->killer->user->name) != 0)
		search->step = refuse_id(search->kill, MI_ER_KILL_DENIED_ERROR,
		                         "You are not owner of thread", search->id);
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
	if (id >> OUR_ID_BIT != 1)
		return MI_KILL_NONE;
	search.id = (uint32_t)id;
	if (!mi_route_search_sessions(session, look, &search))
		return MI_KILL_LATER;
	if (search.step == MI_KILL_NONE)
		return refuse_id(kill, MI_ER_NO_SUCH_THREAD, "Unknown thread id:", search.id);
	return search.step;
}
