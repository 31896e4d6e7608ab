/* Proofs: a row's hash is that of mi-stream(5), and a sum of rows knows no order. */
#include "base/buf.h"
#include "stream/proof.h"
#include "t.h"

#include <stdlib.h>
#include <xxhash.h>

/* The definition of mi-stream(5), in one piece of memory. */
static void expect(const struct mi_span *values, size_t count, const char *what)
{
	struct mi_buf bytes = {0};
	struct mi_proof proof = {0};
	char text[MI_PROOF_ROOM], wanted[MI_PROOF_ROOM];
	XXH128_hash_t hash;

	for (size_t i = 0; i < count; i++) {
		char length[8];

		mi_put_u64(length, values[i].data ? values[i].len : UINT64_MAX);
		mi_buf_add(&bytes, length, 8);
		if (values[i].data)
			mi_buf_add_span(&bytes, values[i]);
	}
	hash = XXH3_128bits(bytes.data, bytes.len);
	(void)snprintf(wanted, sizeof wanted, "%016llx%016llx", (unsigned long long)hash.high64,
	               (unsigned long long)hash.low64);
	mi_proof_add(&proof, values, count);
	mi_proof_text(&proof, text);
	CHECK_STR(text, wanted, what);
	CHECK(proof.rows == 1, "one row");
	mi_buf_release(&bytes);
}

/* Rows just below, at and above the length at which hashing takes another way. */
static void lengths(void)
{
	static char bytes[10000];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7);
	for (size_t len = 4060; len < 4110; len++) {
		const struct mi_span values[] = {mi_span_str("42"), mi_span(bytes, len),
		                                 mi_span(NULL, 0)};

		expect(values, 3, "a row of about 4096 bytes");
	}
	expect((struct mi_span[]){mi_span(bytes, sizeof bytes)}, 1, "a long row");
	expect((struct mi_span[]){mi_span_str("")}, 1, "an empty value");
	expect((struct mi_span[]){mi_span(NULL, 0)}, 1, "NULL");
	expect(NULL, 0, "no values");
}

static void sums(void)
{
	const struct mi_span a[] = {mi_span_str("1"), mi_span_str("x")};
	const struct mi_span b[] = {mi_span_str("2"), mi_span_str("y")};
	const struct mi_span ab[] = {mi_span_str("1x"), mi_span_str("")};
	struct mi_proof one = {0}, other = {0}, part = {0}, parsed = {0};
	char text[MI_PROOF_ROOM];

	mi_proof_add(&one, a, 2);
	mi_proof_add(&one, b, 2);
	mi_proof_add(&other, b, 2);
	CHECK(!mi_proof_eq(&one, &other), "a row is missing");
	mi_proof_add(&part, a, 2);
	mi_proof_join(&other, &part);
	CHECK(mi_proof_eq(&one, &other), "another order, in two parts");
	mi_proof_text(&one, text);
	parsed.rows = 2;
	CHECK(mi_proof_parse(mi_span_str(text), &parsed) && mi_proof_eq(&one, &parsed),
	      "text and back");
	mi_proof_add(&part, a, 2);
	CHECK(!mi_proof_eq(&one, &part), "the same row twice is not two rows");
	part = (struct mi_proof){0};
	mi_proof_add(&part, ab, 2);
	CHECK(part.sum != (mi_sum)0, "a border between values counts");
	mi_proof_text(&part, text);
	CHECK(!mi_proof_parse(mi_span(text, 31), &part) &&
	          !mi_proof_parse(mi_span_str("0123456789012345678901234567890g"), &part) &&
	          !mi_proof_parse(mi_span_str(""), &part),
	      "what is no proof");
}

int main(void)
{
	lengths();
	sums();
	return t_done();
}
