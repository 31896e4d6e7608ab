/* What a statement of the source's binary log means for a copy that follows it. Decided by lists of
 * what is known; whatever is not on them cannot be followed. */
#ifndef MI_WIRE_STATEMENT_H
#define MI_WIRE_STATEMENT_H

#include "base/buf.h"

enum mi_statement_class {
	MI_STATEMENT_HARMLESS,  /* accounts, statistics, temporary tables: nothing to follow */
	MI_STATEMENT_DEFINES,   /* changes definitions and no row */
	MI_STATEMENT_ACTIVE,    /* triggers, events: they belong to the side that is written to */
	MI_STATEMENT_TRUNCATES, /* empties one table */
	MI_STATEMENT_MOVES,     /* removes or renames rows: can be run, cannot be left out */
	MI_STATEMENT_REFUSED,   /* cannot be run again exactly: CREATE ... SELECT, EXCHANGE
	                           PARTITION, and all that is unknown */
};

enum mi_statement_class mi_statement_classify(struct mi_span text);

/* The table that a TRUNCATE names: *db is NULL when the statement names none. The caller frees
 * both. False when the text is no such statement. */
bool mi_statement_truncated(struct mi_span text, char **db, char **table);

#endif
