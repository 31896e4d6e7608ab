/* The baseline: the source's own defaults for sessions. On the source nothing is set that the
 * client did not ask for; a session that begins at the target, where the writer is when the
 * source's time is over, is given the baseline, so that a statement means what it meant at the
 * source. It is read from the source when the router starts, and kept in a file for the time after
 * the source. */
#ifndef MI_ROUTE_SHARED_BASELINE_H
#define MI_ROUTE_SHARED_BASELINE_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"

#include <stdbool.h>

struct mi_route_baseline;

/* Reads the source's global settings and version. The caller frees *baseline. */
MI_MUST int mi_route_baseline_read(struct mi_conn *source, struct mi_route_baseline **baseline,
                                   struct mi_err *err);
/* Writes the file, whole or not at all: a name and a value per line, separated by '='. */
MI_MUST int mi_route_baseline_save(const struct mi_route_baseline *baseline, const char *path,
                                   struct mi_err *err);
/* Reads that file. MI_CONFIG: it is missing or not of that form. The caller frees *baseline. */
MI_MUST int mi_route_baseline_load(const char *path, struct mi_route_baseline **baseline,
                                   struct mi_err *err);
void mi_route_baseline_free(struct mi_route_baseline *baseline);

/* One of the settings as read ("version", "wait_timeout"...); NULL: not known. */
const char *mi_route_baseline_value(const struct mi_route_baseline *baseline, const char *name);

/* Which server a SET is for: its version decides which settings it has and how they are called. */
struct mi_route_baseline_at {
	/* the target's alone: what the source's time_zone SYSTEM is elsewhere; NULL: it stays
	 * SYSTEM */
	const struct mi_route_baseline *baseline;
	bool mariadb;
	unsigned version;  /* as of mi_route_version */
	bool ignore_space; /* the client's login asks for sql_mode IGNORE_SPACE */
};
/* A login with this collation id makes the same character sets at each server: they need not be
 * set. By name they would not be quite the same: results then have the default collation of theirs.
 */
bool mi_route_baseline_login_makes(unsigned collation);
/* Appends the SET statement that brings a fresh session at the target to the baseline, with the
 * character sets that a client with this collation id expects, where the login does not make them;
 * id 0: those of the server. */
void mi_route_baseline_sql(const struct mi_route_baseline *baseline,
                           const struct mi_route_baseline_at *at, unsigned collation,
                           struct mi_buf *sql);

/* A setting in a server's own terms: appends the value, or the nearest that the server has, to
 * there, and returns the server's name for the setting. at is a struct mi_route_baseline_at. A
 * mi_route_there_fn. */
const char *mi_route_baseline_there(const void *at, const char *name, const char *value,
                                    struct mi_buf *there);

/* Appends the SET of the session trackers that the router needs. False: this server has none. */
struct mi_route_trackers {
	bool characteristics, all_gtids; /* the client wants these, which tell more */
	bool in_transaction;             /* where servers refuse to change some of them */
};
bool mi_route_baseline_trackers(const struct mi_route_baseline_at *at,
                                const struct mi_route_trackers *trackers, struct mi_buf *sql);

/* A greeting's version, such as 80036 or 101106, and whether it is MariaDB's. */
unsigned mi_route_version(struct mi_span text, bool *mariadb);

#endif
