/* Views, routines, triggers, events: what is to be known about their CREATE statements. */
#ifndef MI_SCHEMA_OBJECT_H
#define MI_SCHEMA_OBJECT_H

#include "base/buf.h"

/* Takes "DEFINER=user@host" out of a CREATE statement. Looks at its head only, since a body may be
 * written under another sql_mode. */
void mi_ddl_strip_definer(struct mi_buf *statement);

/* "CREATE DATABASE `x` ..." becomes "CREATE DATABASE IF NOT EXISTS `x` ...". */
void mi_ddl_if_not_exists(struct mi_buf *statement);

/* A view, as far as the order of creation needs it. */
struct mi_view {
	char *db, *name;
	struct mi_buf text; /* SHOW CREATE VIEW, printed with db as the default database */
	char *charset, *collation;
	int state; /* for the sorting */
};

struct mi_views {
	struct mi_view *items;
	size_t count;
};

void mi_views_release(struct mi_views *views);

/* Fills order (views->count of them) with indexes, each view after those that it reads from.
 * Cycles cannot exist; should a name deceive us into seeing one, it is cut somewhere. */
void mi_views_order(struct mi_views *views, size_t *order);

#endif
