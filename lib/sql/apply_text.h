/* Statements that apply changes, as text: the forms that tell whether each row was as expected.
 * Pure text, for the session of server/settings.h. Every write names all columns that are not
 * generated, or ON UPDATE CURRENT_TIMESTAMP would fire. */
#ifndef MI_SQL_APPLY_TEXT_H
#define MI_SQL_APPLY_TEXT_H

#include "base/buf.h"
#include "base/err.h"
#include "sql/load_text.h"
#include "table/keyplan.h"
#include "table/table.h"

#include <stdbool.h>

/* How one table's statements are written. */
struct mi_applytext {
	const char *db;               /* on the server that is written to */
	const struct mi_table *shape; /* the table, with types as that server has them */
	const struct mi_keyplan *key;
	struct mi_loadtext rows;
	struct mi_buf insert, replace, remove, update, upsert_tail; /* fixed parts */
};

/* row_alias: ON DUPLICATE KEY UPDATE calls the new row by an alias (MySQL from 8.0.20, where
 * VALUES() is deprecated) rather than by VALUES(). What is pointed to must live as long. */
void mi_applytext_init(struct mi_applytext *text, const char *db, const struct mi_table *shape,
                       const struct mi_keyplan *key, bool row_alias);
void mi_applytext_release(struct mi_applytext *text);

/* As mi_loadtext_check, for an image that is to be written. */
MI_MUST int mi_applytext_check(const struct mi_applytext *text, const struct mi_span *image,
                               struct mi_err *err);

/* Rows of one statement: heads, then rows with mi_applytext_row (commas are added), then the tail.
 */
void mi_applytext_insert_head(const struct mi_applytext *text, bool replace, struct mi_buf *sql);
void mi_applytext_row(const struct mi_applytext *text, const struct mi_span *image, bool first,
                      struct mi_buf *sql);
/* After which the INSERT is an upsert: mysql_info() says for how many rows the key was there. */
void mi_applytext_upsert_tail(const struct mi_applytext *text, struct mi_buf *sql);

/* DELETE by keys. */
void mi_applytext_delete_head(const struct mi_applytext *text, struct mi_buf *sql);
void mi_applytext_delete_key(const struct mi_applytext *text, const struct mi_span *image,
                             bool first, struct mi_buf *sql);
void mi_applytext_delete_tail(const struct mi_applytext *text, struct mi_buf *sql);

/* What stands in front of such keys in a WHERE. */
void mi_applytext_keys_head(const struct mi_applytext *text, struct mi_buf *sql);

/* UPDATE of one row: to image, where the key is that of key_image. */
void mi_applytext_update(const struct mi_applytext *text, const struct mi_span *key_image,
                         const struct mi_span *image, struct mi_buf *sql);

/* "k1=1 AND k2='x'" */
void mi_applytext_where(const struct mi_applytext *text, const struct mi_span *image,
                        struct mi_buf *sql);

/* Upper bounds of what one row, or one key, adds. */
size_t mi_applytext_row_bytes(const struct mi_applytext *text, const struct mi_span *image);
size_t mi_applytext_key_bytes(const struct mi_applytext *text, const struct mi_span *image);

/* How many ENUM columns of the image hold the error value 0, which strict mode refuses. */
unsigned mi_applytext_zeros(const struct mi_applytext *text, const struct mi_span *image);

/* "(id, name) = (5, 'x')" for messages: at most a few hundred printable bytes. */
void mi_applytext_describe(const struct mi_applytext *text, const struct mi_span *image,
                           struct mi_buf *out);

#endif
