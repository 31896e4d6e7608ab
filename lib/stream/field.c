#include "stream/field.h"
#include "base/buf.h"
#include "program/opt.h"
#include "stream/frame.h"
#include "stream/parse.h"
#include "stream/parse_parts.h"

int mi_parser_told(int answer)
{
	return answer == 0 ? 0 : MI_HANDLER_FAILED;
}

int mi_parser_bad(struct mi_parser *parser, const char *why)
{
	(void)mi_frame_fail(parser->frame, parser->err, why);
	return MI_HANDLER_FAILED;
}

bool mi_field_number(struct mi_span field, uint64_t *number)
{
	char text[24];

	if (!field.data || field.len >= sizeof text)
		return false;
	memcpy(text, field.data, field.len);
	text[field.len] = '\0';
	return mi_opt_number(text, number);
}

bool mi_field_strings(struct mi_parser *parser, const struct mi_span *fields, size_t count,
                      const char **strings)
{
	size_t need = 0, at = 0;

	for (size_t i = 0; i < count; i++)
		need += fields[i].len + 1;
	mi_buf_reset(&parser->strings);
	mi_buf_reserve(&parser->strings, need + 1);
	for (size_t i = 0; i < count; i++) {
		char *copy = parser->strings.data + at;

		if (memchr(fields[i].data ? fields[i].data : "", '\0', fields[i].len))
			return false;
		strings[i] = fields[i].data ? copy : NULL;
		if (fields[i].len)
			memcpy(copy, fields[i].data, fields[i].len);
		copy[fields[i].len] = '\0';
		at += fields[i].len + 1;
	}
	return true;
}

bool mi_totals_equal(const struct mi_totals *a, const struct mi_totals *b)
{
	return a->tables == b->tables && a->chunks == b->chunks && a->rows == b->rows &&
	       a->transactions == b->transactions && a->changes == b->changes;
}

bool mi_field_ddl(struct mi_parser *parser, const struct mi_span *fields, size_t count,
                  struct mi_ddl *ddl)
{
	enum { FIRST = 5, TEXT = FIRST + MI_DDL_FIRST_SETTINGS, ALL = 6 + MI_DDL_SETTINGS };
	const char *texts[ALL] = {NULL};

	if (count < TEXT + 1 || count > ALL || !mi_field_strings(parser, fields, count, texts))
		return false;
	for (size_t i = 0; i <= TEXT; i++)
		if (!texts[i] && (i < FIRST || i == TEXT))
			return false;
	*ddl = (struct mi_ddl){.section = texts[0],
	                       .kind = texts[1],
	                       .db = texts[2],
	                       .object = texts[3],
	                       .name = texts[4],
	                       .text = texts[TEXT]};
	for (size_t i = 0; i < MI_DDL_SETTINGS; i++)
		ddl->settings[i] = texts[i < MI_DDL_FIRST_SETTINGS ? FIRST + i : 6 + i];
	return true;
}
