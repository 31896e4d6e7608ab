/* The statement's text in a COM_QUERY, which stands behind attributes on a connection with
 * CLIENT_QUERY_ATTRIBUTES.
 *
 * Source: "COM_QUERY", "Binary Protocol Value" of MySQL's protocol documentation. */
#ifndef MI_PROTOCOL_QUERY_H
#define MI_PROTOCOL_QUERY_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* payload is whole, its command byte included; caps are the connection's. *text points into
 * payload. False: an attribute has a type that is not known here, or the attributes are malformed;
 * *text is of no use then. */
bool mi_query_text(struct mi_span payload, uint64_t caps, struct mi_span *text);

#endif
