/* Pins: state of the writer's session that cannot be made again at another server, which is why a
 * switch cannot move the session. The bits are those of enum mi_class_pin (sql/class.h), which
 * statements set, and two that commands of the protocol set. */
#ifndef MI_ROUTE_STATE_PINS_H
#define MI_ROUTE_STATE_PINS_H

#include "base/buf.h"

#include <stdbool.h>

enum mi_session_pin {
	MI_PIN_CURSOR = 1 << 16,    /* a prepared statement's cursor is open */
	MI_PIN_LONG_DATA = 1 << 17, /* parameters were sent in pieces, and not executed yet */
};

struct mi_route_session;

/* Sets (on) or clears bits. The caller calls mi_session_settle afterwards. */
void mi_pins_set(struct mi_route_session *session, unsigned bits, bool on);
/* Clears all of them: the session was reset. */
void mi_pins_forget(struct mi_route_session *session);

/* Appends their names, comma-separated: "temporary-table,user-lock". */
void mi_pins_print(unsigned pins, struct mi_buf *text);

#endif
