#include "route/state/note.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "protocol/caps.h"
#include "protocol/reply.h"
#include "protocol/response.h"
#include "route/auth/users.h"
#include "route/catalogue/catalogue.h"
#include "route/net/loop.h"
#include "route/replica/incompatible.h"
#include "route/replica/marks.h"
#include "route/replica/progress.h"
#include "route/replica/replica.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"
#include "route/state/carry.h"
#include "route/state/command.h"
#include "route/state/database.h"
#include "route/state/decide.h"
#include "route/state/held.h"
#include "route/state/pins.h"
#include "route/state/settings.h"
#include "route/state/state.h"
#include "route/state/trans.h"
#include "server/mysql_errors.h"
#include "sql/class.h"
#include "sql/digest.h"

enum {
	DIGEST_MAX = 500,
	DOWN_MS = 1000, /* how long no read goes to a target that could not be reached */
};

static bool in_replica(const struct mi_route_session *session)
{
	return mi_route_mode(session->route) == MI_MODE_REPLICA;
}

static const struct mi_effects *effects_of(const struct mi_backend *back)
{
	return &back->session->command.effects;
}

/* ---- Marks ---- */

struct mi_causal_need *mi_note_user_need(struct mi_route_session *session)
{
	struct mi_routing *routing = &session->routing;

	if (!routing->user && session->user)
		routing->user =
		    mi_replica_progress_user(session->route->replica->causal, session->user->name);
	return routing->user;
}

static void note_gtids(const struct mi_backend *back, struct mi_span gtids)
{
	struct mi_route_session *session = back->session;

	if (in_replica(session) && mi_back_is_writer(back))
		mi_replica_progress_wrote(session->route->replica->causal, &session->routing.need,
		                          mi_note_user_need(session), gtids);
}

/* The answer had no trackers, and the command may have written: nobody knows its GTIDs. */
static void note_uncertain(const struct mi_backend *back)
{
	const struct mi_effects *effects = effects_of(back);

	if (effects->may_write || effects->commits || effects->reason == MI_REASON_REFUSED)
		note_gtids(back, (struct mi_span){0});
}

/* ---- What trackers tell ---- */

static void note_insert_id(const struct mi_backend *back)
{
	if (mi_back_is_writer(back))
		mi_carry_id_made(back->session, back->side, false);
}

/* True: the change of this variable explains why the server reports changed session state. */
static bool note_variable(struct mi_backend *back, const struct mi_track *track)
{
	if (mi_span_is(track->name, "last_gtid") && track->value.len)
		note_gtids(back, track->value);
	if (mi_span_is(track->name, "last_insert_id") || mi_span_is(track->name, "identity"))
		note_insert_id(back);
	if (effects_of(back)->for_itself)
		return true;
	if (mi_tracking_told(&back->session->tracking, track->name, track->value)) {
		back->noted.wants_trackers = back->noted.told_trackers = true;
		return true;
	}
	mi_trans_told_variable(back, track->name, track->value);
	return mi_session_settings_told(back, track->name, track->value) ||
	       mi_span_is(track->name, "autocommit");
}

/* state: the server reports changed session state, without saying what. explained: a setting or the
 * database was reported as changed too. The report may concern an earlier command, whose answer had
 * no trackers (routing->unsure). */
static void note_state(struct mi_backend *back, bool state, bool explained)
{
	const struct mi_effects *effects = effects_of(back);
	struct mi_routing *routing = &back->session->routing;
	bool hidden = explained ? effects->hides_state : effects->may_hide_state;

	if (!mi_back_is_writer(back))
		return;
	if (state && (hidden || routing->unsure))
		mi_pins_set(back->session, MI_CLASS_PIN_STATE, true);
	routing->unsure = false;
}

/* The answer had no trackers, and the command ran a stored program: the next OK reports its
 * effects. */
static void note_no_trackers(struct mi_backend *back)
{
	if (mi_back_is_writer(back) && effects_of(back)->runs_program)
		back->session->routing.unsure = true;
}

static void note_changes(struct mi_backend *back, const struct mi_reply_ok *ok)
{
	struct mi_track_walk walk = {.in = mi_bytes(ok->changes)};
	struct mi_track track;
	bool variable = false, state = false, schema = false;

	while (mi_track_next(&walk, &track)) {
		if (track.kind == MI_TRACK_VARIABLE) {
			variable |= note_variable(back, &track);
		} else if (track.kind == MI_TRACK_GTIDS) {
			note_gtids(back, track.value);
		} else if (track.kind == MI_TRACK_SCHEMA) {
			mi_database_told(back, track.value);
			schema = true;
		} else if (track.kind == MI_TRACK_STATE) {
			state |= !mi_span_is(track.value, "0");
		}
	}
	note_state(back, state, variable || schema);
}

bool mi_track_is_shown(void *arg, struct mi_track *track)
{
	struct mi_backend *back = arg;
	struct mi_route_session *session = back->session;

	/* a server that the router has set no trackers at tells just what the client's own do */
	if (back->prepared.has_trackers && !mi_tracking_shows(&session->tracking, track))
		return false;
	if (track->kind == MI_TRACK_SCHEMA)
		track->value = mi_database_for_client(back, track->value);
	return true;
}

/* ---- Answers ---- */

static void note_pins(struct mi_backend *back)
{
	const struct mi_effects *effects = effects_of(back);

	mi_pins_set(back->session, effects->unpins, false);
	mi_pins_set(back->session, effects->pins, true);
	mi_held_done(back->session, true);
}

/* The source has answered a read that the target had refused: the read is listed as incompatible.
 */
static void note_incompatible(struct mi_backend *back)
{
	struct mi_routing *routing = &back->session->routing;
	unsigned code = routing->failed_code;

	if (code && mi_back_is_writer(back))
		mi_route_incompatible_add(back->session->route->replica->incompatible, code,
		                          mi_buf_span(&routing->failed_digest),
		                          code == MI_ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION ||
		                              code == MI_ER_OPTION_PREVENTS_STATEMENT,
		                          mi_loop_now(back->session->client.loop));
	routing->failed_code = 0;
}

/* back has answered something: the session may have seen there what others wrote. ended: the answer
 * is over, and has told what the command itself wrote. */
static void note_saw(struct mi_backend *back, bool ended)
{
	struct mi_route_session *session = back->session;

	if (in_replica(session) && mi_back_is_writer(back))
		mi_replica_progress_saw(session->route->replica->causal, &session->routing.need,
		                        mi_note_user_need(session), ended && back->commits);
}

void mi_note_begins(struct mi_backend *back)
{
	const struct mi_effects *effects = effects_of(back);

	/* rows of one statement that does not commit as it runs show nothing of its own; an end has
	 * been recorded */
	if (!mi_response_ended(&back->response))
		note_saw(back, !effects->runs_program && !effects->several);
}

static void note_in_replica(struct mi_backend *back)
{
	struct mi_route_session *session = back->session;
	struct mi_route_replica *replica = session->route->replica;
	const struct mi_effects *effects = effects_of(back);

	if (effects->is_read)
		atomic_fetch_add(&replica->reads[back->side == MI_ROUTE_TARGET ? MI_REASON_NONE
		                                                               : effects->reason],
		                 1);
	note_incompatible(back);
	note_saw(back, !(back->status & MI_STATUS_MORE_RESULTS));
}

/* It is over, whatever the answer: for definitions it matters that it is. */
static void note_over(struct mi_backend *back)
{
	const struct mi_effects *effects = effects_of(back);

	if (effects->redefines)
		mi_catalogue_want(back->session->route->catalogue);
	back->session->routing.hides_text |= effects->hides_text;
}

static void leave(struct mi_left *left, const struct mi_backend *back)
{
	*left = (struct mi_left){.has = true, .side = back->side};
}

/* Is FOUND_ROWS() another one now? */
static bool counts_rows(const struct mi_backend *back, bool rows)
{
	const struct mi_effects *effects = effects_of(back);

	if (effects->counts || effects->runs_program ||
	    (effects->counts_at_mysql && !back->mariadb))
		return true;
	return rows && effects->gives_rows && !(effects->explains && !back->mariadb);
}

static void note_ended(struct mi_backend *back, bool rows)
{
	const struct mi_effects *effects = effects_of(back);
	struct mi_routing *routing = &back->session->routing;

	note_over(back);
	if (counts_rows(back, rows))
		leave(&routing->last_select, back);
	if (effects->makes_ids)
		note_insert_id(back);
	routing->next_only = effects->sets_next || (routing->next_only && effects->keeps_next);
	if (effects->sets_next)
		routing->next_side = back->side;
	if (in_replica(back->session))
		note_in_replica(back);
}

void mi_note_ok(struct mi_backend *back, const struct mi_reply_ok *ok)
{
	if (ok->status & MI_STATUS_SESSION_CHANGED)
		note_changes(back, ok);
	else
		note_state(back, false, false);
	note_pins(back);
	note_ended(back, ok->header != 0);
	/* the server tells of trackers as of any variable, but not of a list of variables that it
	 * is not in itself */
	if (effects_of(back)->sets_trackers && back->prepared.has_trackers) {
		back->noted.wants_trackers = true;
		if (!back->noted.told_trackers)
			mi_session_settings_ask_again(back->session);
	}
	back->noted.told_trackers = false;
	if (back->session->command.uses)
		mi_database_accepted(back);
}

void mi_note_eof(struct mi_backend *back)
{
	note_pins(back);
	note_ended(back, true);
	note_no_trackers(back);
	note_uncertain(back);
}

/* ---- Errors ---- */

/* Errors that are due to the moment or to the client, not to the statement. */
static bool is_of_the_moment(unsigned code)
{
	static const unsigned codes[] = {
	    MI_ER_SERVER_SHUTDOWN,   MI_ER_LOCK_WAIT_TIMEOUT,  MI_ER_LOCK_DEADLOCK,
	    MI_ER_QUERY_INTERRUPTED, MI_ER_STATEMENT_TIMEOUT,  MI_ER_QUERY_TIMEOUT,
	    MI_ER_CONNECTION_KILLED, MI_ER_SESSION_WAS_KILLED, MI_ER_CLIENT_INTERACTION_TIMEOUT};

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (code == codes[i])
			return true;
	return false;
}

void mi_note_digest(struct mi_route_session *session, struct mi_span text, struct mi_buf *digest)
{
	struct mi_class_rules rules = mi_session_settings_rules(session);

	mi_buf_reset(digest);
	mi_class_digest(text, &rules, DIGEST_MAX, digest);
}

/* When the command's text was not kept, the digest is empty, and the error's code alone is listed.
 */
static void note_failed(struct mi_route_session *session, unsigned code)
{
	struct mi_routing *routing = &session->routing;

	routing->failed_code = code;
	mi_note_digest(session, mi_command_text(session), &routing->failed_digest);
	(void)mi_buf_cstr(&routing->failed_digest);
}

bool mi_note_err(struct mi_backend *back, const struct mi_reply_err *reply, bool first)
{
	const struct mi_effects *effects = effects_of(back);
	struct mi_route_session *session = back->session;

	if (session->command.uses)
		mi_database_refused(session);
	mi_pins_set(session, effects->pins_failed, true);
	mi_held_done(session, false);
	session->routing.failed_code = 0;
	if (first && in_replica(session) && !mi_back_is_writer(back) && effects->is_read &&
	    !is_of_the_moment(reply->code)) {
		note_failed(session, reply->code);
		return true;
	}
	if (effects->makes_ids)
		note_insert_id(back);
	note_over(back);
	note_no_trackers(back);
	note_uncertain(back);
	note_saw(back, true);
	return false;
}

bool mi_note_reader_failed(struct mi_backend *back, bool for_good)
{
	struct mi_route_session *session = back->session;

	if (!in_replica(session) || back->side != MI_ROUTE_TARGET)
		return false;
	if (for_good)
		session->routing.only_writer = true;
	else
		atomic_store(&session->route->replica->down_until,
		             mi_loop_now(session->client.loop) + DOWN_MS);
	if (session->phase == MI_SESSION_READY && session->wait == MI_WAIT_BACK)
		mi_session_resume(session);
	return true;
}

void mi_note_answered(struct mi_backend *back)
{
	uint8_t code = back->session->command.code;

	if (code == MI_COM_RESET_CONNECTION) /* nothing is left of what was before */
		return;
	leave(&back->session->routing.last, back);
	/* what is prepared is prepared again where it is needed; the other two change nothing */
	back->noted.used |=
	    code != MI_COM_STMT_PREPARE && code != MI_COM_PING && code != MI_COM_STATISTICS;
}

/* ---- Lost connections ---- */

bool mi_note_holds(const struct mi_backend *back)
{
	const struct mi_route_session *session = back->session;

	if (mi_carry_is_at(session, back->side))
		return true;
	return mi_back_is_writer(back) &&
	       (back->noted.used || back->status & MI_STATUS_IN_TRANS || session->pins);
}

static void lose(struct mi_left *left, const struct mi_backend *back)
{
	left->gone |= left->has && left->side == back->side;
}

void mi_note_closed(struct mi_backend *back)
{
	lose(&back->session->routing.last, back);
	lose(&back->session->routing.last_select, back);
	mi_back_noted_begin(&back->noted);
}

void mi_note_stays(struct mi_route_session *session)
{
	session->routing.stays = true;
}

void mi_note_lost(struct mi_backend *back)
{
	note_over(back);
	note_uncertain(back);
	if (in_replica(back->session) && !mi_back_is_writer(back))
		(void)mi_note_reader_failed(back, false);
}

void mi_note_refused(struct mi_backend *back)
{
	back->session->routing.only_writer = true;
	mi_pins_set(back->session, MI_CLASS_PIN_STATE, true);
}

/* ---- Life ---- */

void mi_note_next_lost(struct mi_route_session *session)
{
	session->routing.next_only = false;
}

void mi_note_reset(struct mi_route_session *session)
{
	struct mi_routing *routing = &session->routing;

	mi_session_settings_release(session);
	routing->only_writer = routing->next_only = routing->unsure = routing->stays = false;
	routing->hides_text = false;
	routing->last = routing->last_select = (struct mi_left){0};
	routing->user = NULL; /* after COM_CHANGE_USER it is another user */
}

void mi_note_trackers_made(struct mi_backend *back)
{
	back->noted.wants_trackers = false;
}

void mi_note_release(struct mi_route_session *session)
{
	mi_session_settings_release(session);
	mi_held_forget(session);
	mi_buf_release(&session->routing.failed_digest);
}
