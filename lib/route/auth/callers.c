#include "route/auth/callers.h"
#include "base/buf.h"

#include <netinet/in.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <xxhash.h>

enum {
	SLOTS = 4096,      /* a power of two */
	PROBES = 16,       /* how far from its place an entry may lie */
	FREE_FAILURES = 8, /* wrong passwords after which no one waits yet */
	FIRST_MS = 20,     /* then this, doubled with each more */
	MOST_MS = 1000,
	MOST_FAILURES = 32,
	HALF_LIFE_MS = 10000, /* half of the wrong passwords are forgotten in this time */
};

struct entry {
	uint64_t key;   /* 0: free */
	uint64_t since; /* ms: when failures was right */
	unsigned pending, failures;
	bool good; /* a user's: has logged in */
};

struct mi_callers {
	uint64_t secret;
	struct entry slots[SLOTS];
};

struct mi_callers *mi_callers_new(void)
{
	struct mi_callers *callers = mi_alloc(sizeof *callers);

	if (RAND_bytes((unsigned char *)&callers->secret, sizeof callers->secret) != 1)
		abort(); /* better no router than a hash that can be guessed */
	return callers;
}

void mi_callers_free(struct mi_callers *callers)
{
	free(callers);
}

/* ---- Keys ---- */

static uint64_t key_of(const struct mi_callers *callers, const void *data, size_t len)
{
	uint64_t key = XXH3_64bits_withSeed(data, len, callers->secret);

	return key ? key : 1;
}

uint64_t mi_callers_address(const struct mi_callers *callers, const struct sockaddr *address,
                            socklen_t len)
{
	struct sockaddr_in6 six;
	struct sockaddr_in four;

	if (address->sa_family == AF_INET && len >= sizeof four) {
		memcpy(&four, address, sizeof four);
		return key_of(callers, &four.sin_addr, sizeof four.sin_addr);
	}
	if (address->sa_family != AF_INET6 || len < sizeof six)
		return 1;
	memcpy(&six, address, sizeof six);
	if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr))
		return key_of(callers, six.sin6_addr.s6_addr + 12, 4);
	return key_of(callers, six.sin6_addr.s6_addr, 8);
}

uint64_t mi_callers_local(const struct mi_callers *callers, uid_t uid)
{
	char name[2 + sizeof uid] = "u";

	memcpy(name + 2, &uid, sizeof uid);
	return key_of(callers, name, sizeof name);
}

static uint64_t key_of_user(const struct mi_callers *callers, uint64_t address, struct mi_span user)
{
	uint64_t both[] = {address, key_of(callers, user.data, user.len)};

	return key_of(callers, both, sizeof both);
}

/* ---- Entries ---- */

static void forget_by_time(struct entry *entry, uint64_t now)
{
	while (entry->failures && now - entry->since >= HALF_LIFE_MS) {
		entry->failures /= 2;
		entry->since += HALF_LIFE_MS;
	}
	if (!entry->failures)
		entry->since = now;
}

/* Which entry is the least loss? One that knows of no failures, and of those the eldest. */
static bool is_lesser(const struct entry *entry, const struct entry *than)
{
	if (entry->failures != than->failures)
		return entry->failures < than->failures;
	return entry->since < than->since;
}

/* The entry of key; NULL: there is none. With make, one is made, in the place of another if need
 * be, but never of one with connections: NULL when all near its place have some. */
static struct entry *find(struct mi_callers *callers, uint64_t key, bool make, uint64_t now)
{
	struct entry *place = NULL;

	for (size_t i = 0; i < PROBES; i++) {
		struct entry *at = &callers->slots[(key + i) & (SLOTS - 1)];

		if (at->key == key)
			return at;
		if (!at->pending && (!place || (place->key && (!at->key || is_lesser(at, place)))))
			place = at;
	}
	if (make && place)
		*place = (struct entry){.key = key, .since = now};
	return make ? place : NULL;
}

/* ---- Connections that have not logged in ---- */

unsigned mi_callers_come(struct mi_callers *callers, uint64_t address)
{
	struct entry *entry = find(callers, address, true, 0);

	return entry ? ++entry->pending : 1;
}

unsigned mi_callers_go(struct mi_callers *callers, uint64_t address)
{
	struct entry *entry = find(callers, address, false, 0);

	return entry && entry->pending ? --entry->pending : 0;
}

/* ---- Wrong passwords ---- */

static unsigned delay_of(struct entry *entry, uint64_t now)
{
	unsigned ms = FIRST_MS;

	if (!entry)
		return 0;
	forget_by_time(entry, now);
	if (entry->failures <= FREE_FAILURES)
		return 0;
	for (unsigned i = FREE_FAILURES + 1; i < entry->failures && ms < MOST_MS; i++)
		ms *= 2;
	return ms < MOST_MS ? ms : MOST_MS;
}

unsigned mi_callers_delay(struct mi_callers *callers, uint64_t address, struct mi_span user,
                          uint64_t now)
{
	struct entry *own = find(callers, key_of_user(callers, address, user), false, now);
	unsigned ms = delay_of(own, now), all;

	if (own && own->good)
		return ms;
	all = delay_of(find(callers, address, false, now), now);
	return ms > all ? ms : all;
}

static void add_failure(struct entry *entry, uint64_t now)
{
	if (!entry)
		return;
	forget_by_time(entry, now);
	if (entry->failures < MOST_FAILURES)
		entry->failures++;
}

void mi_callers_failed(struct mi_callers *callers, uint64_t address, struct mi_span user,
                       uint64_t now)
{
	add_failure(find(callers, address, true, now), now);
	add_failure(find(callers, key_of_user(callers, address, user), true, now), now);
}

void mi_callers_logged_in(struct mi_callers *callers, uint64_t address, struct mi_span user,
                          uint64_t now)
{
	struct entry *entry = find(callers, key_of_user(callers, address, user), true, now);

	if (!entry)
		return;
	forget_by_time(entry, now);
	entry->good = true;
}
