#include "route/state/decide.h"
#include "protocol/caps.h"
#include "route/auth/users.h"
#include "route/shared/names.h"
#include "sql/class.h"

#include <string.h>

/* ---- What a statement does to the session ---- */

static bool is_harmless(const struct mi_client_statement *statement)
{
	const struct mi_class_kind *kind = &statement->kind;

	return !statement->uses.changes && !statement->uses.hidden &&
	       (kind->harmless || kind->class == MI_CLASS_READ || kind->class == MI_CLASS_BEGIN ||
	        kind->class == MI_CLASS_EMPTY);
}

static bool is_verb(const struct mi_class_kind *kind, const char *verb)
{
	return strcmp(kind->verb, verb) == 0;
}

/* Does it surely use up what is set for the next transaction alone? Tried on both servers: that
 * stays in force through everything that neither begins nor ends a transaction at an engine, as
 * SELECT 1, CALL of a procedure without tables, SHOW and most errors. */
static bool uses_up_next(const struct mi_class_kind *kind)
{
	if (is_verb(kind, "INSERT") || is_verb(kind, "UPDATE") || is_verb(kind, "DELETE"))
		return !kind->several;
	return kind->class == MI_CLASS_BEGIN || kind->class == MI_CLASS_COMMIT ||
	       kind->class == MI_CLASS_ROLLBACK;
}

static bool runs_program(const struct mi_client_statement *statement)
{
	const struct mi_program_effects *uses = &statement->uses;

	return statement->kind.runs_program || uses->changes || uses->pins || uses->hidden;
}

/* A query takes its locks and sets its variables row by row, and may fail after that. What else
 * pins is made by a statement of its own as its last step, or by one of several, or by a program.
 */
static unsigned pins_failed(const struct mi_client_statement *statement)
{
	const struct mi_class_kind *kind = &statement->kind;

	if (kind->several || runs_program(statement))
		return kind->pins | statement->uses.pins;
	return kind->pins & (MI_CLASS_PIN_USER_LOCK | MI_CLASS_PIN_STATE);
}

/* SHOW WARNINGS and ERRORS; this, and what else FOUND_ROWS() counts, was tried on both servers. */
static bool shows_what_was_left(const struct mi_class_kind *kind)
{
	return kind->class == MI_CLASS_DIAGNOSTICS && is_verb(kind, "SHOW");
}

static struct mi_effects effects_of(const struct mi_facts *facts,
                                    const struct mi_client_statement *statement)
{
	const struct mi_class_kind *kind = &statement->kind;
	const struct mi_program_effects *uses = &statement->uses;
	bool is_write = kind->class == MI_CLASS_WRITE || uses->changes || uses->pins;

	return (struct mi_effects){
	    .may_write = !is_harmless(statement),
	    .commits = kind->class == MI_CLASS_BEGIN && facts->wrote,
	    .is_read = kind->class == MI_CLASS_READ,
	    .runs_program = runs_program(statement),
	    .makes_ids = is_write && (!kind->makes_no_id || uses->changes),
	    .gives_rows = kind->class != MI_CLASS_COMMIT && !shows_what_was_left(kind),
	    .explains =
		is_verb(kind, "EXPLAIN") || is_verb(kind, "DESCRIBE") || is_verb(kind, "DESC"),
	    .counts = kind->selects && is_write && !is_verb(kind, "SET"),
	    .counts_at_mysql = is_verb(kind, "UPDATE") || is_verb(kind, "DO"),
	    .sets_next = kind->next_only,
	    .keeps_next = !uses_up_next(kind),
	    .may_hide_state = is_write && !kind->for_itself,
	    .hides_state =
		is_write && !kind->for_itself && (!kind->sets || runs_program(statement)),
	    .sets_trackers = kind->trackers,
	    .for_itself = kind->for_itself,
	    .several = kind->several,
	    .redefines = kind->redefines || uses->defines || uses->hidden,
	    .hides_text = (kind->prepares && (kind->defines || kind->hidden)) || uses->hidden,
	    .pins = kind->pins | uses->pins,
	    .pins_failed = pins_failed(statement),
	    .unpins = kind->unpins,
	    .reason = MI_REASON_SESSION,
	};
}

struct mi_effects mi_decide_without_text(bool harmless)
{
	const struct mi_client_statement statement = {
	    .kind = {.class = MI_CLASS_COMMIT, .harmless = harmless, .verb = "", .object = ""}};
	const struct mi_facts facts = {0};
	struct mi_effects effects = effects_of(&facts, &statement);

	effects.keeps_next = harmless;
	return effects;
}

/* ---- Reads in replica ---- */

/* MI_REASON_NONE when neither the session nor an earlier attempt keeps a read from the target. */
static enum mi_route_reason target_for(const struct mi_facts *facts,
                                       const struct mi_program_effects *uses)
{
	if (!facts->target_given || facts->in_trans || facts->pins || !facts->autocommit ||
	    facts->only_writer || facts->next_only || facts->unsure || facts->auto_is_null)
		return MI_REASON_SESSION;
	if (facts->elsewhere)
		return facts->failed ? MI_REASON_REFUSED : MI_REASON_DOWN;
	if (facts->programs_unread)
		return MI_REASON_PROGRAMS;
	return uses->stays ? MI_REASON_NOT_IMPORTED : MI_REASON_NONE;
}

static void decide_read(const struct mi_facts *facts, const struct mi_program_effects *uses,
                        struct mi_verdict *verdict)
{
	static const enum mi_route_reason reasons[] = {
	    [MI_READER_HAS] = MI_REASON_NONE,      [MI_READER_BEHIND] = MI_REASON_BEHIND,
	    [MI_READER_SILENT] = MI_REASON_SILENT, [MI_READER_UNKNOWN] = MI_REASON_UNKNOWN,
	    [MI_READER_DOWN] = MI_REASON_DOWN,     [MI_READER_REFUSED] = MI_REASON_REFUSED,
	};

	verdict->effects.reason = target_for(facts, uses);
	if (verdict->effects.reason != MI_REASON_NONE)
		return;
	if (facts->reader == MI_READER_UNASKED) {
		verdict->action = MI_VERDICT_ASK;
	} else if (facts->reader == MI_READER_WAITS) {
		verdict->action = MI_VERDICT_WAIT;
		verdict->wait = MI_WAIT_CAUSAL;
	} else {
		verdict->effects.reason = reasons[facts->reader];
		if (facts->reader == MI_READER_HAS)
			verdict->side = MI_ROUTE_TARGET;
	}
}

/* ---- What earlier statements left ---- */

/* Warnings, ROW_COUNT() and FOUND_ROWS() are at the side where the statement ran that left them,
 * and nothing can make them at another. */
enum { ASKS_OF_A_SIDE = MI_CLASS_ASK_LAST | MI_CLASS_ASK_FOUND_ROWS };

static bool is_gone(const struct mi_facts *facts, unsigned asks)
{
	return (asks & MI_CLASS_ASK_LAST && facts->last_gone) ||
	       (asks & MI_CLASS_ASK_FOUND_ROWS && facts->select_gone);
}

static bool is_at(const struct mi_facts *facts, unsigned asks, enum mi_route_side side)
{
	return !(asks & MI_CLASS_ASK_LAST && facts->last != side) &&
	       !(asks & MI_CLASS_ASK_FOUND_ROWS && facts->last_select != side) &&
	       !(asks & MI_CLASS_ASK_INSERT_ID && facts->insert_id != side &&
	         side != mi_route_writer(facts->mode));
}

/* A statement that asks for nothing else goes where that is. GET DIAGNOSTICS stores what it is told
 * in the writer's session. */
static void follow_what_was_left(const struct mi_facts *facts, const struct mi_class_kind *kind,
                                 struct mi_verdict *verdict)
{
	if (kind->class != MI_CLASS_DIAGNOSTICS || kind->pins || !(kind->asks & ASKS_OF_A_SIDE))
		return;
	verdict->side = kind->asks & MI_CLASS_ASK_LAST ? facts->last : facts->last_select;
	verdict->untouched = facts->idle[verdict->side];
}

/* The side is decided: is what the statement asks for there? In mode replica a session that asks in
 * such a way that it might not be keeps its reads at the writer from then on. */
static void find_what_was_left(const struct mi_facts *facts, const struct mi_class_kind *kind,
                               struct mi_verdict *verdict)
{
	unsigned asks = kind->asks & ASKS_OF_A_SIDE;

	if (!asks || verdict->action != MI_VERDICT_SEND)
		return;
	verdict->stays = kind->class != MI_CLASS_DIAGNOSTICS || kind->pins ||
	                 (kind->asks & (kind->asks - 1)) != 0;
	if (is_gone(facts, asks))
		verdict->action = MI_VERDICT_LOST;
	else if (!is_at(facts, kind->asks, verdict->side))
		verdict->action = MI_VERDICT_ELSEWHERE;
}

/* ---- Transactions ---- */

/* The session is in a transaction that it began where the writer was then, and that has only read.
 * There it ends, and there it may go on to read if all its reads see one moment: else it would read
 * what is out of date, for ever. A write nobody can do any more, wherever its statement is, nor a
 * read that has something at another server. */
static void stay_in_transaction(const struct mi_facts *facts,
                                const struct mi_client_statement *statement,
                                struct mi_verdict *verdict)
{
	enum mi_route_side writer = mi_route_writer(facts->mode), there = facts->trans_side;
	bool may_stay = statement->ends || verdict->untouched ||
	                (verdict->kind == MI_KIND_READ && facts->snapshot);

	if (!facts->in_trans || !facts->trans_as_writer || there == writer)
		return;
	if (!facts->idle[there] && statement->ends) { /* lost, with its server */
		verdict->forgets_trans = true;
	} else if (facts->idle[there] && may_stay && (!facts->bound || verdict->side == there)) {
		verdict->side = there;
	} else {
		verdict->side = writer;
		verdict->action = MI_VERDICT_CONFLICT;
	}
}

/* What SET TRANSACTION set for the next transaction is known to one server: when the statement goes
 * to the other, the client must begin again. */
static void keep_next_transaction(const struct mi_facts *facts,
                                  const struct mi_client_statement *statement,
                                  struct mi_verdict *verdict)
{
	if (verdict->action == MI_VERDICT_SEND && !statement->ends && facts->next_only &&
	    facts->next_side != verdict->side) {
		verdict->forgets_next = true;
		verdict->action = MI_VERDICT_CONFLICT;
	}
}

/* A prepared statement that only one server can execute goes to that server. */
static void go_home(const struct mi_facts *facts, struct mi_verdict *verdict)
{
	if (facts->fixed && facts->home != mi_route_writer(facts->mode))
		verdict->action = MI_VERDICT_GONE;
	else if (facts->bound)
		verdict->side = facts->home;
	else if (facts->writer_only)
		verdict->side = mi_route_writer(facts->mode);
}

/* ---- All of it ---- */

static bool is_imported_now(const struct mi_facts *facts)
{
	return facts->mode == MI_MODE_REPLICA || facts->mode == MI_MODE_PRIMARY;
}

/* In a hold reads go on, and so do transactions that have written, up to their end. */
static bool is_held(const struct mi_facts *facts, const struct mi_client_statement *statement)
{
	bool is_read = statement->kind.class == MI_CLASS_READ && is_harmless(statement);

	return facts->held && !(facts->in_trans && facts->wrote) && !is_read &&
	       statement->kind.class != MI_CLASS_DIAGNOSTICS;
}

/* While rows flow no definition may change: nor by what cannot be read. Behind a text's beginning
 * more statements may follow, if the client may send several. */
static bool is_guarded(const struct mi_facts *facts, const struct mi_client_statement *statement)
{
	const struct mi_class_kind *kind = &statement->kind;
	bool executes = strcmp(kind->verb, "EXECUTE") == 0;

	if (facts->allow_ddl || !is_imported_now(facts))
		return false;
	return kind->defines || kind->hidden || statement->uses.defines || statement->uses.hidden ||
	       (executes && facts->hides_text) || (statement->cut && facts->multi);
}

/* Statements that are answered, refused or held whatever their side would be. False: the statement
 * goes to a side, which is still to be decided. */
static bool decide_apart(const struct mi_facts *facts, const struct mi_client_statement *statement,
                         struct mi_verdict *verdict)
{
	const struct mi_class_kind *kind = &statement->kind;
	bool is_query = facts->code == MI_COM_QUERY;

	if (is_held(facts, statement)) {
		verdict->action = MI_VERDICT_WAIT;
		verdict->wait = MI_WAIT_HOLD;
	} else if (is_guarded(facts, statement)) {
		verdict->action = MI_VERDICT_NO_DDL;
	} else if (kind->class == MI_CLASS_USE && is_query) {
		verdict->action = MI_VERDICT_USE;
	} else {
		verdict->local_infile = is_query && kind->class == MI_CLASS_LOAD_LOCAL;
		return false;
	}
	return true;
}

static void decide_side(const struct mi_facts *facts, const struct mi_client_statement *statement,
                        struct mi_verdict *verdict)
{
	const struct mi_class_kind *kind = &statement->kind;

	verdict->stays_behind = is_imported_now(facts) &&
	                        (kind->class == MI_CLASS_ACCOUNT || kind->class == MI_CLASS_GLOBAL);
	verdict->other_name = kind->renames_db;
	if (facts->mode == MI_MODE_REPLICA && kind->class == MI_CLASS_READ)
		decide_read(facts, &statement->uses, verdict);
	follow_what_was_left(facts, kind, verdict);
}

static struct mi_verdict decide_open(const struct mi_facts *facts,
                                     const struct mi_client_statement *statement)
{
	struct mi_verdict verdict = {
	    .side = mi_route_writer(facts->mode),
	    .kind = is_harmless(statement) ? MI_KIND_READ : MI_KIND_UNKNOWN,
	    .effects = effects_of(facts, statement),
	};

	if (decide_apart(facts, statement, &verdict))
		return verdict;
	/* preparing pins nothing: only the execution will, where it runs */
	if (facts->code == MI_COM_STMT_PREPARE)
		verdict.effects.pins = verdict.effects.pins_failed = verdict.effects.unpins = 0;
	else
		decide_side(facts, statement, &verdict);
	if (verdict.action != MI_VERDICT_SEND)
		return verdict;
	go_home(facts, &verdict);
	if (verdict.action == MI_VERDICT_SEND)
		stay_in_transaction(facts, statement, &verdict);
	keep_next_transaction(facts, statement, &verdict);
	if (facts->code != MI_COM_STMT_PREPARE)
		find_what_was_left(facts, &statement->kind, &verdict);
	return verdict;
}

/* COM_STMT_SEND_LONG_DATA sends parameters ahead of the execute. It has no answer: errors come with
 * the execute. So it goes to the side where an execute that reads in the open transaction will run.
 */
static struct mi_verdict decide_long_data(const struct mi_facts *facts)
{
	struct mi_verdict verdict = {.side = mi_route_writer(facts->mode),
	                             .effects = mi_decide_without_text(false)};

	if (facts->bound)
		verdict.side = facts->home;
	else if (facts->in_trans && facts->trans_as_writer && facts->idle[facts->trans_side])
		verdict.side = facts->trans_side;
	if (facts->held && !(facts->in_trans && facts->wrote)) {
		verdict.action = MI_VERDICT_WAIT;
		verdict.wait = MI_WAIT_HOLD;
	}
	return verdict;
}

struct mi_verdict mi_decide(const struct mi_facts *facts,
                            const struct mi_client_statement *statement)
{
	struct mi_facts open = *facts;
	struct mi_verdict verdict;

	if (facts->code == MI_COM_STMT_SEND_LONG_DATA)
		return decide_long_data(facts);
	if (facts->evicted && !statement->rolls_back)
		return (struct mi_verdict){.action = MI_VERDICT_CONFLICT,
		                           .side = facts->trans_side};
	/* the end of a transaction does not wait for a hold: others may wait for its locks */
	if (!facts->evicted && facts->in_trans && statement->ends && facts->idle[facts->trans_side])
		return (struct mi_verdict){.action = MI_VERDICT_SEND,
		                           .side = facts->trans_side,
		                           .effects = mi_decide_without_text(false)};
	open.evicted = false;
	verdict = decide_open(&open, statement);
	verdict.forgives = facts->evicted;
	return verdict;
}

bool mi_decide_must_look(const struct mi_facts *facts, bool plain)
{
	const unsigned asks = ASKS_OF_A_SIDE;

	return facts->mode == MI_MODE_REPLICA || facts->held || facts->in_trans ||
	       !facts->autocommit || !plain || facts->next_only || facts->programs_pin ||
	       is_gone(facts, asks) || !is_at(facts, asks, mi_route_writer(facts->mode));
}
