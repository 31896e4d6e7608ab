/* The session variables that every connection has before it is used. Wrong ones change data in
 * silence, so each is set, read back and compared. */
#ifndef MI_SERVER_SETTINGS_H
#define MI_SERVER_SETTINGS_H

#include "base/err.h"
#include "server/conn.h"

/* Sets those variables of conn's session that differ from what its flavour, version and role ask
 * for (the table in settings.c), then reads all of them back in one SELECT. One that cannot be set
 * or did not take is MI_CONFIG; the error names the variable and, if it did not take, both
 * values. */
MI_MUST int mi_settings_apply(struct mi_conn *conn, struct mi_err *err);

#endif
