/* DECIMAL in row events and binary JSON: "decimal2bin" in the MySQL source documentation. */
#ifndef MI_VALUE_DECIMAL_H
#define MI_VALUE_DECIMAL_H

#include "base/buf.h"
#include "base/bytes.h"

/* Takes a DECIMAL(precision, scale) from in and appends its text as the server prints it: no
 * leading zeros but one before the point, scale digits after it. Sets in->bad when bytes are
 * missing or are no decimal digits. */
void mi_decimal_take(struct mi_bytes *in, unsigned precision, unsigned scale, struct mi_buf *out);

#endif
