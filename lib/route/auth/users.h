/* The router's users file: who may log in to the router, and as whom the router then logs in to
 * each back end. Its form is in mi-route(1), "USERS FILE": an option file, a group for each client
 * user. */
#ifndef MI_ROUTE_AUTH_USERS_H
#define MI_ROUTE_AUTH_USERS_H

#include "base/buf.h"
#include "base/err.h"
#include "route/auth/verifier.h"

#include <stdbool.h>

enum mi_route_side { MI_ROUTE_SOURCE, MI_ROUTE_TARGET, MI_ROUTE_SIDES };

/* A login at one back end. */
struct mi_route_account {
	const char *user, *password; /* both NULL: this side was detached */
};

struct mi_route_user {
	const char *name;
	struct mi_verifier verifier;
	bool empty; /* the password is "" */
	struct mi_route_account side[MI_ROUTE_SIDES];
	struct mi_route_learnt *learnt; /* for the two functions below */
};

/* An immutable table (but for what was learnt); read it from any thread. Held by count, so that a
 * session keeps its user while another table takes over. */
struct mi_route_users;

/* Reads the file: MI_CONFIG with file and line for whatever is not of its form, or when it may be
 * read by others than its owner (mode 0600 or less, owned by root or the process's user). *users is
 * held once. */
MI_MUST int mi_route_users_read(const char *path, struct mi_route_users **users,
                                struct mi_err *err);
struct mi_route_users *mi_route_users_hold(struct mi_route_users *users); /* returns users */
/* The last one wipes all secrets. Harmless on NULL. */
void mi_route_users_drop(struct mi_route_users *users);

/* NULL: there is none of that name. */
const struct mi_route_user *mi_route_users_find(const struct mi_route_users *users,
                                                struct mi_span name);
/* Has any of them an account at that side? */
bool mi_route_users_reach(const struct mi_route_users *users, enum mi_route_side side);
size_t mi_route_users_count(const struct mi_route_users *users);
/* The users by name; i < count. */
const struct mi_route_user *mi_route_users_at(const struct mi_route_users *users, size_t i);

/* Rewrites the file without one side's users and passwords, whole or not at all, 0600. A clear
 * password that only the detached side needed is left as a verifier. Comments are lost. Doing it
 * again changes nothing. Read the file again afterwards. */
MI_MUST int mi_route_users_detach(const char *path, enum mi_route_side side, struct mi_err *err);

/* SHA256(SHA256(password)), if the file says it or somebody has logged in with the clear password
 * since it was read: what checks caching_sha2_password's scramble. */
bool mi_route_user_sha2(const struct mi_route_user *user, unsigned char sha2[MI_SHA256]);
/* Remembers that for a password which the verifier has just matched. Safe from several threads. */
void mi_route_user_learn(const struct mi_route_user *user, struct mi_span password);

#endif
