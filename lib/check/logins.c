/* The check of the router's users file: logs in to each of its accounts, as mi-route will. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "check/check.h"
#include "check/run.h"
#include "check/say.h"
#include "check/table.h"
#include "route/auth/ed25519.h"
#include "route/auth/login.h"
#include "route/auth/users.h"
#include "server/conn.h"
#include "server/mysql_errors.h"
#include "sql/literal.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

enum {
	AT_ONCE = 8, /* fewer than the free connections that the check `connections` asks for */
	LOGIN_MS = 10000, /* for one account */
	ALL_SECONDS = 120,
};

/* One account, however many client users are mapped to it. */
struct job {
	const struct mi_route_account *account;
	const char *client; /* the first client user that is mapped to it */
	size_t clients;
	bool tried, failed;
	unsigned number;
	struct mi_err *err; /* of a failure */
};

struct logins {
	struct mi_login_server door;
	struct job *jobs;
	size_t count;
	atomic_size_t next;
	uint64_t until; /* by mi_now_ms */
};

/* ---- What there is to try ---- */

static int by_account(const void *a, const void *b)
{
	const struct job *left = a, *right = b;
	int order = strcmp(left->account->user, right->account->user);

	if (order == 0)
		order = strcmp(left->account->password, right->account->password);
	return order ? order : strcmp(left->client, right->client);
}

/* A side that was detached has no account. */
static void list_accounts(const struct mi_route_users *users, enum mi_route_side side,
                          struct logins *logins)
{
	size_t kept = 0;

	for (size_t i = 0; i < mi_route_users_count(users); i++) {
		const struct mi_route_user *user = mi_route_users_at(users, i);

		if (!user->side[side].user)
			continue;
		*(struct job *)mi_array_add(&logins->jobs, &logins->count, sizeof(struct job)) =
		    (struct job){.account = &user->side[side], .client = user->name, .clients = 1};
	}
	if (!logins->count)
		return;
	qsort(logins->jobs, logins->count, sizeof *logins->jobs, by_account);
	for (size_t i = 1; i < logins->count; i++) {
		const struct mi_route_account *last = logins->jobs[kept].account;
		const struct mi_route_account *this = logins->jobs[i].account;

		if (strcmp(last->user, this->user) == 0 &&
		    strcmp(last->password, this->password) == 0)
			logins->jobs[kept].clients++;
		else
			logins->jobs[++kept] = logins->jobs[i];
	}
	logins->count = kept + 1;
}

/* ---- Trying ---- */

static void *work(void *arg)
{
	struct logins *logins = arg;
	size_t i;

	while ((i = atomic_fetch_add(&logins->next, 1)) < logins->count) {
		struct job *job = &logins->jobs[i];
		struct mi_err err = {0};

		if (mi_now_ms() >= logins->until)
			break;
		job->tried = true;
		job->failed = mi_route_login_try(&logins->door, job->account, LOGIN_MS,
		                                 &job->number, &err) != 0;
		if (job->failed) {
			job->err = mi_alloc(sizeof *job->err);
			*job->err = err;
		}
	}
	return NULL;
}

/* Runs the trials, with SIGPIPE blocked: OpenSSL writes to sockets that the peer may have closed.
 */
static void try_all(struct logins *logins)
{
	pthread_t threads[AT_ONCE];
	sigset_t pipe_alone, before;
	size_t started = 0;

	logins->until = mi_now_ms() + ALL_SECONDS * 1000;
	(void)sigemptyset(&pipe_alone);
	(void)sigaddset(&pipe_alone, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &pipe_alone, &before);
	while (started < AT_ONCE - 1 && started + 1 < logins->count &&
	       pthread_create(&threads[started], NULL, work, logins) == 0)
		started++;
	(void)work(logins);
	for (size_t i = 0; i < started; i++)
		(void)pthread_join(threads[i], NULL);
	/* takes a SIGPIPE that was raised here, so that none is delivered later */
	(void)sigtimedwait(&pipe_alone, NULL, &(struct timespec){0});
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* ---- How to fix a refused login ---- */

/* What the server says about accounts of that name, if mi-check's own account may look. */
struct known {
	bool looked;
	unsigned accounts;
	bool wants_certificate, wants_tls, wants_other_method;
};

static bool is_known_method(const char *plugin)
{
	return strcasecmp(plugin, "mysql_native_password") == 0 ||
	       strcasecmp(plugin, "caching_sha2_password") == 0 ||
	       (mi_ed25519_is_built && strcasecmp(plugin, "ed25519") == 0) || !*plugin;
}

static void look_up(struct mi_conn *conn, const char *user, struct known *known)
{
	struct mi_buf sql = {0};
	struct mi_err err = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;

	mi_buf_add_str(&sql, "SELECT ssl_type, plugin FROM mysql.user WHERE User = ");
	mi_sql_string(&sql, user);
	if (mi_conn_query(conn, &err, mi_buf_cstr(&sql), &result) == 0) {
		known->looked = true;
		while ((row = mysql_fetch_row(result))) {
			known->accounts++;
			known->wants_tls |= row[0] && *row[0];
			known->wants_other_method |= row[1] && !is_known_method(row[1]);
			known->wants_certificate |=
			    row[0] && (strcasecmp(row[0], "X509") == 0 ||
			               strcasecmp(row[0], "SPECIFIED") == 0);
		}
		mysql_free_result(result);
	}
	mi_buf_release(&sql);
}

static void mend_denied(struct mi_conn *conn, const struct job *job, struct mi_buf *fix)
{
	const char *group = conn->options->server ? conn->options->server : "NAME";
	struct known known = {0};

	look_up(conn, job->account->user, &known);
	if (known.looked && !known.accounts) {
		mi_buf_add_str(fix, "CREATE USER ");
		mi_sql_string(fix, job->account->user);
		mi_buf_add_str(fix, "@... and GRANT there, as on the other side; or name another "
		                    "account of this side in the users file");
	} else if (job->number == MI_LOGIN_METHOD) {
		mi_buf_add_str(fix, job->err->hint);
		if (!known.wants_other_method)
			mi_buf_add_str(fix, "; MySQL asks so, too, when no account of that name "
			                    "admits the router's machine: the host part");
	} else if (known.wants_certificate && !conn->options->ssl_cert) {
		mi_buf_addf(fix,
		            "it REQUIREs a certificate (X509, ISSUER or SUBJECT): ssl-cert and "
		            "ssl-key in [client_%s], or ALTER USER ... REQUIRE SSL",
		            group);
	} else if (known.wants_certificate) {
		mi_buf_addf(fix,
		            "it REQUIREs a certificate, and the one of [client_%s] may not be "
		            "that; else the password, or the host part of the account",
		            group);
	} else if (known.wants_tls) {
		mi_buf_addf(fix,
		            "it REQUIREs TLS: ssl-mode=REQUIRED or stricter in [client_%s]; else "
		            "the password in the users file, or the host part of the account",
		            group);
	} else {
		mi_buf_add_str(fix, "the password in the users file; the account's host part, "
		                    "which must admit the router's machine; what it REQUIREs: "
		                    "SHOW CREATE USER ");
		mi_sql_string(fix, job->account->user);
		mi_buf_add_str(fix, "@... shows it");
	}
}

static void fix(struct mi_conn *conn, const struct job *job, struct mi_buf *out)
{
	switch (job->number) {
	case MI_ER_ACCESS_DENIED_ERROR:
	case MI_LOGIN_METHOD:
		mend_denied(conn, job, out);
		return;
	case MI_LOGIN_OPEN_LINE:
		mi_buf_add_str(out, job->err->hint);
		return;
	case MI_ER_HOST_NOT_PRIVILEGED:
		mi_buf_add_str(out, "an account whose host part admits the router's machine");
		return;
	case MI_ER_ACCOUNT_HAS_BEEN_LOCKED:
	case MI_ER_ACCOUNT_HAS_BEEN_LOCKED_MARIADB:
	case MI_ER_USER_IS_BLOCKED:
	case MI_ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK:
		mi_buf_add_str(out, "ALTER USER ... ACCOUNT UNLOCK");
		return;
	case MI_ER_MUST_CHANGE_PASSWORD_LOGIN:
	case MI_ER_MUST_CHANGE_PASSWORD:
		mi_buf_add_str(out, "ALTER USER ... IDENTIFIED BY a new password, which goes into "
		                    "the users file, too");
		return;
	case MI_ER_SECURE_TRANSPORT_REQUIRED:
		mi_buf_add_str(out, "ssl-mode=REQUIRED or stricter in the server's group");
		return;
	case MI_ER_CON_COUNT_ERROR:
	case MI_ER_TOO_MANY_USER_CONNECTIONS:
	case MI_ER_USER_LIMIT_REACHED:
		mi_buf_add_str(out, "SET GLOBAL max_connections higher, or ALTER USER ... WITH "
		                    "MAX_USER_CONNECTIONS 0");
		return;
	case MI_ER_HOST_IS_BLOCKED:
		mi_buf_add_str(out, "FLUSH HOSTS, and SET GLOBAL max_connect_errors higher");
		return;
	default:
		mi_buf_add_str(out, job->err->hint[0] ? job->err->hint
		                                      : "see the server's error log, and try the "
		                                        "same login with the stock client");
	}
}

/* ---- Findings ---- */

static void say_failure(struct mi_check_at *at, struct mi_conn *conn, const struct job *job)
{
	struct mi_buf way = {0}, who = {0};

	mi_buf_addf(&who, "'%s'", job->account->user);
	if (strcmp(job->client, job->account->user) != 0 || job->clients > 1) {
		mi_buf_addf(&who, ", for the client user '%s'", job->client);
		if (job->clients > 1)
			mi_buf_addf(&who, " and %zu more", job->clients - 1);
	}
	fix(conn, job, &way);
	mi_check_say(at, mi_check_follow_level(at), mi_buf_cstr(&way),
	             "the router cannot log in to the %s as %s: %s",
	             at->side == MI_CHECK_SOURCE ? "source" : "target", mi_buf_cstr(&who),
	             job->err->text);
	mi_buf_release(&way);
	mi_buf_release(&who);
}

static void say_all(struct mi_check_at *at, struct mi_conn *conn, const struct logins *logins)
{
	size_t failed = 0, untried = 0;

	for (size_t i = 0; i < logins->count; i++) {
		failed += logins->jobs[i].failed;
		untried += !logins->jobs[i].tried;
		if (logins->jobs[i].failed)
			say_failure(at, conn, &logins->jobs[i]);
	}
	if (untried)
		mi_check_say(at, mi_check_follow_level(at),
		             "run it nearer to the server, or --ignore=logins",
		             "%zu of %zu accounts were not tried within %d s", untried,
		             logins->count, ALL_SECONDS);
	else if (!failed)
		mi_check_ok(at,
		            "the router can log in as each of %zu account%s, with nothing cached",
		            logins->count, logins->count == 1 ? "" : "s");
}

static void logins_release(struct logins *logins)
{
	for (size_t i = 0; i < logins->count; i++)
		free(logins->jobs[i].err);
	free(logins->jobs);
	mi_login_server_close(&logins->door);
}

/* Looks at the server that the router's sessions will use: the router's source is the writer. */
int mi_check_logins(struct mi_check_at *at, struct mi_err *err)
{
	bool source = at->side == MI_CHECK_SOURCE;
	struct mi_conn *conn = source ? mi_check_writer(at->run)->conn : at->server->conn;
	struct logins logins = {0};

	if (!at->run->users) {
		if (at->run->copy_only)
			mi_check_ok(at, "a copy alone needs no router");
		else
			mi_check_warn(at, "--users=FILE, the router's users file",
			              "not looked at: no users file is named");
		return 0;
	}
	list_accounts(at->run->users, source ? MI_ROUTE_SOURCE : MI_ROUTE_TARGET, &logins);
	if (!logins.count) {
		mi_check_warn(at, "see USERS FILE in mi-route(1)",
		              "the users file has no account at the %s",
		              source ? "source" : "target");
		return 0;
	}
	if (mi_login_server_open(&logins.door, conn->options, err) != 0) {
		logins_release(&logins);
		return -1;
	}
	try_all(&logins);
	say_all(at, conn, &logins);
	logins_release(&logins);
	return 0;
}
