/* MySQL's binary JSON, as JSON columns travel in row events: "JSON Binary Format" in the MySQL
 * source documentation (json_binary.h). Text is byte for byte what the server itself prints
 * (CAST(j AS CHAR)). A hostile document makes no more output than its size allows: values that
 * overlap are malformed. Functions that return bool return false for malformed documents. */
#ifndef MI_VALUE_JSON_H
#define MI_VALUE_JSON_H

#include "base/buf.h"
#include "base/err.h"
#include "table/json.h"

#include <stdbool.h>

enum mi_json_type {
	MI_JSON_SMALL_OBJECT = 0,
	MI_JSON_LARGE_OBJECT = 1,
	MI_JSON_SMALL_ARRAY = 2,
	MI_JSON_LARGE_ARRAY = 3,
	MI_JSON_LITERAL = 4,
	MI_JSON_INT16 = 5,
	MI_JSON_UINT16 = 6,
	MI_JSON_INT32 = 7,
	MI_JSON_UINT32 = 8,
	MI_JSON_INT64 = 9,
	MI_JSON_UINT64 = 10,
	MI_JSON_DOUBLE = 11,
	MI_JSON_STRING = 12,
	MI_JSON_OPAQUE = 15,
};

/* A value inside a document, which it points into. */
struct mi_json {
	unsigned type; /* enum mi_json_type */
	/* the value's own: all of a container, a scalar's value, a STRING's text without its
	 * length, an OPAQUE with type and length in front */
	struct mi_span bytes;
};

/* Opens a document. The empty one, which INSERT IGNORE can leave behind, is null. */
MI_MUST bool mi_json_open(struct mi_span document, struct mi_json *value);

bool mi_json_is_object(const struct mi_json *value);
bool mi_json_is_array(const struct mi_json *value);

/* Elements of a container (an object or an array), by index from 0; false also when there is no
 * such element. Keys are utf8mb4, sorted by length, then bytes. */
MI_MUST bool mi_json_count(const struct mi_json *container, size_t *count);
MI_MUST bool mi_json_element(const struct mi_json *container, size_t index, struct mi_json *value);
MI_MUST bool mi_json_key(const struct mi_json *object, size_t index, struct mi_span *key);

/* Printing. {.out, .budget} begins: budget is the sum of the sizes of the documents that are
 * printed, and 1 more, as an empty document is printed, too. */
struct mi_json_printer {
	struct mi_buf *out;
	size_t budget;        /* bytes of documents that may still be printed */
	unsigned depth;       /* containers around the value at hand */
	struct mi_buf *codes; /* gets a code for each scalar, see table/json.h; NULL: not wanted */
};

/* Appends the value's text; part of it when it fails. */
MI_MUST bool mi_json_print(struct mi_json_printer *printer, const struct mi_json *value);
void mi_json_print_string(struct mi_buf *out, struct mi_span text); /* quoted and escaped */

/* Appends a whole document in its stream form (table/json.h), codes included unless text_only.
 * MI_PROTOCOL: the document is malformed. */
MI_MUST int mi_json_text(struct mi_span document, bool text_only, struct mi_buf *out,
                         struct mi_err *err);

#endif
