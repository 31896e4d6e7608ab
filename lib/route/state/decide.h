/* Where does this statement go, and what does it do to the session? One pure function of what the
 * session is, what the statement is, the mode, and what is known of the reading side. No sockets,
 * no clock, no memory: the router's rules live here, and nothing else in lib/route looks at what
 * statements mean.
 *
 * choose.c gathers the facts and carries the verdict out; tests/unit/t_route_decide.c is the table
 * of the rules. */
#ifndef MI_ROUTE_STATE_DECIDE_H
#define MI_ROUTE_STATE_DECIDE_H

#include "route/auth/users.h"
#include "route/shared/names.h"
#include "sql/class.h"

#include <stdbool.h>
#include <stdint.h>

/* What a command is. UNKNOWN counts as a write in everything but the metrics. */
enum mi_route_kind {
	MI_KIND_UNKNOWN, /* not looked at */
	MI_KIND_READ,    /* may be repeated elsewhere while nothing of its answer was relayed */
};

/* Why a command waits in client.in. */
enum mi_session_wait {
	MI_WAIT_NOTHING,
	MI_WAIT_BACK, /* a back end is being opened or brought into state */
	MI_WAIT_HOLD,
	MI_WAIT_CAUSAL, /* the target has not got the session's mark yet; a timer runs */
	MI_WAITS
};

/* What a statement's text says. */
struct mi_client_statement {
	bool looked;     /* kind is what it is; else it was too plain or too long to be looked at: a
	                    write */
	bool ends;       /* COMMIT or ROLLBACK, and nothing else */
	bool rolls_back; /* ROLLBACK, and nothing else */
	struct mi_class_kind kind;
};

/* May the target answer a read now? Costs a look at the marks, so it is asked only after
 * MI_VERDICT_ASK. */
enum mi_reader {
	MI_READER_UNASKED,
	MI_READER_HAS,     /* the target has all that the read must see */
	MI_READER_WAITS,   /* it will have it soon, and the read may still wait */
	MI_READER_BEHIND,  /* it will not have it soon enough */
	MI_READER_SILENT,  /* no follower speaks */
	MI_READER_UNKNOWN, /* nobody knows what the read must see */
	MI_READER_DOWN,    /* it cannot be reached */
	MI_READER_REFUSED, /* it is known to refuse such a statement */
};

/* All that a decision depends on beside the statement. {0} is a fresh session in mode source,
 * autocommit off. */
struct mi_facts {
	/* the router */
	enum mi_route_mode mode;
	bool held;         /* a switch is under way */
	bool allow_ddl;    /* definitions may change while rows flow */
	bool target_given; /* there is a target, and the session's user has an account there */

	/* the session */
	bool autocommit;
	bool in_trans, wrote; /* a transaction is open; it has written, as far as anybody knows */
	bool trans_as_writer; /* it was begun at what was the writer then */
	enum mi_route_side trans_side;
	bool evicted;   /* the router rolled its transaction back, and the client does not know */
	unsigned pins;  /* state that lives at the writer, see route/state/pins.h */
	bool next_only; /* something was set for the next transaction alone, at next_side */
	enum mi_route_side next_side;
	bool only_writer;               /* the target refuses this session, or a setting of it */
	bool unsure;                    /* a program's effects on the session are not told yet */
	bool auto_is_null;              /* a plain SELECT may ask for LAST_INSERT_ID() */
	enum mi_route_side last;        /* where the last statement ran */
	enum mi_route_side last_select; /* where the last query that gave rows ran */
	bool idle[MI_ROUTE_SIDES];      /* the back end is open, and nothing runs there */

	/* the command */
	uint8_t code;      /* enum mi_command */
	bool elsewhere;    /* the target has failed to answer it: not there again */
	bool failed;       /* ... with an error of its own, not a lost connection */
	bool writer_only;  /* a prepared statement that the reading side refused */
	bool bound, fixed; /* a prepared statement that has something at home alone; that can never
	                      leave it */
	enum mi_route_side home;
	enum mi_reader reader;
};

/* What the statement's answer will mean for the session. A text that was not looked at has the
 * worst. */
struct mi_effects {
	bool may_write;      /* rows may have changed: its GTIDs matter, told or not */
	bool commits;        /* BEGIN: what was open before is committed */
	bool is_read;        /* it could have gone to either side, and is counted under reason */
	bool runs_program;   /* a program of the server's may have changed the session */
	bool makes_ids;      /* LAST_INSERT_ID() may be another one */
	bool gives_rows;     /* rows of its answer are what FOUND_ROWS() counts */
	bool sets_next;      /* something for the next transaction alone */
	bool keeps_next;     /* ... which this statement does not use up */
	bool may_hide_state; /* session state that a tracker only hints at may have been made ... */
	bool hides_state;    /* ... even when tracked settings have changed, too */
	bool sets_trackers; /* the client sets some of the session trackers that the router needs */
	bool several;       /* statements: the pins of those before an error count */
	unsigned pins, unpins;       /* enum mi_class_pin */
	enum mi_route_reason reason; /* a read: why not at the target */
};

enum mi_verdict_action {
	MI_VERDICT_SEND, /* to side */
	MI_VERDICT_ASK, /* a read that may go to the target: find facts.reader out, and decide again
	                 */
	MI_VERDICT_WAIT,     /* for wait, then decide again from the beginning */
	MI_VERDICT_USE,      /* make the database that the statement names the default */
	MI_VERDICT_OK,       /* answer with OK here: it concerns the router alone */
	MI_VERDICT_NO_DDL,   /* refuse: definitions cannot change while a database is being imported
	                      */
	MI_VERDICT_CONFLICT, /* refuse as a deadlock, which applications retry: the transaction is
	                        lost */
	MI_VERDICT_GONE, /* refuse: the prepared statement is at a server that does not write any
	                    more */
};

struct mi_verdict {
	enum mi_verdict_action action;
	enum mi_route_side side;
	enum mi_route_kind kind;
	enum mi_session_wait wait;
	bool local_infile;    /* LOAD DATA LOCAL: a request for a file is believed */
	bool strips_trackers; /* a SET is sent without the session trackers, which are the router's
	                         own */
	bool forgives;        /* the eviction is told by a ROLLBACK, which needs no error */
	bool forgets_trans;   /* the transaction that the session thinks open is lost, and ended by
	                         this */
	bool forgets_next;    /* what was set for the next transaction alone is lost */
	bool stays_behind;    /* an account or server statement that only the writer gets */
	bool other_name;      /* it names the database that has another name on the other side */
	struct mi_effects effects;
};

/* The mode decides nothing about an unlooked text, and looking costs: must this one be looked at?
 * plain: the text can pin nothing (see mi_class_is_plain). */
bool mi_decide_must_look(const struct mi_facts *facts, bool plain);

/* Never fails. statement is of no meaning (all zero but kind.class = MI_CLASS_WRITE) for commands
 * without a text. */
struct mi_verdict mi_decide(const struct mi_facts *facts,
                            const struct mi_client_statement *statement);

/* The effects of a command that goes where it must without being asked about: the end of a
 * transaction, a fetch, a KILL. harmless: it can change no row. */
struct mi_effects mi_decide_without_text(bool harmless);

#endif
