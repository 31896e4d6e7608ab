/* What the objects of a server do to whoever names them: views, stored functions and procedures,
 * tables with triggers, and tables that are not imported. An object's effects are its own and those
 * of all that it calls or reads, however deep; of what cannot be read they are the worst. Pure: it
 * is filled in by route/catalogue/read.h, then settled, and does not change any more. */
#ifndef MI_ROUTE_CATALOGUE_PROGRAMS_H
#define MI_ROUTE_CATALOGUE_PROGRAMS_H

#include "base/buf.h"
#include "sql/class.h"

#include <stdbool.h>

enum mi_program_kind {
	MI_PROGRAM_VIEW,
	MI_PROGRAM_FUNCTION,
	MI_PROGRAM_PROCEDURE,
	MI_PROGRAM_TRIGGER,  /* its name is the table's */
	MI_PROGRAM_LEFT_OUT, /* a table of an imported database that is not imported */
	MI_PROGRAM_KINDS
};

/* What a statement may do beside what its own text says. {0}: nothing. */
struct mi_program_effects {
	unsigned pins; /* enum mi_class_pin: state that it may make */
	bool stays;    /* only the source can answer it: something that it names is not imported, or
	                  is no plain view of what is */
	bool changes;  /* it may change rows */
	bool defines;  /* it may create, alter or drop something lasting */
	bool hidden;   /* it may run a text that nobody knows, or is one */
};

struct mi_programs;

/* Empty. server: as of a client's statements (modes and charset do not matter): the server that the
 * objects are of. any_case: names of databases and tables that differ in case alone are one. */
struct mi_programs *mi_programs_new(const struct mi_class_rules *server, bool any_case);
void mi_programs_free(struct mi_programs *programs); /* harmless on NULL */

/* A database that there is. */
void mi_programs_add_database(struct mi_programs *programs, const char *name, bool is_imported);
/* An object. body: its statement in UTF-8, data NULL when it cannot be read; modes: enum
 * mi_lex_mode, with which it was made. LEFT_OUT has no body. */
void mi_programs_add(struct mi_programs *programs, enum mi_program_kind kind, const char *db,
                     const char *name, struct mi_span body, unsigned modes);
/* All is added: joins the effects. */
void mi_programs_settle(struct mi_programs *programs);

/* What a client's statement does by way of the objects that it names. rules: of the client's
 * session; db: its default database, which may be empty; reads: it surely changes no row by
 * itself, so that no trigger is run. */
struct mi_program_effects mi_programs_of(const struct mi_programs *programs, struct mi_span text,
                                         const struct mi_class_rules *rules, struct mi_span db,
                                         bool reads);

/* Does any object make session state, or run what nobody knows? If none does, a statement without
 * a CALL needs no look for that. */
bool mi_programs_pin(const struct mi_programs *programs);

/* How many objects there are, without those left out; how many of them could not be read. */
size_t mi_programs_count(const struct mi_programs *programs, size_t *unread);

/* Appends a line for each object that does more than to read what is imported: kind, database and
 * name, and what it does. */
void mi_programs_print(const struct mi_programs *programs, struct mi_buf *text);

#endif
