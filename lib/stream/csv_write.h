/* Writing CSV fields (RFC 4180). libcsv, which reads the streams, could write them, too
 * (csv_write2); but it wants a field whole, while a blob of 64 MiB travels in pieces, and it goes
 * byte by byte. */
#ifndef MI_STREAM_CSV_WRITE_H
#define MI_STREAM_CSV_WRITE_H

#include "base/buf.h"

/* Appends text with each double quote doubled. */
void mi_csv_add_escaped(struct mi_buf *out, struct mi_span text);

/* Appends a whole field in quotes. */
void mi_csv_add_quoted(struct mi_buf *out, struct mi_span text);

#endif
