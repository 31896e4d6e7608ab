/* What the target has of the objects that a statement names, before and after it: so it can be told
 * after a death whether the statement has been run. */
#ifndef MI_APPLY_DEFINITIONS_H
#define MI_APPLY_DEFINITIONS_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "sql/named.h"
#include "stream/parse.h"

#include <stdbool.h>

struct mi_object_name {
	const char *kind; /* as in struct mi_named */
	enum mi_named_role role;
	char *db, *name; /* in UTF-8; a database's own name stands in both */
};

/* The objects that a statement names. */
struct mi_object_names {
	struct mi_object_name *items;
	size_t count;
};

/* Reads them off ddl's text; the caller releases *names, also after a failure. conn's server is
 * asked for names in a character set that is not UTF-8. MI_DATA: not all of the text could be
 * read. */
MI_MUST int mi_object_names_read(struct mi_object_names *names, const struct mi_ddl *ddl,
                                 struct mi_conn *conn, struct mi_err *err);
void mi_object_names_release(struct mi_object_names *names);

/* True when one of the objects that the statement changes is in the database, or is it. */
bool mi_object_names_have(const struct mi_object_names *names, const char *db);

/* True for a RENAME after which the same names are there as before: what the server has need not
 * show that it was done. */
bool mi_object_names_turn(const struct mi_object_names *names);

/* A digest of how conn's server defines the objects that the statement changes, without counters.
 * What is not there counts as that. */
MI_MUST int mi_object_names_digest(const struct mi_object_names *names, struct mi_conn *conn,
                                   char digest[33], struct mi_err *err);

#endif
