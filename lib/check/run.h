/* What checks ask about the run: servers' variables, names, what is to be imported. */
#ifndef MI_CHECK_RUN_H
#define MI_CHECK_RUN_H

#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"

#include <stdbool.h>

/* mysql, mariadb, vitess or planetscale. False: the word is none of these. */
MI_MUST bool mi_server_kind_parse(const char *word, enum mi_server_kind *kind);

/* Reads what is to be imported, at the first call. A failure is kept, and returned at each call. */
MI_MUST int mi_check_what(struct mi_check_run *run, struct mi_err *err);

void mi_check_run_release(struct mi_check_run *run); /* the connections stay the caller's */

/* A global variable's value; NULL: the server has none of that name. */
const char *mi_check_var(const struct mi_check_server *server, const char *name);

bool mi_check_on(const struct mi_check_server *server, const char *name); /* ON, 1 or YES */

double mi_check_number(const struct mi_check_server *server, const char *name); /* -1: unknown */

/* The global setting that keeps sessions from writing; NULL: none does. */
const char *mi_check_read_only(const struct mi_check_server *server);

/* Where the application writes before the switch. */
struct mi_check_server *mi_check_writer(struct mi_check_run *run);

/* What the target is, by --target-kind, else by its flavour. */
enum mi_server_kind mi_check_kind(const struct mi_check_run *run);

/* The level for what only following needs: BLOCK, or WARN when only a copy is meant. */
enum mi_check_level mi_check_follow_level(const struct mi_check_at *at);

/* Adds the name "db.name", or the one of the two that is not empty, unless it is there already. */
void mi_check_names_add(struct mi_check_names *names, const char *db, const char *name);
/* The same, and that a part of it is meant: a column, say. */
void mi_check_names_add_part(struct mi_check_names *names, const char *db, const char *name,
                             const char *part);

const char *mi_check_names_text(struct mi_check_names *names); /* good until the next add */

void mi_check_names_release(struct mi_check_names *names);

/* Appends " IN ('a', 'b')": the databases, by the source's names or by the target's. */
void mi_check_in_databases(const struct mi_check_run *run, bool target, struct mi_buf *sql);

/* Reads SHOW GLOBAL VARIABLES into server, whose conn is set. */
MI_MUST int mi_check_read_vars(struct mi_check_server *server, struct mi_err *err);

#endif
