/* JSON values in their stream form (table/json.h) as SQL that gives MySQL the same document, types
 * included. Its JSON parser gives strings, doubles and the like from text; every other scalar is
 * put into its place by an expression of its type: JSON_REPLACE(text as JSON, path, expression,
 * path, ...), so that the statement does not nest as the document does. */
#ifndef MI_SQL_JSON_VALUE_H
#define MI_SQL_JSON_VALUE_H

#include "base/buf.h"
#include "table/table.h"

#include <stdbool.h>

/* True when the value's text alone makes the document: on a server that reads text without error
 * this is every value without codes, on one whose parser is inexact every value whose doubles it
 * cannot get wrong, where JSON is text every value. */
bool mi_json_is_text(enum mi_json_here here, struct mi_span value);

/* Appends the value as an expression. One whose codes are none of its text (mi_json_is_valid says
 * so) becomes a string that no server takes as JSON. */
void mi_sql_json(struct mi_buf *sql, enum mi_json_here here, struct mi_span value);

enum { MI_JSON_TIMESTAMP_TYPE = 7 };

/* The type of column, as in "base64:type253:", of the first scalar that no expression makes: the
 * server has no way to write it. MI_JSON_TIMESTAMP_TYPE: a TIMESTAMP. -1: the value has none. */
int mi_json_unwritable(enum mi_json_here here, struct mi_span value);

#endif
