/* Rows that are equal in a UNIQUE key here, whatever they are in their bytes: how they are found,
 * and what an error says of them. For the files that explain collisions. */
#ifndef MI_LOAD_EQUAL_ROWS_H
#define MI_LOAD_EQUAL_ROWS_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "table/table.h"

#include <stdbool.h>

/* A UNIQUE key of the table into.table: its parts are columns of table, none is an expression. The
 * columns' character sets are those in which values are given. Pointers are the caller's. */
struct mi_unique {
	const char *into;
	const struct mi_table *table;
	const struct mi_key *key;
};

/* The values of one row's key parts, copied; count is the key's part_count. */
struct mi_key_values {
	struct mi_buf *bufs;
	struct mi_span *values;
};
void mi_key_values_release(struct mi_key_values *copies, size_t count); /* harmless on {0} */

/* Pieces of statements: the key's parts, comma-separated, for SELECT (numbers, and a text's own
 * bytes); a part as it is compared, "LEFT(c,10)" where the key has the column's beginning only; the
 * condition for rows that are equal to one with these values, one for each part, none NULL. */
void mi_unique_select(const struct mi_unique *u, struct mi_buf *sql);
void mi_unique_compared(const struct mi_unique *u, size_t part, struct mi_buf *sql);
void mi_unique_equal(const struct mi_unique *u, const struct mi_span *values, struct mi_buf *sql);

/* Runs a SELECT of mi_unique_select and copies its row number `which`, from 0. False: there is
 * none, or the server does not answer. */
bool mi_unique_fetch(const struct mi_unique *u, struct mi_conn *conn, const char *sql, size_t which,
                     struct mi_key_values *copies);

/* Finds a row that is equal to one with these values. */
bool mi_unique_find(const struct mi_unique *u, struct mi_conn *conn, const struct mi_span *values,
                    struct mi_key_values *copies);

bool mi_unique_same_bytes(const struct mi_span *a, const struct mi_span *b, size_t count);

/* Appends "(1, 'text')"; long values are cut, and what does not show is in hexadecimal, too. */
void mi_unique_show(const struct mi_unique *u, const struct mi_span *values, struct mi_buf *out);

/* Fills err, MI_DATA with a hint, for two rows that are equal: what says where they are. Returns
 * -1. */
int mi_unique_say_equal(const struct mi_unique *u, struct mi_conn *conn, const struct mi_span *one,
                        const struct mi_span *other, const char *what, struct mi_err *err);

#endif
