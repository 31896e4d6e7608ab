/* MySQL's binary JSON, as JSON columns travel in row events: "JSON Binary Format" in the MySQL
 * source documentation (json_binary.h). Text is byte for byte what the server itself prints
 * (CAST(j AS CHAR)). Hostile input costs no more output than its own size allows: values that
 * overlap are malformed. */
#ifndef MI_VALUE_JSON_H
#define MI_VALUE_JSON_H

#include "base/buf.h"
#include "base/err.h"

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

enum { MI_JSON_DEPTH = 100 }; /* the server's own limit */

/* A value inside a document, which it points into. */
struct mi_json {
	unsigned type; /* enum mi_json_type */
	/* of this value: a container with all that is in it; a scalar's value, of STRING without
	 * its length, of OPAQUE with type and length */
	struct mi_span bytes;
};

/* The document's value. The empty document, which INSERT IGNORE can leave behind, is null. False:
 * malformed. */
MI_MUST bool mi_json_open(struct mi_span document, struct mi_json *value);

bool mi_json_is_object(const struct mi_json *value);
bool mi_json_is_array(const struct mi_json *value);

/* A container's number of elements, an element, and an object's key; index counts from 0. Keys are
 * utf8mb4, sorted by length, then bytes. False: malformed, or no such element. */
MI_MUST bool mi_json_count(const struct mi_json *container, size_t *count);
MI_MUST bool mi_json_element(const struct mi_json *container, size_t index, struct mi_json *value);
MI_MUST bool mi_json_key(const struct mi_json *object, size_t index, struct mi_span *key);

/* Printing: begin with {out, budget}, where budget is the sum of the sizes of the documents that
 * are printed. */
struct mi_json_printer {
	struct mi_buf *out;
	size_t budget;
	unsigned depth;
	/* set by printing: there was a DECIMAL that a JSON parser reads as another number */
	bool inexact;
};

/* Appends the value's text. False: malformed. */
MI_MUST bool mi_json_print(struct mi_json_printer *printer, const struct mi_json *value);
void mi_json_print_string(struct mi_buf *out, struct mi_span text); /* quoted and escaped */

/* Appends the text of a whole document. *inexact (unless NULL): it has a DECIMAL, as 1.10, whose
 * text a JSON parser reads as a double that prints otherwise, as 1.1. MI_PROTOCOL: the
 * document is malformed. */
MI_MUST int mi_json_text(struct mi_span document, struct mi_buf *out, bool *inexact,
                         struct mi_err *err);

#endif
