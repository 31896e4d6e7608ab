/* Stored programs (routines, triggers, events) of a database for a schema stream, and accounts.
 * Parts of source/schema.h. */
#ifndef MI_SOURCE_PROGRAMS_H
#define MI_SOURCE_PROGRAMS_H

#include "base/err.h"
#include "schema/uses.h"
#include "source/schema.h"

struct mi_views;

/* Adds the routines of the named databases to the post section; without options->routines only
 * those that views call, and what these call in turn. The others become notes that they are left
 * behind. *taken gets those that are carried, as calls; the caller releases it, also after a
 * failure. */
MI_MUST int mi_src_routines(struct mi_ddl_reader *reader, char *const *names, size_t count,
                            const struct mi_views *views, struct mi_uses *taken,
                            struct mi_err *err);

/* Add the triggers or events of reader->db to the post section, or notes that they are left behind
 * (reader->options says which). A program that cannot be carried as it is becomes a
 * note of kind MI_NOTE_REFUSED; one whose text the server hides is MI_DENIED. */
MI_MUST int mi_src_triggers(struct mi_ddl_reader *reader, struct mi_err *err);
MI_MUST int mi_src_events(struct mi_ddl_reader *reader, struct mi_err *err);

/* Adds a note for each account: they are never carried. An account that may not list them adds one
 * note that says so. */
MI_MUST int mi_src_note_accounts(struct mi_ddl_reader *reader, struct mi_err *err);

#endif
