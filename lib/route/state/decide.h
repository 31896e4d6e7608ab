/* Where does this statement go, and what does it do to the session? One pure function of the
 * session's state, the statement, the mode, and what is known of the reading side. It has no
 * sockets, no clock and no memory of earlier calls. The rules of routing are here and nowhere else.
 *
 * session/choose.c gathers the facts and carries the verdict out; tests/unit/t_decide.c has the
 * table of the rules. */
#ifndef MI_ROUTE_STATE_DECIDE_H
#define MI_ROUTE_STATE_DECIDE_H

#include "route/auth/users.h"
#include "route/catalogue/programs.h"
#include "route/shared/names.h"
#include "sql/class.h"

#include <stdbool.h>
#include <stdint.h>

/* What a command is. UNKNOWN counts as a write in everything but the metrics. */
enum mi_route_kind {
	MI_KIND_UNKNOWN, /* not known to be a read */
	MI_KIND_READ, /* changes nothing: may be sent a second time until a byte of its answer was
	                 relayed */
};

/* Why a command waits in client.in. */
enum mi_session_wait {
	MI_WAIT_NOTHING,
	MI_WAIT_BACK,   /* a back end is being opened, or brought into the state that it needs */
	MI_WAIT_HOLD,   /* a switch is under way */
	MI_WAIT_CAUSAL, /* the target has not got yet what the read must see; a timer runs */
	MI_WAITS
};

/* What a statement's text says. */
struct mi_client_statement {
	bool looked; /* the text was classified; else it was too plain or too long, and kind says
	                MI_CLASS_WRITE */
	bool ends;   /* the text is COMMIT or ROLLBACK alone */
	bool rolls_back; /* the text is ROLLBACK alone */
	bool cut;        /* only the text's beginning was at hand */
	struct mi_class_kind kind;
	struct mi_program_effects uses; /* what the objects do that it names */
};

/* May the target answer a read now? To know costs a look at the marks (route/replica/marks.h), so
 * the caller looks only after MI_VERDICT_ASK. */
enum mi_reader {
	MI_READER_UNASKED, /* nobody has looked yet */
	MI_READER_HAS,     /* the target has all that the read must see */
	MI_READER_WAITS,   /* the target will have it soon, and the read may still wait */
	MI_READER_BEHIND,  /* the target will not have it soon enough */
	MI_READER_SILENT,  /* no follower speaks */
	MI_READER_UNKNOWN, /* nobody knows what the read must see */
	MI_READER_DOWN,    /* the target cannot be reached */
	MI_READER_REFUSED, /* the target is known to refuse such a statement */
};

/* All that a decision depends on beside the statement. {0} is a fresh session in mode source,
 * autocommit off. */
struct mi_facts {
	/* the router */
	enum mi_route_mode mode;
	bool held;            /* a switch is under way */
	bool allow_ddl;       /* definitions may change while rows flow */
	bool target_given;    /* there is a target, and the session's user has an account there */
	bool programs_unread; /* what the objects of the source do is not known */
	bool programs_pin;    /* some of them make session state */

	/* the session */
	bool autocommit;
	bool in_trans, wrote; /* a transaction is open; it has written, or may have */
	bool trans_as_writer; /* it was begun at the side that was the writer then */
	bool snapshot; /* all its reads see one moment (REPEATABLE READ and above); false: each sees
	                  what is there, or nobody knows */
	enum mi_route_side trans_side; /* where it is open */
	bool evicted;  /* the router rolled the transaction back, and has not told the client yet */
	unsigned pins; /* state that only the writer's session holds: see route/state/pins.h */
	bool next_only; /* SET TRANSACTION set something for the next transaction, at next_side */
	enum mi_route_side next_side;
	bool only_writer;  /* the target refuses this session, or a setting of it */
	bool unsure;       /* no tracker has told yet what a stored program did to the session */
	bool auto_is_null; /* a plain SELECT may ask for LAST_INSERT_ID() */
	bool multi;        /* one text may have several statements */
	bool hides_text; /* it has prepared a text that is not known, or one that defines something
	                  */
	/* Where is what an earlier statement left? gone: it was lost with its server's connection.
	 */
	enum mi_route_side last;        /* warnings, ROW_COUNT(): where the last statement ran */
	enum mi_route_side last_select; /* FOUND_ROWS(): where the last query that gave rows ran */
	enum mi_route_side insert_id;   /* LAST_INSERT_ID(); the writer is given it when needed */
	bool last_gone, select_gone;
	bool idle[MI_ROUTE_SIDES]; /* the back end is open, and nothing runs there */

	/* the command */
	uint8_t code;      /* enum mi_command */
	bool elsewhere;    /* the target has failed to answer the command, which must not go there
	                      again */
	bool failed;       /* ... by an error, not by a lost connection */
	bool writer_only;  /* a prepared statement that the reading side refused */
	bool bound, fixed; /* a prepared statement must run at home now; can never run elsewhere */
	enum mi_route_side home; /* where the prepared statement was prepared */
	enum mi_reader reader;   /* for reads in mode replica */
};

/* What the statement's answer will mean for the session. Of a text that was not looked at the worst
 * is assumed. */
struct mi_effects {
	bool may_write;    /* rows may have changed: later reads must see its GTIDs, told or not */
	bool commits;      /* BEGIN, which commits a transaction that was open and had written */
	bool is_read;      /* it is a read, and is counted under reason */
	bool runs_program; /* it calls a stored program, which may change the session */
	bool makes_ids;    /* LAST_INSERT_ID() may be another one afterwards */
	bool gives_rows;   /* FOUND_ROWS() counts the rows of its answer ... */
	bool explains;     /* ... but not at MySQL */
	bool counts;       /* FOUND_ROWS() is another one after it, although it gives no rows ... */
	bool counts_at_mysql; /* ... there */
	bool sets_next;       /* it sets something for the next transaction alone */
	bool keeps_next;      /* it leaves in force what is set for the next transaction */
	bool may_hide_state; /* it may make session state that a tracker reports without saying what
	                        ... */
	bool hides_state;    /* ... even if the report can also be explained by a setting that it
	                        changes */
	bool sets_trackers;  /* the client sets some of its session trackers */
	bool several;        /* several statements */
	bool redefines;      /* what views, programs and triggers there are may change */
	bool hides_text; /* it prepares a text that is not known, or one that defines something */
	bool for_itself; /* the settings that its answer tells are in force for it alone */
	unsigned pins, unpins;       /* enum mi_class_pin: bits to set, and to clear */
	unsigned pins_failed;        /* ... to set when it fails: it may have made them before */
	enum mi_route_reason reason; /* of a read: why it does not go to the target */
};

enum mi_verdict_action {
	MI_VERDICT_SEND, /* to side */
	/* a read that may go to the target: fill in facts.reader, and decide again */
	MI_VERDICT_ASK,
	MI_VERDICT_WAIT, /* for wait, then decide again from the beginning */
	MI_VERDICT_USE,  /* make the database that the statement names the default */
	/* refuse: definitions cannot change while a database is being imported */
	MI_VERDICT_NO_DDL,
	MI_VERDICT_CONFLICT, /* the transaction is lost: refuse with the error of a deadlock, upon
	                        which applications retry */
	MI_VERDICT_GONE, /* refuse: the prepared statement exists only at a server that is not the
	                    writer any more */
	/* refuse: what the statement asks for is not at the side where it must run */
	MI_VERDICT_ELSEWHERE,
	MI_VERDICT_LOST, /* end the session: what the statement asks for was lost with a server */
};

struct mi_verdict {
	enum mi_verdict_action action;
	enum mi_route_side side;
	enum mi_route_kind kind;
	enum mi_session_wait wait; /* MI_VERDICT_WAIT: for what */
	bool local_infile;         /* LOAD DATA LOCAL: the server may ask the client for a file */
	bool untouched; /* it asks what the last statement at side left: no command of the router's
	                   may run there before it */
	bool stays;     /* reads stay at the writer from now on: the application asks, within other
	                   statements, what earlier ones left */
	bool forgives;  /* the client rolls back what was evicted: no error is needed any more */
	bool forgets_trans; /* the open transaction was lost with its server, and the statement
	                       would have ended it */
	bool forgets_next;  /* what was set for the next transaction alone is lost */
	bool stays_behind;  /* an account or server statement, which the other side does not get */
	bool other_name;    /* the statement names the database that --map renames */
	struct mi_effects effects;
};

/* Must the statement's text be classified? Classifying costs time, and is left out where the text
 * can change no decision. plain: see mi_class_is_plain. */
bool mi_decide_must_look(const struct mi_facts *facts, bool plain);

/* Never fails. For commands without a text statement is {0} but for kind.class = MI_CLASS_WRITE and
 * kind.verb = "". Call again with facts->reader filled in after MI_VERDICT_ASK. */
struct mi_verdict mi_decide(const struct mi_facts *facts,
                            const struct mi_client_statement *statement);

/* The effects of a command whose side needs no decision: the end of a transaction, a fetch, a KILL.
 * harmless: the command can change no row. */
struct mi_effects mi_decide_without_text(bool harmless);

#endif
