/* GTID sets out of texts and back, for tests. */
#ifndef MI_TESTS_GTID_H
#define MI_TESTS_GTID_H

#include "base/buf.h"
#include "base/err.h"
#include "gtid/gtid.h"

#include <stdio.h>
#include <stdlib.h>

#define U1 "3e11fa47-71ca-11e1-9e33-c80aa9429562"
#define U2 "ffffffff-0000-0000-0000-000000000001"

/* The caller's to free. A text that is no set ends the test. */
static inline struct mi_gtid_set *parse(const char *text)
{
	struct mi_gtid_set *set = NULL;
	struct mi_err err = {0};

	if (mi_gtid_parse(mi_span_str(text), &set, &err) != 0) {
		printf("# %s: %s\n", text, err.text);
		abort();
	}
	return set;
}

/* The caller's to free. */
static inline char *print(const struct mi_gtid_set *set)
{
	struct mi_buf out = {0};

	mi_gtid_print(set, &out);
	(void)mi_buf_cstr(&out);
	return out.data;
}

#endif
