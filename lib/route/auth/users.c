#include "route/auth/users.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/savefile.h"
#include "base/words.h"
#include "password/digest.h"
#include "program/optfile.h"
#include "route/auth/verifier.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FILE = 16 << 20, MAX_PASSWORD = 256 };

enum field {
	PASSWORD,
	VERIFIER,
	DETACHED,
	SIDE_USER,                                  /* source-user, target-user */
	SIDE_PASSWORD = SIDE_USER + MI_ROUTE_SIDES, /* source-password, target-password */
	FIELDS = SIDE_PASSWORD + MI_ROUTE_SIDES
};

static const char *const field_names[FIELDS] = {"password",       "verifier",    "detached",
                                                "source-user",    "target-user", "source-password",
                                                "target-password"};
static const char *const side_names[] = {"source", "target", NULL};

/* The double hash of a user's password, learnt at a login. */
struct mi_route_learnt {
	pthread_mutex_t lock;
	bool known;
	unsigned char sha2[MI_SHA256];
};

struct entry {
	struct mi_route_user user;
	struct mi_route_learnt learnt;
	char *name;
	char *text[FIELDS]; /* as in the file; NULL: not there */
	unsigned line;      /* of its first option */
};

/* The kinds of users that can be told apart by what they are asked at a login. */
enum kind { KIND_CLEAR, KIND_SHA256, KIND_NATIVE, KIND_CRYPT, KINDS };

/* The stand-in for users of one kind, and how many users that are. */
struct stand_in {
	struct mi_route_user user;
	struct mi_route_learnt learnt;
	size_t count;
};

struct mi_route_users {
	atomic_uint holders;
	struct stand_in stand_ins[KINDS];
	struct entry *entries; /* sorted by name */
	size_t count;
	const char *path; /* while it is read */
};

static void wipe(char *text)
{
	if (text)
		OPENSSL_cleanse(text, strlen(text));
	free(text);
}

static void entry_release(struct entry *entry)
{
	for (int i = 0; i < FIELDS; i++)
		wipe(entry->text[i]);
	free(entry->name);
	if (entry->user.learnt)
		(void)pthread_mutex_destroy(&entry->learnt.lock);
	OPENSSL_cleanse(entry, sizeof *entry);
}

struct mi_route_users *mi_route_users_hold(struct mi_route_users *users)
{
	(void)atomic_fetch_add(&users->holders, 1);
	return users;
}

void mi_route_users_drop(struct mi_route_users *users)
{
	if (!users || atomic_fetch_sub(&users->holders, 1) > 1)
		return;
	for (size_t i = 0; i < users->count; i++)
		entry_release(&users->entries[i]);
	free(users->entries);
	for (int kind = 0; kind < KINDS; kind++)
		(void)pthread_mutex_destroy(&users->stand_ins[kind].learnt.lock);
	free(users);
}

/* ---- Reading ---- */

static int bad(const struct mi_route_users *users, const struct entry *entry, struct mi_err *err,
               const char *what)
{
	return mi_fail(err, MI_CONFIG, "%s:%u: user '%s': %s", users->path, entry->line,
	               entry->name, what);
}

static struct entry *entry_of(struct mi_route_users *users, const struct mi_optfile_option *option)
{
	struct entry *entry;

	for (size_t i = users->count; i > 0; i--) /* from the end: most often it is the last one */
		if (strcmp(users->entries[i - 1].name, option->group) == 0)
			return &users->entries[i - 1];
	entry = mi_array_add(&users->entries, &users->count, sizeof *entry);
	entry->name = mi_strdup(option->group);
	entry->line = option->line;
	return entry;
}

static int take_option(void *arg, const struct mi_optfile_option *option, struct mi_err *err)
{
	struct mi_route_users *users = arg;
	struct entry *entry = entry_of(users, option);
	int i = 0;

	while (i < FIELDS && strcmp(option->name, field_names[i]) != 0)
		i++;
	if (i == FIELDS || !option->value)
		return mi_fail(err, MI_CONFIG, "%s:%u: %s '%s'", option->file, option->line,
		               i == FIELDS ? "unknown option" : "no value for", option->name);
	if (entry->text[i])
		return mi_fail(err, MI_CONFIG, "%s:%u: %s is said twice", option->file,
		               option->line, option->name);
	if (strlen(option->value) > MAX_PASSWORD)
		return mi_fail(err, MI_CONFIG, "%s:%u: %s is longer than %d bytes", option->file,
		               option->line, option->name, MAX_PASSWORD);
	entry->text[i] = mi_strdup(option->value);
	return 0;
}

static int refuse_include(void *arg, const char *path, bool is_dir, struct mi_err *err)
{
	const struct mi_route_users *users = arg;

	(void)path;
	(void)is_dir;
	return mi_fail(err, MI_CONFIG, "%s: a users file includes no other", users->path);
}

static int detached_side(const struct mi_route_users *users, const struct entry *entry, int *side,
                         struct mi_err *err)
{
	*side = MI_ROUTE_SIDES;
	if (!entry->text[DETACHED])
		return 0;
	*side = mi_word_index(mi_span_str(entry->text[DETACHED]), side_names);
	return *side < 0 ? bad(users, entry, err, "detached is source or target") : 0;
}

static int settle_check(const struct mi_route_users *users, struct entry *entry, struct mi_err *err)
{
	const char *password = entry->text[PASSWORD], *verifier = entry->text[VERIFIER];

	if (!password == !verifier)
		return bad(users, entry, err,
		           password ? "either password or verifier, not both"
		                    : "needs a password or a verifier");
	if (password) {
		mi_verifier_of_password(&entry->user.verifier, mi_span_str(password));
		entry->user.empty = !*password;
		return 0;
	}
	if (!mi_verifier_parse(&entry->user.verifier, mi_span_str(verifier)))
		return bad(users, entry, err, "the verifier is of no known form");
	return 0;
}

static int settle(const struct mi_route_users *users, struct entry *entry, struct mi_err *err)
{
	int detached;

	if (detached_side(users, entry, &detached, err) != 0 ||
	    settle_check(users, entry, err) != 0)
		return -1;
	entry->user.name = entry->name;
	for (int side = 0; side < MI_ROUTE_SIDES; side++) {
		const char *user = entry->text[SIDE_USER + side];
		const char *password = entry->text[SIDE_PASSWORD + side];

		if (side == detached)
			continue;
		if (!password)
			password = entry->text[PASSWORD];
		if (!password)
			return bad(users, entry, err,
			           side == MI_ROUTE_SOURCE
			               ? "a verifier cannot log in: needs source-password"
			               : "a verifier cannot log in: needs target-password");
		entry->user.side[side] =
		    (struct mi_route_account){user ? user : entry->name, password};
	}
	return 0;
}

/* ---- Stand-ins ---- */

static enum kind kind_of(const struct mi_route_user *user)
{
	const struct mi_verifier *verifier = &user->verifier;

	if (verifier->has_crypt)
		return KIND_CRYPT;
	if (verifier->has_native)
		return verifier->has_sha2 ? KIND_CLEAR : KIND_NATIVE;
	return KIND_SHA256;
}

static void begin_stand_ins(struct mi_route_users *users)
{
	for (enum kind kind = 0; kind < KINDS; kind++) {
		struct stand_in *stand_in = &users->stand_ins[kind];
		struct mi_verifier *verifier = &stand_in->user.verifier;

		(void)pthread_mutex_init(&stand_in->learnt.lock, NULL);
		stand_in->user.name = "";
		stand_in->user.learnt = &stand_in->learnt;
		if (RAND_bytes((unsigned char *)verifier, sizeof *verifier) != 1)
			abort(); /* better no router than verifiers that can be guessed */
		verifier->has_sha2 = kind == KIND_CLEAR || kind == KIND_SHA256;
		verifier->has_native = kind == KIND_CLEAR || kind == KIND_NATIVE;
		verifier->has_crypt = kind == KIND_CRYPT;
		verifier->crypt_rounds = 5000; /* until a user says otherwise */
	}
}

/* A slow hash takes as long for a stand-in as for the users that it stands among. */
static void count_for_stand_in(struct mi_route_users *users, const struct mi_route_user *user)
{
	struct stand_in *stand_in = &users->stand_ins[kind_of(user)];

	stand_in->count++;
	stand_in->user.verifier.crypt_rounds = user->verifier.crypt_rounds;
}

const struct mi_route_user *mi_route_users_stand_in(const struct mi_route_users *users,
                                                    const unsigned char secret[MI_SHA256],
                                                    struct mi_span name)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	const struct stand_in *at = users->stand_ins;
	unsigned len = 0;
	uint64_t number;

	if (!HMAC(EVP_sha256(), secret, MI_SHA256, (const unsigned char *)name.data, name.len,
	          digest, &len))
		abort(); /* no memory, or an OpenSSL without SHA */
	number = users->count ? mi_get_u64(digest) % users->count : 0;
	for (; at < users->stand_ins + KINDS - 1 && number >= at->count; at++)
		number -= at->count;
	return &at->user;
}

static int by_name(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;

	return strcmp(left->name, right->name);
}

static int settle_all(struct mi_route_users *users, struct mi_err *err)
{
	for (size_t i = 0; i < users->count; i++)
		if (settle(users, &users->entries[i], err) != 0)
			return -1;
	if (users->count)
		qsort(users->entries, users->count, sizeof *users->entries, by_name);
	/* only now, when the entries do not move any more */
	for (size_t i = 0; i < users->count; i++) {
		struct entry *entry = &users->entries[i];

		(void)pthread_mutex_init(&entry->learnt.lock, NULL);
		entry->user.learnt = &entry->learnt;
		count_for_stand_in(users, &entry->user);
	}
	return 0;
}

static int check_file(int fd, const char *path, size_t *size, struct mi_err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return mi_fail_errno(err, MI_CONFIG, errno, "cannot look at %s", path);
	if (!S_ISREG(st.st_mode) || st.st_size > MAX_FILE)
		return mi_fail(err, MI_CONFIG, "%s: not a file, or over 16 MiB", path);
	if (st.st_mode & 077) {
		(void)mi_fail(err, MI_CONFIG, "%s: others may read or write it", path);
		return mi_hint(err, "chmod 600 %s", path);
	}
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return mi_fail(err, MI_CONFIG, "%s: belongs to somebody else", path);
	*size = (size_t)st.st_size;
	return 0;
}

/* Reads the whole file into *bytes, which the caller wipes and frees. */
static int read_all(const char *path, char **bytes, size_t *len, struct mi_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t size = 0;
	int ret = -1;

	if (fd < 0)
		return mi_fail_errno(err, MI_CONFIG, errno, "cannot open users file %s", path);
	if (check_file(fd, path, &size, err) == 0) {
		*bytes = mi_alloc(size + 1);
		ret = mi_read_full(fd, *bytes, size, len, err);
	}
	(void)close(fd); /* it was only read */
	return ret;
}

int mi_route_users_read(const char *path, struct mi_route_users **out, struct mi_err *err)
{
	struct mi_route_users *users = mi_alloc(sizeof *users);
	struct mi_optfile_parser parser = {
	    .file = path, .option = take_option, .include = refuse_include, .arg = users};
	char *bytes = NULL;
	size_t len = 0;
	int ret = -1;

	users->path = path;
	begin_stand_ins(users);
	atomic_init(&users->holders, 1);
	if (read_all(path, &bytes, &len, err) == 0 &&
	    mi_optfile_parse(&parser, mi_span(bytes, len), err) == 0)
		ret = settle_all(users, err);
	users->path = NULL;
	if (bytes)
		OPENSSL_cleanse(bytes, len);
	free(bytes);
	if (ret == 0)
		*out = users;
	else
		mi_route_users_drop(users);
	return ret;
}

/* ---- Asking ---- */

const struct mi_route_user *mi_route_users_find(const struct mi_route_users *users,
                                                struct mi_span name)
{
	size_t low = 0, high = users->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *here = users->entries[middle].name;
		size_t len = strlen(here), common = len < name.len ? len : name.len;
		int order = common ? memcmp(name.data, here, common) : 0;

		if (order == 0)
			order = (name.len > len) - (name.len < len);
		if (order == 0)
			return &users->entries[middle].user;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

bool mi_route_users_reach(const struct mi_route_users *users, enum mi_route_side side)
{
	for (size_t i = 0; i < users->count; i++)
		if (users->entries[i].user.side[side].user)
			return true;
	return false;
}

size_t mi_route_users_count(const struct mi_route_users *users)
{
	return users->count;
}

const struct mi_route_user *mi_route_users_at(const struct mi_route_users *users, size_t i)
{
	return &users->entries[i].user;
}

bool mi_route_user_sha2(const struct mi_route_user *user, unsigned char sha2[MI_SHA256])
{
	struct mi_route_learnt *learnt = user->learnt;
	bool known;

	if (user->verifier.has_sha2) {
		memcpy(sha2, user->verifier.sha2, MI_SHA256);
		return true;
	}
	(void)pthread_mutex_lock(&learnt->lock);
	known = learnt->known;
	if (known)
		memcpy(sha2, learnt->sha2, MI_SHA256);
	(void)pthread_mutex_unlock(&learnt->lock);
	return known;
}

void mi_route_user_learn(const struct mi_route_user *user, struct mi_span password)
{
	struct mi_route_learnt *learnt = user->learnt;

	(void)pthread_mutex_lock(&learnt->lock);
	mi_sha256_twice(learnt->sha2, password);
	learnt->known = true;
	(void)pthread_mutex_unlock(&learnt->lock);
}

/* ---- Detaching ---- */

static void add_field(struct mi_buf *out, const char *name, const char *value)
{
	if (!value)
		return;
	mi_buf_addf(out, "%s = \"", name);
	for (; *value; value++) {
		if (*value == '\n' || *value == '\r') {
			mi_buf_add_str(out, *value == '\n' ? "\\n" : "\\r");
			continue;
		}
		if (*value == '"' || *value == '\\')
			mi_buf_add_char(out, '\\');
		mi_buf_add_char(out, *value);
	}
	mi_buf_add_str(out, "\"\n");
}

/* Replaces the client's clear password by a verifier, unless the side that stays logs in with it.
 */
static void hide_password(struct entry *entry, enum mi_route_side stays)
{
	struct mi_buf verifier = {0};

	if (!entry->text[PASSWORD] || !*entry->text[PASSWORD] ||
	    !entry->text[SIDE_PASSWORD + stays])
		return;
	mi_verifier_print(&verifier, MI_VERIFIER_SHA256, mi_span_str(entry->text[PASSWORD]));
	wipe(entry->text[PASSWORD]);
	entry->text[PASSWORD] = NULL;
	entry->text[VERIFIER] = mi_strdup(mi_buf_cstr(&verifier));
	mi_buf_release(&verifier);
}

static int detach_entry(const char *path, struct entry *entry, enum mi_route_side side,
                        struct mi_err *err)
{
	if (entry->text[DETACHED] && strcmp(entry->text[DETACHED], side_names[side]) != 0)
		return mi_fail(err, MI_CONFIG,
		               "%s: user '%s': the %s is detached already: it "
		               "would have none left",
		               path, entry->name, entry->text[DETACHED]);
	hide_password(entry, side == MI_ROUTE_SOURCE ? MI_ROUTE_TARGET : MI_ROUTE_SOURCE);
	wipe(entry->text[SIDE_USER + side]);
	wipe(entry->text[SIDE_PASSWORD + side]);
	wipe(entry->text[DETACHED]);
	entry->text[SIDE_USER + side] = entry->text[SIDE_PASSWORD + side] = NULL;
	entry->text[DETACHED] = mi_strdup(side_names[side]);
	return 0;
}

/* Reserves room for everything first: a buffer that grows would leave copies of secrets behind. */
static void print_all(struct mi_buf *out, const struct mi_route_users *users)
{
	mi_buf_reserve(out, 128 + users->count * (FIELDS * (32 + 2 * MAX_PASSWORD) + 1024));
	mi_buf_add_str(out, "# mi-route's users; written by it when a side was detached\n");
	for (size_t i = 0; i < users->count; i++) {
		mi_buf_addf(out, "\n[%s]\n", users->entries[i].name);
		for (int field = 0; field < FIELDS; field++)
			add_field(out, field_names[field], users->entries[i].text[field]);
	}
}

int mi_route_users_detach(const char *path, enum mi_route_side side, struct mi_err *err)
{
	struct mi_route_users *users;
	struct mi_buf out = {0};
	int ret = -1;

	if (mi_route_users_read(path, &users, err) != 0)
		return -1;
	for (size_t i = 0; i < users->count; i++)
		if (detach_entry(path, &users->entries[i], side, err) != 0)
			goto out;
	print_all(&out, users);
	ret = mi_save_file(path, mi_buf_span(&out), 0600, err);
out:
	if (out.len)
		OPENSSL_cleanse(out.data, out.len);
	mi_buf_release(&out);
	mi_route_users_drop(users);
	return ret;
}
