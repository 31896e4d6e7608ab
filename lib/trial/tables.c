#include "trial/tables.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "base/stop.h"
#include "schema/meant.h"
#include "schema/text.h"
#include "server/conn.h"
#include "server/link.h"
#include "server/recode.h"
#include "sql/literal.h"
#include "sql/tokens.h"
#include "stream/parse.h"
#include "table/dbmap.h"
#include "table/table.h"
#include "target/compare.h"
#include "target/lenient.h"
#include "target/object.h"
#include "trial/crew.h"
#include "trial/judge.h"
#include "trial/trial.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_TRIES = 5 }; /* of a statement that is in another session's way */

/* Definitions; they are the trial's. */
struct ddls {
	const struct mi_ddl **items;
	size_t count;
};

/* A table and all that is added to it. */
struct job {
	const struct mi_ddl *table;
	struct ddls keys, foreign;
	bool made;
};

struct jobs {
	struct mi_trial_work *work;
	struct job *items;
	size_t count;
};

/* ---- Sharing out ---- */

static bool is_kind(const struct mi_ddl *ddl, const char *kind)
{
	return strcmp(ddl->kind, kind) == 0;
}

static bool is_of(const struct job *job, const struct mi_ddl *ddl)
{
	return strcmp(job->table->object, ddl->object) == 0 && strcmp(job->table->db, ddl->db) == 0;
}

/* Keys come in their tables' order, so that the search begins where the last one ended. */
static struct job *job_of(struct jobs *jobs, const struct mi_ddl *ddl, size_t *at)
{
	for (size_t i = 0; i < jobs->count; i++) {
		size_t index = (*at + i) % jobs->count;

		if (is_of(&jobs->items[index], ddl)) {
			*at = index;
			return &jobs->items[index];
		}
	}
	return NULL;
}

static void keep(struct ddls *ddls, const struct mi_ddl *ddl)
{
	*(const struct mi_ddl **)mi_array_add(&ddls->items, &ddls->count, sizeof *ddls->items) =
	    ddl;
}

static void share_out(struct jobs *jobs)
{
	const struct mi_ddl_list *const *lists = jobs->work->trial->lists;
	size_t at = 0;

	for (size_t l = 0; lists[l]; l++)
		for (size_t i = 0; i < lists[l]->count; i++) {
			const struct mi_ddl *ddl = &lists[l]->items[i];
			struct job *job;

			if (is_kind(ddl, "table")) {
				job = mi_array_add(&jobs->items, &jobs->count, sizeof *job);
				*job = (struct job){.table = ddl};
			} else if (*ddl->name && (job = job_of(jobs, ddl, &at))) {
				keep(is_kind(ddl, "foreign-key") ? &job->foreign : &job->keys, ddl);
			}
		}
}

static void jobs_release(struct jobs *jobs)
{
	for (size_t i = 0; i < jobs->count; i++) {
		free(jobs->items[i].keys.items);
		free(jobs->items[i].foreign.items);
	}
	free(jobs->items);
}

/* ---- Tables ---- */

/* Runs the definition, again while another session is in its way. */
static int make_table(struct mi_trial_work *work, const struct mi_ddl *ddl, struct mi_link *link,
                      struct mi_refusal *refusal, struct mi_err *why)
{
	for (int tries = 1;; tries++) {
		*why = (struct mi_err){0};
		if (mi_link_open(link, why) != 0)
			return -1;
		if (mi_object_try(ddl, &work->scratch.map, link, refusal, why) == 0)
			return 0;
		if (why->code != MI_AGAIN || tries == MOST_TRIES)
			return -1;
	}
}

/* ---- Keys ---- */

static int alter_text(struct mi_trial_work *work, const struct ddls *keys, size_t from, size_t to,
                      struct mi_buf *sql, struct mi_err *err)
{
	const struct mi_ddl *first = keys->items[from];

	mi_buf_add_str(sql, "ALTER TABLE ");
	mi_sql_name(sql, mi_scratch_name(&work->scratch, first->db), first->object);
	for (size_t i = from; i < to; i++) {
		mi_buf_add_str(sql, i > from ? ", " : " ");
		if (mi_ddltext_rename(keys->items[i]->text, &work->scratch.map, false, sql, err) !=
		    0)
			return -1;
	}
	return 0;
}

static int alter_once(struct mi_link *link, const char *db, struct mi_span sql,
                      struct mi_refusal *refusal, struct mi_err *why)
{
	bool dirty = false;

	if (mi_link_open(link, why) != 0)
		return -1;
	/* where FOREIGN KEY clauses look for names without a database */
	if (mysql_select_db(link->conn.mysql, db) == 0 &&
	    mi_lenient_exec(&link->conn, sql, &dirty, why) == 0)
		return 0;
	refusal->number = mysql_errno(link->conn.mysql);
	(void)snprintf(refusal->text, sizeof refusal->text, "%s", mysql_error(link->conn.mysql));
	if (!why->code)
		(void)mi_fail(why, MI_DATA, "%s", refusal->text);
	if (dirty)
		mi_link_close(link);
	return -1;
}

/* Adds the keys from `from` up to, without, `to` in one statement. */
static int add_keys(struct mi_trial_work *work, const struct ddls *keys, size_t from, size_t to,
                    struct mi_link *link, struct mi_refusal *refusal, struct mi_err *why)
{
	const char *db = mi_scratch_name(&work->scratch, keys->items[from]->db);
	struct mi_buf sql = {0};
	int ret = -1;

	*why = (struct mi_err){0};
	*refusal = (struct mi_refusal){0};
	if (alter_text(work, keys, from, to, &sql, why) == 0)
		for (int tries = 1; tries <= MOST_TRIES && ret != 0; tries++) {
			*why = (struct mi_err){0};
			ret = alter_once(link, db, mi_buf_span(&sql), refusal, why);
			if (ret != 0 && why->code != MI_AGAIN)
				break;
		}
	mi_buf_release(&sql);
	return ret;
}

/* Keys that were refused together: one by one, to name each that is. When none is, they are refused
 * as a whole, and the first stands for them. */
static int name_keys(struct mi_trial_work *work, const struct ddls *keys, size_t from, size_t to,
                     const struct mi_refusal *whole, struct mi_link *link, struct mi_err *err)
{
	struct mi_refusal refusal;
	struct mi_err why, whole_err = {.code = MI_DATA};
	bool found = false;

	for (size_t i = from; i < to; i++) {
		if (add_keys(work, keys, i, i + 1, link, &refusal, &why) == 0) {
			mi_trial_made(work);
			continue;
		}
		found = true;
		if (mi_trial_judge(work, keys->items[i], &refusal, &why, link, err) != 0)
			return -1;
	}
	return found ? 0 : mi_trial_judge(work, keys->items[from], whole, &whole_err, link, err);
}

/* Reads back the table and compares it with what was meant: the table itself, unless it is NULL,
 * and its keys from `from` up to, without, `to`. */
static int check_made(struct mi_trial_work *work, const struct mi_ddl *table,
                      const struct ddls *keys, size_t from, size_t to, struct mi_link *link,
                      struct mi_err *err)
{
	const struct mi_ddl *any = table ? table : keys->items[from];
	struct mi_buf made = {0};
	int ret = mi_link_open(link, err);

	if (ret == 0)
		ret = mi_target_show_table(mi_scratch_name(&work->scratch, any->db), any->object,
		                           &link->conn, &made, err);
	if (ret == 0 && table &&
	    mi_meant_table(table->text, mi_buf_cstr(&made), mi_recode, &link->conn, err) != 0)
		ret = mi_trial_differs(work, table, err);
	for (size_t i = from; ret == 0 && i < to; i++)
		if (mi_meant_key(keys->items[i]->text, mi_buf_cstr(&made), mi_recode, &link->conn,
		                 err) != 0)
			ret = mi_trial_differs(work, keys->items[i], err);
	mi_buf_release(&made);
	return ret;
}

static int try_keys(struct mi_trial_work *work, const struct ddls *keys, size_t from, size_t to,
                    struct mi_link *link, struct mi_err *err)
{
	struct mi_refusal refusal;
	struct mi_err why;

	if (add_keys(work, keys, from, to, link, &refusal, &why) == 0) {
		for (size_t i = from; i < to; i++)
			mi_trial_made(work);
		return check_made(work, NULL, keys, from, to, link, err);
	}
	if (to - from == 1 || why.code == MI_UNAVAILABLE || why.code == MI_AGAIN)
		return mi_trial_judge(work, keys->items[from], &refusal, &why, link, err);
	return name_keys(work, keys, from, to, &refusal, link, err);
}

/* As mi-load adds them: in one statement, which ends with the first FULLTEXT key. */
static int try_all_keys(struct mi_trial_work *work, const struct ddls *keys, struct mi_link *link,
                        struct mi_err *err)
{
	for (size_t from = 0, to; from < keys->count; from = to) {
		for (to = from + 1; to < keys->count && !is_kind(keys->items[to - 1], "fulltext");)
			to++;
		if (try_keys(work, keys, from, to, link, err) != 0)
			return -1;
	}
	return 0;
}

/* ---- A table and its keys at once ---- */

/* Keys of these kinds are judged alike in CREATE TABLE and ALTER TABLE. */
static bool goes_with_table(const struct mi_ddl *key)
{
	return is_kind(key, "index") || is_kind(key, "unique");
}

/* Appends the table's text with such keys among its elements. False: it has none, or the text
 * cannot be taken apart. */
static bool add_keys_to_text(const struct job *job, struct mi_buf *text)
{
	static const char add[] = "ADD ";
	const char *table = job->table->text;
	struct mi_tokens tokens;
	struct mi_err ignored = {0};
	size_t open = 0, close, added = 0;

	if (mi_tokens_read(&tokens, mi_span_str(table), &ignored) != 0)
		return false;
	while (open < tokens.count && !mi_lexeme_is_punct(&tokens.items[open], '('))
		open++;
	close = open < tokens.count ? mi_tokens_match(&tokens, open) : tokens.count;
	if (close < tokens.count)
		mi_buf_add(text, table, (size_t)(tokens.items[close].text.data - table));
	for (size_t i = 0; close < tokens.count && i < job->keys.count; i++) {
		const char *key = job->keys.items[i]->text;

		if (!goes_with_table(job->keys.items[i]) || strncmp(key, add, sizeof add - 1) != 0)
			continue;
		mi_buf_addf(text, ", %s", key + sizeof add - 1);
		added++;
	}
	if (close < tokens.count)
		mi_buf_add_str(text, tokens.items[close].text.data);
	mi_tokens_release(&tokens);
	return added > 0;
}

/* Makes the table with those of its keys, which halves the statements. *done: it is made; else
 * nothing is, and the table and each key must be tried alone, to know which is refused. */
static int try_together(struct mi_trial_work *work, struct job *job, struct mi_link *link,
                        bool *done, struct mi_err *err)
{
	struct mi_ddl whole = *job->table;
	struct mi_refusal refusal;
	struct mi_buf text = {0};
	struct mi_err why = {0};

	*done = false;
	if (add_keys_to_text(job, &text)) {
		whole.text = mi_buf_cstr(&text);
		*done = make_table(work, &whole, link, &refusal, &why) == 0;
	}
	mi_buf_release(&text);
	if (why.code == MI_UNAVAILABLE || why.code == MI_AGAIN) {
		*err = why;
		return -1;
	}
	return 0;
}

/* Puts the keys that go with the table first; how many they are. */
static size_t with_table_first(struct ddls *keys)
{
	size_t first = 0;

	for (size_t i = 0; i < keys->count; i++) {
		const struct mi_ddl *key = keys->items[i];

		if (!goes_with_table(key))
			continue;
		memmove(&keys->items[first + 1], &keys->items[first],
		        (i - first) * sizeof(struct mi_ddl *));
		keys->items[first++] = key;
	}
	return first;
}

/* Counts the keys that were made with the table, and leaves the others to be tried. */
static void take_off(struct mi_trial_work *work, struct ddls *keys)
{
	size_t left = 0;

	for (size_t i = 0; i < keys->count; i++)
		if (goes_with_table(keys->items[i]))
			mi_trial_made(work);
		else
			keys->items[left++] = keys->items[i];
	keys->count = left;
}

static int try_table(void *user, size_t index, struct mi_link *link, struct mi_err *err)
{
	struct jobs *jobs = user;
	struct job *job = &jobs->items[index];
	struct mi_refusal refusal = {0};
	struct mi_err why;
	bool done;

	if (try_together(jobs->work, job, link, &done, err) != 0)
		return -1;
	if (!done && make_table(jobs->work, job->table, link, &refusal, &why) != 0)
		return mi_trial_judge(jobs->work, job->table, &refusal, &why, link, err);
	if (check_made(jobs->work, job->table, &job->keys, 0,
	               done ? with_table_first(&job->keys) : 0, link, err) != 0)
		return -1;
	if (done)
		take_off(jobs->work, &job->keys);
	job->made = true;
	mi_trial_made(jobs->work);
	return try_all_keys(jobs->work, &job->keys, link, err);
}

/* ---- Foreign keys ---- */

/* Does the foreign key refer to a database that is not imported? To try it would tie a table of
 * somebody else's to the scratch database. */
static bool leads_outside(const struct mi_trial_work *work, const struct mi_ddl *ddl)
{
	const struct mi_table *table = mi_tables_find(work->trial->tables, ddl->db, ddl->object);

	for (size_t i = 0; table && i < table->fkey_count; i++)
		if (strcmp(table->fkeys[i].name, ddl->name) == 0)
			return mi_scratch_name(&work->scratch, table->fkeys[i].ref_db) ==
			       table->fkeys[i].ref_db;
	return true;
}

static int try_foreign_keys(struct jobs *jobs, const struct job *job, struct mi_link *link,
                            struct mi_err *err)
{
	if (!job->made)
		return 0;
	for (size_t i = 0; i < job->foreign.count; i++) {
		const struct mi_ddl *ddl = job->foreign.items[i];

		if (leads_outside(jobs->work, ddl))
			mi_trial_add(jobs->work, ddl, MI_TRIAL_UNPROVEN, 0,
			             "it refers to a table that is not imported");
		else if (try_keys(jobs->work, &job->foreign, i, i + 1, link, err) != 0)
			return -1;
	}
	return 0;
}

/* A step for tables with foreign keys, one after another in one session: a statement locks a table
 * and those that it is tied to, and where two sessions do so in a circle, MariaDB (10.11 for one)
 * has them wait for each other for ever, both at full speed. */
typedef int job_fn(struct jobs *jobs, const struct job *job, struct mi_link *link,
                   struct mi_err *err);

struct tied {
	struct jobs *jobs;
	job_fn *fn;
};

static int each_tied(void *user, size_t index, struct mi_link *link, struct mi_err *err)
{
	const struct tied *tied = user;
	const struct jobs *jobs = tied->jobs;

	(void)index;
	for (size_t i = 0; i < jobs->count && !mi_stop_asked(); i++)
		if (jobs->items[i].foreign.count > 0 &&
		    (mi_link_open(link, err) != 0 ||
		     tied->fn(tied->jobs, &jobs->items[i], link, err) != 0))
			return -1;
	return 0;
}

static int run_tied(struct jobs *jobs, job_fn *fn, struct mi_err *err)
{
	struct tied tied = {jobs, fn};
	size_t sessions = 0;

	for (size_t i = 0; i < jobs->count; i++)
		if (jobs->items[i].foreign.count > 0)
			sessions = 1;
	return mi_crew_run(&jobs->work->scratch.options, sessions, each_tied, &tied, err);
}

int mi_trial_tables(struct mi_trial_work *work, struct mi_err *err)
{
	struct jobs jobs = {.work = work};
	int ret;

	share_out(&jobs);
	ret = mi_crew_run(&work->scratch.options, jobs.count, try_table, &jobs, err);
	if (ret == 0)
		ret = run_tied(&jobs, try_foreign_keys, err);
	jobs_release(&jobs);
	return ret;
}

/* ---- Dropping ---- */

static int drop_table(struct jobs *jobs, const struct job *job, struct mi_link *link,
                      struct mi_err *err)
{
	const struct mi_ddl *ddl = job->table;
	struct mi_buf sql = {0};
	int ret;

	mi_buf_add_str(&sql, "DROP TABLE IF EXISTS ");
	mi_sql_name(&sql, mi_scratch_name(&jobs->work->scratch, ddl->db), ddl->object);
	ret = mi_conn_exec_span(&link->conn, err, mi_buf_span(&sql));
	mi_buf_release(&sql);
	return ret;
}

static int drop_untied(void *user, size_t index, struct mi_link *link, struct mi_err *err)
{
	struct jobs *jobs = user;
	const struct job *job = &jobs->items[index];

	return job->foreign.count > 0 ? 0 : drop_table(jobs, job, link, err);
}

void mi_trial_drop_tables(struct mi_trial_work *work)
{
	struct jobs jobs = {.work = work};
	struct mi_err ignored = {0};

	share_out(&jobs);
	if (run_tied(&jobs, drop_table, &ignored) != 0 ||
	    mi_crew_run(&work->scratch.options, jobs.count, drop_untied, &jobs, &ignored) != 0)
		mi_detail("dropping tables: %s", ignored.text);
	jobs_release(&jobs);
}
