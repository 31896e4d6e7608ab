#include "route/session/command_send.h"
#include "base/buf.h"
#include "protocol/caps.h"
#include "protocol/packet.h"
#include "protocol/response.h"
#include "route/net/channel.h"
#include "route/net/loop.h"
#include "route/session/back.h"
#include "route/session/back_event.h"
#include "route/session/change.h"
#include "route/session/choose.h"
#include "route/session/command_bytes.h"
#include "route/session/prepare.h"
#include "route/session/reply.h"
#include "route/session/state.h"
#include "route/session/trans.h"

#include <stdio.h>

bool mi_command_write(struct mi_route_session *session, struct mi_span data)
{
	struct mi_backend *back = &session->back[session->command.side];

	session->command.written = true;
	if (mi_channel_write(&back->channel, data) == 0)
		return true;
	/* not here, where the command's bytes are in hand */
	back->broken = true;
	mi_session_resume(session);
	return false;
}

/* The command's bytes: head, which stands for the first taken bytes of its packet, and what follows
 * in data. */
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
		back->state = MI_BACK_RELAY;
	}
	atomic_fetch_add_explicit(&session->route->counters.statements[back->side], 1,
	                          memory_order_relaxed);
	mi_session_settle(session);
	if (command->kind == MI_KIND_READ && !command->body) {
		mi_buf_add_span(&command->kept, head);
		mi_buf_add(&command->kept, data.data + taken, have - taken);
		if (command->code == MI_COM_STMT_EXECUTE) /* the client's id again */
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

/* Not for this command, now. */
static void unclaim(struct mi_route_session *session)
{
	session->command.claimed = false;
	mi_session_settle(session);
}

bool mi_command_is_ready(struct mi_route_session *session)
{
	if (mi_back_prepare(&session->back[session->command.side]) == MI_BACK_READY)
		return true;
	if (session->phase == MI_SESSION_READY)
		unclaim(session);
	return false;
}

/* The session is in a transaction that it began where the writer was then, and that has only read.
 * There it ends, and there it may go on to read. False: a write, which nobody can do any more. */
static bool stay_in_transaction(struct mi_route_session *session, struct mi_span text)
{
	struct mi_route_command *command = &session->command;

	if (!session->in_trans || !session->trans_as_writer || command->side == session->trans_side)
		return true;
	if (session->back[session->trans_side].state != MI_BACK_IDLE) { /* lost, with its server */
		if (!mi_trans_ends(text))
			return false;
		mi_trans_forget(session);
		return true;
	}
	if (command->kind != MI_KIND_READ && !mi_trans_ends(text))
		return false;
	command->side = session->trans_side;
	return true;
}

/* What applications take as "try the transaction again". */
static size_t conflict(struct mi_route_session *session, struct mi_span data)
{
	if (session->in_trans && session->trans_side != session->command.side)
		mi_back_close(&session->back[session->trans_side]); /* rolls back */
	mi_trans_forget(session);
	session->evicted = false;
	return mi_command_refuse(session, data, 1213, "40001",
	                         "Deadlock found when trying to get lock; try restarting "
	                         "transaction");
}

bool mi_command_choose(struct mi_route_session *session, struct mi_span data, struct mi_span text,
                       size_t *taken)
{
	struct mi_route_choice choice = {0};
	struct mi_route_command *command = &session->command;
	enum mi_route_verdict verdict;

	*taken = 0;
	if (!command->began) {
		command->began = mi_loop_now(session->client.loop);
		command->began_us = mi_loop_now_us(session->client.loop);
	}
	/* counted first, then looked whether there is a hold: see mi_route_hold */
	command->claimed = true;
	command->kind = MI_KIND_UNKNOWN;
	mi_session_settle(session);
	if (session->evicted && mi_trans_rolls_back(text))
		session->evicted = false; /* which it was */
	/* the end of a transaction waits for no hold: others may wait for its locks */
	if (session->evicted || (session->in_trans && mi_trans_ends(text) &&
	                         session->back[session->trans_side].state == MI_BACK_IDLE)) {
		choice.side = session->trans_side;
		verdict = MI_CHOSE_SEND;
		mi_choose_without_text(session, false);
	} else {
		verdict = mi_route_choose(session, command->code, text, &choice);
	}
	switch (verdict) {
	case MI_CHOSE_SEND:
		command->side = choice.side;
		command->kind = choice.kind;
		command->local_infile = choice.local_infile;
		if (!session->evicted && stay_in_transaction(session, text) &&
		    (mi_trans_ends(text) ||
		     !mi_choose_next_trans_is_lost(session, command->side))) {
			if (command->kind == MI_KIND_READ)
				mi_session_settle(session);
			return true;
		}
		*taken = conflict(session, data);
		return false;
	case MI_CHOSE_WAIT:
		session->wait = choice.wait;
		break;
	case MI_CHOSE_USE:
		*taken = mi_session_command_database(session, data, mi_buf_span(&choice.database));
		mi_buf_release(&choice.database);
		break;
	case MI_CHOSE_ANSWER:
		if (session->phase == MI_SESSION_READY)
			*taken = mi_command_drop(session, data);
		break;
	}
	if (session->phase == MI_SESSION_READY)
		unclaim(session);
	return false;
}
