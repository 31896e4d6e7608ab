#include "table/json_fold.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/hex.h"
#include "table/json.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* A container that is open. */
struct level {
	struct mi_hash
	    hash; /* of an array's elements in order; of an object, the sum of its pairs */
	struct mi_hash key; /* an object: of the key whose value comes next */
	bool object;
};

struct folding {
	struct level levels[MI_JSON_DEPTH + 1]; /* the first holds the document's value */
	size_t depth;                           /* index of the innermost */
	struct mi_buf text;                     /* of the string at hand, without escapes */
};

static void begin(struct mi_hash *hash, char kind)
{
	mi_hash_init(hash);
	mi_hash_add(hash, &kind, 1);
}

/* Adds a whole value to the container around it. */
static void put(struct folding *folding, const struct mi_hash *value)
{
	struct level *level = &folding->levels[folding->depth];
	struct mi_hash pair;

	if (!level->object) {
		mi_hash_add(&level->hash, &value->state, sizeof value->state);
		return;
	}
	pair = level->key;
	mi_hash_add(&pair, &value->state, sizeof value->state);
	level->hash.state += pair.state;
}

static void open(struct folding *folding, bool object)
{
	struct level *level = &folding->levels[++folding->depth];

	begin(&level->hash, object ? '{' : '[');
	level->object = object;
}

static void close(struct folding *folding)
{
	struct mi_hash whole;

	begin(&whole, ']');
	mi_hash_add(&whole, &folding->levels[folding->depth].hash.state, sizeof whole.state);
	folding->depth--;
	put(folding, &whole);
}

/* ---- Scalars ---- */

static void add_utf8(struct mi_buf *out, unsigned long c)
{
	if (c < 0x80) {
		mi_buf_add_char(out, (char)c);
		return;
	}
	if (c < 0x800) {
		mi_buf_add_char(out, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			mi_buf_add_char(out, (char)(0xe0 | c >> 12));
		} else {
			mi_buf_add_char(out, (char)(0xf0 | c >> 18));
			mi_buf_add_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		mi_buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	mi_buf_add_char(out, (char)(0x80 | (c & 0x3f)));
}

/* Reads the four digits at at; false: there are none. */
static bool four_digits(const char *at, const char *end, unsigned long *unit)
{
	*unit = 0;
	if (end - at < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		int digit = mi_hex_digit(at[i]);

		if (digit < 0)
			return false;
		*unit = *unit << 4 | (unsigned long)digit;
	}
	return true;
}

/* A character written as \uXXXX, or as two of these. at is behind the first u. Returns the place
 * behind it, NULL when it is none. */
static const char *take_unit(const char *at, const char *end, struct mi_buf *out)
{
	unsigned long c, low;

	if (!four_digits(at, end, &c))
		return NULL;
	at += 4;
	if (c >= 0xd800 && c < 0xdc00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u' &&
	    four_digits(at + 2, end, &low) && low >= 0xdc00 && low < 0xe000) {
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		at += 6;
	}
	add_utf8(out, c);
	return at;
}

/* A string's text without quotes and escapes. */
static bool unescape(struct mi_span token, struct mi_buf *out)
{
	static const char letters[] = "\"\\/bfnrt", meaning[] = "\"\\/\b\f\n\r\t";
	const char *at = token.data + 1, *end = token.data + token.len - 1;

	mi_buf_reset(out);
	while (at < end) {
		const char *letter;

		if (*at != '\\') {
			mi_buf_add_char(out, *at++);
			continue;
		}
		if (end - at < 2)
			return false;
		if (at[1] == 'u') {
			at = take_unit(at + 2, end, out);
			if (!at)
				return false;
			continue;
		}
		letter = strchr(letters, at[1]);
		if (!letter || !*letter)
			return false;
		mi_buf_add_char(out, meaning[letter - letters]);
		at += 2;
	}
	return true;
}

static bool fold_string(struct folding *folding, struct mi_span token, struct mi_hash *hash)
{
	if (token.len < 2 || !unescape(token, &folding->text))
		return false;
	begin(hash, '"');
	mi_hash_add(hash, folding->text.data, folding->text.len);
	return true;
}

/* An integer of 64 bits is itself, every other number the double that it reads as; 0 is one of
 * both. */
static bool fold_number(const char *text, struct mi_hash *hash)
{
	bool negative = *text == '-', integer = !strpbrk(text, ".eE");
	char room[40], *end;

	errno = 0;
	if (integer && negative)
		(void)snprintf(room, sizeof room, "%lld", strtoll(text, &end, 10));
	else if (integer)
		(void)snprintf(room, sizeof room, "%llu", strtoull(text, &end, 10));
	if (!integer || errno != 0) {
		double value = strtod(text, &end);

		if (!isfinite(value))
			return false;
		(void)snprintf(room, sizeof room, value == 0 ? "0" : "%.17g", value);
	}
	begin(hash, '0');
	mi_hash_add_str(hash, room);
	return end > text && !*end;
}

static bool fold_scalar(struct folding *folding, struct mi_span token, struct mi_hash *hash)
{
	if (*token.data == '"')
		return fold_string(folding, token, hash);
	mi_buf_reset(&folding->text);
	mi_buf_add_span(&folding->text, token);
	if (*token.data == '-' || (*token.data >= '0' && *token.data <= '9'))
		return fold_number(mi_buf_cstr(&folding->text), hash);
	begin(hash, 'w');
	mi_hash_add(hash, token.data, token.len);
	return mi_span_is(token, "null") || mi_span_is(token, "true") || mi_span_is(token, "false");
}

/* ---- Documents ---- */

/* One token; false: no JSON. */
static bool fold_token(struct folding *folding, enum mi_json_token kind, struct mi_span token)
{
	struct mi_hash hash;

	switch (kind) {
	case MI_JSON_OPEN_OBJECT:
	case MI_JSON_OPEN_ARRAY:
		open(folding, kind == MI_JSON_OPEN_OBJECT);
		return true;
	case MI_JSON_CLOSE:
		close(folding);
		return true;
	case MI_JSON_KEY:
		return fold_string(folding, token, &folding->levels[folding->depth].key);
	case MI_JSON_SCALAR:
		if (!fold_scalar(folding, token, &hash))
			return false;
		put(folding, &hash);
		return true;
	default:
		return false;
	}
}

bool mi_json_fold(struct mi_span text, struct mi_hash *hash)
{
	struct folding folding = {0};
	struct mi_json_reader reader;
	enum mi_json_token kind;
	struct mi_span token = {0};
	bool ok = true;

	mi_json_read(&reader, text);
	begin(&folding.levels[0].hash, '=');
	while (ok && (kind = mi_json_next(&reader, &token)) != MI_JSON_END)
		ok = fold_token(&folding, kind, token);
	*hash = folding.levels[0].hash;
	mi_buf_release(&folding.text);
	return ok;
}
