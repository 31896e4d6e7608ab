/* The session that every connection has before it is used. Wrong settings change data in silence,
 * so each is set, read back and compared. */
#ifndef MI_SERVER_SETTINGS_H
#define MI_SERVER_SETTINGS_H

#include "base/err.h"
#include "server/conn.h"

/* Sets what differs from the contract for conn's flavour, version and role, then reads everything
 * back in one SELECT. A variable that did not take is MI_CONFIG, naming it, what was wanted and
 * what the server has. */
MI_MUST int mi_settings_apply(struct mi_conn *conn, struct mi_err *err);

#endif
