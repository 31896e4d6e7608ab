#include "base/hash.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* "__extension__": 128-bit integers are gcc's and clang's, not C11's. */
__extension__ typedef unsigned __int128 u128;

static u128 u128_of(uint64_t high, uint64_t low)
{
	return (u128)high << 64 | low;
}

void mi_hash_init(struct mi_hash *hash)
{
	hash->state = u128_of(0x6c62272e07bb0142, 0x62b821756295c58d); /* the offset basis */
}

void mi_hash_add(struct mi_hash *hash, const void *data, size_t len)
{
	const u128 prime = u128_of(0x0000000001000000, 0x000000000000013b);
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++)
		hash->state = (hash->state ^ p[i]) * prime;
}

void mi_hash_add_str(struct mi_hash *hash, const char *text)
{
	if (text)
		mi_hash_add(hash, text, strlen(text) + 1);
	else
		/* bytes that are never in UTF-8 mark the end of a text */
		mi_hash_add(hash, "\377\376", 2);
}

void mi_hash_hex(const struct mi_hash *hash, char hex[33])
{
	(void)snprintf(hex, 33, "%016llx%016llx", (unsigned long long)(hash->state >> 64),
	               (unsigned long long)(uint64_t)hash->state);
}
