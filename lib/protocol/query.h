/* The text in a COM_QUERY: where CLIENT_QUERY_ATTRIBUTES was agreed upon, attributes stand before
 * it.
 *
 * Source: "COM_QUERY", "Binary Protocol Value" of MySQL's protocol documentation. */
#ifndef MI_PROTOCOL_QUERY_H
#define MI_PROTOCOL_QUERY_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* payload begins with the command byte and is whole. False: the attributes are of a type, or in a
 * form, that is not known here. */
bool mi_query_text(struct mi_span payload, uint64_t caps, struct mi_span *text);

#endif
