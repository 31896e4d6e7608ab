/* GTID sets in text: what is parsed prints, and parses to the same set. */
#include "base/buf.h"
#include "base/err.h"
#include "gtid/gtid.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct mi_gtid_set *set, *again;
	struct mi_buf text = {0};
	struct mi_err err;

	if (mi_gtid_parse(size ? mi_span(data, size) : mi_span("", 0), &set, &err) != 0)
		return 0;
	mi_gtid_print(set, &text);
	if (mi_gtid_parse(mi_buf_span(&text), &again, &err) != 0 || !mi_gtid_equal(set, again))
		abort();
	mi_gtid_free(set);
	mi_gtid_free(again);
	mi_buf_release(&text);
	return 0;
}
