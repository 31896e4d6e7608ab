/* The session settings that every back-end session begins with, on both sides: the source's own
 * defaults, so that a statement means the same wherever it runs and in whatever phase. They are
 * read from the source when the router starts, and kept in a file for the time when there is no
 * source any more. */
#ifndef MI_ROUTE_SHARED_BASELINE_H
#define MI_ROUTE_SHARED_BASELINE_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"

#include <stdbool.h>

struct mi_route_baseline;

/* Reads the source's global settings and version. */
MI_MUST int mi_route_baseline_read(struct mi_conn *source, struct mi_route_baseline **baseline,
                                   struct mi_err *err);
/* The file: a name and a value per line, separated by '='. Whole or not at all. */
MI_MUST int mi_route_baseline_save(const struct mi_route_baseline *baseline, const char *path,
                                   struct mi_err *err);
/* A file that is missing or not of that form is MI_CONFIG. */
MI_MUST int mi_route_baseline_load(const char *path, struct mi_route_baseline **baseline,
                                   struct mi_err *err);
void mi_route_baseline_free(struct mi_route_baseline *baseline);

/* One of the settings as read ("version", "wait_timeout"...); NULL: not known. */
const char *mi_route_baseline_value(const struct mi_route_baseline *baseline, const char *name);

/* Appends the SET statement that brings a fresh session to the baseline, with the character sets
 * that a client with this collation id expects, and the trackers on. at says
 * which server it is for; its version decides how settings are called and which it has. */
struct mi_route_baseline_at {
	bool source;
	bool mariadb;
	unsigned version;
	bool ignore_space; /* the client's login asks for it, as for a mode */
};
void mi_route_baseline_sql(const struct mi_route_baseline *baseline,
                           const struct mi_route_baseline_at *at, unsigned collation,
                           struct mi_buf *sql);

/* A setting as that server has it: appends the value, or the one nearest to it, to there; returns
 * the name. at is a struct mi_route_baseline_at. */
const char *mi_route_baseline_there(const void *at, const char *name, const char *value,
                                    struct mi_buf *there);

/* Its session trackers alone; false: this server has none. */
bool mi_route_baseline_trackers(const struct mi_route_baseline_at *at, struct mi_buf *sql);

/* A greeting's version, such as 80036 or 101106, and whether it is MariaDB's. */
unsigned mi_route_version(struct mi_span text, bool *mariadb);

#endif
