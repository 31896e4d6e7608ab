/* The users file: what is refused, what is read, and one half of it destroyed. */
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "route/auth/users.h"
#include "route/auth/verifier.h"
#include "t.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/t_side_users.XXXXXX";
static char path[64];

static void put(const char *text, unsigned mode)
{
	FILE *file = fopen(path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file) != 0 || chmod(path, mode) != 0)
		abort();
}

static void refused(const char *text, const char *why)
{
	struct mi_route_users *users = NULL;
	struct mi_err err = {0};

	put(text, 0600);
	CHECK(mi_route_users_read(path, &users, &err) == -1 && err.code == MI_CONFIG &&
	          strstr(err.text, why),
	      "refused: %s", why);
	if (err.code != MI_CONFIG || !strstr(err.text, why))
		printf("# %s\n", err.text);
}

static void refusals(void)
{
	struct mi_route_users *users = NULL;
	struct mi_err err = {0};

	CHECK(mi_route_users_read("/nonexistent/users", &users, &err) == -1 &&
	          err.code == MI_CONFIG,
	      "a missing file");
	put("[a]\npassword=x\n", 0640);
	CHECK(mi_route_users_read(path, &users, &err) == -1 && err.code == MI_CONFIG &&
	          strstr(err.text, "others may read"),
	      "one that others may read");
	refused("password=x\n", "before the first");
	refused("[a]\npasword=x\n", "unknown option 'pasword'");
	refused("[a]\npassword\n", "no value for 'password'");
	refused("[a]\npassword=x\npassword=x\n", "said twice");
	refused("[a]\nsource-user=b\n", "needs a password or a verifier");
	refused("[a]\npassword=x\nverifier=*00\n", "not both");
	refused("[a]\nverifier=*00\nsource-password=x\ntarget-password=x", "no known form");
	refused("[a]\nverifier=$A$005$short\nsource-password=x\ntarget-password=x",
	        "no known form");
	refused("[a]\nverifier=*0123456789012345678901234567890123456789\ntarget-password=x",
	        "needs source-password");
	refused("[a]\npassword=x\ndetached=both\n", "source or target");
	refused("!include /etc/passwd\n", "includes no other");
}

static const char sample[] = "# who may come in\n"
			     "[app]\n"
			     "password = \"s # \\\"x\\\\\"\n"
			     "\n"
			     "[shop]\n"
			     "password = front\n"
			     "source-user = shop_old\n"
			     "source-password = back one\n"
			     "target-user = pscale_1234\n"
			     "target-password = back two\n"
			     "[app2]\n"
			     "verifier = *2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19\n"
			     "source-password = p1\n"
			     "target-password = p2\n";

static bool account(const struct mi_route_account *account, const char *user, const char *password)
{
	return user ? account->user && strcmp(account->user, user) == 0 &&
	                  strcmp(account->password, password) == 0
	            : !account->user && !account->password;
}

static const struct mi_route_user *find(const struct mi_route_users *users, const char *name)
{
	return mi_route_users_find(users, mi_span_str(name));
}

static void reading(void)
{
	struct mi_route_users *users = NULL;
	const struct mi_route_user *user;
	struct mi_err err = {0};

	put(sample, 0600);
	if (!CHECK(mi_route_users_read(path, &users, &err) == 0, "read: %s", err.text))
		return;
	CHECK(mi_route_users_count(users) == 3, "three users");
	CHECK(!find(users, "ap") && !find(users, "app3") && !find(users, "") && !find(users, "zzz"),
	      "others are not found");
	user = find(users, "app");
	CHECK(account(&user->side[MI_ROUTE_SOURCE], "app", "s # \"x\\") &&
	          account(&user->side[MI_ROUTE_TARGET], "app", "s # \"x\\"),
	      "one password for all");
	user = find(users, "shop");
	CHECK(account(&user->side[MI_ROUTE_SOURCE], "shop_old", "back one") &&
	          account(&user->side[MI_ROUTE_TARGET], "pscale_1234", "back two") &&
	          mi_verifier_matches(&user->verifier, mi_span_str("front")) &&
	          !mi_verifier_matches(&user->verifier, mi_span_str("back one")),
	      "three logins of one user");
	user = find(users, "app2");
	CHECK(account(&user->side[MI_ROUTE_SOURCE], "app2", "p1") &&
	          mi_verifier_matches(&user->verifier, mi_span_str("password")),
	      "a native verifier");
	mi_route_users_hold(users);
	mi_route_users_drop(users);
	CHECK(find(users, "app") != NULL, "held twice, dropped once: it lives");
	mi_route_users_drop(users);
}

static bool file_has(const char *text)
{
	struct mi_buf bytes = {0};
	struct mi_err err;
	bool has = mi_read_file(path, 1 << 20, &bytes, &err) == 0 &&
	           strstr(mi_buf_cstr(&bytes), text) != NULL;

	mi_buf_release(&bytes);
	return has;
}

static void detaching(void)
{
	struct mi_route_users *users = NULL;
	const struct mi_route_user *user;
	struct mi_err err = {0};
	struct stat st;

	put(sample, 0400);
	CHECK(mi_route_users_detach(path, MI_ROUTE_SOURCE, &err) == 0, "the source is detached");
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "still 0600");
	CHECK(!file_has("back one") && !file_has("shop_old") && !file_has("front") &&
	          !file_has("p1"),
	      "what only the source needed is gone from the disk");
	if (!CHECK(mi_route_users_read(path, &users, &err) == 0, "read again: %s", err.text))
		return;
	user = find(users, "app");
	CHECK(account(&user->side[MI_ROUTE_SOURCE], NULL, NULL) &&
	          account(&user->side[MI_ROUTE_TARGET], "app", "s # \"x\\"),
	      "the target's default stays, the source has none");
	user = find(users, "shop");
	CHECK(account(&user->side[MI_ROUTE_SOURCE], NULL, NULL) &&
	          account(&user->side[MI_ROUTE_TARGET], "pscale_1234", "back two") &&
	          mi_verifier_matches(&user->verifier, mi_span_str("front")) &&
	          !mi_verifier_matches(&user->verifier, mi_span_str("wrong")),
	      "the client's own password still opens");
	user = find(users, "app2");
	CHECK(mi_verifier_matches(&user->verifier, mi_span_str("password")), "so does the third");
	mi_route_users_drop(users);
	CHECK(mi_route_users_detach(path, MI_ROUTE_SOURCE, &err) == 0, "twice is harmless");
	CHECK(mi_route_users_detach(path, MI_ROUTE_TARGET, &err) == -1 && err.code == MI_CONFIG &&
	          file_has("back two"),
	      "not both sides");
}

/* MySQL 9.7.4's HEX(authentication_string) for 'x' (5 and 10 thousand rounds). */
static void verifiers(void)
{
	static const char *const stored[] = {
	    "0x24412430303524475C45370A49214920045452592B031C4E443E3865504B636D4355687753334263336E"
	    "484B76387A44486355647669456261774C2E2F7774666E742E665742",
	    "0x244124303041245E027E57761B090B60116D272862562973395367714B736E507144714E6C384435"
	    "4D79344E6759494A53516E49477243714C4B4C474A64694E426A6F2F5432"};
	static const char *const passwords[] = {"x", "12345678901234567890123456789012"};

	for (size_t i = 0; i < 2; i++) {
		struct mi_verifier verifier = {0};

		CHECK(mi_verifier_parse(&verifier, mi_span_str(stored[i])) &&
		          mi_verifier_matches(&verifier, mi_span_str(passwords[i])) &&
		          !mi_verifier_matches(&verifier, mi_span_str("y")),
		      "a server's stored hash, %u rounds", verifier.crypt_rounds);
	}
	for (size_t len = 0; len < strlen(stored[0]); len++) {
		struct mi_verifier verifier = {0};

		if (mi_verifier_parse(&verifier, mi_span(stored[0], len)))
			CHECK(false, "cut to %zu it is none", len);
	}
}

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	(void)snprintf(path, sizeof path, "%s/users", folder);
	refusals();
	reading();
	detaching();
	verifiers();
	(void)unlink(path);
	(void)rmdir(folder);
	DONE();
}
