/* Whether a server's index keeps keys in the order in which its expressions compare them. */
#ifndef MI_SOURCE_ORDER_H
#define MI_SOURCE_ORDER_H

#include "base/err.h"
#include "server/conn.h"
#include "table/table.h"

/* Sets `misordered` of the CHAR columns of row keys whose index order is not that of comparisons,
 * so that no range is bounded by them. Tables without such columns cost nothing.
 *
 * The kind: an index compares CHAR values padded with blanks to the column's length, an expression
 * compares them without; where a blank at the end is not nothing to the collation, the two orders
 * differ. MariaDB's NOPAD collations are such ('a' comes before 'a' and a tab in an expression, and
 * behind it in an index), and so are collations that move characters about, as tis620_thai_ci does,
 * on both flavours. MySQL's index leaves the blanks away where the collation is NOPAD (tried with
 * all 286 collations of 9.7), so that those are in order. Which is which is not looked up by name:
 * the server is asked to compare all characters of one byte, with blanks and without, once for each
 * collation. */
MI_MUST int mi_src_find_misordered(struct mi_conn *conn, struct mi_tables *tables,
                                   struct mi_err *err);

#endif
