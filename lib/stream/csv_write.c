#include "stream/csv_write.h"
#include "base/buf.h"

void mi_csv_add_escaped(struct mi_buf *out, struct mi_span text)
{
	const char *at = text.data, *end = text.data + text.len, *quote;

	while (at < end && (quote = memchr(at, '"', (size_t)(end - at)))) {
		mi_buf_add(out, at, (size_t)(quote + 1 - at));
		mi_buf_add_char(out, '"');
		at = quote + 1;
	}
	mi_buf_add(out, at, (size_t)(end - at));
}

void mi_csv_add_quoted(struct mi_buf *out, struct mi_span text)
{
	mi_buf_add_char(out, '"');
	mi_csv_add_escaped(out, text);
	mi_buf_add_char(out, '"');
}
