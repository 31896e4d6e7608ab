/* What all parts of a conversion share: notes about what has been changed, and the walk over
 * options. */
#ifndef MI_SCHEMA_CONVERT_NOTE_H
#define MI_SCHEMA_CONVERT_NOTE_H

#include "base/buf.h"
#include "base/err.h"
#include "schema/convert_parts.h"
#include "schema/edit.h"
#include "schema/list.h"

/* Adds a note with this text, unless there is one already; releases text. */
void mi_notes_add_once(struct mi_notes *notes, enum mi_note_kind kind, struct mi_buf *text);

/* Adds a note about a table, or about a part of it, unless there is one with its text already. what
 * is the kind of the part ("column", "key", "constraint") and name its name; NULL: the table
 * itself. */
void mi_convert_note(const struct mi_convert_table *table, enum mi_note_kind kind, const char *what,
                     const char *name, const char *fmt, ...) MI_PRINTF(5, 6);

/* Index of the token after the value of "NAME = value" or "NAME value", whose NAME is at `at`. */
size_t mi_convert_option_end(const struct mi_edit *edit, size_t at);

#endif
