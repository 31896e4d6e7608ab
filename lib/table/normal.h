/* What legitimately differs between what was sent and what this server prints of it, because the
 * two servers are of different kinds: JSON's notation, and that of doubles. Values are compared
 * after they have been brought into one form. mi-load(1) lists what is treated so. */
#ifndef MI_TABLE_NORMAL_H
#define MI_TABLE_NORMAL_H

#include "base/buf.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>

/* How the fields of one table are brought into that form. {0}: all stay as they are. */
struct mi_normal_plan {
	unsigned char *how; /* one per field of a row record; NULL: no field is touched */
	size_t count;
	bool json_as_text; /* JSON is read back as its text, without types */
};

/* def is the stream's definition, shape what its columns are here; mysql_version is this server's,
 * as in struct mi_conn, 0 when it is none of MySQL. */
void mi_normal_init(struct mi_normal_plan *plan, const struct mi_table *def,
                    const struct mi_table *shape, bool same_flavour, unsigned mysql_version);
void mi_normal_release(struct mi_normal_plan *plan); /* harmless on {0} */

/* Where a row in that form is kept; {0} begins. One thread uses it. */
struct mi_normal_row {
	struct mi_span *values;
	size_t count;
	struct mi_buf room;
};
void mi_normal_row_release(struct mi_normal_row *row); /* harmless on {0} */

/* The values in that form: they themselves, if the plan touches none; good until the next call. */
const struct mi_span *mi_normal_take(struct mi_normal_row *row, const struct mi_normal_plan *plan,
                                     const struct mi_span *values);

#endif
