#include "table/json.h"
#include "base/buf.h"

#include <stdint.h>
#include <string.h>

/* ---- Text and codes ---- */

void mi_json_split(struct mi_span value, struct mi_span *text, struct mi_span *codes)
{
	const char *nul = value.len ? memchr(value.data, '\0', value.len) : NULL;

	*text = value;
	*codes = (struct mi_span){0};
	if (!nul)
		return;
	text->len = (size_t)(nul - value.data);
	*codes = mi_span(nul + 1, value.len - text->len - 1);
}

void mi_json_add_codes(struct mi_buf *value, struct mi_span codes)
{
	while (codes.len > 0 && codes.data[codes.len - 1] == MI_JSON_IS_PLAIN)
		codes.len--;
	if (codes.len == 0)
		return;
	mi_buf_add_char(value, '\0');
	mi_buf_add_span(value, codes);
}

/* ---- Tokens ---- */

enum state {
	WANT_VALUE,
	WANT_FIRST, /* after an opening bracket: a value, a key, or the end */
	AFTER_VALUE,
	BROKEN,
};

void mi_json_read(struct mi_json_reader *reader, struct mi_span text)
{
	reader->at = text.data;
	reader->end = text.data + text.len;
	reader->depth = 0;
	reader->state = WANT_VALUE;
}

static void skip_blanks(struct mi_json_reader *reader)
{
	while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\n' ||
	                                    *reader->at == '\r' || *reader->at == '\t'))
		reader->at++;
}

static enum mi_json_token bad(struct mi_json_reader *reader)
{
	reader->state = BROKEN;
	return MI_JSON_BAD;
}

/* Takes c, if it is the next that is not blank. */
static bool takes(struct mi_json_reader *reader, char c)
{
	skip_blanks(reader);
	if (reader->at == reader->end || *reader->at != c)
		return false;
	reader->at++;
	return true;
}

static bool take_string(struct mi_json_reader *reader, struct mi_span *token)
{
	const char *from = reader->at;

	if (!takes(reader, '"'))
		return false;
	while (reader->at < reader->end && *reader->at != '"')
		reader->at += *reader->at == '\\' && reader->end - reader->at > 1 ? 2 : 1;
	if (reader->at == reader->end)
		return false;
	reader->at++;
	*token = mi_span(from, (size_t)(reader->at - from));
	return true;
}

static bool is_bare(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '+' ||
	       c == '.' || c == 'E';
}

static bool take_bare(struct mi_json_reader *reader, struct mi_span *token)
{
	const char *from = reader->at;

	while (reader->at < reader->end && is_bare(*reader->at))
		reader->at++;
	*token = mi_span(from, (size_t)(reader->at - from));
	return token->len > 0;
}

static enum mi_json_token open_container(struct mi_json_reader *reader, bool object)
{
	if (reader->depth == MI_JSON_DEPTH)
		return bad(reader);
	reader->in_object[reader->depth++] = object;
	reader->state = WANT_FIRST;
	return object ? MI_JSON_OPEN_OBJECT : MI_JSON_OPEN_ARRAY;
}

static enum mi_json_token take_value(struct mi_json_reader *reader, struct mi_span *token)
{
	bool object = takes(reader, '{');

	if (object || takes(reader, '['))
		return open_container(reader, object);
	if (reader->at == reader->end ||
	    !(*reader->at == '"' ? take_string(reader, token) : take_bare(reader, token)))
		return bad(reader);
	reader->state = AFTER_VALUE;
	return MI_JSON_SCALAR;
}

static enum mi_json_token take_key(struct mi_json_reader *reader, struct mi_span *token)
{
	skip_blanks(reader);
	if (!take_string(reader, token) || !takes(reader, ':'))
		return bad(reader);
	reader->state = WANT_VALUE;
	return MI_JSON_KEY;
}

/* Between values: a comma and the next, or the end of the container or of the document. */
static enum mi_json_token go_on(struct mi_json_reader *reader, struct mi_span *token)
{
	bool object;

	if (reader->depth == 0) {
		skip_blanks(reader);
		return reader->at == reader->end ? MI_JSON_END : bad(reader);
	}
	object = reader->in_object[reader->depth - 1];
	if (takes(reader, object ? '}' : ']')) {
		reader->depth--;
		reader->state = AFTER_VALUE;
		return MI_JSON_CLOSE;
	}
	if (reader->state == AFTER_VALUE && !takes(reader, ','))
		return bad(reader);
	return object ? take_key(reader, token) : take_value(reader, token);
}

enum mi_json_token mi_json_next(struct mi_json_reader *reader, struct mi_span *token)
{
	*token = (struct mi_span){0};
	switch (reader->state) {
	case WANT_VALUE:
		return take_value(reader, token);
	case WANT_FIRST:
	case AFTER_VALUE:
		return go_on(reader, token);
	default:
		return MI_JSON_BAD;
	}
}

/* ---- What a scalar can be ---- */

/* Does text look like shape, in which 0 stands for any digit? */
static bool looks_like(struct mi_span text, const char *shape)
{
	if (text.len != strlen(shape))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		bool digit = text.data[i] >= '0' && text.data[i] <= '9';

		if (shape[i] == '0' ? !digit : text.data[i] != shape[i])
			return false;
	}
	return true;
}

static size_t digits_of(struct mi_span text)
{
	size_t count = 0;

	while (count < text.len && text.data[count] >= '0' && text.data[count] <= '9')
		count++;
	return count;
}

static struct mi_span behind(struct mi_span text, size_t count)
{
	return mi_span(text.data + count, text.len - count);
}

static struct mi_span without_sign(struct mi_span text)
{
	return text.len > 0 && text.data[0] == '-' ? behind(text, 1) : text;
}

static bool is_decimal(struct mi_span text)
{
	size_t whole;

	text = without_sign(text);
	whole = digits_of(text);
	if (whole == 0 || whole == text.len)
		return whole > 0;
	text = behind(text, whole);
	return text.data[0] == '.' && text.len > 1 && digits_of(behind(text, 1)) == text.len - 1;
}

/* An integer without a sign, of a value from least to most. */
static bool is_between(struct mi_span text, uint64_t least, uint64_t most)
{
	uint64_t value = 0;

	if (text.len == 0 || digits_of(text) != text.len)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = (unsigned)(text.data[i] - '0');

		if (value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	return value >= least && value <= most;
}

/* Hours have two digits or more. */
static bool is_time(struct mi_span text)
{
	size_t hours;

	text = without_sign(text);
	hours = digits_of(text);
	return hours >= 2 && hours <= 4 && looks_like(behind(text, hours), ":00:00.000000");
}

static bool is_opaque(struct mi_span text)
{
	static const char head[] = "base64:type";
	size_t len = sizeof head - 1, digits;

	if (text.len < len || memcmp(text.data, head, len) != 0)
		return false;
	text = behind(text, len);
	digits = digits_of(text);
	return digits >= 1 && digits <= 3 && digits < text.len && text.data[digits] == ':';
}

bool mi_json_suits(char code, struct mi_span scalar)
{
	bool is_string = scalar.len >= 2 && scalar.data[0] == '"';
	struct mi_span text = is_string ? mi_span(scalar.data + 1, scalar.len - 2) : scalar;

	switch (code) {
	case MI_JSON_IS_PLAIN:
		return true;
	case MI_JSON_IS_DECIMAL:
		return !is_string && is_decimal(text);
	case MI_JSON_IS_UNSIGNED:
		return !is_string && is_between(text, 0, UINT32_MAX);
	case MI_JSON_IS_SIGNED:
		return !is_string && is_between(text, (uint64_t)UINT32_MAX + 1, INT64_MAX);
	case MI_JSON_IS_DATE:
		return is_string && looks_like(text, "0000-00-00");
	case MI_JSON_IS_TIME:
		return is_string && is_time(text);
	case MI_JSON_IS_DATETIME:
	case MI_JSON_IS_TIMESTAMP:
		return is_string && looks_like(text, "0000-00-00 00:00:00.000000");
	case MI_JSON_IS_OPAQUE:
		return is_string && is_opaque(text);
	default:
		return false;
	}
}

bool mi_json_is_double(struct mi_span scalar)
{
	struct mi_span text = without_sign(scalar);

	if (text.len == 0 || text.data[0] < '0' || text.data[0] > '9')
		return false;
	return digits_of(text) < text.len;
}

bool mi_json_is_valid(struct mi_span value)
{
	struct mi_json_reader reader;
	struct mi_span text, codes, token;
	enum mi_json_token kind;
	size_t nth = 0;

	mi_json_split(value, &text, &codes);
	if (text.len == value.len)
		return true;
	if (codes.len == 0 || codes.data[codes.len - 1] == MI_JSON_IS_PLAIN)
		return false;
	mi_json_read(&reader, text);
	while ((kind = mi_json_next(&reader, &token)) > MI_JSON_END)
		if (kind == MI_JSON_SCALAR && nth < codes.len &&
		    !mi_json_suits(codes.data[nth++], token))
			return false;
	return kind == MI_JSON_END && nth == codes.len;
}
