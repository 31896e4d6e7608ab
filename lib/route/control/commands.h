/* Carries out the commands of the control socket. For route/control/control.c, which reads the
 * lines. */
#ifndef MI_ROUTE_CONTROL_COMMANDS_H
#define MI_ROUTE_CONTROL_COMMANDS_H

#include "route/control/peer.h"
#include "route/net/loop.h"

/* Carries out the command in line, which is changed by that, and answers peer, at once or later. */
void mi_control_obey(struct mi_peer *peer, char *line);

/* Fires control->warm_timer: goes on warming, and answers control->warming at its end. */
void mi_control_look_at_warmth(struct mi_timer *timer);

#endif
