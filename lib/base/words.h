/* Looks a word up in a list: values of an option, names of an enumeration. */
#ifndef MI_BASE_WORDS_H
#define MI_BASE_WORDS_H

#include "base/buf.h"

#include <stdbool.h>

/* The index of word in words, which ends with NULL; -1 when no word is equal to it, byte for byte,
 * and for a span without data (a NULL field). */
int mi_word_index(struct mi_span word, const char *const *words);

/* Is every word of list a in list b? Both are comma-separated, as a sql_mode is; case does not
 * count, nor does an empty word. */
bool mi_words_within(const char *a, const char *b);

#endif
