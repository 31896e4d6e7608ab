/* Writing CSV fields (RFC 4180). libcsv reads the streams; its csv_write2 would do here too, but it
 * wants a field whole and goes byte by byte, and a 64 MiB blob travels in pieces. */
#ifndef MI_STREAM_CSV_WRITE_H
#define MI_STREAM_CSV_WRITE_H

#include "base/buf.h"

/* Appends text with each double quote doubled. */
void mi_csv_add_escaped(struct mi_buf *out, struct mi_span text);

/* Appends a whole field in quotes. */
void mi_csv_add_quoted(struct mi_buf *out, struct mi_span text);

#endif
