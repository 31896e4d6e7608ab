/* A CREATE TABLE statement taken apart into its elements: those that must exist before the rows,
 * and those that are better made after them. */
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
	size_t from, to;    /* the element's tokens, `to` excluded */
	struct mi_buf text; /* the element as it will be written; may be changed */
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
	struct mi_buf tail; /* options and partitions, after that bracket; may be changed */
};

/* Takes the statement apart. MI_DATA: text is not what SHOW CREATE TABLE prints with
 * sql_quote_show_create on; ddl is {0} then. */
MI_MUST int mi_ddl_table_read(struct mi_ddl_table *ddl, struct mi_span text, struct mi_err *err);
void mi_ddl_table_release(struct mi_ddl_table *ddl);

/* Marks (later) what can be made after the rows: secondary keys and foreign keys, but neither the
 * key that identifies rows, nor one that AUTO_INCREMENT needs, nor a key printed before one of
 * these, so that the keys keep their order. MI_DATA: the columns are not those of definition, or no
 * key has the AUTO_INCREMENT column. */
MI_MUST int mi_ddl_table_defer(struct mi_ddl_table *ddl, const struct mi_table *definition,
                               struct mi_err *err);

/* Appends the CREATE TABLE statement without the elements that are marked later or dropped. */
void mi_ddl_table_text(const struct mi_ddl_table *ddl, struct mi_buf *sql);

/* The kind of the DDL record that adds such an element: "index", "unique", "fulltext", "spatial",
 * "foreign-key". */
const char *mi_table_element_record(enum mi_table_element_kind kind);

#endif
