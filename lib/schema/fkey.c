#include "schema/fkey.h"
#include "base/buf.h"
#include "base/err.h"
#include "schema/create_table.h"
#include "sql/tokens.h"
#include "table/table.h"

#include <stdlib.h>

/* How far an element has been read. */
struct place {
	const struct mi_ddl_table *ddl;
	size_t at, to;
};

static const struct mi_lexeme *here(const struct place *p)
{
	return &p->ddl->tokens.items[p->at < p->to ? p->at : p->ddl->tokens.count];
}

static bool skip_word(struct place *p, const char *word)
{
	if (!mi_lexeme_is_word(here(p), word))
		return false;
	p->at++;
	return true;
}

static bool skip_punct(struct place *p, char punct)
{
	if (!mi_lexeme_is_punct(here(p), punct))
		return false;
	p->at++;
	return true;
}

/* Takes a quoted name, which the caller frees; NULL: there is none here. */
static char *take_name(struct place *p)
{
	if (here(p)->kind != MI_LEX_NAME)
		return NULL;
	return mi_token_name(&p->ddl->tokens.items[p->at++]);
}

/* "(`a`, `b`)" */
static bool take_columns(struct place *p, char ***columns, size_t *count)
{
	char *name;

	if (!skip_punct(p, '('))
		return false;
	do {
		if (!(name = take_name(p)))
			return false;
		*(char **)mi_array_add(columns, count, sizeof **columns) = name;
	} while (skip_punct(p, ','));
	return skip_punct(p, ')');
}

static bool take_parent(struct place *p, const char *db, struct mi_fkey *fkey)
{
	if (!(fkey->ref_table = take_name(p)))
		return false;
	if (!skip_punct(p, '.')) {
		fkey->ref_db = mi_strdup(db);
		return true;
	}
	fkey->ref_db = fkey->ref_table;
	fkey->ref_table = take_name(p);
	return fkey->ref_table != NULL;
}

static const char *take_action(struct place *p)
{
	if (skip_word(p, "CASCADE"))
		return "CASCADE";
	if (skip_word(p, "RESTRICT"))
		return "RESTRICT";
	if (skip_word(p, "NO") && skip_word(p, "ACTION"))
		return "NO ACTION";
	if (!skip_word(p, "SET"))
		return NULL;
	return skip_word(p, "NULL") ? "SET NULL" : skip_word(p, "DEFAULT") ? "SET DEFAULT" : NULL;
}

static bool take_rules(struct place *p, struct mi_fkey *fkey)
{
	while (skip_word(p, "ON")) {
		char **rule = skip_word(p, "DELETE")   ? &fkey->on_delete
		              : skip_word(p, "UPDATE") ? &fkey->on_update
		                                       : NULL;
		const char *action = rule && !*rule ? take_action(p) : NULL;

		if (!action)
			return false;
		*rule = mi_strdup(action);
	}
	if (!fkey->on_delete)
		fkey->on_delete = mi_strdup("RESTRICT");
	if (!fkey->on_update)
		fkey->on_update = mi_strdup("RESTRICT");
	return p->at == p->to;
}

/* Frees the lists of columns: they are pairs only when both have been read whole. */
static void forget_columns(struct mi_fkey *fkey, size_t refs)
{
	for (size_t i = 0; i < fkey->column_count; i++)
		free(fkey->columns[i]);
	for (size_t i = 0; i < refs; i++)
		free(fkey->ref_columns[i]);
	free(fkey->columns);
	free(fkey->ref_columns);
	fkey->columns = fkey->ref_columns = NULL;
	fkey->column_count = 0;
}

int mi_ddl_fkey_read(const struct mi_ddl_table *ddl, const struct mi_table_element *element,
                     const char *db, struct mi_fkey *fkey, struct mi_err *err)
{
	struct place p = {ddl, element->from, element->to};
	size_t refs = 0;

	if (skip_word(&p, "CONSTRAINT") && (fkey->name = take_name(&p)) &&
	    skip_word(&p, "FOREIGN") && skip_word(&p, "KEY") &&
	    take_columns(&p, &fkey->columns, &fkey->column_count) && skip_word(&p, "REFERENCES") &&
	    take_parent(&p, db, fkey) && take_columns(&p, &fkey->ref_columns, &refs) &&
	    refs == fkey->column_count && take_rules(&p, fkey))
		return 0;
	forget_columns(fkey, refs);
	return mi_fail(err, MI_DATA, "table %s: a foreign key of a form that is not known",
	               ddl->name);
}
