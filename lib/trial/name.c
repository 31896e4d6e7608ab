#include "trial/name.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/hex.h"

#include <stdio.h>

#define PREFIX MI_SCRATCH_PREFIX
enum {
	RANDOM_DIGITS = 2 * MI_SCRATCH_RANDOM,
	CHECK_DIGITS = MI_SCRATCH_RUN - 1 - RANDOM_DIGITS,
	PREFIX_LEN = sizeof PREFIX - 1
};

/* The digits that follow from the random ones. */
static void check_digits(const char *random, const char *server_id, char digits[CHECK_DIGITS + 1])
{
	struct mi_hash hash;
	char hex[33], own[RANDOM_DIGITS + 1];

	(void)snprintf(own, sizeof own, "%.*s", RANDOM_DIGITS, random);
	mi_hash_init(&hash);
	mi_hash_add_str(&hash, PREFIX);
	mi_hash_add_str(&hash, server_id);
	mi_hash_add_str(&hash, own);
	mi_hash_hex(&hash, hex);
	(void)snprintf(digits, CHECK_DIGITS + 1, "%.*s", CHECK_DIGITS, hex);
}

void mi_scratch_run(const unsigned char random[MI_SCRATCH_RANDOM], const char *server_id,
                    bool logged, char run[MI_SCRATCH_RUN + 1])
{
	char check[CHECK_DIGITS + 1];

	mi_hex_write(run, random, MI_SCRATCH_RANDOM, mi_hex_lower);
	check_digits(run, server_id, check);
	(void)snprintf(run + RANDOM_DIGITS, CHECK_DIGITS + 2, "%s%c", check, logged ? 'l' : 'u');
}

bool mi_scratch_is_ours(const char *name, const char *server_id)
{
	static const char digits[] = "0123456789abcdef";
	char check[CHECK_DIGITS + 1];
	const char *run = name + PREFIX_LEN, *number;

	if (!*server_id || strncmp(name, PREFIX, PREFIX_LEN) != 0 ||
	    strspn(run, digits) != RANDOM_DIGITS + CHECK_DIGITS ||
	    !strchr("lu", run[MI_SCRATCH_RUN - 1]) || run[MI_SCRATCH_RUN] != '_')
		return false;
	number = run + MI_SCRATCH_RUN + 1;
	check_digits(run, server_id, check);
	return *number && number[strspn(number, "0123456789")] == '\0' &&
	       strncmp(run + RANDOM_DIGITS, check, CHECK_DIGITS) == 0;
}

const char *mi_scratch_of_pair(const char *pair)
{
	return strrchr(pair, '=') + 1;
}

/* Appends the name behind the scratch name that text begins with; its length, or 0. */
static size_t unname_one(char *const *pairs, size_t count, const char *text, struct mi_buf *out)
{
	size_t longest = 0, found = 0;

	for (size_t i = 0; i < count; i++) {
		const char *name = mi_scratch_of_pair(pairs[i]);
		size_t len = strlen(name);

		if (len > longest && strncmp(text, name, len) == 0) {
			longest = len;
			found = i;
		}
	}
	if (longest) {
		const char *pair = pairs[found];

		mi_buf_add(out, pair, (size_t)(mi_scratch_of_pair(pair) - 1 - pair));
	}
	return longest;
}

void mi_scratch_unname_pairs(char *const *pairs, size_t count, const char *text, struct mi_buf *out)
{
	while (*text) {
		size_t len = strncmp(text, PREFIX, PREFIX_LEN) == 0
		                 ? unname_one(pairs, count, text, out)
		                 : 0;

		if (!len)
			mi_buf_add_char(out, *text);
		text += len ? len : 1;
	}
}
