/* A trial: definitions made on the server that will be loaded, in scratch databases, as the load
 * will make them but without rows, to find out all that the server refuses before a row is read. */
#ifndef MI_TRIAL_TRIAL_H
#define MI_TRIAL_TRIAL_H

#include "base/err.h"
#include "schema/list.h"
#include "server/conn.h"
#include "stream/parse.h"
#include "table/dbmap.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>

enum mi_trial_verdict {
	MI_TRIAL_REFUSED,  /* the load will fail in the same way */
	MI_TRIAL_UNPROVEN, /* it could not be tried, for a reason that the load does not have */
	MI_TRIAL_FOLLOWS,  /* refused for want of another definition, which is refused itself */
};

struct mi_trial_finding {
	enum mi_trial_verdict verdict;
	char *what;      /* "table shop.t", by the source's names */
	bool is_program; /* a routine, trigger or event */
	unsigned number; /* the server's error; 0: none */
	char *text;      /* the server's words, or why it could not be tried */
};

struct mi_trial {
	/* What is to be tried; all of it is the caller's. */
	const struct mi_conn *target;
	const struct mi_map *map; /* what databases will be called there */
	char *const *databases;
	size_t database_count;
	const struct mi_tables *tables;     /* for what foreign keys refer to */
	const struct mi_ddl_list *lists[4]; /* in the order of the load; NULL: no more */
	/* What came of it. */
	struct mi_trial_finding *findings;
	size_t finding_count;
	size_t made;       /* definitions that the server took */
	char refused[600]; /* why nothing could be tried; "": it could */
	char fix[300];     /* and what would help */
};

/* Tries all. Fails when the server cannot be asked (MI_UNAVAILABLE, MI_AGAIN): nothing is known
 * then. To be released in any case. */
MI_MUST int mi_trial_run(struct mi_trial *trial, struct mi_err *err);
void mi_trial_release(struct mi_trial *trial);

#endif
