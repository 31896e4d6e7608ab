/* The check that tries: every definition is made on the target, in scratch databases. */
#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"
#include "check/convert.h"
#include "check/run.h"
#include "check/say.h"
#include "check/table.h"
#include "check/try.h"
#include "source/schema.h"
#include "trial/mend.h"
#include "trial/trial.h"

/* A program's absence stops no copy, but the switch. */
static enum mi_check_level level_of(const struct mi_check_at *at,
                                    const struct mi_trial_finding *finding)
{
	if (finding->verdict != MI_TRIAL_REFUSED)
		return MI_CHECK_WARN;
	return finding->is_program ? mi_check_follow_level(at) : MI_CHECK_BLOCK;
}

static void say_refused(struct mi_check_at *at, const struct mi_trial_finding *finding)
{
	struct mi_buf number = {0};

	if (finding->number)
		mi_buf_addf(&number, " (%u)", finding->number);
	mi_check_say(at, level_of(at, finding), mi_trial_mend(finding->number),
	             "the target refuses %s: %s%s", finding->what, finding->text,
	             mi_buf_cstr(&number));
	mi_buf_release(&number);
}

/* What was not tried, in one finding: its fix is in each one's reason. */
static void say_unproven(struct mi_check_at *at, const struct mi_trial *trial)
{
	for (size_t i = 0; i < trial->finding_count; i++) {
		const struct mi_trial_finding *finding = &trial->findings[i];

		if (finding->verdict == MI_TRIAL_UNPROVEN)
			mi_check_warn(at, NULL, "not proven for %s: %s", finding->what,
			              finding->text);
	}
}

static void say_following(struct mi_check_at *at, const struct mi_trial *trial)
{
	struct mi_check_names names = {0};

	for (size_t i = 0; i < trial->finding_count; i++)
		if (trial->findings[i].verdict == MI_TRIAL_FOLLOWS)
			mi_check_names_add(&names, trial->findings[i].what, "");
	if (names.count)
		mi_check_warn(at, NULL, "not proven for what needs these: %s",
		              mi_check_names_text(&names));
	mi_check_names_release(&names);
}

static void say_all(struct mi_check_at *at, const struct mi_trial *trial)
{
	for (size_t i = 0; i < trial->finding_count; i++)
		if (trial->findings[i].verdict == MI_TRIAL_REFUSED)
			say_refused(at, &trial->findings[i]);
	say_unproven(at, trial);
	say_following(at, trial);
	if (*trial->refused)
		mi_check_warn(at, *trial->fix ? trial->fix : NULL,
		              "not proven that the target takes every definition: %s",
		              trial->refused);
	else if (!trial->finding_count)
		mi_check_ok(at, "the target takes every definition: %zu tried in scratch databases",
		            trial->made);
}

static int try_schema(struct mi_check_at *at, struct mi_err *err)
{
	struct mi_check_run *run = at->run;
	const struct mi_schema *schema = &run->schema;
	struct mi_trial trial = {
	    .target = run->target.conn,
	    .map = &run->map,
	    .databases = run->databases,
	    .database_count = run->database_count,
	    .tables = &schema->tables,
	    .lists = {&schema->list[MI_SECTION_PRE], &schema->list[MI_SECTION_POST]}};
	int ret = mi_trial_run(&trial, err);

	if (ret == 0)
		say_all(at, &trial);
	mi_trial_release(&trial);
	return ret;
}

/* Why there is nothing to try; NULL: there is. */
static const char *declined(const struct mi_check_run *run)
{
	if (run->no_trial)
		return "--no-trial declines to try";
	if (mi_check_kind(run) >= MI_SERVER_VITESS)
		return "a target behind vtgate makes no databases to try in";
	return NULL;
}

int mi_check_trial(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_err *programs_err = &at->run->programs_err;
	const char *why = declined(at->run);

	if (mi_check_unread(at))
		return 0;
	if (why) {
		mi_check_warn(at, NULL, "not proven that the target takes every definition: %s",
		              why);
		return 0;
	}
	if (mi_check_schema(at, err) != 0)
		return -1;
	if (at->run->schema_err.code) {
		mi_check_warn(at, NULL, "could not look: see the check `definitions`");
		return 0;
	}
	if (programs_err->code)
		mi_check_warn(at, *programs_err->hint ? programs_err->hint : NULL,
		              "not proven that the target takes every definition: %s",
		              programs_err->text);
	return try_schema(at, err);
}
