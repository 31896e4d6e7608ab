#include "route/session/trans.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "protocol/caps.h"
#include "protocol/reply.h"
#include "route/auth/users.h"
#include "route/session/state.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"

#include <ctype.h>
#include <strings.h>

enum {
	/* places in the tracker's text, such as T_R_W_S_ */
	UNSAFE_WRITE = 3,
	WRITE = 4,
	LOCKED = 7,
	TRACKED = 8,
	ER_LOCK_DEADLOCK = 1213,
};

void mi_trans_forget(struct mi_route_session *session)
{
	session->in_trans = session->wrote = session->trans_as_writer = false;
}

bool mi_trans_is_autocommit(const struct mi_route_session *session)
{
	enum mi_route_side writer = mi_route_writer(mi_route_mode(session->route));

	return session->has_autocommit ? session->autocommit
	                               : session->back[writer].status & MI_STATUS_AUTOCOMMIT;
}

static void note_status(struct mi_route_session *session, struct mi_backend *back, uint16_t status)
{
	session->has_autocommit = true;
	session->autocommit = status & MI_STATUS_AUTOCOMMIT;
	if (!(status & MI_STATUS_IN_TRANS)) {
		/* the other side's transaction is another matter */
		if (!session->in_trans || session->trans_side == back->side)
			mi_trans_forget(session);
		return;
	}
	if (!session->in_trans)
		session->trans_as_writer =
		    back->side == mi_route_writer(mi_route_mode(session->route));
	session->in_trans = true;
	session->trans_side = back->side;
}

static void note_tracked(struct mi_route_session *session, struct mi_span value)
{
	if (value.len != TRACKED)
		return;
	session->wrote = value.data[WRITE] == 'W' || value.data[UNSAFE_WRITE] == 'w';
	session->pins &= ~(unsigned)MI_PIN_LOCK_TABLES;
	if (value.data[LOCKED] == 'L')
		session->pins |= MI_PIN_LOCK_TABLES;
}

void mi_trans_ok(struct mi_route_session *session, struct mi_backend *back,
                 const struct mi_reply_ok *ok)
{
	struct mi_track_walk walk = {.in = mi_bytes(ok->changes)};
	struct mi_track track;

	/* an absent tracker means that nothing changed */
	if (ok->status & MI_STATUS_SESSION_CHANGED)
		while (mi_track_next(&walk, &track))
			if (track.kind == MI_TRACK_TRANSACTION)
				note_tracked(session, track.value);
	note_status(session, back, ok->status);
	if (ok->insert_id) {
		session->has_insert_id = true;
		session->carries_insert_id = false;
		session->insert_id_at = back->side;
	}
}

void mi_trans_eof(struct mi_route_session *session, struct mi_backend *back, uint16_t status)
{
	note_status(session, back, status);
	if (session->in_trans && session->command.kind != MI_KIND_READ)
		session->wrote = true;
}

void mi_trans_err(struct mi_route_session *session, struct mi_backend *back, unsigned code)
{
	if (code == ER_LOCK_DEADLOCK && session->trans_side == back->side) {
		mi_trans_forget(session); /* the server rolled it all back */
		return;
	}
	if (session->command.kind == MI_KIND_READ)
		return;
	/* without autocommit it may have begun a transaction, and written before it failed */
	if (session->in_trans || !(back->status & MI_STATUS_AUTOCOMMIT)) {
		note_status(session, back, (uint16_t)(back->status | MI_STATUS_IN_TRANS));
		session->wrote = true;
	}
}

static bool word(struct mi_span *text, const char *expected)
{
	size_t len = strlen(expected);

	while (text->len && isspace((unsigned char)*text->data)) {
		text->data++;
		text->len--;
	}
	if (text->len < len || strncasecmp(text->data, expected, len) != 0)
		return false;
	text->data += len;
	text->len -= len;
	return true;
}

static bool is_only(struct mi_span text, const char *expected)
{
	if (!word(&text, expected))
		return false;
	(void)word(&text, "WORK");
	(void)word(&text, ";");
	(void)word(&text, "");
	return text.len == 0;
}

bool mi_trans_rolls_back(struct mi_span text)
{
	return is_only(text, "ROLLBACK");
}

bool mi_trans_ends(struct mi_span text)
{
	return mi_trans_rolls_back(text) || is_only(text, "COMMIT");
}
