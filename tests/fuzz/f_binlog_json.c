/* A binary JSON document, and changes to it: the first byte says how long the document is. Then the
 * same bytes as a document in its stream form, and as a text with the letters of its types. */
#include "base/buf.h"
#include "base/err.h"
#include "sql/json_types.h"
#include "sql/json_value.h"
#include "table/json.h"
#include "table/table.h"
#include "value/json.h"
#include "value/json_diff.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	size_t split = size && data[0] < size ? data[0] + 1U : size;
	struct mi_buf out = {0}, fixed = {0};
	char what[64];
	struct mi_err err;

	if (size == 0)
		return 0;
	(void)!mi_json_text(mi_span(data + 1, split - 1), false, &out, &err);
	(void)!mi_json_apply(mi_span(data + 1, split - 1), mi_span(data + split, size - split),
	                     false, &out, &err);
	mi_buf_reset(&out);
	(void)!mi_json_is_valid(mi_span(data, size));
	mi_sql_json(&out, MI_JSON_INEXACT, mi_span(data, size));
	(void)mi_json_unwritable(MI_JSON_SHORT_TIME, mi_span(data, size), what);
	mi_buf_reset(&out);
	(void)!mi_json_types_codes(mi_span(data + 1, split - 1),
	                           mi_span(data + split, size - split), &out, &fixed);
	mi_buf_release(&fixed);
	mi_buf_release(&out);
	return 0;
}
