/* Fields of records, read and checked, and what a record's handler returns. For the files behind
 * stream/parse.h alone. */
#ifndef MI_STREAM_FIELD_H
#define MI_STREAM_FIELD_H

#include "base/buf.h"
#include "base/err.h"
#include "stream/parse.h"
#include "stream/parse_parts.h"

#include <stdbool.h>
#include <stdint.h>

bool mi_totals_equal(const struct mi_totals *a, const struct mi_totals *b);

/* Fails with MI_DATA, naming the frame and its place. Returns MI_HANDLER_FAILED. */
int mi_parser_bad(struct mi_parser *parser, const char *why);

/* What a handler returns after an ops function has returned answer: 0, or MI_HANDLER_FAILED. */
int mi_parser_told(int answer);

/* Reads an unsigned decimal number below 2^64. False: the field is NULL, or something else. */
MI_MUST bool mi_field_number(struct mi_span field, uint64_t *number);

/* Makes strings of count fields; a field that is NULL becomes NULL. They belong to parser and are
 * good until the next call. False: a field holds a NUL byte. */
MI_MUST bool mi_field_strings(struct mi_parser *parser, const struct mi_span *fields, size_t count,
                              const char **strings);

/* Reads the fields of a DDL or STATEMENT record; ddl's strings are good as mi_field_strings says.
 * False: malformed. */
MI_MUST bool mi_field_ddl(struct mi_parser *parser, const struct mi_span *fields, size_t count,
                          struct mi_ddl *ddl);

#endif
