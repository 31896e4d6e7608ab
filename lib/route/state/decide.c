#include "route/state/decide.h"
#include "protocol/caps.h"
#include "route/auth/users.h"
#include "route/shared/names.h"
#include "sql/class.h"

/* ---- What a statement does to the session ---- */

static bool is_harmless(const struct mi_class_kind *kind)
{
	return kind->harmless || kind->class == MI_CLASS_READ || kind->class == MI_CLASS_BEGIN ||
	       kind->class == MI_CLASS_EMPTY;
}

static struct mi_effects effects_of(const struct mi_facts *facts, const struct mi_class_kind *kind)
{
	bool is_write = kind->class == MI_CLASS_WRITE;

	return (struct mi_effects){
	    .may_write = !is_harmless(kind),
	    .commits = kind->class == MI_CLASS_BEGIN && facts->wrote,
	    .is_read = kind->class == MI_CLASS_READ,
	    .runs_program = kind->runs_program,
	    .makes_ids = is_write,
	    .gives_rows = kind->class != MI_CLASS_COMMIT,
	    .sets_next = kind->next_only,
	    .keeps_next = kind->class == MI_CLASS_SET,
	    .may_hide_state = is_write,
	    .hides_state = is_write && (!kind->sets || kind->runs_program),
	    .sets_trackers = kind->trackers,
	    .several = kind->several,
	    .pins = kind->pins,
	    .unpins = kind->unpins,
	    .reason = MI_REASON_SESSION,
	};
}

struct mi_effects mi_decide_without_text(bool harmless)
{
	const struct mi_class_kind kind = {.class = MI_CLASS_COMMIT, .harmless = harmless};
	const struct mi_facts facts = {0};

	return effects_of(&facts, &kind);
}

/* ---- Reads in replica ---- */

/* MI_REASON_NONE when neither the session nor an earlier attempt keeps a read from the target. */
static enum mi_route_reason target_for(const struct mi_facts *facts)
{
	if (!facts->target_given || facts->in_trans || facts->pins || !facts->autocommit ||
	    facts->only_writer || facts->next_only || facts->unsure || facts->auto_is_null)
		return MI_REASON_SESSION;
	if (facts->elsewhere)
		return facts->failed ? MI_REASON_REFUSED : MI_REASON_DOWN;
	return MI_REASON_NONE;
}

static void decide_read(const struct mi_facts *facts, struct mi_verdict *verdict)
{
	static const enum mi_route_reason reasons[] = {
	    [MI_READER_HAS] = MI_REASON_NONE,      [MI_READER_BEHIND] = MI_REASON_BEHIND,
	    [MI_READER_SILENT] = MI_REASON_SILENT, [MI_READER_UNKNOWN] = MI_REASON_UNKNOWN,
	    [MI_READER_DOWN] = MI_REASON_DOWN,     [MI_READER_REFUSED] = MI_REASON_REFUSED,
	};

	verdict->effects.reason = target_for(facts);
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

/* Warnings, row counts and the like are at the side where the statement ran that left them. */
static void decide_diagnostics(const struct mi_facts *facts, unsigned asks,
                               struct mi_verdict *verdict)
{
	enum mi_route_side side = verdict->side;

	if (asks & MI_CLASS_ASK_LAST)
		side = facts->last;
	else if (asks & MI_CLASS_ASK_FOUND_ROWS)
		side = facts->last_select;
	if (!(asks & MI_CLASS_ASK_INSERT_ID) && facts->idle[side])
		verdict->side = side;
}

/* ---- Transactions ---- */

/* The session is in a transaction that it began where the writer was then, and that has only read.
 * There it ends, and there it may go on to read. A write nobody can do any more, wherever its
 * statement is, nor a read that has something at another server. */
static void stay_in_transaction(const struct mi_facts *facts,
                                const struct mi_client_statement *statement,
                                struct mi_verdict *verdict)
{
	enum mi_route_side writer = mi_route_writer(facts->mode), there = facts->trans_side;
	bool may_stay = verdict->kind == MI_KIND_READ || statement->ends;

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
static bool is_held(const struct mi_facts *facts, const struct mi_class_kind *kind)
{
	return facts->held && !(facts->in_trans && facts->wrote) && kind->class != MI_CLASS_READ &&
	       kind->class != MI_CLASS_DIAGNOSTICS;
}

/* Statements that are answered, refused or held whatever their side would be. False: the statement
 * goes to a side, which is still to be decided. */
static bool decide_apart(const struct mi_facts *facts, const struct mi_class_kind *kind,
                         struct mi_verdict *verdict)
{
	bool is_query = facts->code == MI_COM_QUERY;

	if (is_held(facts, kind)) {
		verdict->action = MI_VERDICT_WAIT;
		verdict->wait = MI_WAIT_HOLD;
	} else if (kind->defines && !facts->allow_ddl && is_imported_now(facts)) {
		verdict->action = MI_VERDICT_NO_DDL;
	} else if (kind->class == MI_CLASS_USE && is_query) {
		verdict->action = MI_VERDICT_USE;
	} else {
		verdict->local_infile = is_query && kind->class == MI_CLASS_LOAD_LOCAL;
		return false;
	}
	return true;
}

static void decide_side(const struct mi_facts *facts, const struct mi_class_kind *kind,
                        struct mi_verdict *verdict)
{
	verdict->stays_behind = is_imported_now(facts) &&
	                        (kind->class == MI_CLASS_ACCOUNT || kind->class == MI_CLASS_GLOBAL);
	verdict->other_name = kind->renames_db;
	if (facts->mode != MI_MODE_REPLICA)
		return;
	if (kind->class == MI_CLASS_READ)
		decide_read(facts, verdict);
	else if (kind->class == MI_CLASS_DIAGNOSTICS)
		decide_diagnostics(facts, kind->diagnostics, verdict);
}

static struct mi_verdict decide_open(const struct mi_facts *facts,
                                     const struct mi_client_statement *statement)
{
	struct mi_verdict verdict = {
	    .side = mi_route_writer(facts->mode),
	    .kind = is_harmless(&statement->kind) ? MI_KIND_READ : MI_KIND_UNKNOWN,
	    .effects = effects_of(facts, &statement->kind),
	};

	if (decide_apart(facts, &statement->kind, &verdict))
		return verdict;
	/* preparing pins nothing: only the execution will, where it runs */
	if (facts->code == MI_COM_STMT_PREPARE)
		verdict.effects.pins = verdict.effects.unpins = 0;
	else
		decide_side(facts, &statement->kind, &verdict);
	if (verdict.action != MI_VERDICT_SEND)
		return verdict;
	go_home(facts, &verdict);
	if (verdict.action == MI_VERDICT_SEND)
		stay_in_transaction(facts, statement, &verdict);
	keep_next_transaction(facts, statement, &verdict);
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
	return facts->mode == MI_MODE_REPLICA || facts->held || facts->in_trans ||
	       !facts->autocommit || !plain;
}
