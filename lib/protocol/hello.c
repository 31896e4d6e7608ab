#include "protocol/hello.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "protocol/caps.h"
#include "protocol/packet.h"

#include <string.h>

enum {
	PROTOCOL = 10,
	FIRST_NONCE = 8,
	SSL_REQUEST_LEN = 32,
	AUTH_SWITCH = 0xfe,
};

static int damaged(struct mi_err *err, const char *what)
{
	return mi_fail(err, MI_PROTOCOL, "%s: the packet is cut short or damaged", what);
}

/* ---- The greeting ---- */

static void take_nonce(struct mi_hello *hello, struct mi_span part)
{
	size_t room = sizeof hello->nonce - hello->nonce_len;

	if (part.len > room)
		part.len = room;
	if (part.len)
		memcpy(hello->nonce + hello->nonce_len, part.data, part.len);
	hello->nonce_len = (uint8_t)(hello->nonce_len + part.len);
}

/* MySQL's documentation gives the second part of the nonce "at least 13 bytes", the last of which
 * is NUL; MariaDB writes 12 bytes and a NUL. The NUL does not belong to the nonce. */
static void take_second_nonce(struct mi_hello *hello, struct mi_bytes *in, uint8_t total)
{
	unsigned len = total > FIRST_NONCE + 13 ? total - FIRST_NONCE : 13;
	struct mi_span part = mi_take(in, len);

	if (part.len && part.data[part.len - 1] == '\0')
		part.len--;
	take_nonce(hello, part);
}

int mi_hello_parse(struct mi_hello *hello, struct mi_span payload, struct mi_err *err)
{
	struct mi_bytes in = mi_bytes(payload);
	uint32_t extended;
	uint8_t version = mi_take_u8(&in), total;

	*hello = (struct mi_hello){0};
	if (!in.bad && version != PROTOCOL)
		return mi_fail(err, MI_PROTOCOL, "greeting of protocol version %u, not %d", version,
		               PROTOCOL);
	hello->version = mi_take_zstring(&in);
	hello->connection_id = mi_take_u32(&in);
	take_nonce(hello, mi_take(&in, FIRST_NONCE));
	(void)mi_take_u8(&in);
	hello->caps = mi_take_u16(&in);
	hello->collation = mi_take_u8(&in);
	hello->status = mi_take_u16(&in);
	hello->caps |= (uint64_t)mi_take_u16(&in) << 16;
	total = mi_take_u8(&in);
	(void)mi_take(&in, 6);
	extended = mi_take_u32(&in);
	if (!(hello->caps & MI_CAP_MYSQL))
		hello->caps |= (uint64_t)extended << 32;
	if (!(hello->caps & MI_CAP_PROTOCOL_41) || !(hello->caps & MI_CAP_SECURE_CONNECTION))
		return in.bad ? damaged(err, "greeting")
		              : mi_fail(err, MI_PROTOCOL, "a server older than MySQL 4.1");
	take_second_nonce(hello, &in, total);
	if (hello->caps & MI_CAP_PLUGIN_AUTH)
		hello->plugin = mi_take_tail(&in);
	return in.bad ? damaged(err, "greeting") : 0;
}

void mi_hello_build(struct mi_buf *out, const struct mi_hello *hello)
{
	bool plugin = (hello->caps & MI_CAP_PLUGIN_AUTH) != 0;
	bool mariadb = !(hello->caps & MI_CAP_MYSQL);

	mi_buf_add_char(out, PROTOCOL);
	mi_packet_add_zstring(out, hello->version);
	mi_packet_add_u32(out, hello->connection_id);
	mi_buf_add(out, hello->nonce, FIRST_NONCE);
	mi_buf_add_char(out, '\0');
	mi_packet_add_u16(out, (uint16_t)hello->caps);
	mi_buf_add_char(out, (char)hello->collation);
	mi_packet_add_u16(out, hello->status);
	mi_packet_add_u16(out, (uint16_t)(hello->caps >> 16));
	mi_buf_add_char(out, plugin ? MI_NONCE + 1 : 0);
	mi_buf_add(out, "\0\0\0\0\0\0", 6);
	mi_packet_add_u32(out, mariadb ? (uint32_t)(hello->caps >> 32) : 0);
	mi_buf_add(out, hello->nonce + FIRST_NONCE, MI_NONCE - FIRST_NONCE);
	mi_buf_add_char(out, '\0');
	if (plugin)
		mi_packet_add_zstring(out, hello->plugin);
}

/* ---- The login ---- */

/* The beginning, which a request for TLS and a login have in common. */
static void take_login_head(struct mi_login *login, struct mi_bytes *in)
{
	uint32_t extended;

	login->caps = mi_take_u32(in);
	login->max_packet = mi_take_u32(in);
	login->collation = mi_take_u8(in);
	(void)mi_take(in, 19);
	extended = mi_take_u32(in);
	if (!(login->caps & MI_CAP_MYSQL))
		login->caps |= (uint64_t)extended << 32;
}

bool mi_login_is_ssl_request(struct mi_span payload, uint64_t *caps)
{
	struct mi_bytes in = mi_bytes(payload);
	struct mi_login login = {0};

	if (payload.len != SSL_REQUEST_LEN)
		return false;
	take_login_head(&login, &in);
	*caps = login.caps;
	return (login.caps & MI_CAP_PROTOCOL_41) && (login.caps & MI_CAP_SSL);
}

static struct mi_span take_auth(struct mi_bytes *in, uint64_t caps)
{
	if (caps & MI_CAP_PLUGIN_AUTH_LENENC)
		return mi_take_string(in);
	if (caps & MI_CAP_SECURE_CONNECTION)
		return mi_take(in, mi_take_u8(in));
	return mi_take_zstring(in);
}

/* The attributes' length and so many bytes. Some clients announce attributes and send nothing. */
static struct mi_span take_attrs(struct mi_bytes *in)
{
	return in->len ? mi_take_string(in) : (struct mi_span){0};
}

int mi_login_parse(struct mi_login *login, struct mi_span payload, struct mi_err *err)
{
	struct mi_bytes in = mi_bytes(payload);

	*login = (struct mi_login){0};
	if (payload.len >= 2 && !(mi_get_u16(payload.data) & MI_CAP_PROTOCOL_41))
		return mi_fail(err, MI_PROTOCOL, "login of a client older than MySQL 4.1");
	take_login_head(login, &in);
	login->user = mi_take_zstring(&in);
	login->auth = take_auth(&in, login->caps);
	/* the NUL after the database, or after the plugin, may be missing at the packet's end, and
	 * so may all that would follow: servers accept that */
	if (login->caps & MI_CAP_CONNECT_WITH_DB && in.len)
		login->database =
		    memchr(in.at, '\0', in.len) ? mi_take_zstring(&in) : mi_take_tail(&in);
	if (login->caps & MI_CAP_PLUGIN_AUTH && in.len)
		login->plugin =
		    memchr(in.at, '\0', in.len) ? mi_take_zstring(&in) : mi_take_tail(&in);
	if (login->caps & MI_CAP_CONNECT_ATTRS)
		login->attrs = take_attrs(&in);
	if (login->caps & MI_CAP_ZSTD && in.len)
		login->zstd_level = mi_take_u8(&in);
	return in.bad ? damaged(err, "login") : 0;
}

static void add_login_head(struct mi_buf *out, const struct mi_login *login)
{
	static const char reserved[19];
	bool mariadb = !(login->caps & MI_CAP_MYSQL);

	mi_packet_add_u32(out, (uint32_t)login->caps);
	mi_packet_add_u32(out, login->max_packet);
	mi_buf_add_char(out, (char)login->collation);
	mi_buf_add(out, reserved, sizeof reserved);
	mi_packet_add_u32(out, mariadb ? (uint32_t)(login->caps >> 32) : 0);
}

void mi_login_build_ssl_request(struct mi_buf *out, const struct mi_login *login)
{
	add_login_head(out, login);
}

static void add_auth(struct mi_buf *out, const struct mi_login *login)
{
	if (login->caps & MI_CAP_PLUGIN_AUTH_LENENC) {
		mi_packet_add_string(out, login->auth);
	} else {
		mi_buf_add_char(out, (char)login->auth.len);
		mi_buf_add_span(out, login->auth);
	}
}

void mi_login_build(struct mi_buf *out, const struct mi_login *login)
{
	add_login_head(out, login);
	mi_packet_add_zstring(out, login->user);
	add_auth(out, login);
	if (login->caps & MI_CAP_CONNECT_WITH_DB)
		mi_packet_add_zstring(out, login->database);
	if (login->caps & MI_CAP_PLUGIN_AUTH)
		mi_packet_add_zstring(out, login->plugin);
	if (login->caps & MI_CAP_CONNECT_ATTRS)
		mi_packet_add_string(out, login->attrs);
	if (login->caps & MI_CAP_ZSTD)
		mi_buf_add_char(out, (char)login->zstd_level);
}

/* ---- COM_CHANGE_USER ---- */

int mi_change_user_parse(struct mi_login *login, struct mi_span payload, struct mi_err *err)
{
	struct mi_bytes in = mi_bytes(payload);

	*login = (struct mi_login){.caps = login->caps, .change_user = true};
	(void)mi_take_u8(&in);
	login->user = mi_take_zstring(&in);
	login->auth = login->caps & MI_CAP_SECURE_CONNECTION ? mi_take(&in, mi_take_u8(&in))
	                                                     : mi_take_zstring(&in);
	login->database = mi_take_zstring(&in);
	if (in.len)
		login->collation = mi_take_u16(&in);
	if (login->caps & MI_CAP_PLUGIN_AUTH && in.len)
		login->plugin = mi_take_zstring(&in);
	if (login->caps & MI_CAP_CONNECT_ATTRS)
		login->attrs = take_attrs(&in);
	return in.bad ? damaged(err, "COM_CHANGE_USER") : 0;
}

void mi_change_user_build(struct mi_buf *out, const struct mi_login *login)
{
	mi_buf_add_char(out, MI_COM_CHANGE_USER);
	mi_packet_add_zstring(out, login->user);
	mi_buf_add_char(out, (char)login->auth.len);
	mi_buf_add_span(out, login->auth);
	mi_packet_add_zstring(out, login->database);
	mi_packet_add_u16(out, login->collation);
	if (login->caps & MI_CAP_PLUGIN_AUTH)
		mi_packet_add_zstring(out, login->plugin);
	if (login->caps & MI_CAP_CONNECT_ATTRS)
		mi_packet_add_string(out, login->attrs);
}

/* ---- Attributes ---- */

bool mi_attr_next(struct mi_bytes *attrs, struct mi_span *name, struct mi_span *value)
{
	if (attrs->len == 0)
		return false;
	*name = mi_take_string(attrs);
	*value = mi_take_string(attrs);
	return !attrs->bad;
}

void mi_attr_add(struct mi_buf *attrs, struct mi_span name, struct mi_span value)
{
	mi_packet_add_string(attrs, name);
	mi_packet_add_string(attrs, value);
}

/* ---- During an authentication ---- */

int mi_auth_switch_parse(struct mi_span payload, struct mi_span *plugin, struct mi_span *data,
                         struct mi_err *err)
{
	struct mi_bytes in = mi_bytes(payload);

	*plugin = *data = (struct mi_span){0};
	if (mi_take_u8(&in) != AUTH_SWITCH)
		return damaged(err, "AuthSwitchRequest");
	if (in.len == 0)
		return 0;
	*plugin = mi_take_zstring(&in);
	*data = mi_bytes_rest(&in);
	return in.bad ? damaged(err, "AuthSwitchRequest") : 0;
}

void mi_auth_switch_build(struct mi_buf *out, struct mi_span plugin, struct mi_span data)
{
	mi_buf_add_char(out, (char)AUTH_SWITCH);
	mi_packet_add_zstring(out, plugin);
	mi_packet_add_zstring(out, data);
}

void mi_auth_more_build(struct mi_buf *out, struct mi_span data)
{
	mi_buf_add_char(out, 1);
	mi_buf_add_span(out, data);
}
