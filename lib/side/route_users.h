/* The router's users file: who may log in to the router, and as whom the router then logs in to
 * each back end. Its form is in mi-route(1), "USERS FILE": an option file, a group for each client
 * user. */
#ifndef MI_SIDE_ROUTE_USERS_H
#define MI_SIDE_ROUTE_USERS_H

#include "base/buf.h"
#include "base/err.h"

enum mi_route_side { MI_ROUTE_SOURCE, MI_ROUTE_TARGET, MI_ROUTE_SIDES };

/* A login at one back end. */
struct mi_route_account {
	const char *user, *password; /* both NULL: this side was detached */
};

enum { MI_SHA1 = 20, MI_SHA256 = 32 };

struct mi_route_user {
	const char *name;
	bool has_sha2, has_native;
	unsigned char sha2[MI_SHA256]; /* SHA256(SHA256(password)) */
	unsigned char native[MI_SHA1]; /* SHA1(SHA1(password)) */
	bool empty;                    /* the password is "" */
	struct mi_route_account side[MI_ROUTE_SIDES];
};

/* An immutable table; read it from any thread. Held by count, so that a session keeps its user
 * while another table takes over. */
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
size_t mi_route_users_count(const struct mi_route_users *users);

/* Rewrites the file without one side's users and passwords, whole or not at all, 0600. A clear
 * password that only the detached side needed is left as a verifier. Comments are lost. Doing it
 * again changes nothing. Read the file again afterwards. */
MI_MUST int mi_route_users_detach(const char *path, enum mi_route_side side, struct mi_err *err);

/* Appends the verifier of a password as the file holds it, in the form for caching_sha2_password or
 * for mysql_native_password. */
void mi_route_verifier(struct mi_buf *out, struct mi_span password, bool native);

#endif
