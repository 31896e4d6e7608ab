/* What one statement's text means: is it surely a read, does it begin or end a transaction, which
 * session state does it make, whom does it name. The router asks, and so do those who read binary
 * logs (sql/logged.h): here alone statements are told apart.
 *
 * By allow-lists: what is not known to be harmless is MI_CLASS_WRITE, and goes to the writer. Never
 * fails and never allocates. All of it points into the text.
 *
 * A read (MI_CLASS_READ) is a whole statement that begins as one, in which every name before a
 * parenthesis is a built-in function that depends on its arguments, the rows and the clock alone
 * (sql/function.h), and that has no second statement, executable comment, user or system variable,
 * INTO, FOR, LOCK, PROCEDURE, SQL_CALC_FOUND_ROWS, hint that sets something, table of this project
 * or of the server's own schemas. */
#ifndef MI_SQL_CLASS_H
#define MI_SQL_CLASS_H

#include "base/buf.h"
#include "sql/lexer.h"

#include <stdbool.h>
#include <stdint.h>

enum mi_class {
	MI_CLASS_EMPTY,       /* no statement at all: white space and comments */
	MI_CLASS_READ,        /* see above */
	MI_CLASS_DIAGNOSTICS, /* asks what earlier statements left behind, and no table; see asks */
	MI_CLASS_BEGIN,       /* START TRANSACTION, BEGIN [WORK] */
	MI_CLASS_COMMIT,
	MI_CLASS_ROLLBACK,
	MI_CLASS_SAVEPOINT,  /* SAVEPOINT, ROLLBACK TO, RELEASE SAVEPOINT */
	MI_CLASS_SET,        /* settings of the session alone; mi_class_set_next walks them */
	MI_CLASS_USE,        /* names[0].name is the database */
	MI_CLASS_LOAD_LOCAL, /* LOAD DATA or XML LOCAL INFILE: the server may ask for a file */
	MI_CLASS_KILL,       /* kill_id, kill_query */
	MI_CLASS_DEFINITION, /* CREATE, ALTER, DROP, RENAME, TRUNCATE of a database or what is in
	                        one: names */
	MI_CLASS_ACCOUNT,    /* CREATE USER, GRANT, SET PASSWORD, roles */
	MI_CLASS_GLOBAL,     /* SET GLOBAL or PERSIST, FLUSH, PURGE, ANALYZE TABLE, plugins,
	                        replication...:     what changes a server, and only that server */
	MI_CLASS_WRITE,      /* everything else */
	MI_CLASSES
};

extern const char *const mi_class_names[MI_CLASSES]; /* "read", "write" ... */

/* State on the server that a statement makes (pins) or gives up (unpins). By bits. What may be only
 * one of several of its kind unpins nothing. */
enum mi_class_pin {
	MI_CLASS_PIN_TEMPORARY = 1,   /* CREATE TEMPORARY TABLE */
	MI_CLASS_PIN_LOCK_TABLES = 2, /* LOCK TABLES; UNLOCK TABLES unpins */
	MI_CLASS_PIN_USER_LOCK = 4, /* GET_LOCK; RELEASE_ALL_LOCKS as the whole statement unpins */
	MI_CLASS_PIN_HANDLER = 8,   /* HANDLER ... OPEN */
	MI_CLASS_PIN_XA = 16,       /* XA START; XA COMMIT and ROLLBACK unpin */
	MI_CLASS_PIN_FLUSH_LOCK = 32, /* FLUSH TABLES ... WITH READ LOCK or FOR EXPORT; UNLOCK
	                                 TABLES unpins. LOCK INSTANCE, BACKUP */
	MI_CLASS_PIN_STATE =
	    64, /* a user variable is set, PREPARE, EXECUTE, SET ROLE, SET
	           STATEMENT for what may set more, a setting from a subquery or an unknown
	           function, or one that no tracker tells in time: timestamp, insert_id... */
};

/* What of an earlier statement is asked for, by bits. */
enum mi_class_ask {
	MI_CLASS_ASK_LAST = 1,       /* of the last: SHOW WARNINGS, ROW_COUNT(), @@error_count */
	MI_CLASS_ASK_FOUND_ROWS = 2, /* of the last SELECT: FOUND_ROWS() */
	MI_CLASS_ASK_INSERT_ID = 4,  /* of the last INSERT: LAST_INSERT_ID(), @@identity */
};

enum { MI_CLASS_NAMES = 4 };

struct mi_class_name {
	struct mi_lexeme db, name; /* db.kind is MI_LEX_END when it names none */
};

struct mi_class_kind {
	enum mi_class class;
	unsigned pins, unpins; /* enum mi_class_pin */
	unsigned
	    releases;  /* ... of which it gives up what names says, perhaps not all that there is */
	unsigned asks; /* enum mi_class_ask: what of earlier statements is asked for, whatever the
	                  class; DIAGNOSTICS asks for nothing else */
	bool harmless; /* a query or SHOW that can change no row and no lasting state, whatever its
	                  class: READ, DIAGNOSTICS, and what must go to the writer for another
	                  reason */
	bool several; /* more than one statement: class is LOAD_LOCAL if one of them is, else WRITE;
	                 pins are those of all */
	bool defines; /* one of the statements is a DEFINITION of something lasting, or a text that
	                 it prepares or a compound statement has one; ALTER TABLE ... DISABLE or
	                 ENABLE KEYS alone, which changes no row, is none */
	bool hidden;  /* it may run a text that stands nowhere in it, or what it is could not be
	                 taken apart: it may be a definition */
	bool compound;     /* BEGIN NOT ATOMIC, IF, LOOP...: statements within a statement */
	bool prepares;     /* it prepares a statement from a text */
	bool redefines;    /* one of them may change what views, programs and triggers there are */
	bool sets;         /* one of them is SET or USE */
	bool runs_program; /* one of them runs, or may run, a program of the server's: CALL, a
	                      query that calls a function. INSERT, UPDATE, DELETE aside */
	bool for_itself;   /* SET STATEMENT ... FOR a plain query or change of rows: it sets nothing
	                      that   is in force after it */
	bool makes_no_id;  /* a query that leaves LAST_INSERT_ID() as it is */
	bool renames_db; /* the text names the database rules.other_db: it would mean another one on
	                    the other side; such a statement is never a READ */
	bool read_only;  /* BEGIN: START TRANSACTION READ ONLY */
	bool read_write; /* BEGIN: ... READ WRITE */
	bool snapshot;   /* BEGIN: ... WITH CONSISTENT SNAPSHOT */
	bool chain, release; /* COMMIT, ROLLBACK: AND CHAIN, RELEASE */
	bool next_only;      /* SET: of the next transaction alone: SET TRANSACTION */
	bool trackers; /* SET: one of the session trackers that the router needs is among them */
	bool trackers_only; /* ... and nothing else */
	bool kill_query;    /* KILL QUERY; else CONNECTION */
	uint64_t
	    kill_id; /* 0: not a plain number (KILL USER, HARD, an expression): class is GLOBAL */
	/* DEFINITION: what it defines or drops; USE; HANDLER: the word by which it is known */
	struct mi_class_name names[MI_CLASS_NAMES];
	unsigned name_count;
	bool more_names;  /* DEFINITION: there are more than fit, or they could not be found */
	bool temporary;   /* DEFINITION: CREATE or DROP TEMPORARY: no lasting table */
	bool keys;        /* DEFINITION: ALTER TABLE ... DISABLE or ENABLE KEYS, and nothing else */
	bool replaces;    /* DEFINITION: OR REPLACE */
	bool ours;        /* DEFINITION of tables: all of them are this project's own */
	const char *verb; /* the first word, in upper case, static; "": none that is known */
	const char *object; /* DEFINITION, ACCOUNT, GLOBAL after CREATE, ALTER, DROP or RENAME:
	                       "TABLE", "VIEW"...; verb XA: "START", "COMMIT"...; or "" */
	struct mi_lexer settings; /* SET: for mi_class_set_next */
	struct mi_lexer names_at; /* DEFINITION: behind object */
	struct mi_lexer rest;     /* DEFINITION: behind the names; verb XA: behind object */
};

/* The session and the server that the text is for. */
struct mi_class_rules {
	unsigned modes; /* enum mi_lex_mode of its sql_mode */
	enum mi_lex_charset charset;
	bool
	    mariadb; /* the writer, and its version as 80036 or 101106: decide what is a built-in */
	unsigned version;
	bool executes;  /* what executable comments hold counts: a log's statement, which has run */
	bool system_db; /* the default database is one of the server's own schemas */
	struct mi_span other_db; /* a database whose name differs on the other side; empty: none */
};

void mi_class_read(struct mi_span text, const struct mi_class_rules *rules,
                   struct mi_class_kind *kind);

/* MI_CLASS_COMMIT, MI_CLASS_ROLLBACK: all that the text does is to end the transaction so, whatever
 * the session's settings. MI_CLASS_WRITE: it may do something else, or more: AND CHAIN, RELEASE,
 * TO SAVEPOINT, a second statement. Much cheaper than mi_class_read. */
enum mi_class mi_class_end(struct mi_span text);

/* Does text begin as a statement that reads or changes rows, or ends a transaction, and surely
 * defines nothing? All of it, or its beginning. */
bool mi_class_is_of_rows(struct mi_span text, const struct mi_class_rules *rules);

/* True for a SELECT, INSERT, UPDATE, DELETE or COMMIT that can make no state on the server (enum
 * mi_class_pin), whatever the session's settings; false for some of these, too. Costs one look at
 * each byte. */
bool mi_class_is_plain(struct mi_span text);

/* ---- SET ---- */

struct mi_class_setting {
	enum {
		MI_SET_VARIABLE,    /* name = value, of the session */
		MI_SET_NAMES,       /* NAMES value [COLLATE collation] */
		MI_SET_CHARSET,     /* CHARACTER SET value */
		MI_SET_TRANSACTION, /* [SESSION] TRANSACTION value; without SESSION it is for the
		                       next one */
	} form;
	bool next_only;           /* of the next transaction alone */
	bool literal;             /* value is one literal or word */
	struct mi_span name;      /* VARIABLE: without @@ and scope, quotes as they stand */
	struct mi_span value;     /* as it stands */
	struct mi_span collation; /* NAMES: as it stands; empty: none */
};

#endif
