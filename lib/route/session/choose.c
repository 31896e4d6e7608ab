#include "route/session/choose.h"
#include "base/buf.h"
#include "base/msg.h"
#include "protocol/caps.h"
#include "route/auth/users.h"
#include "route/catalogue/catalogue.h"
#include "route/net/loop.h"
#include "route/replica/incompatible.h"
#include "route/replica/marks.h"
#include "route/replica/progress.h"
#include "route/replica/replica.h"
#include "route/shared/shared.h"
#include "route/state/command.h"
#include "route/state/decide.h"
#include "route/state/held.h"
#include "route/state/note.h"
#include "route/state/settings.h"
#include "route/state/state.h"
#include "route/state/stmt.h"
#include "route/state/trans.h"
#include "sql/class.h"
#include "sql/class_set.h"
#include "sql/lexer.h"

#include <string.h>

enum { TICK_MS = 1 }; /* between two looks whether the target has what a waiting read must see */

/* ---- Facts ---- */

static bool is_idle(const struct mi_route_session *session, enum mi_route_side side)
{
	return session->back[side].state == MI_BACK_IDLE;
}

/* Where what was left is to be asked for. */
static enum mi_route_side side_of(const struct mi_left *left, enum mi_route_mode mode)
{
	return left->has ? left->side : mi_route_writer(mode);
}

static struct mi_facts facts_of(const struct mi_route_session *session,
                                const struct mi_route_stmt *stmt)
{
	const struct mi_route *route = session->route;
	/* In this order: a hold that was not in force after the session had counted itself as busy
	 * cannot drain, so the mode read behind it lasts. */
	bool held = atomic_load(&route->held);
	enum mi_route_mode mode = mi_route_mode(route);
	const struct mi_trans *trans = &session->trans;
	const struct mi_routing *routing = &session->routing;

	return (struct mi_facts){
	    .mode = mode,
	    .held = held,
	    .allow_ddl = route->replica->allow_ddl,
	    .target_given =
		route->server[MI_ROUTE_TARGET].given && session->user->side[MI_ROUTE_TARGET].user,
	    .autocommit = mi_trans_is_autocommit(session),
	    .in_trans = trans->open,
	    .wrote = trans->wrote,
	    .trans_as_writer = trans->as_writer,
	    .trans_side = trans->side,
	    .evicted = trans->evicted,
	    .pins = session->pins,
	    .next_only = routing->next_only,
	    .next_side = routing->next_side,
	    .snapshot = trans->snapshot,
	    .only_writer = routing->only_writer || routing->stays,
	    .unsure = routing->unsure,
	    .auto_is_null = session->settings.auto_is_null,
	    .multi = session->multi,
	    .hides_text = routing->hides_text,
	    .programs_unread = !mi_catalogue_is_known(route->catalogue),
	    .programs_pin = mi_catalogue_pins(route->catalogue),
	    .last = side_of(&routing->last, mode),
	    .last_gone = routing->last.gone,
	    .last_select = side_of(&routing->last_select, mode),
	    .select_gone = routing->last_select.gone,
	    .insert_id = session->carry.has_id ? session->carry.id_at : mi_route_writer(mode),
	    .idle = {is_idle(session, MI_ROUTE_SOURCE), is_idle(session, MI_ROUTE_TARGET)},
	    .code = session->command.code,
	    .elsewhere = session->command.elsewhere,
	    .failed = routing->failed_code != 0,
	    .writer_only = stmt && stmt->writer_only,
	    .bound = stmt && (stmt->fixed || stmt->long_data),
	    .fixed = stmt && stmt->fixed,
	    .home = stmt ? stmt->home : MI_ROUTE_SOURCE,
	};
}

/* ---- The statement ---- */

static bool names_objects(const struct mi_class_kind *kind)
{
	switch (kind->class) {
	case MI_CLASS_EMPTY:
	case MI_CLASS_BEGIN:
	case MI_CLASS_COMMIT:
	case MI_CLASS_ROLLBACK:
	case MI_CLASS_SAVEPOINT:
	case MI_CLASS_USE:
	case MI_CLASS_KILL:
		return false;
	default:
		return true;
	}
}

static void read_statement(struct mi_route_session *session, const struct mi_facts *facts,
                           struct mi_span text, struct mi_client_statement *statement)
{
	struct mi_class_rules rules;
	enum mi_class end;

	*statement = (struct mi_client_statement){
	    .cut = session->command.cut,
	    .kind = {.class = MI_CLASS_WRITE, .verb = "", .object = ""}};
	if (facts->code != MI_COM_QUERY && facts->code != MI_COM_STMT_PREPARE &&
	    facts->code != MI_COM_STMT_EXECUTE)
		return;
	if (statement->cut) {
		rules = mi_session_settings_rules(session);
		statement->kind.hidden = !text.data || !mi_class_is_of_rows(text, &rules);
		return;
	}
	end = mi_class_end(text);
	statement->ends = end != MI_CLASS_WRITE;
	/* preparing a ROLLBACK rolls nothing back yet */
	statement->rolls_back = end == MI_CLASS_ROLLBACK && facts->code != MI_COM_STMT_PREPARE;
	statement->looked = text.data && mi_decide_must_look(facts, mi_class_is_plain(text));
	if (!statement->looked)
		return;
	rules = mi_session_settings_rules(session);
	mi_class_read(text, &rules, &statement->kind);
	if (names_objects(&statement->kind))
		statement->uses = mi_catalogue_of(
		    session->route->catalogue, text, &rules, mi_buf_span(&session->database.name),
		    statement->kind.harmless, statement->kind.runs_program);
}

/* ---- The reading side ---- */

static bool is_refused(struct mi_route_session *session, struct mi_span text)
{
	struct mi_route_incompatible *list = session->route->replica->incompatible;
	struct mi_buf digest = {0};
	bool refused;

	if (!mi_route_incompatible_refuses(list))
		return false;
	mi_note_digest(session, text, &digest);
	refused = mi_route_incompatible_is_refused(list, mi_buf_span(&digest));
	mi_buf_release(&digest);
	return refused;
}

/* Does the target have what the read must see, and if not, is there time left to wait for it? */
static enum mi_reader ask_marks(struct mi_route_session *session, uint64_t now)
{
	struct mi_replica_progress *progress = session->route->replica->causal;
	struct mi_route_command *command = &session->command;
	enum mi_causal_answer answer =
	    mi_replica_progress_ask(progress, &session->routing.need, mi_note_user_need(session),
	                            !command->waited, &command->asked, now);

	if (answer == MI_CAUSAL_WAITS || answer == MI_CAUSAL_ASKED) {
		if (now - command->began < mi_replica_progress_wait_ms(progress))
			return MI_READER_WAITS;
		mi_replica_progress_waited_in_vain(progress);
	}
	switch (answer) {
	case MI_CAUSAL_HAS:
		return MI_READER_HAS;
	case MI_CAUSAL_WAITS:
	case MI_CAUSAL_BEHIND:
		return MI_READER_BEHIND;
	case MI_CAUSAL_SILENT:
		return MI_READER_SILENT;
	default:
		return MI_READER_UNKNOWN;
	}
}

static enum mi_reader ask_reader(struct mi_route_session *session, struct mi_span text)
{
	struct mi_route_replica *replica = session->route->replica;
	struct mi_route_command *command = &session->command;
	uint64_t now = mi_loop_now(session->client.loop);
	enum mi_reader reader;

	if (now < atomic_load(&replica->down_until))
		reader = MI_READER_DOWN;
	else if (is_refused(session, text))
		reader = MI_READER_REFUSED;
	else
		reader = ask_marks(session, now);
	if (reader == MI_READER_WAITS) {
		if (!command->waited)
			atomic_fetch_add(&replica->waited, 1);
		command->waited = true;
		mi_timer_set(session->client.loop, &session->timer, TICK_MS);
	} else if (command->waited && reader != MI_READER_HAS) {
		atomic_fetch_add(&replica->waited_in_vain, 1);
	}
	return reader;
}

/* ---- The verdict ---- */

/* Only the first of each kind is logged; status shows how many there were. */
static void count_stays_behind(struct mi_route_session *session, const struct mi_class_kind *kind)
{
	struct mi_route_replica *replica = session->route->replica;
	bool account = kind->class == MI_CLASS_ACCOUNT;

	if (atomic_fetch_add(account ? &replica->accounts : &replica->globals, 1) == 0)
		mi_notice(
		    "session %u of %s at %s: a %s statement (%s) goes to the writer alone and is "
		    "not carried to the other side",
		    session->id, session->user->name, session->peer, account ? "account" : "server",
		    kind->verb);
}

static void carry_out(struct mi_route_session *session, const struct mi_verdict *verdict,
                      const struct mi_class_kind *kind)
{
	struct mi_route_replica *replica = session->route->replica;
	struct mi_route_command *command = &session->command;

	if (verdict->forgives)
		mi_trans_told(session);
	if (verdict->forgets_trans)
		mi_trans_forget(session);
	if (verdict->forgets_next)
		mi_note_next_lost(session);
	if (verdict->stays_behind)
		count_stays_behind(session, kind);
	if (verdict->action == MI_VERDICT_SEND && verdict->effects.redefines)
		mi_catalogue_want(session->route->catalogue);
	if (verdict->stays)
		mi_note_stays(session);
	if (verdict->other_name)
		atomic_fetch_add(&replica->other_db, 1);
	if (verdict->action == MI_VERDICT_NO_DDL)
		atomic_fetch_add(&replica->ddl_refused, 1);
	command->side = verdict->side;
	command->kind = verdict->kind;
	command->untouched = verdict->untouched;
	command->local_infile = verdict->local_infile;
	command->effects = verdict->effects;
	if (verdict->action == MI_VERDICT_SEND && command->code != MI_COM_STMT_PREPARE)
		mi_held_plan(session, kind);
}

struct mi_verdict mi_choose(struct mi_route_session *session, struct mi_span text,
                            const struct mi_route_stmt *stmt, struct mi_client_statement *statement)
{
	struct mi_facts facts = facts_of(session, stmt);
	struct mi_verdict verdict;

	read_statement(session, &facts, text, statement);
	facts.auto_is_null =
	    session->settings.auto_is_null; /* read_statement may have filled it in just now */
	verdict = mi_decide(&facts, statement);
	if (verdict.action == MI_VERDICT_ASK) {
		facts.reader = ask_reader(session, text);
		verdict = mi_decide(&facts, statement);
	}
	carry_out(session, &verdict, &statement->kind);
	return verdict;
}

void mi_choose_without_text(struct mi_route_session *session, bool harmless)
{
	session->command.effects = mi_decide_without_text(harmless);
}

/* ---- What statements contain ---- */

void mi_choose_database(struct mi_route_session *session,
                        const struct mi_client_statement *statement, struct mi_buf *name)
{
	mi_lexeme_value(&statement->kind.names[0].name, session->settings.modes, name);
}

/* Appends one setting as it is written in the client's SET, without the comma. */
static void add_setting(struct mi_buf *sql, struct mi_span setting)
{
	while (setting.len && strchr(" \t\n\r,", setting.data[setting.len - 1]))
		setting.len--;
	mi_buf_add_str(sql, sql->len ? ", " : "SET ");
	mi_buf_add_span(sql, setting);
}

void mi_choose_stripped(const struct mi_client_statement *statement, struct mi_buf *sql)
{
	struct mi_lexer settings = statement->kind.settings;
	struct mi_class_setting setting;
	const char *begin;

	for (begin = settings.left.data; mi_class_set_next(&settings, &setting);
	     begin = settings.left.data)
		if (setting.form != MI_SET_VARIABLE || !mi_class_is_tracker(setting.name))
			add_setting(sql, mi_span(begin, (size_t)(settings.left.data - begin)));
}
