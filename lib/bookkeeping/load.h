/* _mi_load: what of a copy has arrived, kept on the server that it arrives at, in the same
 * transactions as the rows. mi-load(1) describes the table's columns.
 *
 * Rows of four kinds share it, told apart by `kind`:
 *   stream  one per row stream: its GTID interval and where it comes from (db and tbl are '')
 *   chunk   one per chunk; made by the transaction that inserts the chunk's rows, before them
 *   end     one per table whose rows are all there
 *   object  one per view, routine, trigger, event or sequence, made just before the object is
 * A row belongs to a flow: the import's name and the direction, "shop/forward". */
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
	bool no_binlog;   /* to be recorded in new rows */
};

/* Only names; the caller then uses _create or _find. import: see mi_state_check_import. */
void mi_state_init(struct mi_state *state, const char *db, const char *import);
/* The same for a flow by its whole name, "shop/reverse". */
void mi_state_init_flow(struct mi_state *state, const char *db, const char *flow);
void mi_state_release(struct mi_state *state);

/* MI_USAGE unless the import's name is 1 to 64 of A-Z a-z 0-9 . _ -. */
MI_MUST int mi_state_check_import(const char *import, struct mi_err *err);

/* Creates database and tables as far as they are missing; checks that they are InnoDB (or, behind
 * vtgate, whatever it says) and have the columns that this version uses: else MI_CONFIG. */
MI_MUST int mi_state_create(const struct mi_state *state, struct mi_conn *conn, struct mi_err *err);

/* The database whose _mi_load knows the import: wanted (may be NULL), else whichever; several are
 * MI_CONFIG. *db is the caller's; NULL: nothing of the import was ever loaded. */
MI_MUST int mi_state_find(struct mi_conn *conn, const char *wanted, const char *import, char **db,
                          struct mi_err *err);

/* Records a row stream. *torn: this stream's rows and those of streams before it in the flow do not
 * all show the same moment (low and high differ somewhere), so that rows may meet older ones. */
MI_MUST int mi_state_stream(const struct mi_state *state, struct mi_conn *conn, uint64_t stream,
                            const struct mi_stream_header *header, bool *torn, struct mi_err *err);

/* What is known of one table. */
struct mi_state_table {
	bool ended;             /* all of it is there */
	uint64_t ranges, parts; /* chunks recorded, by kind */
	bool other_parts;       /* parts of another stream than the one asked for */
	uint64_t rows;
};
MI_MUST int mi_state_table(const struct mi_state *state, struct mi_conn *conn, const char *db,
                           const char *table, uint64_t stream, struct mi_state_table *known,
                           struct mi_err *err);

/* A chunk to be claimed. */
struct mi_claim {
	const char *db, *table; /* as the stream names them */
	const char *into;       /* the database that the rows go into */
	uint64_t stream;
	uint64_t part;
	const char *lo, *hi;
	uint64_t rows;
};

/* Inside a transaction: inserts the chunk's row, which locks it. *done: it is there already, with
 * its rows; the caller rolls back. Waits while another session's transaction holds it. */
MI_MUST int mi_state_claim(const struct mi_state *state, struct mi_conn *conn,
                           const struct mi_claim *claim, bool *done, struct mi_err *err);

/* Records that all of a table's rows are there. */
MI_MUST int mi_state_end_table(const struct mi_state *state, struct mi_conn *conn, const char *db,
                               const char *table, const char *into, uint64_t stream, uint64_t rows,
                               struct mi_err *err);

/* Two steps around emptying a table that is to be loaded anew: _distrust makes its chunk rows equal
 * to no stream's, so that dying in between loses nothing; _forget deletes them. */
MI_MUST int mi_state_distrust(const struct mi_state *state, struct mi_conn *conn, const char *db,
                              const char *table, struct mi_err *err);
MI_MUST int mi_state_forget(const struct mi_state *state, struct mi_conn *conn, const char *db,
                            const char *table, struct mi_err *err);

/* An object that a definition makes: kind and text as in its DDL record. _plan is called before an
 * object is made that was absent, _made afterwards, with the form in which the server prints it
 * (printed). So an object that is there is known to be this one although it is printed in another
 * form than the stream's: *planned, and *printed is what _made was told, or empty if it was not. */
MI_MUST int mi_state_plan_object(const struct mi_state *state, struct mi_conn *conn,
                                 const struct mi_ddl *ddl, const char *into, struct mi_err *err);
MI_MUST int mi_state_object_made(const struct mi_state *state, struct mi_conn *conn,
                                 const struct mi_ddl *ddl, const char *into, const char *printed,
                                 struct mi_err *err);
MI_MUST int mi_state_object_planned(const struct mi_state *state, struct mi_conn *conn,
                                    const struct mi_ddl *ddl, const char *into, bool *planned,
                                    struct mi_buf *printed, struct mi_err *err);

/* *complete: the table's chunks leave no gap. Ranges must lead from the open end to the open end,
 * parts must be 1, 2, ... n; no chunk at all is an empty table. */
MI_MUST int mi_state_covers(const struct mi_state *state, struct mi_conn *conn, const char *db,
                            const char *table, bool *complete, struct mi_err *err);

/* Appends finished chunks and tables in the text of chunk/done.h. A table that travels in parts is
 * left out until it has ended. */
MI_MUST int mi_state_print_done(const struct mi_state *state, struct mi_conn *conn,
                                struct mi_buf *out, struct mi_err *err);

/* The flow's position once everything is there: the intersection of its streams' lows, the union of
 * their highs (texts, appended), and the last stream's source. */
MI_MUST int mi_state_positions(const struct mi_state *state, struct mi_conn *conn,
                               struct mi_buf *low, struct mi_buf *high, struct mi_buf *source,
                               struct mi_err *err);

#endif
