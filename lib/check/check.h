/* The checks of mi-check, which look for what stands in the way of an import: their table's rows,
 * their findings, and the run that calls them. No check leaves a server changed. */
#ifndef MI_CHECK_CHECK_H
#define MI_CHECK_CHECK_H

#include "base/buf.h"
#include "base/err.h"
#include "base/set.h"
#include "program/opt.h"
#include "schema/convert.h"
#include "server/conn.h"
#include "source/schema.h"
#include "table/dbmap.h"
#include "table/filter.h"
#include "table/table.h"

#include <stdbool.h>
#include <stdint.h>

enum mi_check_side { MI_CHECK_SOURCE, MI_CHECK_TARGET, MI_CHECK_PAIR };
enum { MI_CHECK_SIDES = 3 };

enum mi_check_level {
	MI_CHECK_OK,
	MI_CHECK_WARN,  /* the import would work, but something about it is worth knowing */
	MI_CHECK_BLOCK, /* the import would fail, or lose something */
};

/* A server with its global variables, read once. */
struct mi_check_server {
	struct mi_conn *conn; /* NULL: not asked for, or not reached */
	struct mi_check_var {
		char *name, *value;
	} * vars;
	size_t count;
};

/* Whose rules the target has beyond those of its flavour. */
enum mi_server_kind {
	MI_SERVER_UNKNOWN,
	MI_SERVER_MYSQL,
	MI_SERVER_MARIADB,
	MI_SERVER_VITESS,
	MI_SERVER_PLANETSCALE
};

struct mi_check;
struct mi_check_at;

/* One row of the table mi_checks. look adds at least one finding (check/say.h) each time that it is
 * called, or returns -1 when it could not look. */
struct mi_check {
	const char *id;
	unsigned sides;    /* MI_CHECK_BIT(side)s that it is called for */
	unsigned flavours; /* MI_CHECK_BIT(flavour)s that it is called for; pairs: any */
	const char *what;  /* what the check looks at, one line */
	const char *risk;  /* what happens when its findings are ignored, one line */
	int (*look)(struct mi_check_at *at, struct mi_err *err);
};
#define MI_CHECK_BIT(side_or_flavour) (1u << (side_or_flavour))

/* The check with that id; NULL: there is none. */
const struct mi_check *mi_check_find(const char *id);

struct mi_finding {
	const struct mi_check *check;
	enum mi_check_side side;
	enum mi_check_level level;
	char *text;
	char *fix;    /* the setting or statement that puts it right; NULL: none */
	bool ignored; /* a blocker that counts as a warning, by --ignore */
};

/* What a run is to check, and what it has found. */
struct mi_check_run {
	struct mi_check_server source, target;
	/* the server of [client_writer]; no conn: the application writes to the source */
	struct mi_check_server writer;
	const struct mi_opt_list *ignore; /* ids whose blockers count as warnings; may be NULL */
	struct mi_filter filter;          /* what is to be imported; its lists are the caller's */
	struct mi_map map;                /* databases that get other names on the target */
	enum mi_server_kind kind;         /* UNKNOWN: the target's own flavour */
	/* only a copy is meant: what following alone needs is no blocker */
	bool copy_only;
	/* bytes free on the target's disk, as an option says; 0: not said */
	uint64_t target_free;
	const struct mi_route_users *users; /* the router's; NULL: not named */
	/* views that the source itself cannot read are left out */
	bool skip_invalid_views;
	/* Read on first use by mi_check_what: */
	bool what_read;
	struct mi_err what_err; /* code 0: everything could be read */
	char **databases;       /* the source's names */
	size_t database_count;
	struct mi_tables tables;
	/* Read on first use by mi_check_schema: */
	bool schema_read;
	struct mi_err schema_err, programs_err; /* code 0: it, or programs in it, could be read */
	struct mi_schema schema;                /* converted for the target */
	struct mi_convert convert;
	bool no_trial;               /* make nothing on the target, not for a moment */
	struct mi_finding *findings; /* in the order of mi_checks */
	size_t count;
	int code; /* the exit code of the first thing that could not be looked at; 0: none */
};

/* What a check is given: the run, itself, and the side that it is called for. */
struct mi_check_at {
	struct mi_check_run *run;
	const struct mi_check *check;
	enum mi_check_side side;
	struct mi_check_server *server; /* NULL for a pair */
};

/* Calls every check for each side that is connected, and those for pairs when both are; no more
 * once somebody asked to stop. */
void mi_check_all(struct mi_check_run *run);

/* Adds a blocker of the check `connect`: the side could not be reached, and why. */
void mi_check_unreached(struct mi_check_run *run, enum mi_check_side side,
                        const struct mi_err *why);

/* How many findings there are at this level. */
size_t mi_check_tally(const struct mi_check_run *run, enum mi_check_level level);

/* Collects names for a finding's text, each once and in order, with what of them is meant:
 * "shop.a (d, e), shop.b (d) and 17 more". */
struct mi_check_names {
	size_t count;
	struct mi_check_name {
		char *name;
		char **parts;
		size_t part_count;
	} * items;
	struct mi_set set; /* finds items */
	struct mi_buf text;
};

#endif
