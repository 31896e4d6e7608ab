/* What answers tell about a session: settings, GTIDs, pins, and reads that only one side can
 * answer. */
#include "route/session/note.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "protocol/caps.h"
#include "protocol/reply.h"
#include "route/auth/users.h"
#include "route/net/loop.h"
#include "route/replica/incompatible.h"
#include "route/replica/progress.h"
#include "route/replica/replica.h"
#include "route/session/command_bytes.h"
#include "route/session/noted.h"
#include "route/session/state.h"
#include "route/shared/baseline.h"
#include "route/shared/names.h"
#include "route/shared/settings.h"
#include "route/shared/shared.h"
#include "sql/class.h"
#include "sql/digest.h"
#include "sql/lexer.h"

enum { DIGEST_MAX = 500 };

static bool in_replica(const struct mi_route_session *session)
{
	return mi_route_mode(session->route) == MI_MODE_REPLICA;
}

static bool is_writer(const struct mi_backend *back)
{
	return back->side == mi_route_writer(mi_route_mode(back->session->route));
}

/* ---- Marks ---- */

static void note_gtids(struct mi_route_session *session, const struct mi_backend *back,
                       struct mi_span gtids)
{
	struct mi_route_noted *noted = session->noted;

	if (in_replica(session) && is_writer(back))
		mi_replica_progress_wrote(session->route->replica->causal, &noted->need,
		                          mi_noted_user(session), gtids);
}

/* An answer without trackers to what may have written. */
static void note_uncertain(struct mi_route_session *session, const struct mi_backend *back)
{
	/* BEGIN commits what was open before */
	if (!mi_noted(session)->harmless || mi_noted(session)->reason == MI_REASON_REFUSED ||
	    (mi_noted(session)->class == MI_CLASS_BEGIN && session->wrote))
		note_gtids(session, back, (struct mi_span){0});
}

/* ---- Settings ---- */

/* LAST_INSERT_ID() may be another one now: that of a procedure no OK tells. */
static void note_insert_id(struct mi_backend *back)
{
	if (!is_writer(back))
		return;
	back->session->has_insert_id = true;
	back->session->insert_id_at = back->side;
}

/* True: it is one of the client's settings. */
static bool note_variable(struct mi_backend *back, const struct mi_track *track)
{
	struct mi_route_noted *noted = back->session->noted;
	uint64_t before = noted->settings.generation;

	if (mi_span_is(track->name, "last_gtid") && track->value.len)
		note_gtids(back->session, back, track->value);
	if (mi_span_is(track->name, "last_insert_id") || mi_span_is(track->name, "identity"))
		note_insert_id(back);
	if (!mi_route_settings_note(&noted->settings, track->name, track->value))
		return false;
	if (mi_route_settings_is_charset(track->name)) {
		back->session->asks_collation = true;
		back->session->collation_at = back->side;
	}
	if (mi_span_is(track->name, "sql_mode"))
		noted->modes = mi_lex_modes(track->value);
	if (mi_span_is(track->name, "sql_auto_is_null"))
		noted->auto_is_null =
		    !mi_span_is(track->value, "OFF") && !mi_span_is(track->value, "0");
	if (mi_span_is(track->name, "character_set_client"))
		noted->charset = mi_lex_charset(track->value);
	/* this session has it already, if it had all before */
	if (back->replayed == before)
		back->replayed = noted->settings.generation;
	return true;
}

/* The server's name for the database, as the client calls it. */
static void note_database(struct mi_backend *back, struct mi_span name)
{
	struct mi_route_session *session = back->session;
	const struct mi_route_server *server = &session->route->server[back->side];

	if (server->map_to && mi_span_is(name, server->map_to))
		name = mi_span_str(server->map_from);
	if (!is_writer(back) || mi_span_eq(name, mi_buf_span(&session->database)))
		return;
	mi_buf_reset(&session->database);
	mi_buf_add_span(&session->database, name);
	session->database_generation++;
	for (int side = 0; side < MI_ROUTE_SIDES; side++)
		if (side != (int)back->side)
			session->back[side].has_database = false;
}

/* A procedure, or a text that was not looked at, may have made what trackers only hint at. */
static bool may_hide_state(const struct mi_route_noted *noted)
{
	return !noted->looked || noted->class == MI_CLASS_WRITE;
}

/* The trackers' word on what is not a setting. explained: a setting or the database has changed. It
 * may be of an earlier command, whose answer could tell nothing. */
static void note_state(struct mi_backend *back, bool state, bool explained)
{
	struct mi_route_noted *noted = back->session->noted;
	bool hidden = may_hide_state(noted) && (!explained || !noted->looked || noted->hides_state);

	if (!is_writer(back))
		return;
	if (state && (hidden || noted->unsure))
		back->session->pins |= MI_PIN_STATE;
	noted->unsure = false;
}

/* An answer without trackers to what has run a program: the next OK makes up for it. */
static void note_no_trackers(struct mi_backend *back)
{
	struct mi_route_noted *noted = back->session->noted;

	if (is_writer(back) && noted->runs_program)
		noted->unsure = true;
}

static void note_changes(struct mi_backend *back, const struct mi_reply_ok *ok)
{
	struct mi_track_walk walk = {.in = mi_bytes(ok->changes)};
	struct mi_track track;
	bool variable = false, state = false, schema = false;

	while (mi_track_next(&walk, &track)) {
		if (track.kind == MI_TRACK_VARIABLE) {
			variable |=
			    note_variable(back, &track) || mi_span_is(track.name, "autocommit");
		} else if (track.kind == MI_TRACK_GTIDS) {
			note_gtids(back->session, back, track.value);
		} else if (track.kind == MI_TRACK_SCHEMA) {
			note_database(back, track.value);
			schema = true;
		} else if (track.kind == MI_TRACK_STATE) {
			state = back->stateful = true;
		}
	}
	note_state(back, state, variable || schema);
}

/* ---- Pins ---- */

static unsigned session_pins(unsigned pins)
{
	static const struct {
		unsigned from, to;
	} same[] = {
	    {MI_CLASS_PIN_TEMPORARY, MI_PIN_TEMPORARY},
	    {MI_CLASS_PIN_LOCK_TABLES, MI_PIN_LOCK_TABLES},
	    {MI_CLASS_PIN_USER_LOCK, MI_PIN_USER_LOCK},
	    {MI_CLASS_PIN_HANDLER, MI_PIN_HANDLER},
	    {MI_CLASS_PIN_XA, MI_PIN_XA},
	    {MI_CLASS_PIN_FLUSH_LOCK, MI_PIN_FLUSH_LOCK},
	    {MI_CLASS_PIN_STATE, MI_PIN_STATE},
	};
	unsigned bits = 0;

	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		if (pins & same[i].from)
			bits |= same[i].to;
	return bits;
}

static void note_pins(struct mi_route_session *session)
{
	struct mi_route_noted *noted = session->noted;

	session->pins &= ~session_pins(noted->unpins);
	session->pins |= session_pins(noted->pins);
}

/* ---- Reads ---- */

static void note_answered(struct mi_route_session *session, struct mi_backend *back, bool rows)
{
	struct mi_route_noted *noted = session->noted;
	struct mi_route_replica *replica = session->route->replica;

	if ((rows && noted->class != MI_CLASS_COMMIT) || noted->runs_program)
		noted->last_select = back->side;
	if (noted->class == MI_CLASS_WRITE || !noted->looked)
		note_insert_id(back);
	noted->next_only = noted->sets_next || (noted->next_only && noted->class == MI_CLASS_SET);
	if (noted->sets_next)
		noted->next_side = back->side;
	if (!in_replica(session))
		return;
	if (noted->class == MI_CLASS_READ && noted->looked)
		atomic_fetch_add(
		    &replica->reads[back->side == MI_ROUTE_TARGET ? MI_REASON_NONE : noted->reason],
		    1);
	if (noted->failed_code && is_writer(back))
		mi_route_incompatible_add(replica->incompatible, noted->failed_code,
		                          mi_buf_span(&noted->failed_digest),
		                          noted->failed_code == 1792 || noted->failed_code == 1290,
		                          mi_loop_now(session->client.loop));
	noted->failed_code = 0;
	if (is_writer(back))
		mi_replica_progress_saw(replica->causal, &noted->need, mi_noted_user(session));
}

void mi_route_note_ok(struct mi_route_session *session, struct mi_backend *back,
                      const struct mi_reply_ok *ok)
{
	struct mi_route_noted *noted = session->noted;

	if (ok->status & MI_STATUS_SESSION_CHANGED)
		note_changes(back, ok);
	else
		note_state(back, false, false);
	note_pins(session);
	note_answered(session, back, ok->header != 0);
	if (noted->mixed_trackers) /* the client has set some of ours, too */
		back->wants_trackers = true;
}

void mi_route_note_eof(struct mi_route_session *session, struct mi_backend *back, uint16_t status)
{
	(void)status;
	note_pins(session);
	note_answered(session, back, true);
	note_no_trackers(back);
	note_uncertain(session, back);
}

/* Errors that have to do with the moment, or with the client, not with the statement. */
static bool is_of_the_moment(unsigned code)
{
	static const unsigned codes[] = {1053, 1205, 1213, 1317, 1969, 3024, 1927, 3169, 4031};

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (code == codes[i])
			return true;
	return false;
}

static bool wants_repeat(struct mi_route_session *session, const struct mi_backend *back,
                         unsigned code)
{
	struct mi_route_noted *noted = session->noted;

	return in_replica(session) && !is_writer(back) && noted->looked &&
	       noted->class == MI_CLASS_READ && !is_of_the_moment(code);
}

/* The text of the command that is kept to be repeated; without it the digest is the error's code
 * alone. */
static void note_failed(struct mi_route_session *session, unsigned code)
{
	struct mi_route_noted *noted = session->noted;
	struct mi_class_rules rules = mi_noted_rules(session);
	struct mi_span text = mi_route_command_text(session);

	noted->failed_code = code;
	mi_buf_reset(&noted->failed_digest);
	mi_class_digest(text, &rules, DIGEST_MAX, &noted->failed_digest);
	(void)mi_buf_cstr(&noted->failed_digest);
}

bool mi_route_note_err(struct mi_route_session *session, struct mi_backend *back,
                       const struct mi_reply_err *reply, bool first)
{
	struct mi_route_noted *noted = session->noted;

	if (noted->several)
		note_pins(session);
	noted->failed_code = 0;
	if (first && wants_repeat(session, back, reply->code)) {
		note_failed(session, reply->code);
		return true;
	}
	if (noted->class == MI_CLASS_WRITE || !noted->looked)
		note_insert_id(back);
	note_no_trackers(back);
	note_uncertain(session, back);
	return false;
}

void mi_route_note_lost(struct mi_route_session *session, struct mi_backend *back)
{
	note_uncertain(session, back);
	if (in_replica(session) && !is_writer(back))
		(void)mi_route_reader_failed(back, false);
}

void mi_route_note_reset(struct mi_route_session *session)
{
	struct mi_route_noted *noted = session->noted;

	mi_route_settings_release(&noted->settings);
	noted->has_rules = noted->only_writer = noted->asked = noted->next_only = noted->unsure =
	    false;
	session->has_autocommit = session->asks_collation = false;
	noted->user = NULL; /* CHANGE_USER */
}

/* ---- What others see ---- */

bool mi_track_is_shown(void *arg, const struct mi_track *track)
{
	(void)arg;
	return track->kind == MI_TRACK_SCHEMA;
}

bool mi_route_replay(struct mi_route_session *session, struct mi_backend *back, struct mi_buf *sql)
{
	const struct mi_route_baseline_at at = {.mariadb = back->mariadb, .version = back->version};

	return mi_route_settings_sql(&mi_noted(session)->settings, back->replayed,
	                             mi_route_baseline_there, &at, sql);
}

void mi_route_note_collation(struct mi_route_session *session, struct mi_backend *back,
                             struct mi_span name)
{
	struct mi_route_noted *noted = session->noted;
	uint64_t before = noted->settings.generation;

	session->asks_collation = false;
	if (name.len)
		(void)mi_route_settings_note(&noted->settings, mi_span_str("collation_connection"),
		                             name);
	if (back->replayed == before)
		back->replayed = noted->settings.generation;
}

void mi_route_replayed(struct mi_route_session *session, struct mi_backend *back,
                       const struct mi_reply_err *reply)
{
	struct mi_route_noted *noted = session->noted;

	back->replayed = noted->settings.generation;
	if (!reply)
		return;
	/* where they cannot be made again the session cannot go */
	noted->only_writer = true;
	session->pins |= MI_PIN_STATE;
}
