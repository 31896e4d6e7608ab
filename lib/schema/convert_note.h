/* What a conversion tells of itself: notes, and the walk over table options that all parts of the
 * conversion share. */
#ifndef MI_SCHEMA_CONVERT_NOTE_H
#define MI_SCHEMA_CONVERT_NOTE_H

#include "base/buf.h"
#include "base/err.h"
#include "schema/convert_parts.h"
#include "schema/edit.h"
#include "schema/list.h"

void mi_notes_add_once(struct mi_notes *notes, enum mi_note_kind kind, struct mi_buf *text);

/* Notes about a table, or a part of it; what may be "column", "key" or NULL. The same note is made
 * once only. */
void mi_convert_note(const struct mi_convert_table *table, enum mi_note_kind kind, const char *what,
                     const char *name, const char *fmt, ...) MI_PRINTF(5, 6);

/* Index after the value of "NAME = value" or "NAME value" whose name stands at `at`. */
size_t mi_convert_option_end(const struct mi_edit *edit, size_t at);

#endif
