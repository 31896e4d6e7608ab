/* What a statement of the source's binary log means for a copy that follows it. Decided by lists of
 * what is known; whatever is not on them cannot be followed. */
#ifndef MI_SQL_LOGGED_EFFECT_H
#define MI_SQL_LOGGED_EFFECT_H

#include "base/buf.h"

#include <stdbool.h>

enum mi_logged_effect {
	MI_LOGGED_EFFECT_HARMLESS, /* accounts, statistics, temporary tables: nothing to follow */
	MI_LOGGED_EFFECT_DEFINES,  /* changes definitions and no row */
	MI_LOGGED_EFFECT_ACTIVE, /* triggers, events: they belong to the side that is written to */
	MI_LOGGED_EFFECT_TRUNCATES, /* empties one table */
	MI_LOGGED_EFFECT_MOVES,     /* removes or renames rows: can be run, cannot be left out */
	MI_LOGGED_EFFECT_REFUSED,   /* cannot be run again exactly: CREATE ... SELECT, EXCHANGE
	                           PARTITION, and all that is unknown */
};

enum mi_logged_effect mi_logged_effect_of(struct mi_span text);

/* The table that a TRUNCATE names: *db is NULL when the statement names none. The caller frees
 * both. False when the text is no such statement. */
bool mi_logged_effect_truncated(struct mi_span text, char **db, char **table);

#endif
