/* A 128-bit hash (FNV-1a, draft-eastlake-fnv) to detect changes and to make short keys of long
 * names. It guards against accidents, not against forgers. */
#ifndef MI_BASE_HASH_H
#define MI_BASE_HASH_H

#include <stddef.h>

__extension__ struct mi_hash {
	unsigned __int128 state;
};

void mi_hash_init(struct mi_hash *hash);
void mi_hash_add(struct mi_hash *hash, const void *data, size_t len);

/* Adds the text and a mark of its end, so that ("ab","c") differs from ("a","bc"). NULL differs
 * from "". */
void mi_hash_add_str(struct mi_hash *hash, const char *text);

/* Writes 32 hexadecimal digits and a NUL. */
void mi_hash_hex(const struct mi_hash *hash, char hex[33]);

#endif
