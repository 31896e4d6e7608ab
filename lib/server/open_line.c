#include "server/open_line.h"
#include "base/buf.h"
#include "base/err.h"
#include "password/rsa_key.h"
#include "password/scramble.h"

#include <mysql.h>
#ifdef MARIADB_PACKAGE_VERSION_ID
/* <mysql/client_plugin.h> includes a header that is not installed with it: what <mysql.h> lacks of
 * it is declared here. */
#include <mysql/plugin_auth.h>

enum { MYSQL_CLIENT_AUTHENTICATION_PLUGIN = 2 };

typedef struct {
	MYSQL_CLIENT_PLUGIN_HEADER
	int (*authenticate_user)(MYSQL_PLUGIN_VIO *vio, MYSQL *mysql);
} plugin_t;

typedef MYSQL_PLUGIN_VIO_INFO info_t;

/* This library calls the first plugin before the handshake of TLS, which is made within that
 * plugin's first write: always when both ends want it, and a handshake that fails ends the login.
 */
static bool tls_comes(const MYSQL *mysql)
{
	return mysql->options.use_ssl && mysql->server_capabilities & CLIENT_SSL;
}
#else
#include <mysql/client_plugin.h>

typedef struct auth_plugin_t plugin_t;
typedef struct MYSQL_PLUGIN_VIO_INFO info_t;

static bool tls_comes(const MYSQL *mysql)
{
	(void)mysql;
	return false;
}
#endif

enum { NONCE = 20, FAST_OK = 3, FULL = 4 };

typedef int authenticate(MYSQL_PLUGIN_VIO *vio, MYSQL *mysql);

static struct {
	authenticate *sha2, *sha256, *clear, *dialog, *old;
} library; /* the library's own; written by mi_open_line_guard */

static _Thread_local struct {
	struct mi_span key;
	bool refused;
} login;

static bool is_open(MYSQL_PLUGIN_VIO *vio, MYSQL *mysql)
{
	info_t info = {.protocol = MYSQL_VIO_INVALID};
	const char *cipher = mysql_get_ssl_cipher(mysql);

	vio->info(vio, &info);
	return info.protocol != MYSQL_VIO_SOCKET && (!cipher || !*cipher) && !tls_comes(mysql);
}

static int refuse(void)
{
	login.refused = true;
	return CR_ERROR;
}

/* ---- The exchanges on an open line ---- */

static int send_bytes(MYSQL_PLUGIN_VIO *vio, const void *bytes, size_t len)
{
	return vio->write_packet(vio, bytes, (int)len) == 0 ? CR_OK : CR_ERROR;
}

static int send_encrypted(MYSQL_PLUGIN_VIO *vio, MYSQL *mysql, struct mi_span nonce)
{
	struct mi_buf encrypted = {0};
	int ret;

	if (!login.key.len ||
	    !mi_auth_encrypt(login.key, mi_span_str(mysql->passwd), nonce, &encrypted))
		ret = refuse();
	else
		ret = send_bytes(vio, encrypted.data, encrypted.len);
	mi_buf_release(&encrypted);
	return ret;
}

/* Sends the scramble. *full: the server wants the password itself. */
static int send_scramble(MYSQL_PLUGIN_VIO *vio, MYSQL *mysql, struct mi_span nonce, bool *full)
{
	unsigned char answer[MI_SHA256], *packet;

	mi_scramble_sha2(answer, mi_span_str(mysql->passwd), nonce);
	if (send_bytes(vio, answer, sizeof answer) != CR_OK ||
	    vio->read_packet(vio, &packet) != 1 || (*packet != FAST_OK && *packet != FULL))
		return CR_ERROR;
	*full = *packet == FULL;
	return CR_OK;
}

static int on_open_line(MYSQL_PLUGIN_VIO *vio, MYSQL *mysql, bool scramble_first)
{
	unsigned char nonce[NONCE], *packet;
	bool full = true;

	if (vio->read_packet(vio, &packet) != NONCE + 1)
		return CR_ERROR;
	memcpy(nonce, packet, NONCE);
	if (!*mysql->passwd)
		return send_bytes(vio, "", 1);
	if (scramble_first && send_scramble(vio, mysql, mi_span(nonce, NONCE), &full) != CR_OK)
		return CR_ERROR;
	return full ? send_encrypted(vio, mysql, mi_span(nonce, NONCE)) : CR_OK;
}

/* ---- In the place of the library's ---- */

static int sha2(MYSQL_PLUGIN_VIO *vio, MYSQL *mysql)
{
	return is_open(vio, mysql) ? on_open_line(vio, mysql, true) : library.sha2(vio, mysql);
}

static int sha256(MYSQL_PLUGIN_VIO *vio, MYSQL *mysql)
{
	return is_open(vio, mysql) ? on_open_line(vio, mysql, false) : library.sha256(vio, mysql);
}

static int clear(MYSQL_PLUGIN_VIO *vio, MYSQL *mysql)
{
	return is_open(vio, mysql) ? refuse() : library.clear(vio, mysql);
}

static int dialog(MYSQL_PLUGIN_VIO *vio, MYSQL *mysql)
{
	return is_open(vio, mysql) ? refuse() : library.dialog(vio, mysql);
}

/* The scramble of before MySQL 4.1, from which the password can be had by calculation. */
static int old(MYSQL_PLUGIN_VIO *vio, MYSQL *mysql)
{
	return is_open(vio, mysql) ? refuse() : library.old(vio, mysql);
}

/* A plugin that the library does not find now cannot be asked for later. */
static void wrap(MYSQL *mysql, const char *name, authenticate *ours, authenticate **theirs)
{
	struct st_mysql_client_plugin *found =
	    mysql_client_find_plugin(mysql, name, MYSQL_CLIENT_AUTHENTICATION_PLUGIN);
	plugin_t *plugin = (void *)found;

	if (!plugin || plugin->authenticate_user == ours)
		return;
	*theirs = plugin->authenticate_user;
	plugin->authenticate_user = ours;
}

int mi_open_line_guard(struct mi_err *err)
{
	MYSQL *mysql = mysql_init(NULL);

	if (!mysql)
		return mi_fail(err, MI_AGAIN, "out of memory for the client library");
	wrap(mysql, "caching_sha2_password", sha2, &library.sha2);
	wrap(mysql, "sha256_password", sha256, &library.sha256);
	wrap(mysql, "mysql_clear_password", clear, &library.clear);
	wrap(mysql, "dialog", dialog, &library.dialog);
	wrap(mysql, "mysql_old_password", old, &library.old);
	mysql_close(mysql);
	return 0;
}

void mi_open_line_begin(struct mi_span key)
{
	login.key = key;
	login.refused = false;
}

bool mi_open_line_refused(void)
{
	login.key = (struct mi_span){0};
	return login.refused;
}
