/* What a stranger sends first, and what a server answers: the first byte chooses the parser and the
 * capabilities. */
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "protocol/caps.h"
#include "protocol/hello.h"
#include "protocol/packet.h"
#include "protocol/reply.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void attributes(struct mi_span attrs)
{
	struct mi_bytes in = mi_bytes(attrs);
	struct mi_span name, value;

	while (mi_attr_next(&in, &name, &value))
		continue;
}

static void logins(struct mi_span payload)
{
	struct mi_login login = {0};
	struct mi_hello hello;
	struct mi_span plugin, data;
	struct mi_buf out = {0};
	struct mi_err err;
	uint64_t caps;

	(void)mi_login_is_ssl_request(payload, &caps);
	if (mi_login_parse(&login, payload, &err) == 0) {
		attributes(login.attrs);
		if (login.auth.len < 256)
			mi_login_build(&out, &login);
	}
	if (mi_hello_parse(&hello, payload, &err) == 0 && hello.nonce_len == MI_NONCE)
		mi_hello_build(&out, &hello);
	(void)!mi_auth_switch_parse(payload, &plugin, &data, &err);
	mi_buf_release(&out);
}

static void replies(struct mi_span payload, uint64_t caps)
{
	struct mi_reply_err error;
	struct mi_reply_eof eof;
	struct mi_login login = {.caps = caps};
	struct mi_buf out = {0};
	struct mi_err err;

	(void)!mi_reply_ok_rewrite(&out, payload, caps, caps, NULL, NULL, &err);
	(void)!mi_reply_err_parse(&error, payload, &err);
	(void)!mi_reply_eof_parse(&eof, payload, &err);
	if (mi_change_user_parse(&login, payload, &err) == 0)
		attributes(login.attrs);
	mi_buf_release(&out);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct mi_bytes in;
	struct mi_span payload;
	uint8_t seq;
	uint64_t caps = MI_CAP_PROTOCOL_41;

	if (size == 0)
		return 0;
	caps |= data[0] & 1 ? MI_CAP_SESSION_TRACK : 0;
	caps |= data[0] & 2 ? MI_CAP_SECURE_CONNECTION | MI_CAP_PLUGIN_AUTH : 0;
	caps |= data[0] & 4 ? MI_CAP_CONNECT_ATTRS : 0;
	logins(mi_span(data + 1, size - 1));
	replies(mi_span(data + 1, size - 1), caps);
	in = mi_bytes(mi_span(data + 1, size - 1));
	while (mi_packet_take(&in, &payload, &seq))
		replies(payload, caps);
	return 0;
}
