/* A CREATE TABLE statement in pieces: what must exist before rows, and what is better made after.
 */
#ifndef MI_SCHEMA_CREATE_TABLE_H
#define MI_SCHEMA_CREATE_TABLE_H

#include "base/buf.h"
#include "base/err.h"
#include "sql/tokens.h"
#include "table/table.h"

#include <stdbool.h>

enum mi_piece_kind {
	MI_PIECE_COLUMN,
	MI_PIECE_PRIMARY,
	MI_PIECE_UNIQUE,
	MI_PIECE_INDEX,
	MI_PIECE_FULLTEXT,
	MI_PIECE_SPATIAL,
	MI_PIECE_FOREIGN_KEY,
	MI_PIECE_CHECK,
	MI_PIECE_PERIOD, /* MariaDB: PERIOD FOR ... */
};

struct mi_piece {
	enum mi_piece_kind kind;
	char *name;         /* of the column, key or constraint; "" when the statement gives none */
	size_t from, to;    /* its tokens, `to` excluded */
	struct mi_buf text; /* as it will be written; may be changed */
	bool later;         /* to be added by ALTER TABLE */
	bool dropped;       /* to be left out altogether */
};

/* "CREATE TABLE `t` (" + pieces + ") options". */
struct mi_ddl_table {
	char *source; /* the text that tokens point into */
	struct mi_tokens tokens;
	char *name;
	struct mi_piece *pieces;
	size_t piece_count;
	size_t close;       /* index of the token ")" after the pieces */
	struct mi_buf tail; /* what follows it: options and partitions; may be changed */
};

/* Takes the statement apart. MI_DATA: it is not what SHOW CREATE TABLE prints (with
 * sql_quote_show_create on). */
MI_MUST int mi_ddl_table_read(struct mi_ddl_table *ddl, struct mi_span text, struct mi_err *err);
void mi_ddl_table_release(struct mi_ddl_table *ddl);

/* Marks what can be made after the rows: secondary keys and foreign keys, but neither the key that
 * identifies rows, nor one that AUTO_INCREMENT needs, nor any key printed before such a one, so
 * that the keys come out in the order in which they were. The columns must be those of definition:
 * MI_DATA when they are not. */
MI_MUST int mi_ddl_table_defer(struct mi_ddl_table *ddl, const struct mi_table *definition,
                               struct mi_err *err);

/* Appends the CREATE TABLE statement without what is marked. */
void mi_ddl_table_text(const struct mi_ddl_table *ddl, struct mi_buf *sql);

/* Record kind of a piece: "index", "unique", "fulltext", "spatial", "foreign-key". */
const char *mi_piece_record(enum mi_piece_kind kind);

#endif
