#include "base/words.h"
#include "base/buf.h"

#include <strings.h>

int mi_word_index(struct mi_span word, const char *const *words)
{
	if (!word.data)
		return -1;
	for (int i = 0; words[i]; i++)
		if (mi_span_is(word, words[i]))
			return i;
	return -1;
}

/* list is comma-separated; words are compared without regard to case. */
static bool in_list(const char *list, const char *word, size_t len)
{
	for (const char *at = list; *at;) {
		size_t n = strcspn(at, ",");

		if (n == len && strncasecmp(at, word, n) == 0)
			return true;
		at += n + (at[n] == ',');
	}
	return false;
}

bool mi_words_within(const char *a, const char *b)
{
	for (const char *at = a; *at;) {
		size_t n = strcspn(at, ",");

		if (n && !in_list(b, at, n))
			return false;
		at += n + (at[n] == ',');
	}
	return true;
}
