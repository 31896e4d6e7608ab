/* How a connection of the MySQL protocol begins: the server's greeting, the wish for TLS, the
 * login, and the packets of an authentication. All spans point into the packet that was parsed.
 *
 * Source: "Connection Phase Packets" and "COM_CHANGE_USER" of MySQL's protocol documentation,
 * "Connecting" of MariaDB's. Parsers return -1 with err (MI_PROTOCOL) for a packet that is not of
 * its form; they look at nothing but the packet. */
#ifndef MI_PROTOCOL_HELLO_H
#define MI_PROTOCOL_HELLO_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	MI_NONCE = 20, /* bytes of a scramble, none of which is NUL */
	MI_LOGIN_MAX =
	    70000, /* a login or COM_CHANGE_USER is refused above: attributes end at 64 KiB */
};

/* Protocol::HandshakeV10. */
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

/* The greeting may also be an ERR ("Host is blocked", "Too many connections"): ask mi_reply_is_err
 * first. */
MI_MUST int mi_hello_parse(struct mi_hello *hello, struct mi_span payload, struct mi_err *err);
/* version and plugin hold no NUL; nonce_len is MI_NONCE. */
void mi_hello_build(struct mi_buf *out, const struct mi_hello *hello);

/* Protocol::SSLRequest, HandshakeResponse41, and COM_CHANGE_USER. */
struct mi_login {
	uint64_t caps; /* COM_CHANGE_USER: those of the connection, which the caller fills in */
	uint32_t max_packet;
	uint16_t collation; /* 0: COM_CHANGE_USER said nothing */
	struct mi_span user;
	struct mi_span auth;
	struct mi_span database; /* empty: none */
	struct mi_span plugin;   /* empty: not said */
	struct mi_span attrs;    /* names and values, for mi_attr_next */
	uint8_t zstd_level;
	bool change_user; /* it was COM_CHANGE_USER */
};

/* A login without TLS and a wish for TLS begin alike: true for the latter. caps are then those it
 * announces; the login that follows under TLS says them again. */
bool mi_login_is_ssl_request(struct mi_span payload, uint64_t *caps);
MI_MUST int mi_login_parse(struct mi_login *login, struct mi_span payload, struct mi_err *err);
void mi_login_build_ssl_request(struct mi_buf *out, const struct mi_login *login);
/* caps decide what is written, as the protocol says: database needs CONNECT_WITH_DB, and so on.
 * auth is at most 255 bytes without PLUGIN_AUTH_LENENC. */
void mi_login_build(struct mi_buf *out, const struct mi_login *login);

/* COM_CHANGE_USER, its command byte included. login->caps is set beforehand. */
MI_MUST int mi_change_user_parse(struct mi_login *login, struct mi_span payload,
                                 struct mi_err *err);
/* auth is at most 255 bytes. */
void mi_change_user_build(struct mi_buf *out, const struct mi_login *login);

/* The next attribute: false at the end, or where the block is damaged (bad is then set in it). */
bool mi_attr_next(struct mi_bytes *attrs, struct mi_span *name, struct mi_span *value);
void mi_attr_add(struct mi_buf *attrs, struct mi_span name, struct mi_span value);

/* Protocol::AuthSwitchRequest. *data is all of it: with native and caching_sha2 a NUL follows the
 * nonce, with ed25519 not. A request for the pre-4.1 method (one byte) has an empty plugin. build
 * adds the NUL. */
MI_MUST int mi_auth_switch_parse(struct mi_span payload, struct mi_span *plugin,
                                 struct mi_span *data, struct mi_err *err);
void mi_auth_switch_build(struct mi_buf *out, struct mi_span plugin, struct mi_span data);

/* Protocol::AuthMoreData: 1, then the method's own bytes. */
static inline bool mi_auth_more_parse(struct mi_span payload, struct mi_span *data)
{
	if (payload.len < 1 || payload.data[0] != 1)
		return false;
	*data = mi_span(payload.data + 1, payload.len - 1);
	return true;
}
void mi_auth_more_build(struct mi_buf *out, struct mi_span data);

#endif
