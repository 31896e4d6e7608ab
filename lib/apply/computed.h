/* What the target computes of the rows that it is given: STORED generated columns are read back
 * behind each statement, and compared with what the source has stored. The source's session may
 * have computed them under settings that no log tells (time_zone, div_precision_increment). */
#ifndef MI_APPLY_COMPUTED_H
#define MI_APPLY_COMPUTED_H

#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "sql/apply_text.h"
#include "sql/row_text.h"
#include "stream/proof.h"
#include "table/normal.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>

/* Of one table; {0} compares nothing. */
struct mi_computed {
	bool is_on;
	struct mi_table sent, here; /* the stream's and the target's, with the row key and computed
	                               columns alone */
	size_t *places;             /* of these fields in a row image */
	struct mi_span *picked;     /* these fields of an image */
	struct mi_rowtext row;      /* of a row that is read back */
	struct mi_normal_plan plan;
	struct mi_normal_row sent_form, here_form;

	/* of the statement that is being written */
	struct mi_buf keys;
	struct mi_proof sum;
};

/* sent: the stream's definition; here: the same as mi_target_compare has made it. Both must live as
 * long, have a row key, and proven columns (mi_table_prove_stored). */
void mi_computed_init(struct mi_computed *c, const struct mi_table *sent,
                      const struct mi_table *here, const struct mi_conn *conn, bool same_flavour);
void mi_computed_release(struct mi_computed *c); /* harmless on {0} */

/* The three do nothing when it is not on. Begins a statement; adds a row that it writes; appends
 * the question for all of them to sql, and sets *sum to what the answer must add up to. text is
 * that of the same table. */
void mi_computed_begin(struct mi_computed *c);
void mi_computed_add(struct mi_computed *c, const struct mi_applytext *text,
                     const struct mi_span *image);
void mi_computed_ask(struct mi_computed *c, const struct mi_applytext *text, struct mi_buf *sql,
                     struct mi_proof *sum);

/* Reads the answer, which is the connection's next result, to its end. MI_DATA when it is another
 * than sum; of one row, whose image must be given, the column is named. What the connection meets
 * fails like mi_conn_fail. */
MI_MUST int mi_computed_compare(struct mi_computed *c, struct mi_conn *conn,
                                const struct mi_proof *sum, const struct mi_span *image,
                                struct mi_err *err);

#endif
