/* A table's rows as a server prints them for SELECT, and as a stream carries them. One place for
 * the two who read rows from a server: the snapshot (source/rows.c), and the proof that a chunk has
 * arrived as it was (load/proof.c). Pure text: the result's rows come as pointers and lengths. */
#ifndef MI_SQL_ROW_TEXT_H
#define MI_SQL_ROW_TEXT_H

#include "base/buf.h"
#include "base/err.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>

struct mi_rowtext_field;

/* What is read of JSON documents: text alone (all that MariaDB has, and --json=text), or with the
 * codes of the types that the text loses (table/json.h). */
enum mi_rowtext_json {
	MI_ROWTEXT_JSON_TEXT,
	MI_ROWTEXT_JSON_TYPES,    /* MySQL from 8.0.4 */
	MI_ROWTEXT_JSON_TYPES_57, /* MySQL before that: see sql/json_types.h */
};

/* {0} begins. One thread uses it. */
struct mi_rowtext {
	enum mi_rowtext_json json; /* set before mi_rowtext_use */
	const struct mi_table *table;
	struct mi_span *values;          /* of the last row: one for each field of an R record */
	size_t count;                    /* of values */
	size_t more;                     /* columns of a result behind those: types of JSON */
	struct mi_rowtext_field *fields; /* one for each value */
};

void mi_rowtext_release(struct mi_rowtext *rows); /* harmless on {0} */

/* Makes rows one of table, which must outlive its use. */
void mi_rowtext_use(struct mi_rowtext *rows, const struct mi_table *table);

/* What mi_rowtext.json is to be for a server: version as in struct mi_conn, 80004 for 8.0.4. */
enum mi_rowtext_json mi_rowtext_json(bool is_mysql, unsigned version, bool text_only);

/* Appends the expressions that a SELECT must ask for, comma-separated, with a hint in front of
 * them: they stand right behind the word SELECT. */
void mi_rowtext_select(const struct mi_rowtext *rows, struct mi_buf *sql);

/* How many columns of a result mi_rowtext_select asks for. */
size_t mi_rowtext_columns(const struct mi_rowtext *rows);

/* Fills rows->values from a row of such a result: row[i] is NULL for SQL NULL, else lengths[i]
 * bytes. The values point into the row, or into rows: good until the next call. MI_DATA, naming the
 * column: what the server says of the types in a JSON document does not go with its text;
 * rows->values has the row nevertheless, without these types. */
MI_MUST int mi_rowtext_take(struct mi_rowtext *rows, char *const *row, const unsigned long *lengths,
                            struct mi_err *err);

#endif
