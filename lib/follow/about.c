#include "follow/about.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/words.h"
#include "follow/catalog.h"
#include "server/conn.h"
#include "server/recode.h"
#include "sql/lexer.h"
#include "sql/literal.h"
#include "sql/named.h"
#include "table/filter.h"

#include <string.h>

void mi_about_release(struct mi_about *about)
{
	mi_buf_release(&about->part);
	mi_buf_release(&about->other);
	mi_buf_release(&about->db);
	mi_buf_release(&about->name);
	*about = (struct mi_about){0};
}

/* ---- Names ---- */

/* One statement's objects, as they are called back. */
struct reading {
	const struct mi_definition *definition;
	const struct mi_catalog *catalog;
	const struct mi_filter *filter;
	struct mi_conn *control;
	struct mi_err *err;
	struct mi_about *about;
	int ret;
	bool nameless; /* of a name the database is not known */
	bool changes_ours, changes_others, reads_others;
	/* The part that is about followed objects: of DROP and RENAME, whose objects do not depend
	 * on each other. */
	struct mi_span first, last; /* of what is in the list */
	bool listed;                /* the statement is such a list */
	bool parted;    /* the filter tells the objects apart, but for no two of one rename */
	bool from_ours; /* of the rename at hand */
	struct mi_span from;
};

/* Character sets in which the second byte of a letter may look like a quote or a backslash. */
static bool hides_quotes(struct mi_span charset)
{
	static const char *const charsets[] = {"big5", "cp932", "gb18030", "gbk", "sjis", NULL};

	return charset.len && mi_word_index(charset, charsets) >= 0;
}

static void add_name(struct reading *r, const struct mi_lexeme *token, struct mi_buf *name)
{
	const struct mi_definition *d = r->definition;
	struct mi_buf bytes = {0};

	mi_lexeme_value(token, d->modes, &bytes);
	if (d->charset.len == 0 || mi_span_is_ascii(mi_buf_span(&bytes)))
		mi_buf_add_span(name, mi_buf_span(&bytes));
	else if (r->ret == 0)
		r->ret = mi_recode(r->control, d->charset, mi_buf_span(&bytes), name, r->err);
	mi_buf_release(&bytes);
}

/* The database of what is named. The log has the default database in UTF-8. */
static void add_db(struct reading *r, const struct mi_named *named, struct mi_buf *db)
{
	const struct mi_lexeme *token =
	    strcmp(named->kind, "database") == 0 ? &named->name : &named->db;

	if (token->kind != MI_LEX_END)
		add_name(r, token, db);
	else
		mi_buf_add_span(db, r->definition->db);
	r->nameless |= db->len == 0;
}

/* ---- The filter ---- */

/* Does the filter leave out some of the database's tables, or may it? */
static bool takes_part_of(const struct mi_filter *filter, const char *db)
{
	for (size_t i = 0; i < filter->exclude.count; i++)
		if (mi_pattern_takes_db(filter->exclude.items[i], db, filter->ignore_case))
			return true;
	return filter->tables.count > 0;
}

static bool goes_by_table(const char *kind)
{
	return strcmp(kind, "table") == 0 || strcmp(kind, "view") == 0 ||
	       strcmp(kind, "sequence") == 0;
}

static bool is_followed(const struct reading *r, const struct mi_named *named, struct mi_buf *db,
                        struct mi_buf *name)
{
	if (!mi_catalog_wants_db(r->catalog, mi_buf_span(db)))
		return false;
	return !goes_by_table(named->kind) ||
	       mi_filter_takes(r->filter, mi_buf_cstr(db), mi_buf_cstr(name));
}

/* A database that goes takes with it what is not followed. */
static bool takes_others_along(const struct reading *r, const struct mi_named *named,
                               struct mi_buf *db)
{
	return strcmp(named->kind, "database") == 0 && named->role != MI_NAMED_ALTERED &&
	       takes_part_of(r->filter, mi_buf_cstr(db));
}

static void keep_other(struct reading *r, const struct mi_named *named, bool ours,
                       struct mi_buf *db, struct mi_buf *name)
{
	struct mi_buf *other = &r->about->other;

	if (other->len)
		return;
	if (ours)
		mi_buf_add_str(other, "a part of ");
	mi_buf_add_span(other, mi_buf_span(db));
	if (strcmp(named->kind, "database") == 0)
		return;
	mi_buf_add_char(other, '.');
	mi_buf_add_span(other, mi_buf_span(name));
}

/* ---- The followed part of a list ---- */

static void list_one(struct reading *r, struct mi_span from, struct mi_span to)
{
	struct mi_buf *part = &r->about->part;

	if (part->len)
		mi_buf_add_str(part, ", ");
	mi_buf_add_span(part, from);
	if (to.len) {
		mi_buf_add_str(part, " TO ");
		mi_buf_add_span(part, to);
	}
}

static void add_to_list(struct reading *r, const struct mi_named *named, bool ours)
{
	if (!r->first.data)
		r->first = named->text;
	r->last = named->text;
	if (named->role == MI_NAMED_DROPPED && ours)
		list_one(r, named->text, mi_span("", 0));
	if (named->role == MI_NAMED_TO) {
		r->parted &= ours == r->from_ours;
		if (ours)
			list_one(r, r->from, named->text);
	}
	if (named->role == MI_NAMED_FROM) {
		r->from = named->text;
		r->from_ours = ours;
	}
	r->listed &= named->role == MI_NAMED_DROPPED || named->role == MI_NAMED_FROM ||
	             named->role == MI_NAMED_TO;
}

/* What stands around the list stays, unless it depends on the server's version. */
static bool complete_part(struct reading *r)
{
	const char *begin = r->definition->text.data;
	const char *behind = r->last.data + r->last.len;
	struct mi_buf list = r->about->part;

	r->about->part = (struct mi_buf){0};
	if (r->listed && r->parted && list.len &&
	    !memmem(begin, r->definition->text.len, "/*!", 3) &&
	    !memmem(begin, r->definition->text.len, "/*M!", 4)) {
		struct mi_buf *part = &r->about->part;

		mi_buf_add(part, begin, (size_t)(r->first.data - begin));
		mi_buf_add_span(part, mi_buf_span(&list));
		mi_buf_add(part, behind, r->definition->text.len - (size_t)(behind - begin));
	}
	mi_buf_release(&list);
	return r->about->part.len > 0;
}

/* ---- All of it ---- */

/* Appends a name as the source keeps it, which with lower_case_table_names=1 is not as it was
 * written. */
static int add_kept_name(struct reading *r, struct mi_buf *name, struct mi_buf *out)
{
	struct mi_buf sql = {0};
	int ret;

	if (!r->filter->ignore_case) {
		mi_buf_add_span(out, mi_buf_span(name));
		return 0;
	}
	mi_buf_add_str(&sql, "SELECT IF(@@GLOBAL.lower_case_table_names = 1, LOWER(n), n) FROM "
	                     "(SELECT CONVERT(");
	mi_sql_hex(&sql, mi_buf_span(name));
	mi_buf_add_str(&sql, " USING utf8mb4) AS n) AS names");
	ret = mi_conn_value(r->control, r->err, mi_buf_cstr(&sql), out, NULL);
	mi_buf_release(&sql);
	return ret;
}

static void keep_truncated(struct reading *r, struct mi_buf *db, struct mi_buf *name)
{
	if (add_kept_name(r, db, &r->about->db) != 0 ||
	    add_kept_name(r, name, &r->about->name) != 0)
		r->ret = -1;
}

static void on_named(void *user, const struct mi_named *named)
{
	struct reading *r = user;
	struct mi_buf db = {0}, name = {0};
	bool ours, others;

	/* its table comes next */
	if (strcmp(named->kind, "trigger") == 0 && named->role == MI_NAMED_CREATED)
		return;
	add_db(r, named, &db);
	if (named->name.kind != MI_LEX_END)
		add_name(r, &named->name, &name);
	ours = is_followed(r, named, &db, &name);
	others = !ours || takes_others_along(r, named, &db);
	if (mi_named_changes(named->role) || named->role == MI_NAMED_ON) {
		r->changes_ours |= ours;
		r->changes_others |= others;
		add_to_list(r, named, ours);
		r->parted &= !(ours && others);
	} else {
		r->reads_others |= others;
	}
	if (others)
		keep_other(r, named, ours, &db, &name);
	if (ours && named->role == MI_NAMED_TRUNCATED)
		keep_truncated(r, &db, &name);
	mi_buf_release(&db);
	mi_buf_release(&name);
}

int mi_about_read(struct mi_about *about, const struct mi_definition *definition,
                  const struct mi_catalog *catalog, const struct mi_filter *filter,
                  struct mi_conn *control, struct mi_err *err)
{
	struct reading r = {.definition = definition,
	                    .catalog = catalog,
	                    .filter = filter,
	                    .control = control,
	                    .err = err,
	                    .about = about,
	                    .listed = true,
	                    .parted = true};
	bool whole;

	*about = (struct mi_about){.what = MI_ABOUT_UNKNOWN};
	if (hides_quotes(definition->charset) && !mi_span_is_ascii(definition->text))
		return 0;
	whole = mi_named_read(definition->text, definition->modes, on_named, &r);
	if (r.ret != 0)
		return -1;
	if (!whole || r.nameless)
		return 0;
	if (!r.changes_ours)
		about->what = MI_ABOUT_OTHERS;
	else if (!r.changes_others && !r.reads_others)
		about->what = MI_ABOUT_OURS;
	else
		about->what = !r.reads_others && complete_part(&r) ? MI_ABOUT_PART : MI_ABOUT_MIXED;
	return 0;
}
