/* Small changes of CREATE statements other than CREATE TABLE's, and the order in which views can be
 * made. */
#ifndef MI_SCHEMA_OBJECT_H
#define MI_SCHEMA_OBJECT_H

#include "base/buf.h"
#include "schema/uses.h"

#include <stdbool.h>

#include <stdbool.h>

/* Takes "DEFINER=user@host" out of a CREATE statement. It looks at the statement's head only,
 * because the body may be written under another sql_mode. */
void mi_ddl_strip_definer(struct mi_buf *statement);

/* Takes "ON COMPLETION NOT PRESERVE" out of a CREATE EVENT: it is the default, and servers print it
 * but cannot read it under the sql_mode HIGH_NOT_PRECEDENCE (tried with MySQL 9.7, MariaDB 10.11).
 */
void mi_ddl_strip_completion(struct mi_buf *statement);

/* Makes a CREATE EVENT one that is switched off. False: it does not say in its head whether it is
 * on, so that the text stays. */
bool mi_ddl_switch_off(struct mi_buf *statement);

/* "CREATE DATABASE `x` ..." becomes "CREATE DATABASE IF NOT EXISTS `x` ..."; other text stays. */
void mi_ddl_if_not_exists(struct mi_buf *statement);

/* A view, as far as the order of creation needs it. */
struct mi_view {
	char *db, *name;
	struct mi_buf text; /* SHOW CREATE VIEW, printed with db as the default database */
	char *charset, *collation;
	struct mi_uses uses; /* mi_view_uses of text */
	char *invalid; /* what the server says of a view that cannot be read; NULL: it can be */
	int state;     /* for mi_views_order alone; 0 before */
};

struct mi_views {
	struct mi_view *items;
	size_t count;
	bool ignore_case; /* names that differ in case alone are one */
};

void mi_views_release(struct mi_views *views);

/* Fills order with views->count indexes, each view after those that it reads from. Views cannot
 * form a cycle; where names look like one, it is cut somewhere. To be called once for views. */
void mi_views_order(struct mi_views *views, size_t *order);

#endif
