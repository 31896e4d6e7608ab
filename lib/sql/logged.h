/* What a statement in a binary log is, as far as following it needs to know. Statements are told
 * apart by sql/class.h; here stands what each of them means for a copy that follows. By
 * allow-lists: what is not known to be harmless is not. */
#ifndef MI_SQL_LOGGED_H
#define MI_SQL_LOGGED_H

#include "base/buf.h"
#include "sql/class.h"

#include <stdbool.h>
#include <stdint.h>

enum mi_logged_kind {
	MI_LOGGED_BEGIN,
	MI_LOGGED_COMMIT,
	MI_LOGGED_ROLLBACK,
	MI_LOGGED_SAVEPOINT,   /* and RELEASE SAVEPOINT: nothing changes */
	MI_LOGGED_ROLLBACK_TO, /* a savepoint */
	MI_LOGGED_XA_START,
	MI_LOGGED_XA_END,
	MI_LOGGED_XA_COMMIT, /* of a prepared transaction */
	MI_LOGGED_XA_ROLLBACK,
	MI_LOGGED_HARMLESS,   /* changes no row and no definition of a lasting table: accounts,
	                         statistics, temporary tables, DISABLE KEYS */
	MI_LOGGED_DEFINITION, /* CREATE, ALTER, DROP, RENAME, TRUNCATE */
	MI_LOGGED_CHANGE,     /* INSERT, UPDATE, ..., and whatever else is not known */
};

/* What running a HARMLESS statement or a DEFINITION again would do, or leaving it out. */
enum mi_logged_effect {
	MI_LOGGED_EFFECT_HARMLESS, /* HARMLESS: nothing to follow */
	MI_LOGGED_EFFECT_DEFINES,  /* changes definitions and no row */
	MI_LOGGED_EFFECT_ACTIVE, /* triggers, events: they belong to the side that is written to */
	MI_LOGGED_EFFECT_TRUNCATES, /* empties one table: name */
	MI_LOGGED_EFFECT_MOVES,     /* removes or renames rows: can be run, cannot be left out */
	MI_LOGGED_EFFECT_REFUSED,   /* cannot be run again exactly: CREATE ... SELECT, EXCHANGE
	                               PARTITION, what cannot be read to its end, no statement at
	                               all, and every kind but HARMLESS and DEFINITION */
};

struct mi_logged {
	enum mi_logged_kind kind;
	enum mi_logged_effect effect;
	struct mi_span xid; /* XA: the text after the verb, "X'61',X'',1" */
	bool bookkeeping;   /* DEFINITION: of this project's own tables alone */
	bool several;       /* DEFINITION: DROP or RENAME of more than one object */
	const char *object; /* DEFINITION: "table", "view", ...; "" for what has no word here */
	const char *verb;   /* DEFINITION: "CREATE", "ALTER", ...; else "" */
	struct mi_class_name name; /* TRUNCATES: of the table; else both kinds are MI_LEX_END */
};

/* modes: enum mi_lex_mode of the sql_mode it ran under; 0 when that is not known, with which only
 * effect and names in double quotes can be missed. Never fails. Points into text and static
 * storage. */
void mi_logged_read(struct mi_span text, unsigned modes, struct mi_logged *logged);

/* True when what the text says depends on the version or the flavour of the server that runs it: an
 * executable comment that not all of those that are supported run. */
bool mi_logged_is_conditional(struct mi_span text, unsigned modes);

/* CREATE TABLE ... START TRANSACTION, as MySQL from 8.0.21 logs CREATE TABLE ... SELECT in front of
 * the rows, without these last words, which only a log has; any other text as it is. */
struct mi_span mi_logged_create(struct mi_span text, unsigned modes);

/* False only when the text cannot name the database: its name stands nowhere in it, in any letter
 * case, and is not such that it could be written otherwise. */
bool mi_logged_may_name(struct mi_span text, const char *db);

/* Appends the names of the modes that are set in a binary log's sql_mode, comma-separated, those
 * that the server in question has. */
void mi_sql_mode_print(uint64_t bits, bool mariadb, struct mi_buf *out);

#endif
