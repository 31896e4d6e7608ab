/* Connection options: completed from the option file, and what they mean then. */
#ifndef MI_SERVER_OPTIONS_H
#define MI_SERVER_OPTIONS_H

#include "base/err.h"
#include "server/conn.h"

#ifdef MARIADB_UNIX_ADDR
#define MI_DEFAULT_SOCKET MARIADB_UNIX_ADDR
#else
#define MI_DEFAULT_SOCKET "/var/run/mysqld/mysqld.sock"
#endif

/* Where the server is. As in the stock clients, no host and the host "localhost" mean a Unix
 * socket. The texts are those of the options, or constants. */
struct mi_conn_place {
	const char *host;
	const char *socket; /* NULL: TCP */
	unsigned port;
};

/* Fills *place. A port that is no number from 1 to 65535 is MI_CONFIG. */
MI_MUST int mi_conn_options_place(const struct mi_conn_options *options,
                                  struct mi_conn_place *place, struct mi_err *err);

/* The ssl-mode; PREFERRED when none is set. An unknown word is MI_CONFIG. */
MI_MUST int mi_conn_options_tls(const struct mi_conn_options *options, enum mi_tls *mode,
                                struct mi_err *err);

/* Looks whether the certificate files that are named can be read, because the client libraries say
 * little about it. One that cannot is MI_CONFIG. */
MI_MUST int mi_conn_options_files(const struct mi_conn_options *options, struct mi_err *err);

/* Completes options from the option file; what is set already stays. A group that is named but
 * absent, a password in a world-readable file, a bad port or ssl-mode, and what mi_optfile_read
 * refuses are MI_CONFIG. Release afterwards, also after a failure. */
MI_MUST int mi_conn_options_load(struct mi_conn_options *options, struct mi_err *err);
/* Wipes the password, frees what _load made, and leaves *options {0}. Harmless on {0}. */
void mi_conn_options_release(struct mi_conn_options *options);

#endif
