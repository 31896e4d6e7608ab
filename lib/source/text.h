/* The text in which a server shows its tables, for mi_table_same: information_schema alone does not
 * say all that an ALTER can change. */
#ifndef MI_SOURCE_TEXT_H
#define MI_SOURCE_TEXT_H

#include "base/err.h"
#include "server/conn.h"
#include "table/table.h"

/* Sets what decides in which form the session shows definitions, so that all sessions of a copy see
 * the same text of the same table. Fails like mi_conn_fail. */
MI_MUST int mi_src_text_session(struct mi_conn *conn, struct mi_err *err);

/* Asks for SHOW CREATE TABLE of every table, many in one round trip, and sets text_digest. Sets the
 * session likewise. MI_DATA: a table has been dropped or renamed since the tables were listed;
 * other failures like mi_conn_fail. */
MI_MUST int mi_src_texts(struct mi_conn *conn, struct mi_tables *tables, struct mi_err *err);

#endif
