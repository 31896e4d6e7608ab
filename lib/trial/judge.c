#include "trial/judge.h"
#include "base/buf.h"
#include "base/err.h"
#include "schema/text.h"
#include "server/conn.h"
#include "server/mysql_errors.h"
#include "sql/literal.h"
#include "table/dbmap.h"

#include <stdio.h>
#include <stdlib.h>

static bool is_kind(const struct mi_ddl *ddl, const char *kind)
{
	return strcmp(ddl->kind, kind) == 0;
}

static bool is_program(const struct mi_ddl *ddl)
{
	return is_kind(ddl, "routine") || is_kind(ddl, "trigger") || is_kind(ddl, "event");
}

/* ---- Findings ---- */

void mi_trial_made(struct mi_trial_work *work)
{
	(void)pthread_mutex_lock(&work->lock);
	work->trial->made++;
	(void)pthread_mutex_unlock(&work->lock);
}

static char *name_of(const struct mi_ddl *ddl)
{
	struct mi_buf what = {0};

	if (*ddl->name)
		mi_buf_addf(&what, "%s%s%s of table %s.%s",
		            is_kind(ddl, "foreign-key") ? "foreign key " : "key ", ddl->name, "",
		            ddl->db, ddl->object);
	else if (is_kind(ddl, "database"))
		mi_buf_addf(&what, "database %s", ddl->object);
	else
		mi_buf_addf(&what, "%s %s.%s", ddl->kind, ddl->db, ddl->object);
	(void)mi_buf_cstr(&what);
	return what.data;
}

void mi_trial_add(struct mi_trial_work *work, const struct mi_ddl *ddl,
                  enum mi_trial_verdict verdict, unsigned number, const char *text)
{
	struct mi_trial *trial = work->trial;
	struct mi_trial_finding *finding;
	struct mi_buf plain = {0}, name = {0};

	mi_scratch_unname(&work->scratch, text, &plain);
	(void)mi_buf_cstr(&plain);
	(void)pthread_mutex_lock(&work->lock);
	finding = mi_array_add(&trial->findings, &trial->finding_count, sizeof *finding);
	*finding = (struct mi_trial_finding){.verdict = verdict,
	                                     .what = name_of(ddl),
	                                     .is_program = is_program(ddl),
	                                     .number = number,
	                                     .text = plain.data};
	if (!*ddl->name && *ddl->db) {
		mi_buf_addf(&name, "%s.%s", ddl->db, ddl->object);
		(void)mi_buf_cstr(&name);
		*(char **)mi_array_add(&work->failed, &work->failed_count, sizeof *work->failed) =
		    name.data;
	}
	(void)pthread_mutex_unlock(&work->lock);
}

/* ---- Refusals ---- */

bool mi_trial_is_missing(const struct mi_refusal *refusal)
{
	return refusal->number == MI_ER_NO_SUCH_TABLE || refusal->number == MI_ER_VIEW_INVALID ||
	       refusal->number == MI_ER_SP_DOES_NOT_EXIST;
}

/* The account lacks a privilege on the scratch database, which says nothing about the real one. */
static bool is_denied_here(unsigned number)
{
	return number == MI_ER_DBACCESS_DENIED_ERROR || number == MI_ER_TABLEACCESS_DENIED_ERROR ||
	       number == MI_ER_COLUMNACCESS_DENIED_ERROR || number == MI_ER_PROCACCESS_DENIED_ERROR;
}

/* Does the server's message name something that has failed before? */
static bool names_failed(struct mi_trial_work *work, const char *message)
{
	struct mi_buf plain = {0}, quoted = {0};
	bool found = false;

	mi_scratch_unname(&work->scratch, message, &plain);
	(void)pthread_mutex_lock(&work->lock);
	for (size_t i = 0; i < work->failed_count && !found; i++) {
		mi_buf_reset(&quoted);
		mi_buf_addf(&quoted, "'%s'", work->failed[i]);
		found = strstr(mi_buf_cstr(&plain), mi_buf_cstr(&quoted)) != NULL;
	}
	(void)pthread_mutex_unlock(&work->lock);
	mi_buf_release(&plain);
	mi_buf_release(&quoted);
	return found;
}

static int count_tables(struct mi_link *link, const char *where, const char *db, const char *name,
                        bool *found, struct mi_err *err)
{
	struct mi_buf sql = {0};
	uint64_t count = 0;
	int ret;

	mi_buf_addf(&sql, "SELECT COUNT(*) FROM information_schema.%s=", where);
	mi_sql_string(&sql, db);
	if (name) {
		mi_buf_add_str(&sql, " AND TABLE_NAME=");
		mi_sql_string(&sql, name);
	}
	ret = mi_link_open(link, err);
	if (ret == 0)
		ret = mi_conn_number(&link->conn, err, mi_buf_cstr(&sql), &count);
	*found = count > 0;
	mi_buf_release(&sql);
	return ret;
}

/* Is it on the target already, where a load leaves it as it is? */
static int is_there(struct mi_trial_work *work, const struct mi_ddl *ddl, struct mi_link *link,
                    bool *there, struct mi_err *err)
{
	const struct mi_map *map = work->trial->map;

	*there = false;
	if (is_program(ddl))
		return 0;
	if (is_kind(ddl, "database"))
		return count_tables(link, "SCHEMATA WHERE SCHEMA_NAME", mi_map_db(map, ddl->object),
		                    NULL, there, err);
	return count_tables(link, "TABLES WHERE TABLE_SCHEMA", mi_map_db(map, ddl->db), ddl->object,
	                    there, err);
}

/* The server misses 'db.table', which is not imported: does the target have it? */
static int target_has_missing(struct mi_trial_work *work, const char *message, struct mi_link *link,
                              bool *there, struct mi_err *err)
{
	const char *open = strchr(message, '\''), *dot = open ? strchr(open, '.') : NULL;
	const char *close = dot ? strchr(dot, '\'') : NULL;
	struct mi_buf db = {0};
	char *scratch, *table;
	int ret;

	*there = false;
	if (!close)
		return 0;
	scratch = mi_strndup(open + 1, (size_t)(dot - open - 1));
	table = mi_strndup(dot + 1, (size_t)(close - dot - 1));
	mi_scratch_unname(&work->scratch, scratch, &db);
	ret = count_tables(link, "TABLES WHERE TABLE_SCHEMA",
	                   mi_map_db(work->trial->map, mi_buf_cstr(&db)), table, there, err);
	mi_buf_release(&db);
	free(scratch);
	free(table);
	return ret;
}

static int judge_refusal(struct mi_trial_work *work, const struct mi_ddl *ddl,
                         const struct mi_refusal *refusal, struct mi_link *link, struct mi_err *err)
{
	enum mi_trial_verdict verdict = MI_TRIAL_REFUSED;
	bool there = false;

	if (is_denied_here(refusal->number)) {
		verdict = MI_TRIAL_UNPROVEN;
	} else if (mi_trial_is_missing(refusal) && names_failed(work, refusal->text)) {
		verdict = MI_TRIAL_FOLLOWS;
	} else {
		if (is_there(work, ddl, link, &there, err) != 0 ||
		    (!there && refusal->number == MI_ER_NO_SUCH_TABLE &&
		     target_has_missing(work, refusal->text, link, &there, err) != 0))
			return -1;
		if (there)
			verdict = MI_TRIAL_UNPROVEN;
	}
	mi_trial_add(work, ddl, verdict, refusal->number, refusal->text);
	return 0;
}

/* The text could not be given to the server: databases cannot be renamed in it. The load only
 * renames those of its own map. */
static void judge_text(struct mi_trial_work *work, const struct mi_ddl *ddl,
                       const struct mi_err *why)
{
	struct mi_buf text = {0};
	struct mi_err same = {0};
	bool load_fails = mi_ddltext_rename(ddl->text, work->trial->map, is_kind(ddl, "database"),
	                                    &text, &same) != 0;

	mi_trial_add(work, ddl, load_fails ? MI_TRIAL_REFUSED : MI_TRIAL_UNPROVEN, 0,
	             load_fails ? same.text
	                        : "in its text a database's name may be another thing's, so that "
	                          "it cannot be tried under another name");
	(void)why;
	mi_buf_release(&text);
}

int mi_trial_judge(struct mi_trial_work *work, const struct mi_ddl *ddl,
                   const struct mi_refusal *refusal, const struct mi_err *why, struct mi_link *link,
                   struct mi_err *err)
{
	if (why->code == MI_UNAVAILABLE || why->code == MI_AGAIN) {
		*err = *why;
		return -1;
	}
	if (refusal->number)
		return judge_refusal(work, ddl, refusal, link, err);
	if (why->code != MI_DATA) {
		*err = *why;
		return -1;
	}
	judge_text(work, ddl, why);
	return 0;
}

int mi_trial_differs(struct mi_trial_work *work, const struct mi_ddl *ddl, struct mi_err *err)
{
	if (err->code != MI_DATA)
		return -1;
	mi_trial_add(work, ddl, MI_TRIAL_REFUSED, 0, err->text);
	*err = (struct mi_err){0};
	return 0;
}
