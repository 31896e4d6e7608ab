/* What occurs in a statement anywhere, whatever kind it is: what the files sqlclass*.c share, and
 * nobody else includes. */
#ifndef MI_SQL_CLASS_SCAN_H
#define MI_SQL_CLASS_SCAN_H

#include "base/buf.h"
#include "sql/class.h"
#include "sql/lexer.h"

#include <stdbool.h>

struct mi_scan {
	bool bad;        /* not all of it could be taken apart */
	bool several;    /* a token after a semicolon */
	bool executable; /* an executable comment */
	bool impure;     /* whatever else a read must not have, but for what asks counts */
	bool assigns;    /* := */
	bool into;       /* the word INTO */
	bool
	    changes; /* UPDATE (of FOR UPDATE too), DELETE, INSERT..., where no function is meant */
	bool from;   /* the word FROM */
	bool select; /* the word SELECT */
	bool call;   /* a name before a parenthesis that is not a pure function */
	bool program; /* ... nor one that asks about the session or the server: perhaps one's own */
	bool sets_id; /* LAST_INSERT_ID() with an argument */
	bool user_var;    /* @x */
	bool user_lock;   /* GET_LOCK(), or the locking service's functions */
	bool names_other; /* rules.other_db */
	unsigned asks;    /* enum mi_class_ask */
	unsigned
	    asks_first; /* ... of the first statement: what later ones ask, earlier ones left */
};

/* Goes over the tokens up to the end; with `until_comma` to the first comma outside parentheses. */
void mi_scan_read(struct mi_lexer *lexer, const struct mi_class_rules *rules, bool until_comma,
                  struct mi_scan *scan);

/* The word stands somewhere in the bytes, without case. */
bool mi_scan_has(struct mi_span text, const char *word);

/* Of text that cannot be taken apart (ORACLE mode, a quote without end) only its words are known:
 * what might pin, pins (enum mi_class_pin), and what might ask, asks (enum mi_class_ask). */
unsigned mi_scan_feared_pins(struct mi_span text);
unsigned mi_scan_feared_asks(struct mi_span text);

/* A WORD or NAME that says text, without case. */
bool mi_scan_says(const struct mi_lexeme *token, struct mi_span text);

/* information_schema, mysql, performance_schema, sys, in any case. */
bool mi_class_is_system(struct mi_span db);

#endif
