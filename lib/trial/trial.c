#include "trial/trial.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "base/stop.h"
#include "schema/list.h"
#include "schema/object.h"
#include "server/conn.h"
#include "server/link.h"
#include "server/mysql_errors.h"
#include "sql/literal.h"
#include "stream/parse.h"
#include "target/object.h"
#include "trial/judge.h"
#include "trial/scratch.h"
#include "trial/tables.h"

#include <stdio.h>
#include <stdlib.h>

static bool is_kind(const struct mi_ddl *ddl, const char *kind)
{
	return strcmp(ddl->kind, kind) == 0;
}

/* ---- Databases ---- */

/* Makes the scratch database without what its definition says, so that the rest can be tried. */
static int make_plainly(struct mi_trial_work *work, const char *db, struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret = mi_link_open(&work->scratch.link, err);

	mi_buf_add_str(&sql, "CREATE DATABASE IF NOT EXISTS ");
	mi_sql_ident(&sql, mi_scratch_name(&work->scratch, db));
	if (ret == 0)
		ret = mi_conn_exec_span(&work->scratch.link.conn, err, mi_buf_span(&sql));
	mi_buf_release(&sql);
	return ret;
}

/* The server makes no database at all for this account. */
static void cannot_begin(struct mi_trial *trial, const struct mi_err *why)
{
	(void)snprintf(trial->refused, sizeof trial->refused, "%s", why->text);
	(void)snprintf(
	    trial->fix, sizeof trial->fix, "%s",
	    why->code == MI_DENIED
		? "GRANT it ALL ON `mi\\_trial\\_%`.*, which is what mi-check --grants=target "
		  "prints: nothing else is called so"
		: why->hint);
}

static int try_database(struct mi_trial_work *work, const struct mi_ddl *ddl, struct mi_err *err)
{
	struct mi_link *link = &work->scratch.link;
	struct mi_refusal refusal;
	struct mi_err why = {0};

	if (mi_object_try(ddl, &work->scratch.map, link, &refusal, &why) == 0) {
		mi_trial_made(work);
		return 0;
	}
	if (why.code == MI_DENIED || why.code == MI_CONFIG) {
		cannot_begin(work->trial, &why);
		return 0;
	}
	if (mi_trial_judge(work, ddl, &refusal, &why, link, err) != 0)
		return -1;
	return make_plainly(work, ddl->object, err);
}

static int try_databases(struct mi_trial_work *work, struct mi_err *err)
{
	const struct mi_trial *trial = work->trial;

	for (size_t l = 0; trial->lists[l]; l++)
		for (size_t i = 0; i < trial->lists[l]->count; i++) {
			const struct mi_ddl *ddl = &trial->lists[l]->items[i];

			if (is_kind(ddl, "database") && !*trial->refused &&
			    try_database(work, ddl, err) != 0)
				return -1;
		}
	return 0;
}

/* ---- Views and programs ---- */

static bool is_object(const struct mi_ddl *ddl)
{
	return !*ddl->name && !is_kind(ddl, "database") && !is_kind(ddl, "table");
}

/* An event is made switched off, so that it does not run here. */
static int try_event(struct mi_trial_work *work, const struct mi_ddl *ddl, struct mi_link *link,
                     struct mi_refusal *refusal, struct mi_err *why)
{
	struct mi_ddl off = *ddl;
	struct mi_buf text = {0};
	int ret;

	mi_buf_add_str(&text, ddl->text);
	if (mi_ddl_switch_off(&text)) {
		off.text = mi_buf_cstr(&text);
		ret = mi_object_try(&off, &work->scratch.map, link, refusal, why);
	} else {
		mi_trial_add(work, ddl, MI_TRIAL_UNPROVEN, 0,
		             "its text does not say whether it is on, and it must not run");
		ret = 0;
	}
	mi_buf_release(&text);
	return ret;
}

/* The view's definer has rights in the real database, not in the scratch database, so that nothing
 * could read the view. It is made anew with this account as its definer; when that fails it stays
 * as it is. */
static void make_readable(const struct mi_ddl *ddl, const struct mi_map *map, struct mi_link *link)
{
	static const char create[] = "CREATE ";
	struct mi_ddl ours = *ddl;
	struct mi_refusal refusal;
	struct mi_err ignored = {0};
	struct mi_buf stripped = {0}, text = {0};

	mi_buf_add_str(&stripped, ddl->text);
	mi_ddl_strip_definer(&stripped);
	if (strncmp(mi_buf_cstr(&stripped), create, sizeof create - 1) == 0) {
		mi_buf_addf(&text, "CREATE OR REPLACE %s", stripped.data + sizeof create - 1);
		ours.text = mi_buf_cstr(&text);
		if (mi_link_open(link, &ignored) != 0 ||
		    mi_object_try(&ours, map, link, &refusal, &ignored) != 0)
			mi_detail("view %s.%s: %s", ddl->db, ddl->object, ignored.text);
	}
	mi_buf_release(&stripped);
	mi_buf_release(&text);
}

/* A table or alias in a view may be called as the view's database is, so that the text does not
 * tell which is meant. Servers print a view without its own database: the text is tried as it is,
 * in the scratch database. When that fails it says nothing. */
static bool try_as_it_is(const struct mi_trial_work *work, const struct mi_ddl *ddl,
                         struct mi_link *link)
{
	const struct mi_map none = {.pairs = {.count = 0}};
	struct mi_ddl here = *ddl;
	struct mi_refusal refusal;
	struct mi_err ignored = {0};

	here.db = mi_scratch_name(&work->scratch, ddl->db);
	if (mi_link_open(link, &ignored) != 0 ||
	    mi_object_try(&here, &none, link, &refusal, &ignored) != 0)
		return false;
	make_readable(&here, &none, link);
	return true;
}

static int try_view(const struct mi_trial_work *work, const struct mi_ddl *ddl,
                    struct mi_link *link, struct mi_refusal *refusal, struct mi_err *why)
{
	if (mi_object_try(ddl, &work->scratch.map, link, refusal, why) == 0) {
		make_readable(ddl, &work->scratch.map, link);
		return 0;
	}
	return !refusal->number && why->code == MI_DATA && try_as_it_is(work, ddl, link) ? 0 : -1;
}

/* Reads back what was made. */
static int check_object(struct mi_trial_work *work, const struct mi_ddl *ddl, struct mi_link *link,
                        struct mi_err *err)
{
	if (!link->is_open || mi_object_meant(ddl, &work->scratch.map, &link->conn, err) == 0)
		return 0;
	return mi_trial_differs(work, ddl, err);
}

/* *waits: a view that needs what is not there (yet); nothing is said about it unless `last`. */
static int try_object(struct mi_trial_work *work, const struct mi_ddl *ddl, struct mi_link *link,
                      bool last, bool *waits, struct mi_err *err)
{
	struct mi_refusal refusal = {0};
	struct mi_err why = {0};
	int ret;

	*waits = false;
	if (mi_link_open(link, err) != 0)
		return -1;
	if (is_kind(ddl, "event"))
		ret = try_event(work, ddl, link, &refusal, &why);
	else if (is_kind(ddl, "view"))
		ret = try_view(work, ddl, link, &refusal, &why);
	else
		ret = mi_object_try(ddl, &work->scratch.map, link, &refusal, &why);
	if (ret == 0) {
		mi_trial_made(work);
		return check_object(work, ddl, link, err);
	}
	*waits = !last && is_kind(ddl, "view") && mi_trial_is_missing(&refusal);
	return *waits ? 0 : mi_trial_judge(work, ddl, &refusal, &why, link, err);
}

/* Tries the objects of a list, views again while others that they may need are made. */
static int try_list(struct mi_trial_work *work, const struct mi_ddl_list *list,
                    struct mi_link *link, struct mi_err *err)
{
	bool *done = mi_alloc(list->count + 1);
	bool last = false, progress = true, waits = false;
	int ret = 0;

	while (ret == 0 && progress) {
		progress = false;
		for (size_t i = 0; i < list->count && ret == 0; i++) {
			if (done[i] || !is_object(&list->items[i]))
				continue;
			ret = mi_stop_asked()
			          ? mi_stop_fail(err)
			          : try_object(work, &list->items[i], link, last, &waits, err);
			done[i] = !waits;
			progress |= done[i];
		}
		if (!progress && !last)
			progress = last = true;
	}
	free(done);
	return ret;
}

static int try_objects(struct mi_trial_work *work, struct mi_err *err)
{
	struct mi_link link = {.options = &work->scratch.options};
	int ret = 0;

	for (size_t l = 0; ret == 0 && work->trial->lists[l]; l++)
		ret = try_list(work, work->trial->lists[l], &link, err);
	mi_link_close(&link);
	return ret;
}

/* ---- The whole ---- */

static int try_all(struct mi_trial_work *work, struct mi_err *err)
{
	if (try_databases(work, err) != 0)
		return -1;
	if (*work->trial->refused)
		return 0;
	if (mi_trial_tables(work, err) != 0 || try_objects(work, err) != 0)
		return -1;
	mi_trial_drop_tables(work);
	return mi_scratch_still_ours(&work->scratch, err);
}

int mi_trial_run(struct mi_trial *trial, struct mi_err *err)
{
	struct mi_trial_work work = {.trial = trial};
	struct mi_err closing = {0};
	int ret;

	(void)pthread_mutex_init(&work.lock, NULL);
	ret = mi_scratch_open(&work.scratch, trial->target, trial->databases, trial->database_count,
	                      err);
	if (ret == 0 && *work.scratch.refused) {
		memcpy(trial->refused, work.scratch.refused, sizeof trial->refused);
		memcpy(trial->fix, work.scratch.fix, sizeof trial->fix);
	} else if (ret == 0) {
		ret = try_all(&work, err);
	}
	if (mi_scratch_close(&work.scratch, &closing) != 0)
		mi_warn("%s; the next run drops what is left", closing.text);
	for (size_t i = 0; i < work.failed_count; i++)
		free(work.failed[i]);
	free(work.failed);
	(void)pthread_mutex_destroy(&work.lock);
	return ret;
}

void mi_trial_release(struct mi_trial *trial)
{
	for (size_t i = 0; i < trial->finding_count; i++) {
		free(trial->findings[i].what);
		free(trial->findings[i].text);
	}
	free(trial->findings);
	trial->findings = NULL;
	trial->finding_count = 0;
}
