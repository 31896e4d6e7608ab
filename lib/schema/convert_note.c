#include "schema/convert_note.h"
#include "base/buf.h"
#include "schema/convert_parts.h"
#include "schema/edit.h"
#include "schema/list.h"

#include <stdarg.h>
#include <stdio.h>

static bool is_noted(const struct mi_notes *notes, const char *text)
{
	for (size_t i = 0; i < notes->count; i++)
		if (strcmp(notes->items[i].text, text) == 0)
			return true;
	return false;
}

void mi_notes_add_once(struct mi_notes *notes, enum mi_note_kind kind, struct mi_buf *text)
{
	if (!is_noted(notes, mi_buf_cstr(text)))
		mi_note(notes, kind, "%s", mi_buf_cstr(text));
	mi_buf_release(text);
}

void mi_convert_note(const struct mi_convert_table *table, enum mi_note_kind kind, const char *what,
                     const char *name, const char *fmt, ...)
{
	struct mi_buf text = {0};
	char why[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(why, sizeof why, fmt, args);
	va_end(args);
	mi_buf_addf(&text, "table %s.%s", table->db, table->ddl->name);
	if (what)
		mi_buf_addf(&text, ", %s %s", what, name);
	mi_buf_addf(&text, ": %s", why);
	mi_notes_add_once(table->convert->notes, kind, &text);
}

size_t mi_convert_option_end(const struct mi_edit *edit, size_t at)
{
	at++;
	if (mi_edit_is_punct(edit, at, '='))
		at++;
	return at < edit->tokens.count ? at + 1 : edit->tokens.count;
}
