/* A CREATE TABLE statement in elements: what must exist before rows, and what is better made after.
 */
#ifndef MI_SCHEMA_CREATE_TABLE_H
#define MI_SCHEMA_CREATE_TABLE_H

#include "base/buf.h"
#include "base/err.h"
#include "sql/tokens.h"
#include "table/table.h"

#include <stdbool.h>

enum mi_table_element_kind {
	MI_ELEMENT_COLUMN,
	MI_ELEMENT_PRIMARY,
	MI_ELEMENT_UNIQUE,
	MI_ELEMENT_INDEX,
	MI_ELEMENT_FULLTEXT,
	MI_ELEMENT_SPATIAL,
	MI_ELEMENT_FOREIGN_KEY,
	MI_ELEMENT_CHECK,
	MI_ELEMENT_PERIOD, /* MariaDB: PERIOD FOR ... */
};

struct mi_table_element {
	enum mi_table_element_kind kind;
	char *name;         /* of the column, key or constraint; "" when the statement gives none */
	size_t from, to;    /* its tokens, `to` excluded */
	struct mi_buf text; /* as it will be written; may be changed */
	bool later;         /* to be added by ALTER TABLE */
	bool dropped;       /* to be left out altogether */
};

/* "CREATE TABLE `t` (" + elements + ") options". */
struct mi_ddl_table {
	char *source; /* the text that tokens point into */
	struct mi_tokens tokens;
	char *name;
	struct mi_table_element *elements;
	size_t element_count;
	size_t close;       /* index of the token ")" after the elements */
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

/* Record kind of a element: "index", "unique", "fulltext", "spatial", "foreign-key". */
const char *mi_table_element_record(enum mi_table_element_kind kind);

#endif
