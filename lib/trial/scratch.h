/* Scratch databases on a server: made for one run, and gone after it, whatever dies.
 *
 * They are called mi_trial_<run>_<number>. <run> holds 32 random bits, 32 that follow from them and
 * from the server's identity, and a letter, so that the name alone says that this code has made the
 * database, and on this very server: nothing else is ever dropped, and neither is what a replica
 * has of its primary's. A run holds the user lock of its name while it lives; the databases of a
 * run whose lock is free are left over, and the next run drops them. */
#ifndef MI_TRIAL_SCRATCH_H
#define MI_TRIAL_SCRATCH_H

#include "base/err.h"
#include "server/conn.h"
#include "server/link.h"
#include "table/dbmap.h"
#include "trial/name.h"

#include <stdbool.h>
#include <stddef.h>

struct mi_scratch {
	struct mi_link_options options; /* for all sessions of the run */
	struct mi_link link;            /* the session that holds the lock */
	char run[MI_SCRATCH_RUN + 1];
	struct mi_map map; /* from the databases' names to those of the scratch databases */
	char **pairs;      /* owns the map's texts */
	size_t pair_count;
	char refused[600]; /* why there is none; "": there is */
	char fix[300];     /* and what would help */
};

/* Begins a run on the server of conn, whose options it uses: takes the lock, drops what dead runs
 * have left, and chooses a name for each database. Their changes are kept out of the binary log
 * where the account may do that; where it may not, and somebody reads the log, the server would
 * have others repeat them, so that `refused` says so and nothing else is done. scratch is to be
 * closed in any case. Fails like mi_conn_fail. */
MI_MUST int mi_scratch_open(struct mi_scratch *scratch, const struct mi_conn *conn,
                            char *const *databases, size_t count, struct mi_err *err);

/* The name of a database's scratch database. */
const char *mi_scratch_name(const struct mi_scratch *scratch, const char *db);

/* Appends text with the names of scratch databases replaced by those that they stand for. */
void mi_scratch_unname(const struct mi_scratch *scratch, const char *text, struct mi_buf *out);

/* Fails with MI_AGAIN when the lock was lost on the way: another run may have dropped the
 * databases, so that what has been found out is worth nothing. */
MI_MUST int mi_scratch_still_ours(struct mi_scratch *scratch, struct mi_err *err);

/* Drops the run's databases, and lets the lock go. Frees all. Harmless on {0}, and to be called
 * also after a failure; a failure to drop is told, and the next run tries again. */
MI_MUST int mi_scratch_close(struct mi_scratch *scratch, struct mi_err *err);

#endif
