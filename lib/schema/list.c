#include "schema/list.h"
#include "base/buf.h"
#include "stream/parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *keep(struct mi_ddl_list *list, const char *text)
{
	char *copy = mi_strdup(text ? text : "");

	*(char **)mi_array_add(&list->owned, &list->owned_count, sizeof *list->owned) = copy;
	return copy;
}

void mi_ddl_list_add(struct mi_ddl_list *list, const struct mi_ddl *ddl)
{
	struct mi_ddl *copy = mi_array_add(&list->items, &list->count, sizeof *list->items);

	copy->section = keep(list, ddl->section);
	copy->kind = keep(list, ddl->kind);
	copy->db = keep(list, ddl->db);
	copy->object = keep(list, ddl->object);
	copy->name = keep(list, ddl->name);
	copy->text = keep(list, ddl->text);
	for (size_t i = 0; i < MI_DDL_SETTINGS; i++)
		copy->settings[i] = ddl->settings[i] ? keep(list, ddl->settings[i]) : NULL;
}

void mi_ddl_list_release(struct mi_ddl_list *list)
{
	for (size_t i = 0; i < list->owned_count; i++)
		free(list->owned[i]);
	free(list->owned);
	free(list->items);
	*list = (struct mi_ddl_list){0};
}

void mi_note(struct mi_notes *notes, enum mi_note_kind kind, const char *fmt, ...)
{
	struct mi_note *note = mi_array_add(&notes->items, &notes->count, sizeof *notes->items);
	va_list args;
	int len;

	note->kind = kind;
	notes->refused += kind == MI_NOTE_REFUSED;
	va_start(args, fmt);
	len = vasprintf(&note->text, fmt, args);
	va_end(args);
	if (len < 0)
		note->text = mi_strdup("(out of memory)");
}

void mi_notes_release(struct mi_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++)
		free(notes->items[i].text);
	free(notes->items);
	*notes = (struct mi_notes){0};
}
