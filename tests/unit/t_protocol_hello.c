/* Greetings and logins: captured from real servers and clients, cut at each byte, and built again.
 */
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "protocol/caps.h"
#include "protocol/hello.h"
#include "t.h"
#include "unhex.h"

/* MySQL 9.7.4; MariaDB 10.11.19 with its extended capabilities. */
static const char mysql_hello[] =
    "0a392e372e342d32001200000047772e4259147b3a00ffffff0200ffdf1500000000000000000000694f7d1a22567c"
    "7e78264e4c0063616368696e675f736861325f70617373776f726400";
static const char mariadb_hello[] =
    "0a352e352e352d31302e31312e31392d4d6172696144422d302b646562313275312d6c6f6700120000004261446f22"
    "59797700feff2d0200ff81150000000000001d0000006a2e45504135265c7e253b39006d7973716c5f6e6174697665"
    "5f70617373776f726400";

static void greeting(const char *hex, const char *version, uint64_t caps, const char *plugin)
{
	struct mi_buf bytes = unhex(hex), again = {0};
	struct mi_hello hello;
	struct mi_err err;
	unsigned refused = 0;

	for (size_t len = 0; len + strlen(plugin) + 1 < bytes.len; len++) {
		struct mi_span cut = exact(bytes.data, len);

		refused += mi_hello_parse(&hello, cut, &err) == -1 && err.code == MI_PROTOCOL;
		exact_free(cut);
	}
	CHECK(refused == bytes.len - strlen(plugin) - 1, "a greeting cut short is refused");
	CHECK(mi_hello_parse(&hello, mi_buf_span(&bytes), &err) == 0, "a greeting");
	CHECK(mi_span_is(hello.version, version), "the version is %s", version);
	CHECK(hello.caps == caps && hello.nonce_len == MI_NONCE && hello.connection_id == 18 &&
	          mi_span_is(hello.plugin, plugin),
	      "what it offers: %llx", (unsigned long long)hello.caps);
	mi_hello_build(&again, &hello);
	CHECK(mi_span_eq(mi_buf_span(&again), mi_buf_span(&bytes)), "built again, byte by byte");
	mi_buf_release(&bytes);
	mi_buf_release(&again);
}

static struct mi_login sample(uint64_t more)
{
	return (struct mi_login){.caps = MI_CAP_PROTOCOL_41 | MI_CAP_SECURE_CONNECTION | more,
	                         .max_packet = 1 << 24,
	                         .collation = 45,
	                         .user = mi_span_str("app"),
	                         .auth = mi_span("\1\0\3", 3),
	                         .database = mi_span_str("shop"),
	                         .plugin = mi_span_str("caching_sha2_password"),
	                         .attrs = mi_span("\1a\2bc", 5)};
}

static bool same(struct mi_login a, const struct mi_login *b)
{
	if (!(a.caps & MI_CAP_CONNECT_WITH_DB))
		a.database.len = 0;
	if (!(a.caps & MI_CAP_PLUGIN_AUTH))
		a.plugin.len = 0;
	if (!(a.caps & MI_CAP_CONNECT_ATTRS))
		a.attrs.len = 0;
	return a.caps == b->caps && a.max_packet == b->max_packet && a.collation == b->collation &&
	       mi_span_eq(a.user, b->user) && mi_span_eq(a.auth, b->auth) &&
	       mi_span_eq(a.database, b->database) && mi_span_eq(a.plugin, b->plugin) &&
	       mi_span_eq(a.attrs, b->attrs);
}

static void logins(void)
{
	static const uint64_t parts[] = {MI_CAP_CONNECT_WITH_DB, MI_CAP_PLUGIN_AUTH,
	                                 MI_CAP_CONNECT_ATTRS, MI_CAP_PLUGIN_AUTH_LENENC,
	                                 MI_CAP_MARIADB_CACHE_METADATA};
	unsigned right = 0;
	struct mi_err err;

	for (unsigned set = 0; set < 32; set++) {
		uint64_t more = 0;
		struct mi_login login, again;
		struct mi_buf out = {0};

		for (unsigned i = 0; i < 5; i++)
			more |= set >> i & 1 ? parts[i] : 0;
		login = sample(more);
		mi_login_build(&out, &login);
		right +=
		    mi_login_parse(&again, mi_buf_span(&out), &err) == 0 && same(login, &again);
		for (size_t len = 0; len < out.len; len++) {
			struct mi_span cut = exact(out.data, len);

			(void)!mi_login_parse(&again, cut, &err);
			exact_free(cut);
		}
		mi_buf_release(&out);
	}
	CHECK(right == 32, "every combination of capabilities, there and back: %u", right);
}

static void damaged_logins(void)
{
	struct mi_login login = sample(MI_CAP_PLUGIN_AUTH_LENENC), parsed;
	struct mi_buf out = {0};
	struct mi_err err;

	CHECK(mi_login_parse(&parsed, mi_span("\x85\x24\0\0\0old\0", 9), &err) == -1 &&
	          strstr(err.text, "older than MySQL 4.1"),
	      "a client of the old protocol");
	mi_login_build(&out, &login);
	out.data[32 + 4] = (char)0xfe; /* the answer's length: 8 bytes, far too large */
	CHECK(mi_login_parse(&parsed, mi_buf_span(&out), &err) == -1, "an answer of 2^60 bytes");
	mi_buf_reset(&out);
	login.caps |= MI_CAP_SSL;
	mi_login_build_ssl_request(&out, &login);
	CHECK(out.len == 32 && mi_login_is_ssl_request(mi_buf_span(&out), &parsed.caps) &&
	          parsed.caps == login.caps,
	      "a wish for TLS");
	CHECK(!mi_login_is_ssl_request(mi_span(out.data, 31), &parsed.caps), "cut short");
	mi_buf_release(&out);
}

static void change_user(void)
{
	struct mi_login login = sample(MI_CAP_PLUGIN_AUTH | MI_CAP_CONNECT_ATTRS), again;
	struct mi_buf out = {0};
	struct mi_err err;

	login.collation = 255;
	mi_change_user_build(&out, &login);
	again.caps = login.caps;
	login.caps |= MI_CAP_CONNECT_WITH_DB; /* it always has a database */
	CHECK(mi_change_user_parse(&again, mi_buf_span(&out), &err) == 0 && again.change_user,
	      "COM_CHANGE_USER");
	again.max_packet = login.max_packet;
	again.caps = login.caps;
	CHECK(same(login, &again), "there and back");
	again.caps = MI_CAP_PROTOCOL_41 | MI_CAP_SECURE_CONNECTION;
	CHECK(mi_change_user_parse(&again, mi_span("\x11u\0\0d\0", 6), &err) == 0 &&
	          mi_span_is(again.database, "d") && again.collation == 0,
	      "the short form of old clients");
	CHECK(mi_change_user_parse(&again, mi_span("\x11u\0\x05xx", 6), &err) == -1,
	      "an answer that is not all there");
	mi_buf_release(&out);
}

static void attributes(void)
{
	struct mi_bytes in = mi_bytes(mi_span("\1a\2bc\1x\0", 8));
	struct mi_span name, value;

	CHECK(mi_attr_next(&in, &name, &value) && mi_span_is(name, "a") && mi_span_is(value, "bc"),
	      "an attribute");
	CHECK(mi_attr_next(&in, &name, &value) && value.len == 0, "one without value");
	CHECK(!mi_attr_next(&in, &name, &value) && !in.bad, "the end");
	in = mi_bytes(mi_span("\1a\5bc", 5));
	CHECK(!mi_attr_next(&in, &name, &value) && in.bad, "a damaged one");
}

static void switches(void)
{
	struct mi_buf bytes =
	    unhex("fe636c69656e745f65643235353139004ffe21a72dd89eeafdb129038c98b12a1e"
	          "139ad38496824f2e357911070c5a7d");
	struct mi_span plugin, data;
	struct mi_err err;

	CHECK(mi_auth_switch_parse(mi_buf_span(&bytes), &plugin, &data, &err) == 0 &&
	          mi_span_is(plugin, "client_ed25519") && data.len == 32,
	      "MariaDB's switch to ed25519");
	CHECK(mi_auth_switch_parse(mi_span("\xfe", 1), &plugin, &data, &err) == 0 &&
	          plugin.len == 0,
	      "the switch of before 4.1");
	CHECK(mi_auth_switch_parse(mi_span("\xfexy", 3), &plugin, &data, &err) == -1,
	      "a name without end");
	mi_buf_release(&bytes);
}

int main(void)
{
	greeting(mysql_hello, "9.7.4-2", 0xdfffffff, "caching_sha2_password");
	greeting(mariadb_hello, "5.5.5-10.11.19-MariaDB-0+deb12u1-log", UINT64_C(0x1d81fffffe),
	         "mysql_native_password");
	logins();
	damaged_logins();
	change_user();
	attributes();
	switches();
	DONE();
}
