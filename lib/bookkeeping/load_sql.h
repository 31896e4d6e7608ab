/* SQL about _mi_load that load.c, load_read.c and load_write.c share; not for other files. */
#ifndef MI_BOOKKEEPING_LOAD_SQL_H
#define MI_BOOKKEEPING_LOAD_SQL_H

#include "base/buf.h"
#include "bookkeeping/load.h"

#include <stdint.h>

/* What `proof` holds in the row of a table whose every chunk has been verified. */
#define MI_STATE_VERIFIED "verified"

/* By enum mi_state_proof: what stands in `proof` before the text of a chunk's. */
extern const char *const mi_state_proof_marks[4];

/* Appends "flow='...' AND db='...' AND tbl='...'". */
void mi_state_add_table(const struct mi_state *state, struct mi_buf *sql, const char *db,
                        const char *table);

/* Appends "SELECT columns ... WHERE ..." over the rows of those streams of the flow of which
 * something has arrived; more conditions may follow with AND. */
void mi_state_add_streams(const struct mi_state *state, struct mi_buf *sql, const char *columns);

/* Writes a stream's number as _mi_load holds it: 16 hexadecimal digits and a NUL. */
void mi_state_stream_text(uint64_t stream, char text[17]);

/* The decimal number in a field of a result's row; 0 for NULL. */
uint64_t mi_state_number(const char *text);

#endif
