#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"
#include "check/run.h"
#include "check/say.h"
#include "check/table.h"

#include <stdlib.h>

int mi_check_writable(struct mi_check_at *at, struct mi_err *err)
{
	const char *setting = mi_check_read_only(at->server);
	struct mi_buf fix = {0};

	(void)err;
	if (setting) {
		mi_buf_addf(&fix, "SET GLOBAL %s = OFF%s", setting,
		            strcmp(setting, "super_read_only") == 0 ? ", GLOBAL read_only = OFF"
		                                                    : "");
		mi_check_block(at, mi_buf_cstr(&fix), "%s is %s", setting,
		               mi_check_var(at->server, setting));
	} else {
		mi_check_ok(at, "the target is not read-only");
	}
	mi_buf_release(&fix);
	return 0;
}

int mi_check_local_infile(struct mi_check_at *at, struct mi_err *err)
{
	(void)err;
	if (mi_check_on(at->server, "local_infile"))
		mi_check_ok(at, "local_infile is ON");
	else
		mi_check_warn(at, "SET GLOBAL local_infile = ON",
		              "local_infile is OFF: rows are loaded by INSERT");
	return 0;
}

static bool compares_bytes(const char *setting)
{
	return setting && strcmp(setting, "0") == 0;
}

int mi_check_name_case(struct mi_check_at *at, struct mi_err *err)
{
	static const char name[] = "lower_case_table_names";
	const char *a = mi_check_var(&at->run->source, name);
	const char *b = mi_check_var(&at->run->target, name);

	(void)err;
	if (!a || !b)
		mi_check_warn(at, NULL, "%s is not known on both sides", name);
	else if (strcmp(a, b) == 0)
		mi_check_ok(at, "%s is %s on both", name, a);
	else if (compares_bytes(a) == compares_bytes(b))
		mi_check_warn(at, NULL,
		              "%s is %s on the source, %s on the target: names may change "
		              "their case",
		              name, a, b);
	else
		mi_check_block(at,
		               "make the target anew with the source's setting, which is fixed "
		               "when a server is initialised",
		               "%s is %s on the source, %s on the target", name, a, b);
	return 0;
}

int mi_check_packet(struct mi_check_at *at, struct mi_err *err)
{
	static const char name[] = "max_allowed_packet";
	const char *a = mi_check_var(&at->run->source, name);
	const char *b = mi_check_var(&at->run->target, name);
	struct mi_buf fix = {0};

	(void)err;
	if (!a || !b) {
		mi_check_warn(at, NULL, "%s is not known on both sides", name);
	} else if (strtoull(b, NULL, 10) < strtoull(a, NULL, 10)) {
		mi_buf_addf(&fix, "SET GLOBAL %s = %s on the target", name, a);
		mi_check_warn(at, mi_buf_cstr(&fix), "%s is %s on the source, %s on the target",
		              name, a, b);
	} else {
		mi_check_ok(at, "%s is %s on the target", name, b);
	}
	mi_buf_release(&fix);
	return 0;
}
