/* The router's users file: who may log in to the router, and with which account the router then
 * logs in to each back end. mi-route(1), "USERS FILE", has its form: an option file with a group
 * for each client user. */
#ifndef MI_ROUTE_AUTH_USERS_H
#define MI_ROUTE_AUTH_USERS_H

#include "base/buf.h"
#include "base/err.h"
#include "password/digest.h"
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
	struct mi_route_learnt *learnt; /* for mi_route_user_sha2 and mi_route_user_learn */
};

/* The users as a table that does not change (but for what was learnt) and may be read from any
 * thread. Holders are counted, so that a session keeps its user while a new table takes over. */
struct mi_route_users;

/* Reads the file: MI_CONFIG with file and line for whatever is not of its form, or when it may be
 * read by others than its owner (mode 0600 or less, owned by root or the process's user). *users is
 * held once. */
MI_MUST int mi_route_users_read(const char *path, struct mi_route_users **users,
                                struct mi_err *err);
struct mi_route_users *mi_route_users_hold(struct mi_route_users *users); /* returns users */
/* The last holder's drop wipes all secrets and frees. Harmless on NULL. */
void mi_route_users_drop(struct mi_route_users *users);

/* The user with that name, owned by users; NULL: there is none. */
const struct mi_route_user *mi_route_users_find(const struct mi_route_users *users,
                                                struct mi_span name);
/* A user to go through an authentication with, for a name that nobody has: its verifier is of a
 * kind that users here have, as often as they have it, by a hash of secret and name; so the same
 * name always meets the same kind, and nobody without the secret can tell it from a user's. No
 * password matches it. Owned by users. Takes the same time for every name; call it for names that
 * are known, too. */
const struct mi_route_user *mi_route_users_stand_in(const struct mi_route_users *users,
                                                    const unsigned char secret[MI_SHA256],
                                                    struct mi_span name);
/* Has any user an account at that side? */
bool mi_route_users_reach(const struct mi_route_users *users, enum mi_route_side side);
size_t mi_route_users_count(const struct mi_route_users *users);
/* The users in the order of their names; i < count. */
const struct mi_route_user *mi_route_users_at(const struct mi_route_users *users, size_t i);

/* Rewrites the file without one side's users and passwords, whole or not at all, 0600. A clear
 * password that only the detached side needed is replaced by a verifier. Comments are lost.
 * Detaching again changes nothing. The caller reads the file again afterwards. */
MI_MUST int mi_route_users_detach(const char *path, enum mi_route_side side, struct mi_err *err);

/* SHA256(SHA256(password)), which checks a scramble of caching_sha2_password. False: the file does
 * not have it, and nobody has logged in with the clear password since the file was read. */
bool mi_route_user_sha2(const struct mi_route_user *user, unsigned char sha2[MI_SHA256]);
/* Remembers that double hash of a password which the verifier has just matched. From any thread. */
void mi_route_user_learn(const struct mi_route_user *user, struct mi_span password);

#endif
