/* Key ranges of chunks: (lo, hi], where both are tuples of row key values in text.
 *
 * A key's text is its values in key order, separated by one blank: numbers (INT, DECIMAL) as
 * they are, everything else as 'x' and the bytes of its stream form in lower-case hex, so that
 * the text is plain ASCII whatever the key holds: "42 x616263". "" is the open end. */
#ifndef MI_CHUNK_RANGE_H
#define MI_CHUNK_RANGE_H

#include "base/buf.h"
#include "base/err.h"
#include "table/table.h"

#include <stdbool.h>

/* True when the row key can bound ranges: INT, DECIMAL, DATE, TIME, DATETIME,
 * TIMESTAMP, CHAR, BINARY (VARCHAR, VARBINARY), UUID, INET columns, none of them descending or
 * generated. ENUM, SET, BIT, YEAR, FLOAT, DOUBLE sort unlike they compare, or not exactly. */
bool mi_key_is_rangeable(const struct mi_table *table);

/* Appends the key text of a row. values: carried columns, stream form. */
void mi_key_text(const struct mi_table *table, const struct mi_span *values, struct mi_buf *text);

/* Appends "(k1 > a OR (k1 = a AND k2 > b)) AND (k1 < c OR (k1 = c AND k2 <= d))" over the row
 * key's columns; open ends add nothing; "1" when both are open. Key text is checked before use:
 * MI_DATA when it does not fit the key (it may come from a file). */
MI_MUST int mi_key_predicate(const struct mi_table *table, const char *lo, const char *hi,
                             struct mi_buf *sql, struct mi_err *err);

/* Appends the values of key text, comma-separated, each written with the type and collation of its
 * column: in a derived table of such rows, ORDER BY sorts them as the key does. Errors as above. */
MI_MUST int mi_key_values(const struct mi_table *table, const char *text, struct mi_buf *sql,
                          struct mi_err *err);

/* Appends the row key's columns, quoted and comma-separated, for ORDER BY and SELECT. */
void mi_key_columns(const struct mi_table *table, struct mi_buf *sql);

#endif
