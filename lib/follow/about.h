/* What a definition in the log is about: by the objects that it names, not by its default database.
 * For follow/query.c. */
#ifndef MI_FOLLOW_ABOUT_H
#define MI_FOLLOW_ABOUT_H

#include "base/buf.h"
#include "base/err.h"
#include "follow/catalog.h"
#include "server/conn.h"
#include "table/filter.h"

struct mi_definition {
	struct mi_span text, db; /* db: the session's default database; len 0: none */
	unsigned modes;          /* enum mi_lex_mode of its sql_mode */
	struct mi_span charset;  /* character_set_client; len 0: UTF-8 */
};

struct mi_about {
	enum {
		MI_ABOUT_OTHERS,  /* it changes nothing that is followed */
		MI_ABOUT_OURS,    /* all that it names is followed */
		MI_ABOUT_PART,    /* of what it changes, a part is followed: see part */
		MI_ABOUT_MIXED,   /* it is about both, and has no such part: see other */
		MI_ABOUT_UNKNOWN, /* it could not be read as far as it may name objects */
	} what;
	struct mi_buf part;     /* a statement that does the same to the followed objects alone */
	struct mi_buf other;    /* the first name that is not followed, as db.name */
	struct mi_buf db, name; /* TRUNCATE of a followed table: which one, in UTF-8 */
};

void mi_about_release(struct mi_about *about);

/* Fills *about, which the caller releases, also after a failure. Views and sequences are chosen as
 * tables are, a trigger as its table is; programs, and DROP TRIGGER, which does not name the table,
 * by their database. control is asked for names in a character set that is not UTF-8; err then as
 * mi_recode's. */
MI_MUST int mi_about_read(struct mi_about *about, const struct mi_definition *definition,
                          const struct mi_catalog *catalog, const struct mi_filter *filter,
                          struct mi_conn *control, struct mi_err *err);

#endif
