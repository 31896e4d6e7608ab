/* The script that makes an account for the tools. */
#ifndef MI_CHECK_GRANTS_H
#define MI_CHECK_GRANTS_H

#include "base/buf.h"
#include "base/err.h"
#include "program/opt.h"

#include <stdbool.h>

struct mi_grants {
	const char *user, *host; /* of the account */
	bool target;             /* the side that is loaded; else the one that is read */
	bool mariadb;
	unsigned version; /* 100 * (100 * major + minor) + patch; 0: any in use */
	const struct mi_opt_list *databases; /* by this side's names */
};

/* "mysql", "mysql-5.7", "mariadb-10.6": sets mariadb and version. False: something else. */
MI_MUST bool mi_grants_for(struct mi_grants *grants, const char *text);

/* Appends CREATE USER and GRANT statements, each with the reason. The password is left for a person
 * to fill in. */
void mi_grants_print(const struct mi_grants *grants, struct mi_buf *out);

#endif
