/* Partial updates of JSON documents: the differences that MySQL logs, applied to a document. */
#ifndef MI_VALUE_JSON_DIFF_H
#define MI_VALUE_JSON_DIFF_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

/* Applies diffs (of a PARTIAL_UPDATE_ROWS event) to the document before, and appends the result in
 * its stream form; text_only is as in mi_json_text. MI_PROTOCOL: malformed input; MI_DATA: before
 * has no place for a diff's path. */
MI_MUST int mi_json_apply(struct mi_span before, struct mi_span diffs, bool text_only,
                          struct mi_buf *out, struct mi_err *err);

#endif
