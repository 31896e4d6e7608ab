/* A session that takes rows which strict mode, or a CHECK of MariaDB, refuses: the source may hold
 * such rows, because an expression of a generated column only warns there, or because the CHECK
 * came later. It would also bend values that do not fit, so it is for rows that are read back and
 * compared, and for statements that write no values. */
#ifndef MI_LOAD_LAX_H
#define MI_LOAD_LAX_H

#include "base/err.h"
#include "server/conn.h"
#include "table/table.h"

#include <stdbool.h>

/* May rows of the table be refused with this error number though the source holds them? */
bool mi_lax_may_help(const struct mi_table *table, unsigned refused);

/* After a failure of either the session is in no known state: the connection is to be closed. */
MI_MUST int mi_lax_begin(struct mi_conn *conn, struct mi_err *err);
MI_MUST int mi_lax_end(struct mi_conn *conn, struct mi_err *err);

#endif
