/* Scalars in binary JSON documents that JSON has no notation for: DECIMAL, temporal values, binary
 * strings, BIT. */
#ifndef MI_VALUE_JSON_OPAQUE_H
#define MI_VALUE_JSON_OPAQUE_H

#include "base/buf.h"

#include <stdbool.h>

/* Appends the server's text of such a scalar: a number, a quoted time, or "base64:type15:...". type
 * is a column type (enum mi_column_code). False: malformed. */
bool mi_json_print_opaque(struct mi_buf *out, unsigned type, struct mi_span data);

#endif
