/* Partial updates of JSON documents: applies the differences that MySQL logs to the value before.
 */
#ifndef MI_VALUE_JSON_DIFF_H
#define MI_VALUE_JSON_DIFF_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

/* Appends the text of what becomes of before when diffs (of a PARTIAL_UPDATE_ROWS event) are
 * applied to it. *inexact is as for mi_json_text.
 * MI_PROTOCOL: malformed input; MI_DATA: a path is not in the document. */
MI_MUST int mi_json_apply(struct mi_span before, struct mi_span diffs, struct mi_buf *out,
                          bool *inexact, struct mi_err *err);

#endif
