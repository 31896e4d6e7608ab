#include "check/convert.h"
#include "base/err.h"
#include "check/check.h"
#include "check/run.h"
#include "schema/convert.h"
#include "schema/list.h"
#include "server/conn.h"
#include "source/schema.h"

#include <string.h>

static void set_convert(const struct mi_check_at *at, struct mi_convert *convert)
{
	const struct mi_check_run *run = at->run;
	enum mi_server_kind kind = mi_check_kind(run);

	convert->from =
	    run->source.conn->flavour == MI_FLAVOUR_MARIADB ? MI_DIALECT_MARIADB : MI_DIALECT_MYSQL;
	convert->to = convert->from;
	convert->version = run->source.conn->version;
	if (kind == MI_SERVER_UNKNOWN)
		return;
	convert->to = kind == MI_SERVER_MARIADB ? MI_DIALECT_MARIADB : MI_DIALECT_MYSQL;
	if (run->target.conn && run->target.conn->flavour != MI_FLAVOUR_VITESS)
		convert->version = run->target.conn->version;
	else if (!mi_convert_target(convert, kind == MI_SERVER_MARIADB ? "mariadb" : "mysql"))
		convert->version = 0;
}

static int read_with(struct mi_check_run *run, bool programs, struct mi_err *err)
{
	struct mi_schema_options options = {.filter = run->filter,
	                                    .routines = programs,
	                                    .triggers = programs,
	                                    .events = programs,
	                                    .skip_invalid_views = run->skip_invalid_views};

	*err = (struct mi_err){0};
	mi_convert_release(&run->convert); /* of an attempt before */
	run->convert.check_names = NULL;
	run->convert.check_count = 0;
	if (mi_src_schema(run->source.conn, &options, &run->convert, &run->schema, err) == 0)
		return 0;
	return -1;
}

int mi_check_schema(struct mi_check_at *at, struct mi_err *err)
{
	struct mi_check_run *run = at->run;

	if (run->schema_read)
		return 0;
	set_convert(at, &run->convert);
	if (read_with(run, run->target.conn, err) != 0 && err->code != MI_UNAVAILABLE) {
		run->programs_err = *err;
		if (read_with(run, false, err) != 0) {
			run->schema_err = *err;
			run->programs_err = (struct mi_err){0};
		}
	}
	if (err->code == MI_UNAVAILABLE)
		return -1;
	*err = (struct mi_err){0};
	run->schema_read = true;
	return 0;
}

bool mi_check_is_of_program(const struct mi_note *note)
{
	static const char *const kinds[] = {"routine ", "trigger ", "event "};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strncmp(note->text, kinds[i], strlen(kinds[i])) == 0)
			return true;
	return false;
}
