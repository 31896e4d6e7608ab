#include "route/control/reload.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "route/auth/users.h"
#include "route/back/sessions.h"
#include "route/state/state.h"
#include "route/shared/shared.h"

/* The session opens its next connections with the new file's accounts. A session whose user is not
 * in the new file keeps the old ones. */
static void take_users(struct mi_route_session *session, void *arg)
{
	struct mi_route_users *users = arg;
	const struct mi_route_user *user;

	if (!session->user || session->phase < MI_SESSION_READY ||
	    session->phase == MI_SESSION_CHANGE_USER || session->phase == MI_SESSION_CLOSED)
		return;
	user = mi_route_users_find(users, mi_span_str(session->user->name));
	if (!user)
		return;
	/* a login under way points into the old table */
	for (int side = 0; side < MI_ROUTE_SIDES; side++)
		if (session->back[side].state >= MI_BACK_CONNECTING &&
		    session->back[side].state <= MI_BACK_LOGIN)
			return;
	mi_route_users_drop(session->users);
	session->users = mi_route_users_hold(users);
	session->user = user;
	session->auth.user = user;
}

int mi_route_reload(struct mi_route *route, const char *path, struct mi_err *err)
{
	struct mi_route_users *users, *old;

	if (mi_route_users_read(path, &users, err) != 0)
		return -1;
	(void)pthread_mutex_lock(&route->users_lock);
	old = route->users;
	route->users = users;
	(void)pthread_mutex_unlock(&route->users_lock);
	mi_route_users_drop(old);
	mi_route_each_session(route, take_users, users);
	mi_notice("%zu users in %s", mi_route_users_count(users), path);
	return 0;
}
