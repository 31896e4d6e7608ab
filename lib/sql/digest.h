/* A statement's digest: its text without what differs between two statements of one kind. */
#ifndef MI_SQL_DIGEST_H
#define MI_SQL_DIGEST_H

#include "base/buf.h"
#include "sql/class.h"

/* Appends the text with its literals as ?, lists of them as (...), comments and white space cut, at
 * most limit bytes: one line for all statements of a kind. */
void mi_class_digest(struct mi_span text, const struct mi_class_rules *rules, size_t limit,
                     struct mi_buf *out);

#endif
