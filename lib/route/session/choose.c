#include "route/session/choose.h"
#include "base/buf.h"
#include "base/msg.h"
#include "protocol/caps.h"
#include "route/auth/users.h"
#include "route/net/loop.h"
#include "route/replica/incompatible.h"
#include "route/replica/marks.h"
#include "route/replica/progress.h"
#include "route/replica/replica.h"
#include "route/session/noted.h"
#include "route/session/reply.h"
#include "route/session/state.h"
#include "route/session/trans.h"
#include "route/shared/names.h"
#include "route/shared/shared.h"
#include "sql/class.h"
#include "sql/class_set.h"
#include "sql/digest.h"
#include "sql/lexer.h"

#include <strings.h>

enum { ER_OPTION_PREVENTS_STATEMENT = 1290, DIGEST_MAX = 500, TICK_MS = 1 };

/* ---- A session's settings ---- */

/* ---- Whether to look ---- */

/* Statements that applications send most pin nothing unless a lock's name or a variable is in
 * them. */
static bool is_plain(struct mi_span text)
{
	static const char *const often[] = {"SELECT ", "INSERT ", "UPDATE ", "DELETE ", "COMMIT"};
	bool plain = false;

	for (size_t i = 0; i < sizeof often / sizeof *often && !plain; i++)
		plain = text.len >= strlen(often[i]) &&
		        strncasecmp(text.data, often[i], strlen(often[i])) == 0;
	for (size_t i = 0; i < text.len && plain; i++) {
		char c = text.data[i];

		plain = c != '@' && c != ';';
		if ((c | 0x20) == 'l' && text.len - i >= 3 && (text.data[i + 1] | 0x20) == 'o' &&
		    (text.data[i + 2] | 0x20) == 'c')
			plain = false; /* LOCK, LOCAL */
	}
	return plain;
}

static bool wants_look(const struct mi_route_session *session, struct mi_span text)
{
	const struct mi_route *route = session->route;
	enum mi_route_mode mode = mi_route_mode(route);

	if (!text.data)
		return false;
	return mode == MI_MODE_REPLICA || atomic_load(&route->held) || session->in_trans ||
	       !mi_trans_is_autocommit(session) || !is_plain(text);
}

static void note_kind(struct mi_route_noted *noted, const struct mi_class_kind *kind)
{
	noted->class = kind->class;
	noted->pins = kind->pins;
	noted->unpins = kind->unpins;
	noted->several = kind->several;
	noted->harmless = kind->harmless || kind->class == MI_CLASS_READ ||
	                  kind->class == MI_CLASS_BEGIN || kind->class == MI_CLASS_EMPTY;
	noted->mixed_trackers = kind->trackers && !kind->trackers_only;
	noted->sets_next = kind->next_only;
	noted->runs_program = kind->runs_program;
	noted->hides_state = kind->class == MI_CLASS_WRITE && (!kind->sets || kind->runs_program);
	noted->reason = MI_REASON_SESSION;
}

static void look(struct mi_route_session *session, struct mi_span text, struct mi_class_kind *kind)
{
	struct mi_route_noted *noted = session->noted;
	struct mi_class_rules rules;

	*kind = (struct mi_class_kind){.class = MI_CLASS_WRITE, .verb = "", .object = ""};
	noted->looked = wants_look(session, text);
	if (noted->looked) {
		rules = mi_noted_rules(session);
		mi_class_read(text, &rules, kind);
	}
	note_kind(noted, kind);
}

/* ---- Reads in replica ---- */

static bool is_refused(struct mi_route_session *session, struct mi_span text)
{
	struct mi_route_incompatible *list = session->route->replica->incompatible;
	struct mi_class_rules rules;
	struct mi_buf digest = {0};
	bool refused;

	if (!mi_route_incompatible_refuses(list))
		return false;
	rules = mi_noted_rules(session);
	mi_class_digest(text, &rules, DIGEST_MAX, &digest);
	refused = mi_route_incompatible_is_refused(list, mi_buf_span(&digest));
	mi_buf_release(&digest);
	return refused;
}

/* Could the target answer it, as far as this session goes? */
static enum mi_route_reason target_for(struct mi_route_session *session, struct mi_span text)
{
	struct mi_route_noted *noted = session->noted;
	struct mi_route *route = session->route;
	uint64_t now = mi_loop_now(session->client.loop);

	if (!route->server[MI_ROUTE_TARGET].given || !session->user->side[MI_ROUTE_TARGET].user ||
	    session->in_trans || session->pins || !mi_trans_is_autocommit(session) ||
	    noted->only_writer || noted->next_only || noted->unsure || noted->auto_is_null)
		return MI_REASON_SESSION;
	if (session->command.elsewhere)
		return noted->failed_code ? MI_REASON_REFUSED : MI_REASON_DOWN;
	if (now < atomic_load(&route->replica->down_until))
		return MI_REASON_DOWN;
	return is_refused(session, text) ? MI_REASON_REFUSED : MI_REASON_NONE;
}

static enum mi_route_verdict wait_for_target(struct mi_route_session *session,
                                             struct mi_route_choice *choice)
{
	struct mi_route_noted *noted = session->noted;

	if (!noted->asked)
		atomic_fetch_add(&session->route->replica->waited, 1);
	noted->asked = true;
	mi_timer_set(session->client.loop, &session->timer, TICK_MS);
	choice->wait = MI_WAIT_CAUSAL;
	return MI_CHOSE_WAIT;
}

static enum mi_route_verdict choose_read(struct mi_route_session *session, struct mi_span text,
                                         struct mi_route_choice *choice)
{
	struct mi_route_noted *noted = session->noted;
	struct mi_route_replica *replica = session->route->replica;
	uint64_t now = mi_loop_now(session->client.loop);
	bool waited = noted->asked;

	noted->reason = target_for(session, text);
	if (noted->reason != MI_REASON_NONE)
		return MI_CHOSE_SEND;
	switch (mi_replica_progress_ask(replica->causal, &noted->need, mi_noted_user(session),
	                                !waited, &noted->arrived, now)) {
	case MI_CAUSAL_HAS:
		choice->side = MI_ROUTE_TARGET;
		break;
	case MI_CAUSAL_WAITS:
		if (now - session->command.began < mi_replica_progress_wait_ms(replica->causal))
			return wait_for_target(session, choice);
		mi_replica_progress_waited_in_vain(replica->causal);
		noted->reason = MI_REASON_BEHIND;
		break;
	case MI_CAUSAL_BEHIND:
		noted->reason = MI_REASON_BEHIND;
		break;
	case MI_CAUSAL_SILENT:
		noted->reason = MI_REASON_SILENT;
		break;
	case MI_CAUSAL_UNKNOWN:
		noted->reason = MI_REASON_UNKNOWN;
		break;
	}
	if (waited && noted->reason != MI_REASON_NONE)
		atomic_fetch_add(&replica->waited_in_vain, 1);
	return MI_CHOSE_SEND;
}

/* What an earlier statement left behind is where that ran. */
static void choose_diagnostics(struct mi_route_session *session, unsigned asks,
                               struct mi_route_choice *choice)
{
	struct mi_route_noted *noted = session->noted;
	enum mi_route_side side = choice->side;

	if (asks & MI_CLASS_ASK_LAST)
		side = session->last;
	else if (asks & MI_CLASS_ASK_FOUND_ROWS)
		side = noted->last_select;
	if (asks & MI_CLASS_ASK_INSERT_ID || session->back[side].state != MI_BACK_IDLE)
		return;
	choice->side = side;
}

/* ---- Others ---- */

/* While rows flow a definition that changes would stop them. */
static bool refuses_definition(struct mi_route_session *session, const struct mi_class_kind *kind)
{
	enum mi_route_mode mode = mi_route_mode(session->route);
	struct mi_route_replica *replica = session->route->replica;

	if (!kind->defines || replica->allow_ddl ||
	    (mode != MI_MODE_REPLICA && mode != MI_MODE_PRIMARY))
		return false;
	atomic_fetch_add(&replica->ddl_refused, 1);
	mi_session_refuse(
	    session, ER_OPTION_PREVENTS_STATEMENT, "HY000",
	    "Definitions cannot change while a database is being imported: the router "
	    "runs without --allow-ddl");
	return true;
}

/* One line in the log is enough; status counts them. */
static void note_not_carried(struct mi_route_session *session, const struct mi_class_kind *kind)
{
	struct mi_route_replica *replica = session->route->replica;
	bool account = kind->class == MI_CLASS_ACCOUNT;
	enum mi_route_mode mode = mi_route_mode(session->route);

	if ((!account && kind->class != MI_CLASS_GLOBAL) ||
	    (mode != MI_MODE_REPLICA && mode != MI_MODE_PRIMARY))
		return;
	if (atomic_fetch_add(account ? &replica->accounts : &replica->globals, 1) == 0)
		mi_notice(
		    "session %u of %s at %s: a %s statement (%s) goes to the writer alone and is "
		    "not carried to the other side",
		    session->id, session->user->name, session->peer, account ? "account" : "server",
		    kind->verb);
}

static bool is_answered_here(struct mi_route_session *session, const struct mi_class_kind *kind)
{
	if (refuses_definition(session, kind))
		return true;
	if (kind->class != MI_CLASS_SET || !kind->trackers_only)
		return false;
	mi_session_ok(session);
	return true;
}

/* In a hold reads go on, and what ends or follows a transaction that has written. */
static bool is_held(const struct mi_route_session *session, const struct mi_class_kind *kind)
{
	return atomic_load(&session->route->held) && !(session->in_trans && session->wrote) &&
	       kind->class != MI_CLASS_READ && kind->class != MI_CLASS_DIAGNOSTICS;
}

static void take_database(struct mi_route_session *session, const struct mi_class_kind *kind,
                          struct mi_route_choice *choice)
{
	struct mi_route_noted *noted = session->noted;

	mi_buf_reset(&choice->database);
	mi_lexeme_value(&kind->names[0].name, noted->modes, &choice->database);
}

/* As it stands between its commas. */
static void add_setting(struct mi_buf *sql, struct mi_span setting)
{
	while (setting.len && strchr(" \t\n\r,", setting.data[setting.len - 1]))
		setting.len--;
	mi_buf_add_str(sql, sql->len ? ", " : "SET ");
	mi_buf_add_span(sql, setting);
}

bool mi_route_choose_rewritten(struct mi_route_session *session, struct mi_span text,
                               struct mi_buf *sql)
{
	struct mi_route_noted *noted = session->noted;
	struct mi_class_rules rules = mi_noted_rules(session);
	struct mi_class_setting setting;
	struct mi_class_kind kind;
	const char *begin;

	if (!noted->mixed_trackers || noted->class != MI_CLASS_SET)
		return false;
	mi_class_read(text, &rules, &kind);
	for (begin = kind.settings.left.data; mi_class_set_next(&kind.settings, &setting);
	     begin = kind.settings.left.data)
		if (setting.form != MI_SET_VARIABLE || !mi_class_is_tracker(setting.name))
			add_setting(sql, mi_span(begin, (size_t)(kind.settings.left.data - begin)));
	noted->mixed_trackers = false;
	return true;
}

void mi_choose_without_text(struct mi_route_session *session, bool harmless)
{
	struct mi_route_noted *noted = session->noted;
	struct mi_class_kind kind = {.class = MI_CLASS_COMMIT, .harmless = harmless};

	noted->looked = true;
	note_kind(noted, &kind);
}

enum mi_route_verdict mi_route_choose(struct mi_route_session *session, uint8_t code,
                                      struct mi_span text, struct mi_route_choice *choice)
{
	struct mi_route_noted *noted = session->noted;
	enum mi_route_verdict verdict = MI_CHOSE_SEND;
	struct mi_class_kind kind;

	choice->side = mi_route_writer(mi_route_mode(session->route));
	if (code != MI_COM_QUERY && code != MI_COM_STMT_PREPARE && code != MI_COM_STMT_EXECUTE)
		text = (struct mi_span){0};
	look(session, text, &kind);
	choice->kind = noted->harmless ? MI_KIND_READ : MI_KIND_UNKNOWN;
	choice->local_infile = code == MI_COM_QUERY && kind.class == MI_CLASS_LOAD_LOCAL;
	if (is_held(session, &kind)) {
		choice->wait = MI_WAIT_HOLD;
		return MI_CHOSE_WAIT;
	}
	if (is_answered_here(session, &kind))
		return MI_CHOSE_ANSWER;
	if (kind.class == MI_CLASS_USE && code == MI_COM_QUERY) {
		take_database(session, &kind, choice);
		return MI_CHOSE_USE;
	}
	if (code == MI_COM_STMT_PREPARE) { /* made where it is run, when it is run */
		noted->pins = noted->unpins = 0;
		return MI_CHOSE_SEND;
	}
	note_not_carried(session, &kind);
	if (kind.renames_db)
		atomic_fetch_add(&session->route->replica->other_db, 1);
	if (mi_route_mode(session->route) != MI_MODE_REPLICA)
		return MI_CHOSE_SEND;
	if (kind.class == MI_CLASS_READ)
		verdict = choose_read(session, text, choice);
	else if (kind.class == MI_CLASS_DIAGNOSTICS)
		choose_diagnostics(session, kind.diagnostics, choice);
	if (verdict != MI_CHOSE_WAIT)
		noted->asked = false;
	return verdict;
}

bool mi_choose_next_trans_is_lost(struct mi_route_session *session, enum mi_route_side side)
{
	struct mi_route_noted *noted = session->noted;
	bool lost = noted->next_only && noted->next_side != side;

	noted->next_only &= !lost;
	return lost;
}

/* ---- The reading side fails ---- */

enum { DOWN_MS = 1000 };

/* ---- Life ---- */
