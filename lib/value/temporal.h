/* Temporal values of row events and binary JSON, as servers print them. The new forms (TIME2,
 * DATETIME2, TIMESTAMP2: MySQL 5.6, MariaDB 10.1) are in "Date and Time Data Type Representation"
 * of the MySQL source documentation; the old ones are numbers like 20240131235959. */
#ifndef MI_VALUE_TEMPORAL_H
#define MI_VALUE_TEMPORAL_H

#include "base/buf.h"
#include "base/bytes.h"

#include <stdint.h>

/* Each function takes a value off in and appends its text; fsp is the number of digits of the
 * fraction, 0 to 6. in->bad: bytes are missing, or a DATETIME is negative or of a year over 9999.
 * Other values outside of their type's range are printed as they are. */
void mi_date_take(struct mi_bytes *in, struct mi_buf *out);
void mi_time2_take(struct mi_bytes *in, unsigned fsp, struct mi_buf *out);
void mi_datetime2_take(struct mi_bytes *in, unsigned fsp, struct mi_buf *out);
void mi_timestamp2_take(struct mi_bytes *in, unsigned fsp, struct mi_buf *out);
void mi_time_old_take(struct mi_bytes *in, struct mi_buf *out);
void mi_datetime_old_take(struct mi_bytes *in, struct mi_buf *out);
void mi_timestamp_old_take(struct mi_bytes *in, struct mi_buf *out);

/* MariaDB's types with a fraction of before 10.1 (mysql56_temporal_format=OFF), fsp 1 to 6. */
void mi_time_hires_take(struct mi_bytes *in, unsigned fsp, struct mi_buf *out);
void mi_datetime_hires_take(struct mi_bytes *in, unsigned fsp, struct mi_buf *out);
void mi_timestamp_hires_take(struct mi_bytes *in, unsigned fsp, struct mi_buf *out);

/* Values of binary JSON: 8 bytes; a time has six digits of fraction always. */
void mi_date_packed(uint64_t packed, struct mi_buf *out);
void mi_time_packed(uint64_t packed, struct mi_buf *out);
void mi_datetime_packed(uint64_t packed, struct mi_buf *out);

#endif
