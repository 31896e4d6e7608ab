#include "route/session/command_send.h"
#include "base/buf.h"
#include "protocol/caps.h"
#include "protocol/packet.h"
#include "protocol/response.h"
#include "route/back/command_answer.h"
#include "route/back/open.h"
#include "route/back/prepare.h"
#include "route/back/reply.h"
#include "route/net/channel.h"
#include "route/net/loop.h"
#include "route/replica/lacking.h"
#include "route/replica/replica.h"
#include "route/session/choose.h"
#include "route/session/session_command.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"
#include "route/state/command.h"
#include "route/state/decide.h"
#include "route/state/note.h"
#include "route/state/settings.h"
#include "route/state/state.h"
#include "route/state/stmt.h"
#include "route/state/trans.h"
#include "server/mysql_errors.h"
#include "sql/class.h"

#include <stdio.h>

bool mi_command_write(struct mi_route_session *session, struct mi_span data)
{
	struct mi_backend *back = &session->back[session->command.side];

	session->command.written = true;
	if (mi_channel_write(&back->channel, data) == 0)
		return true;
	/* mi_session_lost would free the command's bytes, which the caller still uses */
	back->broken = true;
	mi_session_resume(session);
	return false;
}

/* Writes the command's bytes: head, in place of the first taken bytes of its packet, then what
 * follows them in data. */
static void write_command(struct mi_route_session *session, struct mi_backend *back,
                          struct mi_span data, struct mi_span head, size_t taken)
{
	struct mi_route_command *command = &session->command;
	struct mi_span payload = mi_command_payload(data);
	size_t have = MI_PACKET_HEADER + payload.len;

	command->running = true;
	command->left = mi_command_payload_len(data) - (uint32_t)payload.len;
	command->full = mi_command_payload_len(data) == MI_PACKET_MAX;
	command->body = command->left > 0 || command->full;
	if (mi_response_expected(command->code)) {
		mi_response_begin(&back->response, command->code,
		                  back->caps & MI_CAP_DEPRECATE_EOF);
		back->response.cursor = command->cursor;
		mi_back_enter(back, MI_BACK_RELAY);
	}
	atomic_fetch_add_explicit(&session->route->counters.statements[back->side], 1,
	                          memory_order_relaxed);
	mi_session_settle(session);
	if (command->kind == MI_KIND_READ && !command->body) {
		mi_buf_add_span(&command->kept, head);
		mi_buf_add(&command->kept, data.data + taken, have - taken);
		if (command->code == MI_COM_STMT_EXECUTE) /* data has the server's id */
			mi_put_u32(command->kept.data + MI_PACKET_HEADER + 1, command->stmt);
	}
	if (head.len && !mi_command_write(session, head))
		return;
	if (have > taken && !mi_command_write(session, mi_span(data.data + taken, have - taken)))
		return;
	if (!command->body && !mi_response_expected(command->code))
		mi_session_command_done(session);
}

size_t mi_command_send(struct mi_route_session *session, struct mi_span data, struct mi_span head,
                       size_t taken)
{
	struct mi_span payload = mi_command_payload(data);
	struct mi_backend *back = &session->back[session->command.side];

	write_command(session, back, data, head, taken);
	return MI_PACKET_HEADER + payload.len;
}

/* The command is not sent now: it does not make the session busy any more. */
static void unclaim(struct mi_route_session *session)
{
	session->command.claimed = false;
	mi_session_settle(session);
}

/* The command asks what a statement has left there, and a command of the router's own would take
 * that away. */
static bool is_ready_untouched(struct mi_route_session *session)
{
	const struct mi_route_command *command = &session->command;
	const struct mi_backend *back = &session->back[command->side];
	struct mi_route_stmt *stmt =
	    command->stmt ? mi_route_stmt_find(session, command->stmt) : NULL;

	return command->untouched && back->state == MI_BACK_IDLE && back->noted.used &&
	       !back->prepared.wants_reset && (!stmt || stmt->server_id[command->side]);
}

bool mi_command_is_ready(struct mi_route_session *session)
{
	if (is_ready_untouched(session))
		return true;
	if (mi_back_prepare(&session->back[session->command.side]) == MI_BACK_READY)
		return true;
	if (session->phase == MI_SESSION_READY)
		unclaim(session);
	return false;
}

/* The transaction is lost: answers with the error upon which applications try it again. */
static size_t conflict(struct mi_route_session *session, struct mi_span data)
{
	struct mi_backend *back = &session->back[session->trans.side];

	if (session->trans.open && session->trans.side != session->command.side) {
		if (mi_prepare_carry_from(back)) { /* then it is decided again */
			mi_session_wait_for(session, MI_WAIT_BACK);
			return 0;
		}
		if (session->phase != MI_SESSION_READY)
			return 0;
		mi_back_close(back); /* the server rolls back */
	}
	mi_trans_forget(session);
	mi_trans_told(session);
	return mi_command_refuse(session, data, MI_ER_LOCK_DEADLOCK, NULL);
}

static size_t use_database(struct mi_route_session *session, struct mi_span data,
                           const struct mi_client_statement *statement)
{
	struct mi_buf name = {0};
	size_t taken;

	mi_choose_database(session, statement, &name);
	taken = mi_session_command_database(session, data, mi_buf_span(&name));
	mi_buf_release(&name);
	return taken;
}

/* Carries out a verdict that is not to send the command. Returns how many bytes of data are dealt
 * with. */
static size_t answer_here(struct mi_route_session *session, struct mi_span data,
                          const struct mi_verdict *verdict,
                          const struct mi_client_statement *statement)
{
	switch (verdict->action) {
	case MI_VERDICT_WAIT:
		mi_session_wait_for(session, verdict->wait);
		return 0;
	case MI_VERDICT_USE:
		return use_database(session, data, statement);
	case MI_VERDICT_OK:
		return mi_command_accept(session, data);
	case MI_VERDICT_NO_DDL:
		return mi_command_refuse(
		    session, data, MI_ER_OPTION_PREVENTS_STATEMENT,
		    "Definitions cannot change while a database is being imported: "
		    "the router runs without --allow-ddl");
	case MI_VERDICT_ELSEWHERE:
		return mi_command_refuse(
		    session, data, MI_ER_NOT_SUPPORTED_YET,
		    "What an earlier statement left (FOUND_ROWS(), ROW_COUNT(), warnings) is at "
		    "another server than this statement: run that one again, then ask");
	case MI_VERDICT_LOST:
		mi_session_close(session, "what it asks for was lost with a server's connection");
		return 0;
	case MI_VERDICT_GONE:
		return mi_command_no_statement(session, data, "mysqld_stmt_execute");
	default:
		return conflict(session, data);
	}
}

/* A command of a client's that goes to the source now is looked at, once, for what the target
 * lacks.
 */
static void watch(struct mi_route_session *session, struct mi_span text)
{
	struct mi_route_lacking *lacking = session->route->replica->lacking;
	struct mi_route_command *command = &session->command;
	enum mi_route_mode mode = mi_route_mode(session->route);
	struct mi_class_rules rules;
	struct mi_buf digest = {0};

	if (!lacking || command->watched || command->cut || command->side != MI_ROUTE_SOURCE ||
	    (command->code != MI_COM_QUERY && command->code != MI_COM_STMT_PREPARE) ||
	    (mode != MI_MODE_SOURCE && mode != MI_MODE_REPLICA))
		return;
	command->watched = true;
	if (!mi_route_lacking_takes(lacking, text.len, mi_loop_now(session->client.loop)))
		return;
	rules = mi_session_settings_rules(session);
	mi_note_digest(session, text, &digest);
	mi_route_lacking_see(
	    lacking,
	    &(struct mi_lacking_text){.text = text, .modes = rules.modes, .charset = rules.charset},
	    mi_buf_span(&digest));
	mi_buf_release(&digest);
}

bool mi_command_decide(struct mi_route_session *session, struct mi_span data, struct mi_span text,
                       const struct mi_route_stmt *stmt, struct mi_decided *decided)
{
	struct mi_route_command *command = &session->command;

	decided->taken = 0;
	if (!command->began) {
		command->began = mi_loop_now(session->client.loop);
		command->began_us = mi_loop_now_us(session->client.loop);
	}
	/* the session counts as busy before it looks whether there is a hold: see mi_route_hold */
	command->claimed = true;
	command->kind = MI_KIND_UNKNOWN;
	mi_session_settle(session);
	decided->verdict = mi_choose(session, text, stmt, &decided->statement);
	if (decided->verdict.action == MI_VERDICT_SEND) {
		if (command->kind == MI_KIND_READ)
			mi_session_settle(session);
		if (!decided->verdict.strips_trackers) /* else the server gets another text */
			watch(session, text);
		return true;
	}
	decided->taken = answer_here(session, data, &decided->verdict, &decided->statement);
	if (session->phase == MI_SESSION_READY)
		unclaim(session);
	return false;
}
