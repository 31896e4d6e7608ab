/* How a connection of the MySQL protocol begins: the server's greeting, the client's request for
 * TLS, the login, and the packets of an authentication. The functions work on whole payloads,
 * without packet headers. Parsers return -1 with err (MI_PROTOCOL) for a payload of another form,
 * and their spans point into the payload; builders append to out.
 *
 * Source: "Connection Phase Packets" and "COM_CHANGE_USER" of MySQL's protocol documentation,
 * "Connecting" of MariaDB's. */
#ifndef MI_PROTOCOL_HELLO_H
#define MI_PROTOCOL_HELLO_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	MI_NONCE = 20, /* bytes of a scramble, none of which is NUL */
	/* most bytes of a login or COM_CHANGE_USER, whose attributes have up to 64 KiB */
	MI_LOGIN_MAX = 70000,
};

/* Protocol::HandshakeV10, the server's greeting. */
struct mi_hello {
	struct mi_span version;
	uint32_t connection_id;
	uint64_t caps;
	uint8_t collation;
	uint16_t status;
	struct mi_span plugin; /* empty without PLUGIN_AUTH */
	uint8_t nonce_len;     /* without the NUL at the end */
	unsigned char nonce[255];
};

/* A server may also greet with an ERR ("Host is blocked", "Too many connections"): ask
 * mi_reply_is_err first. A server older than MySQL 4.1 is MI_PROTOCOL. */
MI_MUST int mi_hello_parse(struct mi_hello *hello, struct mi_span payload, struct mi_err *err);
/* version and plugin hold no NUL; nonce_len is MI_NONCE. */
void mi_hello_build(struct mi_buf *out, const struct mi_hello *hello);

/* Protocol::SSLRequest, Protocol::HandshakeResponse41 and COM_CHANGE_USER. */
struct mi_login {
	uint64_t caps; /* in a COM_CHANGE_USER: the connection's, filled in by the caller */
	uint32_t max_packet;
	uint16_t collation; /* its id; 0: the COM_CHANGE_USER has none */
	struct mi_span user;
	struct mi_span auth;
	struct mi_span database; /* empty: none */
	struct mi_span plugin;   /* empty: not said */
	struct mi_span attrs;    /* names and values, for mi_attr_next */
	uint8_t zstd_level;
	bool change_user; /* it was COM_CHANGE_USER */
};

/* A request for TLS and a login begin alike. True: payload is a request for TLS, and *caps are the
 * capabilities that it announces; the login that follows under TLS announces them again. */
bool mi_login_is_ssl_request(struct mi_span payload, uint64_t *caps);
MI_MUST int mi_login_parse(struct mi_login *login, struct mi_span payload, struct mi_err *err);
void mi_login_build_ssl_request(struct mi_buf *out, const struct mi_login *login);
/* login->caps decide which parts are written, as the protocol says: the database needs
 * CONNECT_WITH_DB, and so on. auth is at most 255 bytes without PLUGIN_AUTH_LENENC. */
void mi_login_build(struct mi_buf *out, const struct mi_login *login);

/* A COM_CHANGE_USER, its command byte included. login->caps must be set, to the connection's. */
MI_MUST int mi_change_user_parse(struct mi_login *login, struct mi_span payload,
                                 struct mi_err *err);
/* login->auth is at most 255 bytes. */
void mi_change_user_build(struct mi_buf *out, const struct mi_login *login);

/* Takes the next connection attribute off attrs, which begins as mi_bytes(login.attrs). False at
 * the end, or where the block is damaged (attrs->bad is set then). */
bool mi_attr_next(struct mi_bytes *attrs, struct mi_span *name, struct mi_span *value);
void mi_attr_add(struct mi_buf *attrs, struct mi_span name, struct mi_span value);

/* Protocol::AuthSwitchRequest. *data is everything after the plugin's name: for
 * mysql_native_password and caching_sha2_password the nonce and a NUL, for ed25519 the nonce alone.
 * A request for the method of before 4.1 (one byte) has an empty plugin. mi_auth_switch_build adds
 * the NUL. */
MI_MUST int mi_auth_switch_parse(struct mi_span payload, struct mi_span *plugin,
                                 struct mi_span *data, struct mi_err *err);
void mi_auth_switch_build(struct mi_buf *out, struct mi_span plugin, struct mi_span data);

/* Protocol::AuthMoreData: a byte 1, then the method's own bytes. False: payload is something
 * else. */
static inline bool mi_auth_more_parse(struct mi_span payload, struct mi_span *data)
{
	if (payload.len < 1 || payload.data[0] != 1)
		return false;
	*data = mi_span(payload.data + 1, payload.len - 1);
	return true;
}
void mi_auth_more_build(struct mi_buf *out, struct mi_span data);

#endif
