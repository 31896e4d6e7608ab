/* The session variables that are read by name at the server where a session begins, to be given to
 * the session at the other server: those that decide what a statement means, and whether it runs at
 * all. What else the client sets is told by trackers (route/shared/settings.h).
 *
 * Source: "Server System Variables" of MySQL's and MariaDB's manuals, for the versions from which a
 * variable is there. */
#ifndef MI_ROUTE_SHARED_CARRIED_H
#define MI_ROUTE_SHARED_CARRIED_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* The name of variable i (0, 1...) as a server of this version (mi_route_version) has it; NULL
 * behind the last. The session trackers come first, where the server has them. In the order in
 * which they are to be set: a variable that changes another one comes before it. */
const char *mi_route_carried_name(bool mariadb, unsigned version, size_t i);

/* Appends the SELECT of all of them, in that order. */
void mi_route_carried_ask(bool mariadb, unsigned version, struct mi_buf *sql);

#endif
