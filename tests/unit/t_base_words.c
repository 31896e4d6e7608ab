/* Which of several words a text is. */
#include "base/buf.h"
#include "base/words.h"
#include "t.h"

int main(void)
{
	static const char *const words[] = {"no", "none", "", "last", NULL};
	static const char *const nothing[] = {NULL};

	CHECK(mi_word_index(mi_span_str("no"), words) == 0, "the first");
	CHECK(mi_word_index(mi_span_str("none"), words) == 1, "not another one's beginning");
	CHECK(mi_word_index(mi_span("nonesuch", 4), words) == 1, "a span's bytes only");
	CHECK(mi_word_index(mi_span_str(""), words) == 2, "an empty word");
	CHECK(mi_word_index(mi_span_str("last"), words) == 3, "the last");
	CHECK(mi_word_index(mi_span_str("Last"), words) == -1, "capitals count");
	CHECK(mi_word_index(mi_span("no\0ne", 5), words) == -1, "a NUL inside");
	CHECK(mi_word_index(mi_span(NULL, 0), words) == -1, "NULL is no word, not even the empty");
	CHECK(mi_word_index(mi_span_str("no"), nothing) == -1, "no words");
	DONE();
}
