#include "side/route_choose.h"

#include <strings.h>

void mi_route_choose_open(struct mi_route_session *session)
{
	(void)session;
}

void mi_route_choose_close(struct mi_route_session *session)
{
	(void)session;
}

enum mi_route_verdict mi_route_choose(struct mi_route_session *session, uint8_t code,
                                      struct mi_span text, struct mi_route_choice *choice)
{
	choice->side = mi_route_writer(mi_route_mode(session->route));
	choice->kind = MI_KIND_UNKNOWN;
	choice->local_infile =
	    code == MI_COM_QUERY && text.len && memmem(text.data, text.len, "LOCAL", 5);
	if (session->route->held && !(session->in_trans && session->wrote)) {
		choice->wait = MI_WAIT_HOLD;
		return MI_CHOSE_WAIT;
	}
	return MI_CHOSE_SEND;
}

void mi_route_note_ok(struct mi_route_session *session, struct mi_backend *back,
                      const struct mi_reply_ok *ok)
{
	struct mi_track_walk walk = {.in = mi_bytes(ok->changes)};
	struct mi_track track;

	(void)session;
	while (mi_track_next(&walk, &track))
		if (track.kind == MI_TRACK_STATE)
			back->stateful = true;
}

void mi_route_note_eof(struct mi_route_session *session, struct mi_backend *back, uint16_t status)
{
	(void)session;
	(void)back;
	(void)status;
}

bool mi_route_note_err(struct mi_route_session *session, struct mi_backend *back,
                       const struct mi_reply_err *reply, bool first)
{
	(void)session;
	(void)back;
	(void)reply;
	(void)first;
	return false;
}

void mi_route_note_reset(struct mi_route_session *session)
{
	(void)session;
}

void mi_route_note_lost(struct mi_route_session *session, struct mi_backend *back)
{
	(void)session;
	(void)back;
}

bool mi_route_shows(void *arg, const struct mi_track *track)
{
	(void)arg;
	return track->kind == MI_TRACK_SCHEMA;
}

bool mi_route_replay(struct mi_route_session *session, struct mi_backend *back, struct mi_buf *sql)
{
	(void)session;
	(void)back;
	(void)sql;
	return false;
}

void mi_route_replayed(struct mi_route_session *session, struct mi_backend *back,
                       const struct mi_reply_err *reply)
{
	(void)session;
	(void)back;
	(void)reply;
}
