/* What the connection options mean once they are complete. */
#ifndef MI_SERVER_OPTIONS_H
#define MI_SERVER_OPTIONS_H

#include "base/err.h"
#include "server/conn.h"

#ifdef MARIADB_UNIX_ADDR
#define MI_DEFAULT_SOCKET MARIADB_UNIX_ADDR
#else
#define MI_DEFAULT_SOCKET "/var/run/mysqld/mysqld.sock"
#endif

/* Where the server is. As in the stock clients, no host or localhost means a Unix socket. */
struct mi_conn_place {
	const char *host;
	const char *socket; /* NULL: TCP */
	unsigned port;
};

/* Texts stay the options' own. A port that is none is MI_CONFIG. */
MI_MUST int mi_conn_options_place(const struct mi_conn_options *options,
                                  struct mi_conn_place *place, struct mi_err *err);

/* The ssl-mode; PREFERRED when none is set. Another word is MI_CONFIG. */
MI_MUST int mi_conn_options_tls(const struct mi_conn_options *options, enum mi_tls *mode,
                                struct mi_err *err);

/* Whether the certificate files that are named can be read, because the client libraries say little
 * about it. One that cannot is MI_CONFIG. */
MI_MUST int mi_conn_options_files(const struct mi_conn_options *options, struct mi_err *err);

/* Completes options from the option file. A group that is named but absent, or a world-readable
 * file with a password in it, is MI_CONFIG. */
MI_MUST int mi_conn_options_load(struct mi_conn_options *options, struct mi_err *err);
void mi_conn_options_release(struct mi_conn_options *options);

#endif
