/* The SQL script that makes an account for the tools, with the privileges that they need. */
#ifndef MI_CHECK_GRANTS_H
#define MI_CHECK_GRANTS_H

#include "base/buf.h"
#include "base/err.h"
#include "program/opt.h"

#include <stdbool.h>

struct mi_grants {
	const char *user, *host; /* of the account */
	/* the account is for the target, which is loaded; else for the source, which is read */
	bool target;
	bool mariadb;
	/* 100 * (100 * major + minor) + patch; 0: not known, so what any version needs */
	unsigned version;
	const struct mi_opt_list *databases; /* as this side calls them */
};

/* Sets mariadb and version from a text such as "mysql", "mysql-5.7" or "mariadb-10.6". False: it is
 * none. */
MI_MUST bool mi_grants_for(struct mi_grants *grants, const char *text);

/* Appends the GRANT statements alone, each with the reason for it. */
void mi_grants_add(const struct mi_grants *grants, struct mi_buf *out);

/* Appends CREATE USER and GRANT statements, each with the reason for it. The password is left for a
 * person to fill in. */
void mi_grants_print(const struct mi_grants *grants, struct mi_buf *out);

#endif
