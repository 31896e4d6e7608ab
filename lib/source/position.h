/* A source's GTID position for a snapshot, and what may make it wrong: prepared XA transactions. */
#ifndef MI_SOURCE_POSITION_H
#define MI_SOURCE_POSITION_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"

#include <stdint.h>

/* Fails with MI_CONFIG when the server writes no binary log or gives its transactions no GTIDs. */
MI_MUST int mi_src_position_require(struct mi_conn *conn, struct mi_err *err);

/* Appends the executed set, in the normal form of gtid/gtid.h: MySQL's @@gtid_executed, MariaDB's
 * @@gtid_binlog_pos. MySQL's never contains a transaction that the engine has not committed yet;
 * MariaDB's may, unless commits are locked out. A set that cannot be parsed is MI_PROTOCOL. */
MI_MUST int mi_src_position(struct mi_conn *conn, struct mi_buf *set, struct mi_err *err);

/* MySQL only: appends the sets @@gtid_owned and @@gtid_executed, read in that order by one
 * statement. Their union contains whatever the engine has committed: a commit is visible before its
 * GTID is in gtid_executed, and the GTID is owned until then. */
MI_MUST int mi_src_position_owned(struct mi_conn *conn, struct mi_buf *owned,
                                  struct mi_buf *executed, struct mi_err *err);

/* MariaDB only. The first function reads the binary log's file and offset at which this session's
 * consistent snapshot stands, exactly. The second turns them into a GTID position, appended to set;
 * the server reads the log file up to there, so no lock should be held. MI_AGAIN when the server
 * cannot. */
struct mi_src_offset {
	char file[512];
	uint64_t position;
};
MI_MUST int mi_src_snapshot_offset(struct mi_conn *conn, struct mi_src_offset *at,
                                   struct mi_err *err);
MI_MUST int mi_src_offset_position(struct mi_conn *conn, const struct mi_src_offset *at,
                                   struct mi_buf *set, struct mi_err *err);

/* A prepared XA transaction has its rows in the binary log, under a GTID inside the position, and
 * shows them to no snapshot. Call _begin before the first snapshot and _end after the position has
 * been read. Both set xid to the prepared transaction that stands in the way, "" when there is
 * none; _end says "(just finished)" when one came and went in between. MI_DENIED without the
 * privilege to see them. */
struct mi_src_xa {
	uint64_t steps; /* XA PREPARE, COMMIT and ROLLBACK statements that the server has begun */
	char xid[200];
};
MI_MUST int mi_src_xa_begin(struct mi_conn *conn, struct mi_src_xa *xa, struct mi_err *err);
MI_MUST int mi_src_xa_end(struct mi_conn *conn, struct mi_src_xa *xa, struct mi_err *err);

#endif
