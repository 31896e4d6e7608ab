#include "base/words.h"
#include "base/buf.h"

int mi_word_index(struct mi_span word, const char *const *words)
{
	if (!word.data)
		return -1;
	for (int i = 0; words[i]; i++)
		if (mi_span_is(word, words[i]))
			return i;
	return -1;
}
