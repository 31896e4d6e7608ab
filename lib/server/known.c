#include "server/known.h"
#include "base/buf.h"
#include "base/err.h"
#include "server/ask.h"
#include "server/conn.h"
#include "sql/lexer.h"

#include <stdlib.h>

/* `md5` and md5 are one function. */
static struct mi_span unquoted(struct mi_span name)
{
	bool quoted = name.len > 2 && (*name.data == '`' || *name.data == '"');

	return quoted ? mi_span(name.data + 1, name.len - 2) : name;
}

int mi_known_find(struct mi_knowns *knowns, struct mi_conn *source, struct mi_conn *target,
                  struct mi_span name, size_t arguments, struct mi_known **known,
                  struct mi_err *err)
{
	struct mi_span bare = unquoted(name);
	struct mi_known new = {.arguments = arguments};

	for (size_t i = 0; i < knowns->count; i++) {
		*known = &knowns->items[i];
		if ((*known)->arguments == arguments && mi_lex_says(bare, (*known)->name))
			return 0;
	}
	if (mi_ask_function(source, name, arguments, &new.source, err) != 0 ||
	    mi_ask_function(target, name, arguments, &new.target, err) != 0)
		return -1;
	new.name = mi_strndup(bare.data, bare.len);
	*known = mi_array_add(&knowns->items, &knowns->count, sizeof new);
	**known = new;
	return 0;
}

/* A word that the server's grammar takes before brackets, where another server, without it, sees a
 * function like others in its place: MariaDB's sequences. */
static bool is_grammar_of_its_own(const char *name)
{
	static const char *const names[] = {"NEXTVAL", "LASTVAL", "SETVAL"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (mi_lex_says(mi_span_str(name), names[i]))
			return true;
	return false;
}

bool mi_known_is_there(const struct mi_known *known)
{
	if (known->source == MI_ASKED_GRAMMAR)
		return is_grammar_of_its_own(known->name);
	return known->source != MI_ASKED_ABSENT;
}

void mi_knowns_release(struct mi_knowns *knowns)
{
	for (size_t i = 0; i < knowns->count; i++)
		free(knowns->items[i].name);
	free(knowns->items);
	*knowns = (struct mi_knowns){0};
}
