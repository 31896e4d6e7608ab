/* The definitions as of a position of the log, kept in a folder: so that a follower that begins
 * again decodes the log by the definitions of that time, whatever has become of them since.
 *
 * base-000001.mi is a schema stream with all tables, 000002.mi, 000003.mi ... are streams with what
 * one statement of the log changed after that: a TABLE record for a definition, a DDL record of
 * kind "table" for a table that is gone or not known. A stream's header says as of which GTID set
 * (low), and of which server. A file counts for a position that has all of its set; what comes after
 * the position will be read from the log again. A folder that was exchanged, torn or set back must
 * not pass for the one of this log and position:
 * - another server's: GTIDs of MySQL tell it; with MariaDB's, whose positions compare whatever the
 *   server, the header's server does;
 * - without its latest files, while others say that the log was followed further: `seen` has the
 *   number of the newest file, and between the first file and the last none is missing;
 * - older as a whole: what was followed without it is looked through (`seen`).
 * What is left, definitions of another time whose columns have the same names and types, stands in
 * another order than the target's table, which apply/shape.h compares before the first row. */
#ifndef MI_FOLLOW_SAVED_H
#define MI_FOLLOW_SAVED_H

#include "base/err.h"
#include "gtid/gtid.h"
#include "table/table.h"

#include <stdbool.h>

struct mi_saved;

/* Whose definitions they are: a server's identity, and whether its GTIDs alone tell it from others. */
struct mi_saved_server {
	const char *identity;
	bool told_by_gtids;
};

/* Opens the folder, which is made when it is absent. MI_AGAIN: another process has it. MI_CONFIG:
 * it cannot be used. server->identity is the caller's, good until mi_saved_close. */
MI_MUST int mi_saved_open(struct mi_saved **saved, const char *folder,
                          const struct mi_saved_server *server, struct mi_err *err);
void mi_saved_close(struct mi_saved *saved); /* harmless on NULL */

/* Up to where the log was followed while the folder was in use: every change of definitions up to
 * there is in the files. Not on the disk at once, so that after a crash it may be an older set.
 * _seen: NULL: not known. It is the folder's, good until the next call of either. */
MI_MUST int mi_saved_see(struct mi_saved *saved, const struct mi_gtid_set *seen,
                         struct mi_err *err);
const struct mi_gtid_set *mi_saved_seen(const struct mi_saved *saved);

/* What mi_saved_read finds, in order; both take copies. */
struct mi_saved_reader {
	int (*table)(void *user, const struct mi_table *table, struct mi_err *err);
	void (*gone)(void *user, const char *db, const char *name);
	void *user;
};

/* Reads the definitions as of position, and removes the files for later positions and of another
 * server. *found: there were any for this one. MI_DATA: a file is damaged, or missing. */
MI_MUST int mi_saved_read(struct mi_saved *saved, const struct mi_gtid_set *position,
                          const struct mi_saved_reader *reader, bool *found, struct mi_err *err);

/* The set of the newest file that was read. */
const struct mi_gtid_set *mi_saved_as_of(const struct mi_saved *saved);

/* Whether what was read is one base, which to write anew would be in vain. */
bool mi_saved_is_compact(const struct mi_saved *saved);

/* How many files with single changes there are behind the newest base. */
size_t mi_saved_increments(const struct mi_saved *saved);

/* Removes the files that no position from this one on needs. */
MI_MUST int mi_saved_trim(struct mi_saved *saved, const struct mi_gtid_set *position,
                          struct mi_err *err);

/* One file's content: begun, filled, and then saved under its name, whole or not at all. */
MI_MUST int mi_saved_begin(struct mi_saved *saved, bool base, const struct mi_gtid_set *as_of,
                           struct mi_err *err);
MI_MUST int mi_saved_table(struct mi_saved *saved, const struct mi_table *table,
                           struct mi_err *err);
MI_MUST int mi_saved_gone(struct mi_saved *saved, const char *db, const char *name,
                          struct mi_err *err);
/* It is on the disk when this returns. */
MI_MUST int mi_saved_end(struct mi_saved *saved, struct mi_err *err);

#endif
