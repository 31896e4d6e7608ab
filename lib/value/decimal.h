/* DECIMAL values of row events and binary JSON, as servers print them: "decimal2bin" in the MySQL
 * source documentation. */
#ifndef MI_VALUE_DECIMAL_H
#define MI_VALUE_DECIMAL_H

#include "base/buf.h"
#include "base/bytes.h"

/* Takes a DECIMAL(precision, scale) off in and appends it as the server prints it: no leading
 * zeros, but one digit at least before the point; scale digits after it. in->bad: bytes are missing
 * or no decimal digits, or there is no DECIMAL with this precision and scale. */
void mi_decimal_take(struct mi_bytes *in, unsigned precision, unsigned scale, struct mi_buf *out);

#endif
