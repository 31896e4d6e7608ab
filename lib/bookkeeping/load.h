/* _mi_load: what of a copy has arrived, kept on the server that is written to, in the same
 * transactions as the copied rows. mi-load(1) describes the table's columns.
 *
 * The table has rows of five kinds, told apart by column `kind`:
 *   stream  one per row stream: its GTID interval and where it comes from (db and tbl are '')
 *   chunk   one per chunk; made by the transaction that inserts the chunk's rows, before them
 *   end     one per table whose rows are all there
 *   table   one per table that definitions have made or found: the text that it was made of
 *   object  one per view, routine, trigger, event or sequence, made just before the object is
 * A row belongs to a flow, named by the import's name and the direction: "shop/forward".
 *
 * What the statements meet fails like mi_conn_fail. A function that is called inside a transaction
 * says so; the others are one statement each, or look first. */
#ifndef MI_BOOKKEEPING_LOAD_H
#define MI_BOOKKEEPING_LOAD_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "stream/parse.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_state {
	char *db;         /* the state database */
	char *flow;       /* "IMPORT/forward" */
	char *load;       /* `db`.`_mi_load` */
	char *checkpoint; /* `db`.`_mi_checkpoint` */
	char *xa;         /* `db`.`_mi_xa`: rows of prepared XA transactions, see mi-apply(1) */
	char *past;       /* `db`.`_mi_past`: transactions that were passed, see mi-checkpoint(5) */
	bool no_binlog;   /* --no-binlog: recorded in new rows. Set by the caller after _init */
};

/* Fills *state with the names for database db and flow "IMPORT/forward"; asks no server and creates
 * nothing. import: see mi_state_check_import. Release afterwards. */
void mi_state_init(struct mi_state *state, const char *db, const char *import);
/* Like mi_state_init, for a flow by its whole name, "shop/reverse". */
void mi_state_init_flow(struct mi_state *state, const char *db, const char *flow);
/* Harmless on {0}. */
void mi_state_release(struct mi_state *state);

/* What an import is called when neither an option nor a stream names it. */
#define MI_DEFAULT_IMPORT "import"

/* MI_USAGE unless the import's name is 1 to 64 of A-Z a-z 0-9 . _ -. */
MI_MUST int mi_state_check_import(const char *import, struct mi_err *err);

/* Creates database and tables as far as they are missing; checks that they are InnoDB (not behind
 * vtgate) and that _mi_load and _mi_checkpoint have the columns that this version uses: else
 * MI_CONFIG. */
MI_MUST int mi_state_create(const struct mi_state *state, struct mi_conn *conn, struct mi_err *err);

/* Finds the database whose _mi_load has rows of the import: wanted or, if that is NULL, whichever;
 * several are MI_CONFIG. *db is the caller's to free, also after a failure; NULL: nothing of the
 * import was ever loaded. */
MI_MUST int mi_state_find(struct mi_conn *conn, const char *wanted, const char *import, char **db,
                          struct mi_err *err);

/* Records a row stream; harmless when it is recorded already. stream is its number, which all its
 * frames carry. *torn: the rows of this stream and of those before it in the flow do not all show
 * one moment (low and high differ, in one stream or between two), so that rows may meet older rows
 * of the same key. */
MI_MUST int mi_state_stream(const struct mi_state *state, struct mi_conn *conn, uint64_t stream,
                            const struct mi_stream_header *header, bool *torn, struct mi_err *err);

/* What _mi_load says of one table. */
struct mi_state_table {
	bool ended;             /* all rows of the table are there */
	uint64_t ranges, parts; /* chunks recorded: key ranges; numbered parts of a table */
	bool other_parts; /* some of the parts came in another stream than the one asked for */
	uint64_t rows;    /* in these chunks */
};
/* Reads *known; all zero when nothing is recorded. db and table are the stream's names. */
MI_MUST int mi_state_table(const struct mi_state *state, struct mi_conn *conn, const char *db,
                           const char *table, uint64_t stream, struct mi_state_table *known,
                           struct mi_err *err);

/* What is known of a chunk's proof (stream/proof.h): what its rows add up to. */
enum mi_state_proof {
	MI_STATE_NO_PROOF,
	MI_STATE_SENT,        /* as they were sent: they have not been read back yet */
	MI_STATE_READ,        /* as they were sent, and as they were read back */
	MI_STATE_READ_BESIDE, /* the same, but among rows that are not this flow's */
};

/* What _mi_load says of one chunk. */
struct mi_state_chunk {
	uint64_t part;
	const char *lo, *hi;
	uint64_t rows;
	enum mi_state_proof known;
	const char *proof; /* its text; "": none */
};
typedef int mi_state_chunk_fn(void *user, const struct mi_state_chunk *chunk, struct mi_err *err);
/* Calls take for each chunk of the table, in no order, until it fails. */
MI_MUST int mi_state_chunks(const struct mi_state *state, struct mi_conn *conn, const char *db,
                            const char *table, mi_state_chunk_fn *take, void *user,
                            struct mi_err *err);

enum { MI_CLAIM_ID = 33 }; /* bytes of the text that tells a table's chunks apart, with its NUL */

/* A chunk to be claimed. */
struct mi_claim {
	const char *db, *table; /* as the stream names them */
	const char *into;       /* the database that the rows go into */
	uint64_t stream;
	uint64_t part;       /* the part's number, from 1; 0: the chunk is a key range */
	const char *lo, *hi; /* the range's ends, as in the stream; "": open, or no range */
	uint64_t rows;       /* that the chunk has */
};

/* Called inside a transaction: inserts the chunk's row into _mi_load, and so locks it; waits while
 * another session's transaction holds that row. id is filled with the row's id. *done: the row was
 * there already, and so are the chunk's rows; the caller rolls back. MI_DATA: the same chunk of the
 * same stream had another number of rows then. */
MI_MUST int mi_state_claim(const struct mi_state *state, struct mi_conn *conn,
                           const struct mi_claim *claim, char id[MI_CLAIM_ID], bool *done,
                           struct mi_err *err);

/* Called inside the same transaction: records what the claimed chunk's rows add up to. */
MI_MUST int mi_state_proven(const struct mi_state *state, struct mi_conn *conn, const char *db,
                            const char *table, const char *id, enum mi_state_proof known,
                            const char *proof, struct mi_err *err);

/* Called inside the same transaction: forgets what the table's chunks add up to, as rows of some of
 * them have been replaced. */
MI_MUST int mi_state_unprove(const struct mi_state *state, struct mi_conn *conn, const char *db,
                             const char *table, struct mi_err *err);

/* Records that all of a table's rows are there, and that each is what was sent (verified); harmless
 * when that is recorded already. */
MI_MUST int mi_state_end_table(const struct mi_state *state, struct mi_conn *conn, const char *db,
                               const char *table, const char *into, uint64_t stream, uint64_t rows,
                               bool verified, struct mi_err *err);

/* Two steps around emptying a table that is to be loaded anew: before, _distrust gives the table's
 * rows in _mi_load a stream number that no stream has, so that a load that dies in between is not
 * taken for whole; after, _forget deletes those rows. */
MI_MUST int mi_state_distrust(const struct mi_state *state, struct mi_conn *conn, const char *db,
                              const char *table, struct mi_err *err);
MI_MUST int mi_state_forget(const struct mi_state *state, struct mi_conn *conn, const char *db,
                            const char *table, struct mi_err *err);

/* Of which text (a table's text_digest) the table here was made. made: just now, so that this is
 * recorded. Else *same says whether it is the text that was recorded when the table was made; it is
 * recorded when nothing was. db and table are the stream's names. */
MI_MUST int mi_state_table_text(const struct mi_state *state, struct mi_conn *conn, const char *db,
                                const char *table, const char *into, const char *text, bool made,
                                bool *same, struct mi_err *err);

/* Objects that definitions make; ddl is the object's record in the stream, `into` its database
 * here. mi_state_plan_object is called before an object that was absent is made, _object_made
 * afterwards, with a hash of the form in which the server prints it (printed). By them an object
 * that exists is known to be this flow's, although the server prints it in another form than the
 * stream: mi_state_object_planned sets *planned when the object was planned, and appends to
 * *printed what _object_made was told, or nothing if it was not called. */
MI_MUST int mi_state_plan_object(const struct mi_state *state, struct mi_conn *conn,
                                 const struct mi_ddl *ddl, const char *into, struct mi_err *err);
MI_MUST int mi_state_object_made(const struct mi_state *state, struct mi_conn *conn,
                                 const struct mi_ddl *ddl, const char *into, const char *printed,
                                 struct mi_err *err);
MI_MUST int mi_state_object_planned(const struct mi_state *state, struct mi_conn *conn,
                                    const struct mi_ddl *ddl, const char *into, bool *planned,
                                    struct mi_buf *printed, struct mi_err *err);

/* *complete: the table's chunks leave no gap. Ranges must lead, each beginning where another ends,
 * from the open lower end to the open upper end; parts must be 1, 2, ... n. No chunk at all is an
 * empty table, which is complete. */
MI_MUST int mi_state_covers(const struct mi_state *state, struct mi_conn *conn, const char *db,
                            const char *table, bool *complete, struct mi_err *err);

/* Appends the chunks and tables that are there, in the text of chunk/done.h. A table that travels
 * in parts is left out until all its rows are there. */
MI_MUST int mi_state_print_done(const struct mi_state *state, struct mi_conn *conn,
                                struct mi_buf *out, struct mi_err *err);

/* The flow's position once everything is there: appends the intersection of its streams' lows to
 * low and the union of their highs to high, as text, and puts the last stream's source into source
 * (replacing what is in there). Streams of which nothing has arrived do not count, unless that is
 * so of all, as in a copy without tables: then the position is that of `stream`, the last one's
 * number, which must be recorded. MI_DATA: a recorded set cannot be read, or two do not go
 * together. */
MI_MUST int mi_state_positions(const struct mi_state *state, struct mi_conn *conn, uint64_t stream,
                               struct mi_buf *low, struct mi_buf *high, struct mi_buf *source,
                               struct mi_err *err);

#endif
