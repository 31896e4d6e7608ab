/* SQL about _mi_load that the files behind bookkeeping/load.h share. */
#ifndef MI_BOOKKEEPING_LOAD_SQL_H
#define MI_BOOKKEEPING_LOAD_SQL_H

#include "base/buf.h"
#include "bookkeeping/load.h"

#include <stdint.h>

/* Appends "flow='...'", and that with the table's names. */
void mi_state_add_flow(const struct mi_state *state, struct mi_buf *sql);
void mi_state_add_table(const struct mi_state *state, struct mi_buf *sql, const char *db,
                        const char *table);

/* Appends a SELECT of columns of those streams of the flow of which something has arrived. */
void mi_state_add_streams(const struct mi_state *state, struct mi_buf *sql, const char *columns);

/* A stream's number as _mi_load holds it. */
void mi_state_stream_text(uint64_t stream, char text[17]);

/* The number in a row's field, 0 for NULL. */
uint64_t mi_state_number(const char *text);

#endif
