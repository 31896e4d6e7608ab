/* Key ranges of chunks: (lo, hi], where both are tuples of row key values in text.
 *
 * A key's text is its values in key order, separated by one blank: numbers (INT, DECIMAL) as
 * they are, everything else as 'x' and the bytes of its stream form in lower-case hex, so that
 * the text is plain ASCII whatever the key holds: "42 x616263". "" is an open end. */
#ifndef MI_CHUNK_RANGE_H
#define MI_CHUNK_RANGE_H

#include "base/buf.h"
#include "base/err.h"
#include "table/table.h"

#include <stdbool.h>

/* True when the table's row key can bound ranges: its columns are INT, DECIMAL, DATE, TIME,
 * DATETIME, TIMESTAMP, CHAR, BINARY (VARCHAR, VARBINARY), UUID or INET, none of them descending,
 * generated or misordered, and the server reads by it. ENUM, SET, BIT, YEAR, FLOAT, DOUBLE sort in
 * another order than they compare, or do not compare exactly. */
bool mi_key_is_rangeable(const struct mi_table *table);

/* Appends the key text of a row; the table has a row key. values: carried columns, stream form. */
void mi_key_text(const struct mi_table *table, const struct mi_span *values, struct mi_buf *text);

/* Appends a condition for rows whose key lies in (lo, hi]: in effect "(k1 > a OR (k1 = a AND k2 >
 * b)) AND (k1 < c OR (k1 = c AND k2 <= d))"; an open end adds nothing, and the condition is "1"
 * when both are open. It is a chain of ANDs, not in parentheses. MI_DATA: the table has no key that
 * bounds ranges, or lo or hi does not fit the key (they may come from a file). */
MI_MUST int mi_key_predicate(const struct mi_table *table, const char *lo, const char *hi,
                             struct mi_buf *sql, struct mi_err *err);

/* Appends the values of key text, comma-separated, each written with the type and collation of its
 * column, so that ORDER BY sorts a derived table of such rows as the key does. The row key can
 * bound ranges. MI_DATA: text does not fit the key. */
MI_MUST int mi_key_values(const struct mi_table *table, const char *text, struct mi_buf *sql,
                          struct mi_err *err);

/* Appends the columns of the table's row key, which there must be, quoted and comma-separated, for
 * ORDER BY and SELECT. */
void mi_key_columns(const struct mi_table *table, struct mi_buf *sql);

#endif
