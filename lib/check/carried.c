#include "check/carried.h"
#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"
#include "check/run.h"
#include "schema/convert.h"
#include "server/conn.h"
#include "source/schema.h"

#include <stdlib.h>

struct mi_check_carried {
	struct mi_schema schema;
	struct mi_err err; /* code 0: schema could be read */
};

static void set_target(const struct mi_check_run *run, struct mi_convert *convert)
{
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

static int read_schema(struct mi_check_run *run, bool programs, struct mi_schema *schema,
                       struct mi_err *err)
{
	struct mi_schema_options options = {.filter = run->filter,
	                                    .routines = programs,
	                                    .triggers = programs,
	                                    .events = programs,
	                                    .programs_only = programs};
	struct mi_convert convert = {0};
	int ret;

	set_target(run, &convert);
	ret = mi_src_schema(run->source.conn, &options, &convert, schema, err);
	mi_convert_release(&convert);
	return ret;
}

int mi_check_carried(struct mi_check_run *run, const struct mi_schema **schema, struct mi_err *err)
{
	if (!run->carried) {
		run->carried = mi_alloc(sizeof *run->carried);
		if (read_schema(run, false, &run->carried->schema, &run->carried->err) != 0)
			run->carried->schema = (struct mi_schema){0};
	}
	*schema = &run->carried->schema;
	if (run->carried->err.code == 0)
		return 0;
	*err = run->carried->err;
	return -1;
}

int mi_check_programs(struct mi_check_run *run, struct mi_schema *schema, struct mi_err *err)
{
	return read_schema(run, true, schema, err);
}

void mi_check_carried_free(struct mi_check_carried *carried)
{
	if (carried)
		mi_schema_release(&carried->schema);
	free(carried);
}
