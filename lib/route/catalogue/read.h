/* Reads from a server what its objects do: information_schema's SCHEMATA, VIEWS, ROUTINES,
 * TRIGGERS, and TABLES where a filter leaves some out. What the account may not see is not there:
 * it needs to see all routines (SHOW_ROUTINE or SELECT on MySQL, SELECT on mysql.proc on MariaDB),
 * SHOW VIEW and TRIGGER. An object whose text is kept from it can do anything. */
#ifndef MI_ROUTE_CATALOGUE_READ_H
#define MI_ROUTE_CATALOGUE_READ_H

#include "base/err.h"
#include "route/catalogue/programs.h"
#include "server/conn.h"
#include "table/filter.h"

/* filter: what is imported, by the names that clients use. A database called map_to here is
 * map_from to them; NULL: no name differs. *programs is new and settled. */
MI_MUST int mi_programs_read(struct mi_conn *conn, const struct mi_filter *filter,
                             const char *map_from, const char *map_to,
                             struct mi_programs **programs, struct mi_err *err);

#endif
