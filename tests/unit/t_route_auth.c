/* Both ends of every authentication against each other, right and wrong passwords, and peers that
 * lie. What real servers and clients say is tested with the router. */
#include "base/buf.h"
#include "base/err.h"
#include "protocol/caps.h"
#include "protocol/hello.h"
#include "route/auth/auth.h"
#include "password/rsa_key.h"
#include "route/auth/users.h"
#include "route/auth/verifier.h"
#include "t.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/t_side_auth.XXXXXX";
static char path[64];

/* One user, from a users file with this in its group. */
static struct mi_route_users *users_with(const char *lines)
{
	struct mi_route_users *users = NULL;
	struct mi_err err = {0};
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/users", folder);
	file = fopen(path, "w");
	if (!file ||
	    fprintf(file, "[app]\nsource-password=s\ntarget-password=t\n%s\n", lines) < 0 ||
	    fclose(file) != 0 || chmod(path, 0600) != 0 ||
	    mi_route_users_read(path, &users, &err) != 0) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	return users;
}

struct talk {
	const char *password; /* the client's */
	bool secure, cold;
	const struct mi_auth_key *key; /* the server's */
	const char *greeting;          /* the plugin that the greeting names */
	bool change_user, unknown;
	unsigned rounds;
	char said[128]; /* packets of the server: switch, fast, full */
};

static void note(struct talk *talk, struct mi_span packet)
{
	size_t len = strlen(talk->said);
	const char *word = "";

	if (packet.len && (unsigned char)packet.data[0] == 0xfe)
		word = "switch ";
	else if (packet.len == 2 && packet.data[1] == 3)
		word = "fast ";
	else if (packet.len == 2 && packet.data[1] == 4)
		word = "full ";
	(void)snprintf(talk->said + len, sizeof talk->said - len, "%s", word);
}

/* A slow hash, calculated at once. */
static enum mi_auth_step concluded(struct mi_auth_server *server, struct mi_err *err)
{
	struct mi_auth_thought *thought = server->thought;
	enum mi_auth_step step;

	server->thought = NULL;
	mi_auth_think(thought);
	step = mi_auth_server_conclude(server, thought, err);
	mi_auth_thought_free(thought);
	return step;
}

/* True when the server admits the client. Both must agree about every packet. */
static bool admitted(struct talk *talk, const struct mi_route_user *user)
{
	struct mi_hello hello = {.caps = MI_CAP_PLUGIN_AUTH, .plugin = mi_span_str(talk->greeting)};
	struct mi_auth_server server = {.secure = talk->secure, .key = talk->key};
	struct mi_auth_client client = {
	    .password = talk->password, .secure = talk->secure, .cold = talk->cold};
	struct mi_login login = {.caps = hello.caps, .change_user = talk->change_user};
	struct mi_buf to_server = {0}, to_client = {0};
	struct mi_err err = {0};
	enum mi_auth_step step, theirs = MI_AUTH_WAIT;

	if (talk->key)
		client.key = mi_auth_key_public(talk->key);
	*talk->said = '\0';
	mi_auth_nonce(hello.nonce);
	hello.nonce_len = MI_NONCE;
	memcpy(server.nonce, hello.nonce, MI_NONCE);
	mi_auth_client_start(&client, &hello, &login.plugin, &to_server);
	login.auth = mi_buf_span(&to_server);
	step = mi_auth_server_start(&server, user, talk->unknown, &login, &to_client, &err);
	if (step == MI_AUTH_THINK)
		step = concluded(&server, &err);
	for (talk->rounds = 0; step == MI_AUTH_SEND && talk->rounds < 10; talk->rounds++) {
		note(talk, mi_buf_span(&to_client));
		mi_buf_reset(&to_server);
		theirs = mi_auth_client_feed(&client, mi_buf_span(&to_client), &to_server, &err);
		if (theirs != MI_AUTH_SEND)
			break;
		mi_buf_reset(&to_client);
		step = mi_auth_server_feed(&server, mi_buf_span(&to_server), &to_client, &err);
		if (step == MI_AUTH_THINK)
			step = concluded(&server, &err);
	}
	if (step == MI_AUTH_DONE && to_client.len) {
		note(talk, mi_buf_span(&to_client));
		if (mi_auth_client_feed(&client, mi_buf_span(&to_client), &to_server, &err) !=
		    MI_AUTH_WAIT)
			step = MI_AUTH_SEND;
	}
	mi_buf_release(&to_server);
	mi_buf_release(&to_client);
	return step == MI_AUTH_DONE;
}

static const char password[] = "correct horse";

/* Nobody's name: refused, and asked for all that a user with a wrong password is. Both are asked
 * anew, because a verifier that has just learnt a hash has nothing to ask for. */
static void stand_in(struct talk *talk, const struct mi_route_users *users)
{
	static const unsigned char secret[MI_SHA256] = "secret";
	const struct mi_route_user *user = mi_route_users_find(users, mi_span_str("app"));
	const struct mi_route_user *nobody =
	    mi_route_users_stand_in(users, secret, mi_span_str("nobody"));
	char said[sizeof talk->said];

	talk->password = "wrong";
	CHECK(!admitted(talk, user), "a wrong password");
	memcpy(said, talk->said, sizeof said);
	talk->unknown = true;
	CHECK(!admitted(talk, nobody), "an unknown user");
	CHECK_STR(talk->said, said, "is asked for the same");
	talk->password = "";
	CHECK(!admitted(talk, nobody), "an unknown user without a password");
	talk->unknown = false;
	talk->password = password;
}

static void one_form(const char *lines, const char *what, struct mi_auth_key *key)
{
	static const char *const greetings[] = {"caching_sha2_password", "mysql_native_password",
	                                        "client_ed25519"};

	for (unsigned i = 0; i < 12; i++) {
		struct mi_route_users *users = users_with(lines);
		const struct mi_route_user *user = mi_route_users_find(users, mi_span_str("app"));
		struct talk talk = {.password = password,
		                    .secure = i & 1,
		                    .key = key,
		                    .greeting = greetings[i / 2 % 3],
		                    .change_user = i >= 6};

		CHECK(admitted(&talk, user), "%s, %s%s%s: %s", what, talk.greeting,
		      talk.secure ? ", TLS" : "", talk.change_user ? ", change user" : "",
		      talk.said);
		CHECK(admitted(&talk, user), "once more: %s", talk.said);
		talk.password = "wrong";
		CHECK(!admitted(&talk, user), "a wrong password: %s", talk.said);
		talk.password = "";
		CHECK(!admitted(&talk, user), "none: %s", talk.said);
		stand_in(&talk, users);
		mi_route_users_drop(users);
	}
}

static void all_forms(struct mi_auth_key *key)
{
	static const char *const names[] = {"$A$", "$SHA256$", "native"};
	char line[200];

	for (int form = MI_VERIFIER_CRYPT; form <= MI_VERIFIER_NATIVE; form++) {
		struct mi_buf text = {0};

		mi_verifier_print(&text, (enum mi_verifier_form)form, mi_span_str(password));
		(void)snprintf(line, sizeof line, "verifier='%s'", mi_buf_cstr(&text));
		one_form(line, names[form], key);
		mi_buf_release(&text);
	}
	(void)snprintf(line, sizeof line, "password='%s'", password);
	one_form(line, "clear", key);
}

/* The slow hash is asked for once; from then on the scramble is enough. */
static void learnt(struct mi_auth_key *key)
{
	struct mi_buf text = {0};
	char line[200];
	struct mi_route_users *users;
	const struct mi_route_user *user;
	struct talk talk = {.password = password, .key = key, .greeting = "caching_sha2_password"};

	mi_verifier_print(&text, MI_VERIFIER_CRYPT, mi_span_str(password));
	(void)snprintf(line, sizeof line, "verifier='%s'", mi_buf_cstr(&text));
	users = users_with(line);
	user = mi_route_users_find(users, mi_span_str("app"));
	talk.password = "wrong";
	(void)admitted(&talk, user);
	CHECK_STR(talk.said, "full ", "a wrong password");
	talk.password = password;
	CHECK(admitted(&talk, user), "the first login");
	CHECK_STR(talk.said, "full ", "by RSA");
	CHECK(admitted(&talk, user), "the second");
	CHECK_STR(talk.said, "fast ", "by scramble");
	talk.key = NULL;
	CHECK(admitted(&talk, user), "also without a key");
	mi_route_users_drop(users);
	users = users_with(line);
	CHECK(!admitted(&talk, mi_route_users_find(users, mi_span_str("app"))),
	      "without a key and TLS a slow hash cannot be checked");
	mi_route_users_drop(users);
	mi_buf_release(&text);
}

static void empty_password(void)
{
	struct mi_route_users *users = users_with("password=");
	const struct mi_route_user *user = mi_route_users_find(users, mi_span_str("app"));
	struct talk talk = {.password = "", .greeting = "caching_sha2_password"};

	CHECK(admitted(&talk, user), "an empty password, caching_sha2");
	talk.greeting = "mysql_native_password";
	CHECK(admitted(&talk, user), "native");
	talk.change_user = true;
	CHECK(admitted(&talk, user), "after a switch");
	talk.password = "x";
	CHECK(!admitted(&talk, user), "any other is wrong");
	talk.secure = true;
	talk.greeting = "caching_sha2_password";
	CHECK(!admitted(&talk, user), "also in clear: %s", talk.said);
	mi_route_users_drop(users);
}

/* A client of before plugins: the native scramble at once. */
static void old_client(void)
{
	struct mi_route_users *users = users_with("password=abc");
	const struct mi_route_user *user = mi_route_users_find(users, mi_span_str("app"));
	struct mi_auth_server server = {0};
	struct mi_login login = {.caps = MI_CAP_PROTOCOL_41};
	struct mi_buf out = {0};
	struct mi_err err;

	login.auth = mi_span("01234567890123456789", 20);
	CHECK(mi_auth_server_start(&server, user, false, &login, &out, &err) == MI_AUTH_REFUSED &&
	          out.len == 0,
	      "without plugins there is no switch");
	CHECK(mi_auth_server_feed(&server, mi_span("x", 1), &out, &err) == MI_AUTH_REFUSED,
	      "nothing more is taken");
	mi_route_users_drop(users);
	mi_buf_release(&out);
}

struct lie {
	const char *bytes;
	size_t len;
	const char *what;
	enum mi_auth_step step;
	int code;
};

#define LIE(bytes, what, step, code)                      \
	{                                                 \
		bytes, sizeof bytes - 1, what, step, code \
	}

#ifdef MI_HAVE_SODIUM
enum { ED25519_CODE = MI_PROTOCOL };
#else
enum { ED25519_CODE = MI_CONFIG }; /* refused by name, whatever the nonce is */
#endif

static void lying_servers(void)
{
	static const struct lie lies[] = {
	    LIE("", "an empty packet", MI_AUTH_REFUSED, MI_PROTOCOL),
	    LIE("\xfe", "the method of before 4.1", MI_AUTH_REFUSED, MI_CONFIG),
	    LIE("\xfemysql_clear_password\0", "a wish for the clear password", MI_AUTH_REFUSED,
	        MI_CONFIG),
	    LIE("\xfemysql_native_password\0short\0", "a short nonce", MI_AUTH_REFUSED,
	        MI_PROTOCOL),
	    LIE("\xfe"
	        "client_ed25519\0"
	        "01234567890123456789\0",
	        "ed25519 with a short nonce", MI_AUTH_REFUSED, ED25519_CODE),
	    LIE("\x01\x05", "unknown data", MI_AUTH_REFUSED, MI_PROTOCOL),
	    LIE("\x01", "no data", MI_AUTH_REFUSED, MI_PROTOCOL),
	    LIE("\x02x", "another factor", MI_AUTH_REFUSED, MI_PROTOCOL),
	    LIE("\xff\x10\x04#08004Too many", "too many connections", MI_AUTH_REFUSED,
	        MI_UNAVAILABLE),
	    LIE("\xff\x15\x04#28000No", "denied", MI_AUTH_REFUSED, MI_DENIED),
	    LIE("\xff", "half an error", MI_AUTH_REFUSED, MI_PROTOCOL),
	    LIE("\x01\x04", "a wish for the password", MI_AUTH_REFUSED, MI_CONFIG),
	    LIE("\x01-----BEGIN PUBLIC KEY-----\nx", "a key that nobody asked for", MI_AUTH_REFUSED,
	        MI_PROTOCOL),
	};

	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		struct mi_hello hello = {.nonce_len = MI_NONCE,
		                         .plugin = mi_span_str("caching_sha2_password")};
		struct mi_auth_client client = {.password = "secret"};
		struct mi_span plugin;
		struct mi_buf out = {0};
		struct mi_err err = {0};

		mi_auth_client_start(&client, &hello, &plugin, &out);
		mi_buf_reset(&out);
		CHECK(mi_auth_client_feed(&client, mi_span(lies[i].bytes, lies[i].len), &out,
		                          &err) == lies[i].step &&
		          err.code == lies[i].code,
		      "%s", lies[i].what);
		CHECK(!out.len || !memmem(out.data, out.len, "secret", 6), "shows no password");
		mi_buf_release(&out);
	}
}

/* A server that changes its mind for ever. */
static void endless_switches(void)
{
	struct mi_hello hello = {.nonce_len = MI_NONCE,
	                         .plugin = mi_span_str("caching_sha2_password")};
	struct mi_auth_client client = {.password = "secret"};
	struct mi_span plugin;
	struct mi_buf out = {0};
	struct mi_err err = {0};

	mi_auth_client_start(&client, &hello, &plugin, &out);
	for (unsigned i = 0; i < 4; i++) {
		mi_buf_reset(&out);
		(void)mi_auth_client_feed(&client,
		                          mi_span("\xfemysql_native_password\0"
		                                  "01234567890123456789\0",
		                                  44),
		                          &out, &err);
	}
	CHECK(mi_auth_client_feed(&client,
	                          mi_span("\xfemysql_native_password\0"
	                                  "01234567890123456789\0",
	                                  44),
	                          &out, &err) == MI_AUTH_REFUSED,
	      "switches without end");
	mi_buf_release(&out);
}

static void key_file(struct mi_auth_key **key)
{
	char file[80];
	struct mi_auth_key *again = NULL;
	struct mi_err err;
	struct mi_buf encrypted = {0}, clear = {0};
	struct mi_span nonce = mi_span_str("01234567890123456789");

	(void)snprintf(file, sizeof file, "%s/key", folder);
	CHECK(mi_auth_key_open(key, file, &err) == 0, "a key is made");
	CHECK(mi_auth_key_open(&again, file, &err) == 0 &&
	          mi_span_eq(mi_auth_key_public(*key), mi_auth_key_public(again)),
	      "and read again");
	CHECK(mi_auth_encrypt(mi_auth_key_public(again), mi_span_str("pässword"), nonce,
	                      &encrypted) &&
	          mi_auth_key_decrypt(*key, mi_buf_span(&encrypted), nonce, &clear) &&
	          mi_span_is(mi_buf_span(&clear), "pässword"),
	      "there and back");
	encrypted.data[5] ^= 1;
	CHECK(!mi_auth_key_decrypt(*key, mi_buf_span(&encrypted), nonce, &clear), "damaged");
	mi_auth_key_free(again);
	(void)chmod(file, 0640);
	CHECK(mi_auth_key_open(&again, file, &err) == -1 && err.code == MI_CONFIG,
	      "one that others may read is refused");
	mi_buf_release(&encrypted);
	mi_buf_release(&clear);
	(void)unlink(file);
}

/* Damaged answers of every kind, to both machines: none is admitted, nothing is read past. */
static void strangers(const struct mi_auth_key *key)
{
	static const char starts[] = "\x00\x01\x02\x03\x04\xfe\xff";
	struct mi_route_users *users = users_with("password=abc");
	const struct mi_route_user *user = mi_route_users_find(users, mi_span_str("app"));
	unsigned admitted_count = 0;

	srand(1);
	for (unsigned round = 0; round < 20000; round++) {
		struct mi_auth_server server = {.secure = rand() & 1, .key = key};
		struct mi_auth_client client = {.password = "abc", .secure = rand() & 1};
		struct mi_hello hello = {.nonce_len = MI_NONCE,
		                         .plugin = mi_span_str("caching_sha2_password")};
		struct mi_login login = {.caps = MI_CAP_PLUGIN_AUTH,
		                         .plugin = mi_span_str("caching_sha2_password")};
		struct mi_buf out = {0};
		struct mi_span plugin;
		struct mi_err err;
		enum mi_auth_step step;

		login.auth = mi_span("01234567890123456789012345678901", (size_t)rand() % 33);
		step = mi_auth_server_start(&server, user, false, &login, &out, &err);
		mi_auth_client_start(&client, &hello, &plugin, &out);
		for (unsigned i = 0; i < 3; i++) {
			size_t len = (size_t)rand() % 40;
			char *bytes = malloc(len + 1);

			if (!bytes)
				abort();
			bytes[0] = starts[rand() % 7];
			for (size_t n = 1; n < len; n++)
				bytes[n] = (char)rand();
			mi_buf_reset(&out);
			if (step == MI_AUTH_SEND)
				step =
				    mi_auth_server_feed(&server, mi_span(bytes, len), &out, &err);
			(void)mi_auth_client_feed(&client, mi_span(bytes, len), &out, &err);
			free(bytes);
		}
		admitted_count += step == MI_AUTH_DONE;
		mi_buf_release(&out);
	}
	CHECK(admitted_count == 0, "20,000 strangers are refused");
	mi_route_users_drop(users);
}

/* A client that wants to be asked in full is, and gets in by the password alone. */
static void cold(struct mi_auth_key *key)
{
	struct mi_route_users *users = users_with("password='correct horse'");
	const struct mi_route_user *user = mi_route_users_find(users, mi_span_str("app"));
	struct talk talk = {
	    .password = password, .secure = true, .key = key, .greeting = "caching_sha2_password"};

	CHECK(admitted(&talk, user) && strcmp(talk.said, "fast ") == 0, "cached: %s", talk.said);
	talk.cold = true;
	CHECK(admitted(&talk, user) && strcmp(talk.said, "full ") == 0, "in full: %s", talk.said);
	talk.password = "wrong";
	CHECK(!admitted(&talk, user) && strcmp(talk.said, "full ") == 0, "a wrong one: %s",
	      talk.said);
	mi_route_users_drop(users);
}

int main(void)
{
	struct mi_auth_key *key = NULL;

	if (!mkdtemp(folder))
		return 1;
	key_file(&key);
	all_forms(key);
	learnt(key);
	cold(key);
	empty_password();
	old_client();
	lying_servers();
	endless_switches();
	strangers(key);
	mi_auth_key_free(key);
	(void)unlink(path);
	(void)rmdir(folder);
	DONE();
}
