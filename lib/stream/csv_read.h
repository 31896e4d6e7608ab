/* Reading CSV records (RFC 4180) that arrive in pieces, by libcsv: strict, and an empty field
 * without quotes is NULL. */
#ifndef MI_STREAM_CSV_READ_H
#define MI_STREAM_CSV_READ_H

#include "base/buf.h"

#include <stdbool.h>

struct mi_csv;

/* Called for each record. The fields are good during the call; a field with data NULL is SQL NULL.
 * A result other than 0 ends the feeding. */
typedef int mi_csv_record_fn(void *user, const struct mi_span *fields, size_t count);

struct mi_csv *mi_csv_new(mi_csv_record_fn *record, void *user);
void mi_csv_free(struct mi_csv *csv);  /* harmless on NULL */
void mi_csv_reset(struct mi_csv *csv); /* forgets a half-read record, or a failure */

/* Parses the next piece of text. Returns 0: all of text is parsed; 1: text is not CSV, or a record
 * has too many fields; else what record returned. After a failure only mi_csv_reset and mi_csv_free
 * may follow. */
int mi_csv_feed(struct mi_csv *csv, struct mi_span text);

/* True between two records. */
bool mi_csv_at_record_end(const struct mi_csv *csv);

#endif
