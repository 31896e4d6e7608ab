/* The checks of mi-check: what stands in the way of an import. Nothing here changes a server. */
#ifndef MI_CHECK_CHECK_H
#define MI_CHECK_CHECK_H

#include "base/buf.h"
#include "base/err.h"
#include "program/opt.h"
#include "server/conn.h"
#include "table/dbmap.h"
#include "table/filter.h"
#include "table/table.h"

#include <stdbool.h>
#include <stdint.h>

enum mi_check_side { MI_CHECK_SOURCE, MI_CHECK_TARGET, MI_CHECK_PAIR };
enum { MI_CHECK_SIDES = 3 };

enum mi_check_level {
	MI_CHECK_OK,
	MI_CHECK_WARN,  /* the import works, something about it is worth knowing */
	MI_CHECK_BLOCK, /* it would fail, or lose something */
};

/* A server with its global variables, read once. */
struct mi_check_server {
	struct mi_conn *conn; /* NULL: not asked for, or not reached */
	struct mi_check_var {
		char *name, *value;
	} * vars;
	size_t count;
};

/* Whose rules the target has beyond its flavour's. */
enum mi_server_kind {
	MI_SERVER_UNKNOWN,
	MI_SERVER_MYSQL,
	MI_SERVER_MARIADB,
	MI_SERVER_VITESS,
	MI_SERVER_PLANETSCALE
};

struct mi_check;
struct mi_check_at;

/* One row of the table. A check says at least one finding each time that it is called. Fails when
 * it could not look. */
struct mi_check {
	const char *id;
	unsigned sides;    /* MI_CHECK_BIT(side)s that it is called for */
	unsigned flavours; /* MI_CHECK_BIT(flavour)s that it is called for; pairs: any */
	const char *what;  /* what it looks at, one line */
	const char *risk;  /* what happens to who ignores it */
	int (*look)(struct mi_check_at *at, struct mi_err *err);
};
#define MI_CHECK_BIT(side_or_flavour) (1u << (side_or_flavour))

const struct mi_check *mi_check_find(const char *id);

struct mi_finding {
	const struct mi_check *check;
	enum mi_check_side side;
	enum mi_check_level level;
	char *text;
	char *fix; /* the setting or statement that puts it right; NULL: none */
	bool ignored;
};

struct mi_check_run {
	struct mi_check_server source, target;
	struct mi_check_server writer; /* of [client_writer]; no conn: the source is written to */
	const struct mi_opt_list *ignore;   /* ids whose blockers count as warnings; may be NULL */
	struct mi_filter filter;            /* what is to be imported; its lists are the caller's */
	struct mi_map map;                  /* databases that get other names on the target */
	enum mi_server_kind kind;           /* UNKNOWN: the target's own flavour */
	bool copy_only;                     /* what only following needs is no blocker */
	uint64_t target_free;               /* bytes; 0: not said */
	const struct mi_route_users *users; /* the router's; NULL: not named */
	/* Read on first use by mi_check_what: */
	bool what_read;
	struct mi_err what_err; /* code 0: all of it could be read */
	char **databases;       /* the source's names */
	size_t database_count;
	struct mi_tables tables;
	struct mi_finding *findings; /* in the order of the table, sides together */
	size_t count;
	int code; /* the exit code of the first thing that could not be looked at; 0: none */
};

/* Where a check stands when it is called. */
struct mi_check_at {
	struct mi_check_run *run;
	const struct mi_check *check;
	enum mi_check_side side;
	struct mi_check_server *server; /* NULL for a pair */
};

/* Calls every check for the sides that are connected; pairs when both are. */
void mi_check_all(struct mi_check_run *run);

/* Says under `connect` that a side could not be reached, and why. */
void mi_check_unreached(struct mi_check_run *run, enum mi_check_side side,
                        const struct mi_err *why);

size_t mi_check_tally(const struct mi_check_run *run, enum mi_check_level level);

/* Collects names for a finding's text: "shop.a, shop.b and 17 more". */
struct mi_check_names {
	struct mi_buf text;
	size_t count;
};

#endif
