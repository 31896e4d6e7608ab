#include "stream/proof.h"
#include "base/buf.h"
#include "base/hex.h"

#include <stdlib.h>
#include <xxhash.h>

/* A row's hash is taken over one piece of memory where it is as short as most rows are: XXH3 is at
 * its best then. */
enum { SHORT_ROW = 4096 };

static const uint64_t null_length = UINT64_MAX;

static uint64_t length_of(struct mi_span value)
{
	return value.data ? value.len : null_length;
}

static bool is_short(const struct mi_span *values, size_t count)
{
	size_t left = SHORT_ROW;

	for (size_t i = 0; i < count; i++) {
		if (left < 8 || values[i].len > left - 8)
			return false;
		left -= 8 + values[i].len;
	}
	return true;
}

static XXH128_hash_t hash_short(const struct mi_span *values, size_t count)
{
	char row[SHORT_ROW], *at = row;

	for (size_t i = 0; i < count; i++) {
		mi_put_u64(at, length_of(values[i]));
		at += 8;
		if (values[i].data) {
			memcpy(at, values[i].data, values[i].len);
			at += values[i].len;
		}
	}
	return XXH3_128bits(row, (size_t)(at - row));
}

static XXH128_hash_t hash_long(const struct mi_span *values, size_t count)
{
	XXH3_state_t *state = XXH3_createState();
	XXH128_hash_t hash;

	if (!state)
		abort(); /* like mi_alloc, without memory */
	(void)XXH3_128bits_reset(state);
	for (size_t i = 0; i < count; i++) {
		char length[8];

		mi_put_u64(length, length_of(values[i]));
		(void)XXH3_128bits_update(state, length, sizeof length);
		if (values[i].data)
			(void)XXH3_128bits_update(state, values[i].data, values[i].len);
	}
	hash = XXH3_128bits_digest(state);
	(void)XXH3_freeState(state);
	return hash;
}

void mi_proof_add(struct mi_proof *proof, const struct mi_span *values, size_t count)
{
	XXH128_hash_t hash =
	    is_short(values, count) ? hash_short(values, count) : hash_long(values, count);

	proof->sum += (mi_sum)hash.high64 << 64 | hash.low64;
	proof->rows++;
}

void mi_proof_join(struct mi_proof *proof, const struct mi_proof *more)
{
	proof->sum += more->sum;
	proof->rows += more->rows;
}

bool mi_proof_eq(const struct mi_proof *a, const struct mi_proof *b)
{
	return a->sum == b->sum && a->rows == b->rows;
}

/* The sum's bytes, the highest first. */
static void put_sum(const struct mi_proof *proof, char bytes[16])
{
	for (int i = 0; i < 16; i++)
		bytes[i] = (char)(unsigned char)(proof->sum >> (120 - 8 * i));
}

void mi_proof_text(const struct mi_proof *proof, char text[MI_PROOF_ROOM])
{
	char bytes[16];

	put_sum(proof, bytes);
	mi_hex_write(text, bytes, sizeof bytes, mi_hex_lower);
	text[MI_PROOF_ROOM - 1] = '\0';
}

bool mi_proof_parse(struct mi_span text, struct mi_proof *proof)
{
	char bytes[16];

	if (text.len != 32 || !mi_hex_read(text, bytes, sizeof bytes))
		return false;
	proof->sum = 0;
	for (int i = 0; i < 16; i++)
		proof->sum = proof->sum << 8 | (unsigned char)bytes[i];
	return true;
}
