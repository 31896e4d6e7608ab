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

/* Says what the first scalar is that no expression makes here, as "bytes of column type 253
 * (base64:type253:)": the server has no way to write it. False: the value has none. */
bool mi_json_unwritable(enum mi_json_here here, struct mi_span value, char what[static 64]);

#endif
