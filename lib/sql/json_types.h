/* The types of what is in a JSON document, asked of a MySQL server. The client protocol has a
 * document as text alone, and JSON_TYPE has the rest: one more column tells the type of every value
 * of the document, in the order of the server's own walk. */
#ifndef MI_SQL_JSON_TYPES_H
#define MI_SQL_JSON_TYPES_H

#include "base/buf.h"

#include <stdbool.h>

enum { MI_JSON_TYPES_MOST_57 = 1000 }; /* values in a document that MySQL 5.7 can be asked about */

/* An optimizer hint, to stand right behind SELECT where mi_json_types_select is used without is_57:
 * GROUP_CONCAT would cut the types off. */
extern const char mi_json_types_hint[];

/* Appends the expression of that column, for a JSON column: NULL for NULL, nothing for a document
 * that makes no codes, else a letter for each value. is_57: for servers without JSON_TABLE
 * (before 8.0.4), which give another number of letters than there are values when these are more
 * than MI_JSON_TYPES_MOST_57. */
void mi_json_types_select(struct mi_buf *sql, const char *column, bool is_57);

/* Appends to codes those (table/json.h) of text's scalars in the order of the text, if any is not
 * MI_JSON_IS_PLAIN; and to fixed the text as later servers print it, if MySQL 5.7 printed it
 * otherwise. False when types is not what that column can be for this text: then the types are not
 * known. */
MI_MUST bool mi_json_types_codes(struct mi_span text, struct mi_span types, struct mi_buf *codes,
                                 struct mi_buf *fixed);

#endif
