/* Members of ENUM and SET in utf8mb4, where there is no server to ask: those in latin1, whose
 * characters from a0 on have the numbers that Unicode gives them. */
#ifndef TESTS_UNIT_RECODE_H
#define TESTS_UNIT_RECODE_H

#include "base/buf.h"
#include "base/err.h"
#include "binlog/layout.h"

static int recode_latin1(void *user, struct mi_span charset, struct mi_span bytes,
                         struct mi_buf *text, struct mi_err *err)
{
	(void)user;
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.data[i];

		if (c >= 0x80 && (c < 0xa0 || !mi_span_is(charset, "latin1")))
			return mi_fail(err, MI_CONFIG, "nobody knows the character set %.*s",
			               (int)charset.len, charset.data);
		if (c >= 0xa0)
			mi_buf_add_char(text, (char)(0xc0 | c >> 6));
		mi_buf_add_char(text, (char)(c < 0x80 ? c : 0x80 | (c & 0x3f)));
	}
	return 0;
}

static const struct mi_layout_recode recode = {recode_latin1, NULL};

#endif
