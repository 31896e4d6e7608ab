#include "route/state/trans.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "protocol/caps.h"
#include "protocol/reply.h"
#include "route/shared/baseline.h"
#include "route/shared/shared.h"
#include "route/state/carry.h"
#include "route/state/decide.h"
#include "route/state/pins.h"
#include "route/state/state.h"
#include "server/mysql_errors.h"
#include "sql/class.h"

enum {
	/* places of letters in the tracker's text, such as T_R_W_S_ */
	UNSAFE_WRITE = 3,
	WRITE = 4,
	LOCKED = 7,
	TRACKED = 8,
};

void mi_trans_forget(struct mi_route_session *session)
{
	struct mi_trans *trans = &session->trans;

	trans->open = trans->wrote = trans->as_writer = trans->snapshot = false;
}

void mi_trans_evict(struct mi_route_session *session)
{
	mi_trans_forget(session);
	session->trans.evicted = true;
}

void mi_trans_told(struct mi_route_session *session)
{
	session->trans.evicted = false;
}

void mi_trans_reset(struct mi_route_session *session)
{
	session->trans = (struct mi_trans){0};
}

bool mi_trans_is_autocommit(const struct mi_route_session *session)
{
	return session->trans.knows_autocommit
	           ? session->trans.autocommit
	           : session->back[mi_session_writer(session)].status & MI_STATUS_AUTOCOMMIT;
}

static bool is_repeatable(struct mi_span isolation)
{
	return mi_span_is(isolation, "REPEATABLE-READ") || mi_span_is(isolation, "SERIALIZABLE");
}

/* Do transactions begin with REPEATABLE READ or above? Before any tracker has told: with what every
 * session begins. What SET TRANSACTION set for the next one alone is not looked at: it counts as
 * not known. */
static bool begins_repeatable(const struct mi_route_session *session)
{
	const char *isolation;

	if (session->routing.next_only)
		return false;
	if (session->trans.knows_isolation)
		return session->trans.repeatable;
	isolation = mi_route_baseline_value(session->route->baseline, "transaction_isolation");
	return isolation && is_repeatable(mi_span_str(isolation));
}

void mi_trans_told_variable(struct mi_backend *back, struct mi_span name, struct mi_span value)
{
	struct mi_trans *trans = &back->session->trans;

	if (mi_span_is(name, "transaction_isolation") || mi_span_is(name, "tx_isolation")) {
		trans->knows_isolation = true;
		trans->repeatable = is_repeatable(value);
	} else if (mi_span_is(name, "transaction_read_only") || mi_span_is(name, "tx_read_only")) {
		trans->read_only = mi_span_is(value, "ON");
		back->prepared.read_only = trans->read_only;
	}
}

static void note_status(struct mi_backend *back, uint16_t status)
{
	struct mi_route_session *session = back->session;
	struct mi_trans *trans = &session->trans;

	trans->knows_autocommit = true;
	trans->autocommit = status & MI_STATUS_AUTOCOMMIT;
	if (!(status & MI_STATUS_IN_TRANS)) {
		/* this side has none, which says nothing of a transaction at the other side */
		if (!trans->open || trans->side == back->side)
			mi_trans_forget(session);
		return;
	}
	if (!trans->open) {
		trans->as_writer = mi_back_is_writer(back);
		trans->snapshot = begins_repeatable(session);
	}
	trans->open = true;
	trans->side = back->side;
}

static void note_tracked(struct mi_route_session *session, struct mi_span value)
{
	if (value.len != TRACKED)
		return;
	session->trans.wrote = value.data[WRITE] == 'W' || value.data[UNSAFE_WRITE] == 'w';
	mi_pins_set(session, MI_CLASS_PIN_LOCK_TABLES, value.data[LOCKED] == 'L');
}

void mi_trans_ok(struct mi_backend *back, const struct mi_reply_ok *ok)
{
	struct mi_track_walk walk = {.in = mi_bytes(ok->changes)};
	struct mi_track track;

	/* no transaction tracker in the OK: its text has not changed */
	if (ok->status & MI_STATUS_SESSION_CHANGED)
		while (mi_track_next(&walk, &track))
			if (track.kind == MI_TRACK_TRANSACTION)
				note_tracked(back->session, track.value);
	note_status(back, ok->status);
	if (ok->insert_id)
		mi_carry_id_made(back->session, back->side, true);
}

void mi_trans_eof(struct mi_backend *back)
{
	struct mi_route_session *session = back->session;

	note_status(back, back->status);
	if (session->trans.open && session->command.kind != MI_KIND_READ)
		session->trans.wrote = true;
}

void mi_trans_err(struct mi_backend *back, unsigned code)
{
	struct mi_route_session *session = back->session;

	if (code == MI_ER_LOCK_DEADLOCK && session->trans.side == back->side) {
		mi_trans_forget(session); /* the server rolled the transaction back */
		return;
	}
	if (session->command.kind == MI_KIND_READ)
		return;
	/* without autocommit the command may have begun a transaction, and written before it failed
	 */
	if (session->trans.open || !(back->status & MI_STATUS_AUTOCOMMIT)) {
		note_status(back, (uint16_t)(back->status | MI_STATUS_IN_TRANS));
		session->trans.wrote = true;
	}
}
