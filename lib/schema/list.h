/* Lists that the reading of a schema fills: statements to be carried, and notes for people about
 * them. */
#ifndef MI_SCHEMA_LIST_H
#define MI_SCHEMA_LIST_H

#include "base/err.h"
#include "stream/parse.h"

struct mi_ddl_list {
	struct mi_ddl *items; /* their strings belong to the list */
	size_t count;
	char **owned;
	size_t owned_count;
};

/* Appends a copy; NULL strings become "". */
void mi_ddl_list_add(struct mi_ddl_list *list, const struct mi_ddl *ddl);
void mi_ddl_list_release(struct mi_ddl_list *list);

/* What a person must know about a carried schema. */
enum mi_note_kind {
	MI_NOTE_CHANGED, /* carried, but in another form */
	MI_NOTE_LEFT,    /* not carried */
	MI_NOTE_FAULT,   /* a target may refuse it; the text is a whole sentence */
	MI_NOTE_REFUSED, /* cannot be carried: the whole schema is refused */
	MI_NOTE_COUNT
};

struct mi_note {
	enum mi_note_kind kind;
	char *text; /* "table shop.t, column c: type uuid", names as they are */
};

struct mi_notes {
	struct mi_note *items;
	size_t count;
	size_t refused; /* how many of them are MI_NOTE_REFUSED */
};

/* Adds a note. */
void mi_note(struct mi_notes *notes, enum mi_note_kind kind, const char *fmt, ...) MI_PRINTF(3, 4);
void mi_notes_release(struct mi_notes *notes);

#endif
