/* Who waits before a login is looked at: addresses and users with wrong passwords, and for how
 * long. */
#include "base/buf.h"
#include "route/auth/callers.h"
#include "t.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static uint64_t six(const struct mi_callers *callers, const char *text)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET6, text, &address.sin6_addr) != 1)
		return 0;
	return mi_callers_address(callers, (const struct sockaddr *)&address, sizeof address);
}

static uint64_t four(const struct mi_callers *callers, const char *text)
{
	struct sockaddr_in address = {.sin_family = AF_INET};

	if (inet_pton(AF_INET, text, &address.sin_addr) != 1)
		return 0;
	return mi_callers_address(callers, (const struct sockaddr *)&address, sizeof address);
}

static void addresses(struct mi_callers *callers)
{
	CHECK(four(callers, "192.0.2.1") != four(callers, "192.0.2.2"), "two of IPv4 are two");
	CHECK(six(callers, "::ffff:192.0.2.1") == four(callers, "192.0.2.1"), "in both notations");
	CHECK(six(callers, "2001:db8::1") == six(callers, "2001:db8::2"), "one network of IPv6");
	CHECK(six(callers, "2001:db8:0:1::1") != six(callers, "2001:db8::1"), "and another");
	CHECK(mi_callers_local(callers, 1) != mi_callers_local(callers, 2), "two local users");
}

static void fail(struct mi_callers *callers, uint64_t address, const char *user, unsigned times,
                 uint64_t now)
{
	while (times--)
		mi_callers_failed(callers, address, mi_span_str(user), now);
}

#define DELAY(address, user, now) mi_callers_delay(callers, address, mi_span_str(user), now)

static void delays(struct mi_callers *callers)
{
	uint64_t a = four(callers, "192.0.2.1"), b = four(callers, "192.0.2.2");

	CHECK(DELAY(a, "app", 1000) == 0, "nobody waits at first");
	fail(callers, a, "app", 8, 1000);
	CHECK(DELAY(a, "app", 1000) == 0, "nor after a few mistakes");
	fail(callers, a, "app", 1, 1000);
	CHECK(DELAY(a, "app", 1000) == 20, "then a little");
	fail(callers, a, "app", 1, 1000);
	CHECK(DELAY(a, "app", 1000) == 40, "and more");
	fail(callers, a, "app", 1000, 1000);
	CHECK(DELAY(a, "app", 1000) == 1000, "a second at most");
	CHECK(DELAY(a, "other", 1000) == 1000, "whatever name comes from there");
	CHECK(DELAY(b, "app", 1000) == 0, "and nobody from elsewhere");
	CHECK(DELAY(a, "app", 10999) == 1000, "it is remembered");
	CHECK(DELAY(a, "app", 21000) == 0, "and forgotten");
}

static void good_users(struct mi_callers *callers)
{
	uint64_t a = four(callers, "198.51.100.1");

	mi_callers_logged_in(callers, a, mi_span_str("app"), 1000);
	fail(callers, a, "guessed", 30, 1000);
	CHECK(DELAY(a, "guessed", 1000) == 1000 && DELAY(a, "new", 1000) == 1000, "others wait");
	CHECK(DELAY(a, "app", 1000) == 0, "one who has been in does not, for them");
	fail(callers, a, "app", 30, 1000);
	CHECK(DELAY(a, "app", 1000) == 1000, "but for mistakes with that name");
}

static void many(struct mi_callers *callers)
{
	uint64_t a = four(callers, "203.0.113.1");
	char name[32];

	for (unsigned i = 0; i < 100000; i++) {
		(void)snprintf(name, sizeof name, "user%u", i);
		mi_callers_failed(callers, a, mi_span_str(name), 1000);
	}
	CHECK(DELAY(a, "last", 1000) == 1000, "100,000 names do not make an address forgotten");
	for (unsigned i = 1; i <= 3; i++)
		CHECK(mi_callers_come(callers, a) == i, "%u at the door", i);
	CHECK(mi_callers_go(callers, a) == 2, "one goes");
	CHECK(mi_callers_come(callers, four(callers, "203.0.113.2")) == 1, "others are others");
}

int main(void)
{
	struct mi_callers *callers = mi_callers_new();

	addresses(callers);
	delays(callers);
	good_users(callers);
	many(callers);
	mi_callers_free(callers);
	DONE();
}
