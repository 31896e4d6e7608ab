/* The commands of the control socket, obeyed. For route/control/control.c, which reads the lines.
 */
#ifndef MI_ROUTE_CONTROL_COMMANDS_H
#define MI_ROUTE_CONTROL_COMMANDS_H

#include "route/control/peer.h"
#include "route/net/loop.h"

/* Obeys a line, which is taken apart. */
void mi_control_obey(struct mi_peer *peer, char *line);

/* The timer of control->warming. */
void mi_control_look_at_warmth(struct mi_timer *timer);

#endif
