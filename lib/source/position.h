/* A source's GTID position, and what may make it lie: prepared XA transactions. */
#ifndef MI_SOURCE_POSITION_H
#define MI_SOURCE_POSITION_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"

#include <stdint.h>

/* Fails with MI_CONFIG when the server writes no binlog or gives its transactions no GTIDs. */
MI_MUST int mi_src_position_require(struct mi_conn *conn, struct mi_err *err);

/* Appends the executed set, in the normal form of gtid/gtid.h: MySQL's @@gtid_executed, MariaDB's
 * @@gtid_binlog_pos. On MySQL it never contains a transaction that the engine has not committed
 * yet; on MariaDB it may, unless commits are locked out. */
MI_MUST int mi_src_position(struct mi_conn *conn, struct mi_buf *set, struct mi_err *err);

/* MySQL: appends owned and executed sets as one statement reads them, in that order. Their union
 * contains whatever the engine has committed (a commit is visible before gtid_executed moves, and
 * owned until then). */
MI_MUST int mi_src_position_owned(struct mi_conn *conn, struct mi_buf *owned,
                                  struct mi_buf *executed, struct mi_err *err);

/* MariaDB: the binlog file and offset of this session's consistent snapshot, exact. The second call
 * turns them into a GTID position; it reads the file up to there, so no lock should be held. */
struct mi_src_offset {
	char file[512];
	uint64_t position;
};
MI_MUST int mi_src_snapshot_offset(struct mi_conn *conn, struct mi_src_offset *at,
                                   struct mi_err *err);
MI_MUST int mi_src_offset_position(struct mi_conn *conn, const struct mi_src_offset *at,
                                   struct mi_buf *set, struct mi_err *err);

/* Takes thread numbers out of @@gtid_owned ("uuid:5#30:7#31") and ends each source's intervals as a
 * set has them. Exposed for tests. */
void mi_src_owned_set(struct mi_span owned, struct mi_buf *set);

/* A transaction that is prepared has its rows in the binlog, under a GTID inside the position, and
 * shows them to no snapshot. Call _begin before the first snapshot and _end after the position has
 * been read. *xid becomes the prepared transaction that stands in the way, "" when there is none;
 * one that came and went in between is reported by the text "(just finished)". */
struct mi_src_xa {
	uint64_t steps; /* XA PREPARE, COMMIT and ROLLBACK statements that the server has begun */
	char xid[200];
};
MI_MUST int mi_src_xa_begin(struct mi_conn *conn, struct mi_src_xa *xa, struct mi_err *err);
MI_MUST int mi_src_xa_end(struct mi_conn *conn, struct mi_src_xa *xa, struct mi_err *err);

#endif
