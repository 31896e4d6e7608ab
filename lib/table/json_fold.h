/* JSON documents as values: two texts that mean the same fold into the same hash, whatever their
 * blanks, the order of their keys, their escapes and the notation of their numbers. Pure text, no
 * server. */
#ifndef MI_TABLE_JSON_FOLD_H
#define MI_TABLE_JSON_FOLD_H

#include "base/buf.h"
#include "base/hash.h"

#include <stdbool.h>

/* Folds a document's text, without codes, into *hash. Numbers are equal when they are the same
 * integer of 64 bits, or read as the same double. A key that comes twice counts twice: servers keep
 * one of the two. False: the text is no JSON. */
MI_MUST bool mi_json_fold(struct mi_span text, struct mi_hash *hash);

#endif
