/* A statement of the log in the words of the target: where the target is of the other flavour, or
 * another version, and means something else by the same words. */
#ifndef MI_APPLY_WORDING_H
#define MI_APPLY_WORDING_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "stream/parse.h"

#include <stdbool.h>

struct mi_wording {
	struct mi_ddl
	    ddl; /* to be run; points to what is below and to the statement it was made of */
	struct mi_buf text;
	char *settings[MI_DDL_SETTINGS]; /* those that were converted; else NULL */
};

/* Fills *wording, which the caller releases, also after a failure; it is good as long as ddl.
 * of_mariadb: the source's flavour. Definitions of the other flavour go through schema/convert.h; a
 * character set without a collation gets the source's default where the target has another.
 * MI_DATA: refused by name, with the statement. What is changed is said in warnings. */
MI_MUST int mi_wording_convert(struct mi_wording *wording, const struct mi_ddl *ddl,
                               bool of_mariadb, struct mi_conn *conn, struct mi_err *err);
void mi_wording_release(struct mi_wording *wording);

#endif
