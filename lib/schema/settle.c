#include "schema/settle.h"
#include "base/buf.h"
#include "base/err.h"
#include "schema/create_table.h"
#include "schema/edit.h"
#include "sql/tokens.h"
#include "table/table.h"

#include <stdlib.h>
#include <strings.h>

/* Where a column's clause names character set and collation; 0: it does not. */
struct places {
	size_t after_charset; /* index after CHARACTER SET x */
	size_t collate;       /* index of COLLATE */
};

static struct places find_places(const struct mi_edit *edit)
{
	struct places places = {0};

	for (size_t at = 1; at < edit->tokens.count; at++) {
		if (mi_edit_is_punct(edit, at, '('))
			at = mi_tokens_match(&edit->tokens, at);
		else if (mi_edit_is(edit, at, "CHARACTER") && mi_edit_is(edit, at + 1, "SET") &&
		         at + 3 <= edit->tokens.count)
			places.after_charset = at + 3;
		else if (mi_edit_is(edit, at, "COLLATE"))
			places.collate = at;
	}
	return places;
}

static bool is_named(const struct mi_lexeme *token, const char *name)
{
	return token->text.len == strlen(name) &&
	       strncasecmp(token->text.data, name, token->text.len) == 0;
}

/* A clause that names a character set gets the collation. One that names a collation alone has its
 * table's character set; the collation is dropped when it is the table's, too. */
static void settle_collation(struct mi_edit *edit, const struct mi_column *column,
                             const char *table_collation)
{
	struct places places = find_places(edit);
	struct mi_buf clause = {0};

	if (!column->collation)
		return;
	if (places.after_charset && !places.collate) {
		mi_buf_addf(&clause, " COLLATE %s", column->collation);
		mi_edit_insert(edit, places.after_charset, mi_buf_cstr(&clause));
		mi_buf_release(&clause);
	} else if (places.collate && !places.after_charset &&
	           is_named(mi_edit_token(edit, places.collate + 1), table_collation)) {
		mi_edit_drop(edit, places.collate, places.collate + 2);
	}
}

static int settle_column(struct mi_table_element *element, const struct mi_column *column,
                         const char *table_collation, struct mi_err *err)
{
	struct mi_edit edit;

	if (mi_edit_open(&edit, &element->text, err) != 0)
		return -1;
	settle_collation(&edit, column, table_collation);
	mi_edit_close(&edit);
	return 0;
}

/* Index after "CHARSET=x" in the table's options when no COLLATE follows at all; else 0. */
static size_t lone_charset(const struct mi_edit *edit)
{
	size_t found = 0;

	for (size_t at = 0; at < edit->tokens.count; at++) {
		if (mi_edit_is_punct(edit, at, '('))
			at = mi_tokens_match(&edit->tokens, at);
		else if (mi_edit_is(edit, at, "CHARSET") && mi_edit_is_punct(edit, at + 1, '='))
			found = at + 3;
		else if (mi_edit_is(edit, at, "COLLATE"))
			return 0;
	}
	return found <= edit->tokens.count ? found : 0;
}

static int settle_options(struct mi_buf *tail, const char *collation, struct mi_err *err)
{
	struct mi_edit edit;
	struct mi_buf clause = {0};
	size_t at;

	if (mi_edit_open(&edit, tail, err) != 0)
		return -1;
	at = lone_charset(&edit);
	if (at && *collation) {
		mi_buf_addf(&clause, " COLLATE=%s", collation);
		mi_edit_insert(&edit, at, mi_buf_cstr(&clause));
		mi_buf_release(&clause);
	}
	mi_edit_close(&edit);
	return 0;
}

int mi_ddl_table_settle(struct mi_ddl_table *ddl, const struct mi_table *definition,
                        struct mi_err *err)
{
	size_t column = 0;

	for (size_t i = 0; i < ddl->element_count; i++) {
		struct mi_table_element *element = &ddl->elements[i];

		/* mi_ddl_table_defer has compared the columns with the definition's */
		if (element->kind == MI_ELEMENT_COLUMN &&
		    settle_column(element, &definition->columns[column++], definition->collation,
		                  err) != 0)
			return -1;
	}
	return settle_options(&ddl->tail, definition->collation, err);
}
