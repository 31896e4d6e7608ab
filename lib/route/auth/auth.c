#include "route/auth/auth.h"
#include "base/buf.h"
#include "base/err.h"
#include "protocol/caps.h"
#include "protocol/hello.h"
#include "protocol/packet.h"
#include "protocol/reply.h"
#include "route/auth/ed25519.h"
#include "password/open_line.h"
#include "password/rsa_key.h"
#include "password/scramble.h"
#include "route/auth/users.h"
#include "route/auth/verifier.h"
#include "server/mysql_errors.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>

const char mi_auth_default_plugin[] = "caching_sha2_password";

enum {
	MAX_PASSWORD = 256, /* caching_sha2_password's own limit */
	ED25519_NONCE = 32,
	MAX_SWITCHES = 4, /* a MariaDB account may name several methods */
	SHA2_ASK_KEY = 2, /* client: asks for the public key */
	SHA2_FAST_OK = 3, /* server: the scramble was right */
	SHA2_FULL = 4,    /* server: needs the password itself */
};

enum method { METHOD_NONE, METHOD_NATIVE, METHOD_SHA2, METHOD_ED25519 };

static const char *const method_names[] = {
    [METHOD_NATIVE] = "mysql_native_password",
    [METHOD_SHA2] = "caching_sha2_password",
    [METHOD_ED25519] = "client_ed25519",
};

static unsigned char method_of(struct mi_span plugin)
{
	for (unsigned char i = METHOD_NATIVE; i <= METHOD_ED25519; i++)
		if (mi_span_is(plugin, method_names[i]))
			return i;
	return METHOD_NONE;
}

void mi_auth_nonce(unsigned char nonce[MI_NONCE])
{
	if (RAND_bytes(nonce, MI_NONCE) != 1)
		abort(); /* better no router than a nonce that can be guessed */
	for (int i = 0; i < MI_NONCE; i++) {
		nonce[i] &= 0x7f;
		if (nonce[i] == '\0' || nonce[i] == '$')
			nonce[i]++;
	}
}

/* ---- As a server ---- */

enum server_state { SERVER_ANSWER, SERVER_FULL, SERVER_THINKS, SERVER_OVER };

static struct mi_span server_nonce(const struct mi_auth_server *auth)
{
	return mi_span(auth->nonce, MI_NONCE);
}

static enum mi_auth_step refuse(struct mi_auth_server *auth, struct mi_err *err, const char *why)
{
	auth->state = SERVER_OVER;
	(void)mi_fail(err, MI_DENIED, "%s", auth->unknown ? "unknown user" : why);
	return MI_AUTH_REFUSED;
}

/* A stand-in is refused even when it is answered rightly: nobody has it as an account. */
static enum mi_auth_step admit(struct mi_auth_server *auth, struct mi_err *err)
{
	if (auth->unknown)
		return refuse(auth, err, "");
	auth->state = SERVER_OVER;
	return MI_AUTH_DONE;
}

static enum mi_auth_step switch_to(struct mi_auth_server *auth, unsigned char method,
                                   struct mi_buf *out)
{
	auth->method = method;
	auth->state = SERVER_ANSWER;
	mi_auth_switch_build(out, mi_span_str(method_names[method]), server_nonce(auth));
	return MI_AUTH_SEND;
}

static enum mi_auth_step ask_in_full(struct mi_auth_server *auth, struct mi_buf *out)
{
	static const char full[] = {SHA2_FULL};

	auth->state = SERVER_FULL;
	mi_auth_more_build(out, mi_span(full, sizeof full));
	return MI_AUTH_SEND;
}

/* An empty password has no scramble: the answer is empty too (or, for caching_sha2, a NUL). */
static enum mi_auth_step check_empty(struct mi_auth_server *auth, struct mi_err *err)
{
	if (auth->user->empty)
		return admit(auth, err);
	return refuse(auth, err, "no password was sent");
}

static enum mi_auth_step check_native(struct mi_auth_server *auth, struct mi_span answer,
                                      struct mi_err *err)
{
	if (answer.len == 0)
		return check_empty(auth, err);
	if (!auth->user->empty && auth->user->verifier.has_native &&
	    mi_scramble_native_ok(answer, auth->user->verifier.native, server_nonce(auth)))
		return admit(auth, err);
	return refuse(auth, err, "wrong password");
}

/* A slow verifier is asked for the password whenever the scramble is not right, as a server does,
 * whether its double hash was learnt or not: or it would show who has logged in before. Another
 * wrong scramble is refused at once where the whole password could not pass, so that the client's
 * error speaks of the password. */
static enum mi_auth_step check_sha2(struct mi_auth_server *auth, struct mi_span answer,
                                    struct mi_buf *out, struct mi_err *err)
{
	static const char fast[] = {SHA2_FAST_OK};
	unsigned char twice[MI_SHA256];
	bool right = false;

	if (answer.len == 0 || (answer.len == 1 && answer.data[0] == '\0'))
		return check_empty(auth, err);
	if (mi_route_user_sha2(auth->user, twice) && !auth->user->empty)
		right = mi_scramble_sha2_ok(answer, twice, server_nonce(auth));
	OPENSSL_cleanse(twice, sizeof twice);
	if (right && !auth->unknown)
		mi_auth_more_build(out, mi_span(fast, sizeof fast));
	if (right)
		return admit(auth, err);
	if (auth->secure || (auth->user->verifier.has_crypt && auth->key))
		return ask_in_full(auth, out);
	return refuse(auth, err, "wrong password");
}

/* ---- A password in full ---- */

struct mi_auth_thought {
	struct mi_verifier verifier;
	char password[MAX_PASSWORD];
	size_t len;
	bool right;
};

void mi_auth_think(struct mi_auth_thought *thought)
{
	thought->right =
	    mi_verifier_matches(&thought->verifier, mi_span(thought->password, thought->len));
}

void mi_auth_thought_free(struct mi_auth_thought *thought)
{
	if (thought)
		OPENSSL_cleanse(thought, sizeof *thought);
	free(thought);
}

static enum mi_auth_step begin_to_think(struct mi_auth_server *auth, struct mi_span password)
{
	struct mi_auth_thought *thought = mi_alloc(sizeof *thought);

	thought->verifier = auth->user->verifier;
	memcpy(thought->password, password.data, password.len);
	thought->len = password.len;
	auth->thought = thought;
	auth->state = SERVER_THINKS;
	return MI_AUTH_THINK;
}

enum mi_auth_step mi_auth_server_conclude(struct mi_auth_server *auth,
                                          const struct mi_auth_thought *thought, struct mi_err *err)
{
	if (auth->state != SERVER_THINKS || !thought->right)
		return refuse(auth, err, "wrong password");
	if (!auth->unknown)
		mi_route_user_learn(auth->user, mi_span(thought->password, thought->len));
	return admit(auth, err);
}

static enum mi_auth_step check_password(struct mi_auth_server *auth, struct mi_span password,
                                        struct mi_err *err)
{
	if (auth->user->empty || password.len == 0 || password.len > MAX_PASSWORD)
		return refuse(auth, err, "wrong password");
	if (mi_verifier_is_slow(&auth->user->verifier))
		return begin_to_think(auth, password);
	if (!mi_verifier_matches(&auth->user->verifier, password))
		return refuse(auth, err, "wrong password");
	if (!auth->unknown)
		mi_route_user_learn(auth->user, password);
	return admit(auth, err);
}

static enum mi_auth_step decrypt(struct mi_auth_server *auth, struct mi_span payload,
                                 struct mi_err *err)
{
	struct mi_buf password = {0};
	enum mi_auth_step step;

	if (!auth->key)
		return refuse(auth, err, "a clear password without TLS, and no RSA key");
	if (!mi_auth_key_decrypt(auth->key, payload, server_nonce(auth), &password))
		return refuse(auth, err, "the encrypted password cannot be read");
	step = check_password(auth, mi_buf_span(&password), err);
	OPENSSL_cleanse(password.data, password.len);
	mi_buf_release(&password);
	return step;
}

static enum mi_auth_step take_in_full(struct mi_auth_server *auth, struct mi_span payload,
                                      struct mi_buf *out, struct mi_err *err)
{
	if (!auth->secure && auth->key && payload.len == 1 && payload.data[0] == SHA2_ASK_KEY) {
		mi_auth_more_build(out, mi_auth_key_public(auth->key));
		return MI_AUTH_SEND;
	}
	if (!auth->secure)
		return decrypt(auth, payload, err);
	if (payload.len > 0 && payload.data[payload.len - 1] == '\0')
		payload.len--;
	return check_password(auth, payload, err);
}

static enum mi_auth_step check(struct mi_auth_server *auth, struct mi_span answer,
                               struct mi_buf *out, struct mi_err *err)
{
	return auth->method == METHOD_NATIVE ? check_native(auth, answer, err)
	                                     : check_sha2(auth, answer, out, err);
}

/* Which method checks this user, given what the client named? The client's own when the verifier
 * allows it. A native verifier can check a clear password too: that spares a client which lacks the
 * native plugin. */
static unsigned char choose(const struct mi_auth_server *auth, unsigned char named)
{
	const struct mi_verifier *verifier = &auth->user->verifier;
	bool native = verifier->has_native;
	bool sha2 = verifier->has_sha2 || verifier->has_crypt || auth->secure;

	if (named == METHOD_NATIVE && native)
		return METHOD_NATIVE;
	return sha2 ? METHOD_SHA2 : METHOD_NATIVE;
}

enum mi_auth_step mi_auth_server_start(struct mi_auth_server *auth,
                                       const struct mi_route_user *user, bool unknown,
                                       const struct mi_login *login, struct mi_buf *out,
                                       struct mi_err *err)
{
	unsigned char named = method_of(login->plugin);
	bool plugins = (login->caps & MI_CAP_PLUGIN_AUTH) != 0;

	auth->user = user;
	auth->unknown = unknown;
	auth->state = SERVER_ANSWER;
	if (!plugins) {
		auth->method = METHOD_NATIVE;
		return check_native(auth, login->auth, err);
	}
	auth->method = choose(auth, named);
	/* In COM_CHANGE_USER some clients answer to the old nonce, whatever comes, and some not
	 * before they are asked: they are asked with the old nonce. */
	if (login->change_user)
		return switch_to(auth, auth->method, out);
	if (auth->method != named) {
		mi_auth_nonce(auth->nonce);
		return switch_to(auth, auth->method, out);
	}
	return check(auth, login->auth, out, err);
}

enum mi_auth_step mi_auth_server_feed(struct mi_auth_server *auth, struct mi_span payload,
                                      struct mi_buf *out, struct mi_err *err)
{
	switch (auth->state) {
	case SERVER_ANSWER:
		return check(auth, payload, out, err);
	case SERVER_FULL:
		return take_in_full(auth, payload, out, err);
	default:
		return refuse(auth, err, "a packet after the authentication");
	}
}

/* ---- As a client ---- */

static struct mi_span client_password(const struct mi_auth_client *auth)
{
	return mi_span_str(auth->password);
}

static struct mi_span client_nonce(const struct mi_auth_client *auth)
{
	return mi_span(auth->nonce, auth->nonce_len);
}

static void keep_nonce(struct mi_auth_client *auth, struct mi_span nonce)
{
	size_t len = nonce.len < sizeof auth->nonce ? nonce.len : sizeof auth->nonce;

	if (len)
		memcpy(auth->nonce, nonce.data, len);
	auth->nonce_len = (unsigned char)len;
}

/* Appends the method's answer to the nonce. False when libsodium fails. */
static bool answer(const struct mi_auth_client *auth, struct mi_buf *out)
{
	unsigned char bytes[MI_ED25519_SIGNATURE];
	struct mi_span password = client_password(auth), nonce = client_nonce(auth);

	switch (auth->method) {
	case METHOD_SHA2:
		mi_scramble_sha2(bytes, password, nonce);
		bytes[0] ^= auth->cold;
		mi_buf_add(out, bytes, password.len ? MI_SHA256 : 0);
		return true;
	case METHOD_ED25519:
		if (!mi_ed25519_sign(bytes, password, nonce))
			return false;
		mi_buf_add(out, bytes, sizeof bytes);
		return true;
	default:
		mi_scramble_native(bytes, password, nonce);
		mi_buf_add(out, bytes, password.len ? MI_SHA1 : 0);
		return true;
	}
}

void mi_auth_client_start(struct mi_auth_client *auth, const struct mi_hello *hello,
                          struct mi_span *plugin, struct mi_buf *out)
{
	auth->switches = 0;
	auth->method = method_of(hello->plugin);
	/* ed25519's nonce is longer than a greeting's, and comes with a switch */
	if (auth->method != METHOD_SHA2)
		auth->method = METHOD_NATIVE;
	keep_nonce(auth, mi_span(hello->nonce, hello->nonce_len));
	*plugin = mi_span_str(method_names[auth->method]);
	(void)answer(auth, out);
}

static enum mi_auth_step broken(struct mi_err *err, const char *what)
{
	(void)mi_fail(err, MI_PROTOCOL, "login: %s", what);
	return MI_AUTH_REFUSED;
}

static enum mi_auth_step take_switch(struct mi_auth_client *auth, struct mi_span payload,
                                     struct mi_buf *out, struct mi_err *err)
{
	struct mi_span plugin, nonce;

	if (mi_auth_switch_parse(payload, &plugin, &nonce, err) != 0)
		return MI_AUTH_REFUSED;
	auth->method = method_of(plugin);
	if (auth->switches++ == MAX_SWITCHES)
		return broken(err, "the server changes its method again and again");
	if (auth->method == METHOD_NONE) {
		(void)mi_fail(err, MI_CONFIG, "the account wants the authentication method '%.*s'",
		              (int)(plugin.len < 64 ? plugin.len : 64),
		              plugin.data ? plugin.data : "");
		(void)mi_hint(err, "give it caching_sha2_password, mysql_native_password or "
		                   "ed25519");
		return MI_AUTH_REFUSED;
	}
	if (auth->method == METHOD_ED25519 && !mi_ed25519_is_built) {
		(void)mi_fail(err, MI_CONFIG,
		              "the account wants the authentication method 'client_ed25519', and "
		              "this program was built without libsodium");
		(void)mi_hint(err, "install libsodium's development package and build it again, or "
		                   "give the account mysql_native_password");
		return MI_AUTH_REFUSED;
	}
	if (auth->method != METHOD_ED25519 && nonce.len == MI_NONCE + 1)
		nonce.len--; /* without its NUL */
	if (nonce.len != (auth->method == METHOD_ED25519 ? ED25519_NONCE : MI_NONCE))
		return broken(err, "a nonce of the wrong length");
	keep_nonce(auth, nonce);
	if (!answer(auth, out))
		return broken(err, "libsodium cannot sign");
	/* no password: an empty packet would be right, but libmysqlclient sends its NUL */
	if (auth->method == METHOD_SHA2 && !*auth->password)
		mi_buf_add_char(out, '\0');
	return MI_AUTH_SEND;
}

static enum mi_auth_step send_in_full(struct mi_auth_client *auth, struct mi_buf *out,
                                      struct mi_err *err)
{
	if (auth->secure) {
		mi_packet_add_zstring(out, client_password(auth));
		return MI_AUTH_SEND;
	}
	if (!auth->key.len) {
		(void)mi_fail(err, MI_CONFIG, "%s", mi_auth_open_line);
		(void)mi_hint(err, "%s", mi_auth_open_line_hint);
		return MI_AUTH_REFUSED;
	}
	if (!mi_auth_encrypt(auth->key, client_password(auth), client_nonce(auth), out)) {
		(void)mi_fail(err, MI_CONFIG, "the password is too long for the server's key");
		return MI_AUTH_REFUSED;
	}
	return MI_AUTH_SEND;
}

static enum mi_auth_step take_more(struct mi_auth_client *auth, struct mi_span data,
                                   struct mi_buf *out, struct mi_err *err)
{
	if (auth->method != METHOD_SHA2)
		return broken(err, "more data than the method has");
	if (data.len == 1 && data.data[0] == SHA2_FAST_OK)
		return MI_AUTH_WAIT;
	if (data.len == 1 && data.data[0] == SHA2_FULL)
		return send_in_full(auth, out, err);
	return broken(err, "unknown data of caching_sha2_password");
}

static enum mi_auth_step take_err(struct mi_span payload, struct mi_err *err)
{
	struct mi_reply_err reply;
	int code = MI_DENIED;

	if (mi_reply_err_parse(&reply, payload, err) != 0)
		return MI_AUTH_REFUSED;
	if (reply.code == MI_ER_CON_COUNT_ERROR || reply.code == MI_ER_SERVER_SHUTDOWN ||
	    reply.code == MI_ER_HOST_IS_BLOCKED || reply.code == MI_ER_TOO_MANY_USER_CONNECTIONS ||
	    reply.code == MI_ER_USER_LIMIT_REACHED)
		code = MI_UNAVAILABLE;
	(void)mi_fail(err, code, "the login was refused: %.*s (error %u)",
	              (int)(reply.text.len < 512 ? reply.text.len : 512),
	              reply.text.len ? reply.text.data : "", reply.code);
	return MI_AUTH_REFUSED;
}

enum mi_auth_step mi_auth_client_feed(struct mi_auth_client *auth, struct mi_span payload,
                                      struct mi_buf *out, struct mi_err *err)
{
	struct mi_span data;

	if (payload.len == 0)
		return broken(err, "an empty packet");
	if (mi_reply_is_err(payload))
		return take_err(payload, err);
	if (payload.data[0] == '\0')
		return MI_AUTH_DONE;
	if ((unsigned char)payload.data[0] == 0xfe)
		return take_switch(auth, payload, out, err);
	if (mi_auth_more_parse(payload, &data))
		return take_more(auth, data, out, err);
	return broken(err, "a packet that has no place there");
}
