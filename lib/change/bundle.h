/* Transactions of an event stream, kept in memory between the thread that parses them and the one
 * that applies them. A bundle owns everything that its transactions point to, except tables, which
 * are the parser's. One thread at a time has a bundle. */
#ifndef MI_CHANGE_BUNDLE_H
#define MI_CHANGE_BUNDLE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "gtid/gtid.h"
#include "stream/parse.h"
#include "table/table.h"

#include <stdbool.h>
#include <stdint.h>

enum mi_op_kind { MI_OP_INSERT, MI_OP_UPDATE, MI_OP_DELETE };

struct mi_trx;

/* One change of a row. */
struct mi_op {
	enum mi_op_kind kind;
	unsigned fk_flags; /* enum mi_fk_flag */
	const struct mi_table *table;
	const struct mi_span *before, *after; /* as in struct mi_change */
	const struct mi_trx *trx;
	struct mi_op *next;
};

struct mi_op_statement {
	struct mi_ddl ddl;
	struct mi_op_statement *next;
};

enum mi_trx_kind {
	MI_TRX_COMMIT,  /* a whole transaction, or the last piece of one */
	MI_TRX_PIECE,   /* a piece of one that is too large to be kept; more follow */
	MI_TRX_ABORT,   /* in place of the last piece: forget the pieces before */
	MI_TRX_PREPARE, /* like COMMIT, but the changes wait for the XA decision on xid */
	MI_TRX_XA_COMMIT,
	MI_TRX_XA_ROLLBACK,
	MI_TRX_PAST, /* gtids were passed undecoded, because a person said so */
	MI_TRX_SKIP, /* no changes: gtids are transactions to be counted as applied */
};

struct mi_trx {
	enum mi_trx_kind kind;
	bool continued;              /* a piece that is not the first */
	bool xa;                     /* it may end as MI_TRX_PREPARE; else it cannot */
	const char *gtid;            /* as in the stream; with MI_TRX_SKIP or PAST a set */
	struct mi_gtid_set *gtids;   /* gtid, parsed */
	uint64_t commit_us;          /* when the source committed it, microseconds since 1970 UTC */
	const char *what;            /* MI_TRX_PAST: what is known of the changes, for people */
	struct mi_span xid;          /* of the three XA kinds */
	struct mi_op *ops, *last_op; /* in source order */
	size_t op_count;
	struct mi_op_statement *statements;
	struct mi_trx *next;
};

struct mi_bundle {
	struct mi_arena arena;
	struct mi_trx *first, *last;
	size_t trx_count, op_count;
	uint64_t heartbeat_us; /* of a HEARTBEAT record behind these transactions; 0: none */
	/* in a bundle that carries a stream's header in place of transactions: low, import_id,
	 * server and flavour of that header; else NULL */
	char *since;
	char *import_id, *server, *flavour;
	struct mi_bundle *next; /* for queues */
};

struct mi_bundle *mi_bundle_new(void);
void mi_bundle_free(struct mi_bundle *bundle); /* harmless on NULL */

/* Bytes of memory that the bundle holds, without its parsed GTID sets. */
size_t mi_bundle_bytes(const struct mi_bundle *bundle);

/* Adds a new last transaction; *trx belongs to bundle. MI_DATA: gtid cannot be parsed. */
MI_MUST int mi_bundle_begin(struct mi_bundle *bundle, const char *gtid, uint64_t commit_us,
                            struct mi_trx **trx, struct mi_err *err);

/* Removes the last transaction, which there must be. Its changes keep their memory until the bundle
 * is freed. */
void mi_bundle_drop_last(struct mi_bundle *bundle);

/* Adds a copy of the change to the last transaction, which there must be. MI_DATA: the field of a
 * numeric column holds something else than a number, which would go into statements unquoted. */
MI_MUST int mi_bundle_change(struct mi_bundle *bundle, enum mi_op_kind kind,
                             const struct mi_change *change, struct mi_err *err);

/* Adds a copy of a statement to the last transaction, which there must be. */
void mi_bundle_statement(struct mi_bundle *bundle, const struct mi_ddl *ddl);

#endif
