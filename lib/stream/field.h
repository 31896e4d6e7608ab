/* Fields of records, read and checked. For the files behind stream/parse.h. */
#ifndef MI_STREAM_FIELD_H
#define MI_STREAM_FIELD_H

#include "base/buf.h"
#include "base/err.h"
#include "stream/parse.h"
#include "stream/parse_parts.h"

#include <stdbool.h>
#include <stdint.h>

bool mi_totals_equal(const struct mi_totals *a, const struct mi_totals *b);

/* Fails with the frame's place. Returns MI_HANDLER_FAILED. */
int mi_parser_bad(struct mi_parser *parser, const char *why);

/* What an ops function answered, as a handler returns it. */
int mi_parser_told(int answer);

MI_MUST bool mi_field_number(struct mi_span field, uint64_t *number);

/* Copies text fields to strings with a NUL behind, good for this record. False: one holds a NUL. */
MI_MUST bool mi_field_strings(struct mi_parser *parser, const struct mi_span *fields, size_t count,
                              const char **strings);

/* Reads the fields of a DDL or STATEMENT record. */
MI_MUST bool mi_field_ddl(struct mi_parser *parser, const struct mi_span *fields, size_t count,
                          struct mi_ddl *ddl);

#endif
