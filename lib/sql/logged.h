/* What a statement in a binary log is, as far as following it needs to know. By its first words and
 * by allow-lists: what is not known to be harmless is not. */
#ifndef MI_SQL_LOGGED_H
#define MI_SQL_LOGGED_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum mi_statement_kind {
	MI_STATEMENT_BEGIN,
	MI_STATEMENT_COMMIT,
	MI_STATEMENT_ROLLBACK,
	MI_STATEMENT_SAVEPOINT,   /* and RELEASE SAVEPOINT: nothing changes */
	MI_STATEMENT_ROLLBACK_TO, /* a savepoint */
	MI_STATEMENT_XA_START,
	MI_STATEMENT_XA_END,
	MI_STATEMENT_XA_COMMIT, /* of a prepared transaction */
	MI_STATEMENT_XA_ROLLBACK,
	MI_STATEMENT_HARMLESS,   /* changes no row and no definition of a lasting table */
	MI_STATEMENT_DEFINITION, /* CREATE, ALTER, DROP, RENAME, TRUNCATE */
	MI_STATEMENT_CHANGE,     /* INSERT, UPDATE, ..., and whatever else is not known */
};

struct mi_statement {
	enum mi_statement_kind kind;
	struct mi_span xid; /* XA: the text after the verb, "X'61',X'',1" */
	bool bookkeeping;   /* DEFINITION: of this project's own tables alone */
	const char *object; /* DEFINITION: "table", "view", ...; "" for what has no word here */
	const char *verb;   /* DEFINITION: "CREATE", "ALTER", ... */
};

/* Never fails. Points into text and static storage. */
void mi_statement_read(struct mi_span text, struct mi_statement *statement);

/* False only when the text cannot name the database: its name stands nowhere in it, in any letter
 * case, and is not such that it could be written otherwise. */
bool mi_statement_may_name(struct mi_span text, const char *db);

/* Appends the names of the modes that are set in a binary log's sql_mode, comma-separated, those
 * that the server in question has. */
void mi_sql_mode_print(uint64_t bits, bool mariadb, struct mi_buf *out);

#endif
