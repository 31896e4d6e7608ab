#include "check/grants.h"
#include "base/buf.h"
#include "check/try.h"
#include "schema/convert.h"
#include "sql/literal.h"

#include <stdlib.h>

/* The sides, flavours and versions that have a privilege and need it. */
enum {
	ON_SOURCE = 1,
	ON_TARGET = 2,
	ON_BOTH = ON_SOURCE | ON_TARGET,
	OF_MYSQL = 1,
	OF_MARIADB = 2,
	OF_BOTH = OF_MYSQL | OF_MARIADB
};

struct grant {
	const char *privileges;
	unsigned sides, flavours;
	unsigned since, before; /* 0: no bound */
	const char *why;
};

/* For both directions: on the way back the target is read, and the source written to. */
static const struct grant global[] = {
    {"REPLICATION SLAVE", ON_BOTH, OF_BOTH, 0, 0, "reads the binary log"},
    {"REPLICATION CLIENT", ON_BOTH, OF_MYSQL, 0, 0, "asks where it stands"},
    {"BINLOG MONITOR, REPLICA MONITOR", ON_BOTH, OF_MARIADB, 0, 0, "asks where it stands"},
    {"PROCESS", ON_BOTH, OF_BOTH, 0, 0, "sees what a lock would wait for"},
    {"XA_RECOVER_ADMIN", ON_BOTH, OF_MYSQL, 80000, 0, "sees prepared transactions"},
    {"SESSION_VARIABLES_ADMIN", ON_TARGET, OF_MYSQL, 80014, 0,
     "makes tables as they are where sql_generate_invisible_primary_key is on"},
};

static const struct grant local[] = {
    {"SELECT, LOCK TABLES, SHOW VIEW", ON_BOTH, OF_BOTH, 0, 0,
     "reads, in an exact snapshot, and fences a switch"},
    {"INSERT, UPDATE, DELETE", ON_BOTH, OF_BOTH, 0, 0, "applies changes"},
    {"CREATE, DROP, ALTER", ON_BOTH, OF_BOTH, 0, 0,
     "the tables _mi_...; AUTO_INCREMENT at a switch"},
    {"INDEX, REFERENCES, CREATE VIEW", ON_TARGET, OF_BOTH, 0, 0, "makes the definitions"},
    {"CREATE ROUTINE, ALTER ROUTINE, EXECUTE", ON_TARGET, OF_BOTH, 0, 0,
     "makes the routines that views call"},
    {"TRIGGER, EVENT", ON_BOTH, OF_BOTH, 0, 0, "moves triggers and events at a switch"},
};

/* Nothing but scratch databases (trial/scratch.h) is called so. */
static const char scratch_pattern[] = "`mi\\_trial\\_%`";
static const char scratch_privileges[] =
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, CREATE VIEW, SHOW "
    "VIEW, TRIGGER, EVENT, CREATE ROUTINE, ALTER ROUTINE, EXECUTE";

bool mi_grants_for(struct mi_grants *grants, const char *text)
{
	struct mi_convert convert = {0};

	if (strcmp(text, "mysql-5.7") == 0) {
		grants->version =
		    50700; /* older than any version for which definitions are converted */
		return true;
	}
	if (!mi_convert_target(&convert, text))
		return false;
	grants->mariadb = convert.to == MI_DIALECT_MARIADB;
	grants->version = strchr(text, '-') ? convert.version : 0;
	return true;
}

static bool applies(const struct mi_grants *grants, const struct grant *grant)
{
	unsigned version = grants->version ? grants->version : ~0u;

	return (grant->sides & (grants->target ? ON_TARGET : ON_SOURCE)) &&
	       (grant->flavours & (grants->mariadb ? OF_MARIADB : OF_MYSQL)) &&
	       version >= grant->since && (!grant->before || version < grant->before);
}

static void add_account(const struct mi_grants *grants, struct mi_buf *out)
{
	mi_sql_string(out, grants->user);
	mi_buf_add_char(out, '@');
	mi_sql_string(out, grants->host);
}

static void add_grants(const struct mi_grants *grants, const struct grant *list, size_t count,
                       const char *db, struct mi_buf *out)
{
	for (size_t i = 0; i < count; i++) {
		if (!applies(grants, &list[i]))
			continue;
		mi_buf_addf(out, "GRANT %s ON ", list[i].privileges);
		if (db)
			mi_check_grant_pattern(out, db);
		mi_buf_add_str(out, db ? ".* TO " : "*.* TO ");
		add_account(grants, out);
		mi_buf_addf(out, "; -- %s\n", list[i].why);
	}
}

void mi_grants_add(const struct mi_grants *grants, struct mi_buf *out)
{
	add_grants(grants, global, sizeof global / sizeof *global, NULL, out);
	for (size_t i = 0; i < grants->databases->count; i++)
		add_grants(grants, local, sizeof local / sizeof *local, grants->databases->items[i],
		           out);
}

void mi_grants_print(const struct mi_grants *grants, struct mi_buf *out)
{
	mi_buf_addf(
	    out,
	    "-- The account of the %s, for both directions of an import. Run it there as an "
	    "administrator,\n-- with a password of your own in place of <password>, and put "
	    "that into the option file.\n",
	    grants->target ? "target" : "source");
	mi_buf_add_str(out, "CREATE USER ");
	add_account(grants, out);
	mi_buf_add_str(out, " IDENTIFIED BY '<password>';\n");
	mi_grants_add(grants, out);
	if (grants->target) {
		mi_buf_addf(out, "GRANT %s ON %s.* TO ", scratch_privileges, scratch_pattern);
		add_account(grants, out);
		mi_buf_add_str(out,
		               "; -- mi-check tries the definitions in databases of its own\n");
	}
	mi_buf_addf(out,
	            "-- Only when views, triggers or events run as other accounts, which this then "
	            "may name:\n-- GRANT %s ON *.* TO ",
	            grants->mariadb                              ? "SET USER"
	            : grants->version && grants->version < 80000 ? "SUPER"
	            : grants->version && grants->version < 80200 ? "SET_USER_ID"
	                                                         : "SET_ANY_DEFINER");
	add_account(grants, out);
	mi_buf_add_str(out, ";\n-- Only when there are triggers, and the binary log is on:\n-- SET "
	                    "GLOBAL log_bin_trust_function_creators = 1;\n");
}
