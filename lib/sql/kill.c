#include "sql/kill.h"
#include "base/buf.h"
#include "base/bytes.h"

#include <ctype.h>
#include <strings.h>

enum { DIGITS = 19 };

/* Up to and with the end of a comment; all of it where that does not come. */
static void skip_to(struct mi_bytes *in, const char *end)
{
	size_t len = strlen(end);
	const void *found = memmem(in->at, in->len, end, len);

	(void)mi_take(in,
	              found ? (uint64_t)((const unsigned char *)found - in->at) + len : in->len);
}

static bool begins(const struct mi_bytes *in, const char *text)
{
	size_t len = strlen(text);

	return in->len >= len && memcmp(in->at, text, len) == 0;
}

/* White space and comments; not executable ones, which are code. */
static void skip(struct mi_bytes *in)
{
	for (;;) {
		if (in->len && isspace(*in->at))
			(void)mi_take_u8(in);
		else if (begins(in, "#") ||
		         (begins(in, "--") && (in->len == 2 || isspace(in->at[2]))))
			skip_to(in, "\n");
		else if (begins(in, "/*") && !begins(in, "/*!") && !begins(in, "/*M!"))
			skip_to(in, "*/");
		else
			return;
	}
}

static bool take_word(struct mi_bytes *in, const char *word)
{
	size_t len = strlen(word);

	if (in->len < len || strncasecmp((const char *)in->at, word, len) != 0 ||
	    (in->len > len && (isalnum(in->at[len]) || in->at[len] == '_' || in->at[len] > 127)))
		return false;
	(void)mi_take(in, len);
	skip(in);
	return true;
}

static bool take_number(struct mi_bytes *in, uint64_t *number)
{
	unsigned digits = 0;

	for (*number = 0; in->len && isdigit(*in->at) && digits <= DIGITS; digits++)
		*number = *number * 10 + mi_take_u8(in) - '0';
	skip(in);
	return digits > 0 && digits <= DIGITS;
}

bool mi_kill_text(struct mi_span text, bool *query, uint64_t *id)
{
	struct mi_bytes in = mi_bytes(text);

	skip(&in);
	if (!take_word(&in, "KILL"))
		return false;
	*query = take_word(&in, "QUERY");
	if (!*query)
		(void)take_word(&in, "CONNECTION");
	if (!take_number(&in, id))
		return false;
	if (begins(&in, ";")) {
		(void)mi_take_u8(&in);
		skip(&in);
	}
	return in.len == 0;
}
