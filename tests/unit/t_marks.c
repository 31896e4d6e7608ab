/* What a read must see: marks, UNKNOWN, and what a follower says. */
#include "base/buf.h"
#include "base/err.h"
#include "gtid/gtid.h"
#include "route/replica/marks.h"
#include "t.h"

#include <pthread.h>
#include <stdlib.h>

#define U1 "3e11fa47-71ca-11e1-9e33-c80aa9429562"
#define U2 "ffffffff-0000-0000-0000-000000000001"

enum { WAIT = 5 };

static const char *const answers[] = {"has", "waits", "behind", "silent", "asked", "unknown"};

static void hear(struct mi_causal *causal, uint64_t now, const char *line)
{
	struct mi_err err = {0};

	if (mi_causal_line(causal, mi_span_str(line), now, &err) != 0)
		CHECK(false, "heard: %s: %s", line, err.text);
}

static void refuse(struct mi_causal *causal, const char *line)
{
	struct mi_err err = {0};

	CHECK(mi_causal_line(causal, mi_span_str(line), 0, &err) != 0 && err.code == MI_PROTOCOL,
	      "refused: '%s'", line);
}

static const char *ask(struct mi_causal *causal, struct mi_causal_need *need, uint64_t now)
{
	return answers[mi_causal_ask(causal, need, now, WAIT)];
}

static void resolve(struct mi_causal *causal, const char *set)
{
	struct mi_err err = {0};
	uint64_t asked = mi_causal_asking(causal);

	CHECK(mi_causal_resolve(causal, asked, mi_span_str(set), &err) == 0, "resolved: %s", set);
}

/* A router that follows with nothing unknown. */
static struct mi_causal *ready(const char *set)
{
	struct mi_causal *causal = mi_causal_new(0);
	struct mi_buf all = {0};

	mi_causal_expect(causal, 3);
	hear(causal, 1000, "flow shop/forward epoch 3");
	mi_buf_addf(&all, "all %s", set);
	hear(causal, 1000, mi_buf_cstr(&all));
	hear(causal, 1000, "beat 0");
	resolve(causal, set);
	mi_buf_release(&all);
	return causal;
}

static void malformed(void)
{
	static const char *const bad[] = {
	    "flow",
	    "flow x",
	    "flow x epoch",
	    "flow x epoch -1",
	    "flow x y 1",
	    "all x",
	    "all " U1,
	    "beat",
	    "beat x",
	    "beat 1 2",
	    "beat 99999999999999999999",
	    "add x",
	};
	struct mi_causal *causal = mi_causal_new(0);
	struct mi_causal_need need = {0};

	refuse(causal, "add " U1 ":1");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		hear(causal, 0, "flow a/b epoch 0");
		hear(causal, 0, "all " U1 ":1-5");
		refuse(causal, bad[i]);
		CHECK_STR(ask(causal, &need, 0), "silent", "nothing is believed after it");
	}
	hear(causal, 0, "all " U1 ":1-5");
	refuse(causal, "add 0-1-6");
	hear(causal, 0, "whatever else");
	hear(causal, 0, "");
	mi_causal_free(causal);
}

static void runs(void)
{
	static const char *const bad[] = {"",
	                                  "0-1",
	                                  "0-1-",
	                                  "0-1-2-3",
	                                  "0-1-2,1-1-3",
	                                  "4294967296-1-1",
	                                  "0-1-18446744073709551616",
	                                  U1,
	                                  U1 ":",
	                                  U1 ":0",
	                                  U1 ":5-4",
	                                  U1 ":5-",
	                                  U1 ":1:3",
	                                  U1 ":tag:1",
	                                  U1 ":9223372036854775807",
	                                  "3e11fa4771ca-11e1-9e33-c80aa9429562:1",
	                                  "3e11fa47-71ca-11e1-9e33-c80aa942956"};
	struct mi_gtid gtid;
	uint64_t last;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!mi_gtid_read_run(mi_span_str(bad[i]), &gtid, &last), "no run: '%s'", bad[i]);
	CHECK(mi_gtid_read_run(mi_span_str(U1 ":7"), &gtid, &last) && gtid.number == 7 && last == 7,
	      "one");
	CHECK(mi_gtid_read_run(mi_span_str("3E11FA47-71CA-11E1-9E33-C80AA9429562:7-9"), &gtid,
	                       &last) &&
	          gtid.number == 7 && last == 9 && gtid.uuid[0] == 0x3e && gtid.uuid[15] == 0x62,
	      "a run");
	CHECK(mi_gtid_read_run(mi_span_str("4294967295-1-18446744073709551615"), &gtid, &last) &&
	          gtid.family == MI_GTID_MARIADB && gtid.domain == UINT32_MAX && last == UINT64_MAX,
	      "a position");
}

static void believed(void)
{
	struct mi_causal *causal = mi_causal_new(0);
	struct mi_causal_need need = {0};

	CHECK_STR(ask(causal, &need, 0), "silent", "no follower yet");
	mi_causal_expect(causal, 3);
	hear(causal, 1000, "flow a/b epoch 3");
	CHECK_STR(ask(causal, &need, 1000), "silent", "it has not said what it has");
	hear(causal, 1000, "all " U1 ":1-5");
	CHECK_STR(ask(causal, &need, 1000), "asked", "at the start nobody knows what was written");
	CHECK(mi_causal_wants_set(causal), "so it wants to ask");
	resolve(causal, U1 ":1-5");
	CHECK(!mi_causal_wants_set(causal), "and then not any more");
	CHECK_STR(ask(causal, &need, 2000), "has", "after a second's silence");
	CHECK_STR(ask(causal, &need, 2001), "silent", "and a little more");
	hear(causal, 2500, "beat 0");
	CHECK_STR(ask(causal, &need, 2500), "has", "it speaks again");
	mi_causal_expect(causal, 4);
	CHECK_STR(ask(causal, &need, 2500), "silent", "not of this epoch");
	hear(causal, 2500, "flow a/b epoch 4");
	CHECK_STR(ask(causal, &need, 2500), "silent", "a new flow says first what it has");
	hear(causal, 2500, "all " U1 ":1-5");
	CHECK_STR(ask(causal, &need, 2500), "has", "then it is believed");
	mi_causal_lost(causal);
	CHECK_STR(ask(causal, &need, 2500), "silent", "it has gone");
	mi_causal_free(causal);
}

static void own_writes(void)
{
	struct mi_causal *causal = ready(U1 ":1-5");
	struct mi_causal_need mine = {0}, other = {0}, high;

	CHECK_STR(ask(causal, &mine, 1000), "has", "nothing was written");
	mi_causal_wrote(causal, &mine, mi_span_str(U1 ":6"));
	CHECK_STR(ask(causal, &mine, 1000), "waits", "my write is not there");
	CHECK_STR(ask(causal, &other, 1000), "has", "another session may read");
	high = mi_causal_high(causal);
	CHECK_STR(ask(causal, &high, 1000), "waits", "but not what needs all");
	mi_causal_waited_in_vain(causal);
	CHECK_STR(ask(causal, &mine, 1000), "behind", "after one wait in vain nobody waits");
	hear(causal, 1000, "beat 6");
	CHECK_STR(ask(causal, &mine, 1000), "behind", "it will take longer than one waits");
	mi_causal_saw_source(causal, &other);
	CHECK_STR(ask(causal, &other, 1000), "behind", "who saw the source does not go back");
	hear(causal, 1000, "add " U1 ":6");
	CHECK_STR(ask(causal, &mine, 1000), "has", "my write is there");
	CHECK_STR(ask(causal, &high, 1000), "has", "all is");
	mi_causal_free(causal);
}

/* Marks come in another order than the target applies. */
static void order(void)
{
	struct mi_causal *causal = ready(U1 ":1-5");
	struct mi_causal_need first = {0}, second = {0}, third = {0};

	mi_causal_wrote(causal, &first, mi_span_str(U1 ":8"));
	mi_causal_wrote(causal, &second, mi_span_str(U1 ":7-7:9," U2 ":1"));
	mi_causal_wrote(causal, &third, mi_span_str(U1 ":6"));
	hear(causal, 1000, "add " U1 ":6-7");
	CHECK_STR(ask(causal, &third, 1000), "waits", "a mark waits for those before it");
	hear(causal, 1000, "add " U1 ":8");
	CHECK_STR(ask(causal, &first, 1000), "has", "the first is there");
	CHECK_STR(ask(causal, &second, 1000), "waits", "not all of the second");
	hear(causal, 1000, "add " U2 ":1");
	CHECK_STR(ask(causal, &second, 1000), "waits", "nor yet");
	hear(causal, 1000, "add " U1 ":9");
	CHECK_STR(ask(causal, &third, 1000), "has", "all three");
	mi_causal_free(causal);
}

static void mariadb(void)
{
	struct mi_causal *causal = ready("0-1-5,7-1-10");
	struct mi_causal_need mine = {0};

	mi_causal_wrote(causal, &mine, mi_span_str("0-1-9"));
	hear(causal, 1000, "add 0-1-8");
	CHECK_STR(ask(causal, &mine, 1000), "waits", "a position before");
	hear(causal, 1000, "add 0-2-10");
	CHECK_STR(ask(causal, &mine, 1000), "has", "a position after, of another server");
	hear(causal, 1000, "add 0-2-10");
	mi_causal_wrote(causal, &mine, mi_span_str("8-1-1"));
	CHECK_STR(ask(causal, &mine, 1000), "waits", "a new domain");
	hear(causal, 1000, "add 8-1-1,7-1-11");
	CHECK_STR(ask(causal, &mine, 1000), "has", "and there it is");
	mi_causal_free(causal);
}

static void unknown(void)
{
	struct mi_causal *causal = ready(U1 ":1-5");
	struct mi_causal_need mine = {0}, other = {0}, late = {0}, high;
	struct mi_err err = {0};
	uint64_t asked;

	mi_causal_unknown(causal, &mine);
	high = mi_causal_high(causal);
	CHECK_STR(ask(causal, &mine, 1000), "asked", "mine is not known");
	CHECK_STR(ask(causal, &other, 1000), "has", "another's is");
	CHECK_STR(ask(causal, &high, 1000), "asked", "nor what all have written");
	asked = mi_causal_asking(causal);
	CHECK(!mi_causal_wants_set(causal), "one question at a time");
	mi_causal_unknown(causal, &late);
	CHECK(mi_causal_resolve(causal, asked, mi_span_str(U1 ":1-6"), &err) == 0, "an answer");
	CHECK_STR(ask(causal, &mine, 1000), "waits", "now it is known, and not there");
	CHECK_STR(ask(causal, &late, 1000), "asked", "what came after the question is not");
	CHECK(mi_causal_wants_set(causal), "so it asks again");
	asked = mi_causal_asking(causal);
	CHECK(mi_causal_resolve(causal, asked, mi_span_str("nonsense"), &err) != 0 &&
	          err.code == MI_PROTOCOL,
	      "an answer that is none");
	CHECK(mi_causal_wants_set(causal), "so it asks again");
	asked = mi_causal_asking(causal);
	mi_causal_asked_in_vain(causal);
	CHECK(mi_causal_wants_set(causal), "and again");
	hear(causal, 1000, "add " U1 ":6");
	CHECK_STR(ask(causal, &mine, 1000), "has", "mine is there");
	resolve(causal, U1 ":1-6");
	CHECK_STR(ask(causal, &late, 1000), "has", "and the other");
	mi_causal_wrote(causal, &mine, mi_span_str("garbage"));
	CHECK_STR(ask(causal, &mine, 1000), "asked", "a mark that cannot be read");
	mi_causal_waited_in_vain(causal);
	CHECK_STR(ask(causal, &mine, 1000), "unknown", "the source does not answer in time");
	resolve(causal, U1 ":1-6");
	CHECK_STR(ask(causal, &mine, 1000), "has", "it answers");
	mi_causal_unknown(causal, &mine);
	CHECK_STR(ask(causal, &mine, 1000), "asked", "and is waited for again");
	hear(causal, 1000, "beat 6");
	CHECK_STR(ask(causal, &mine, 1000), "unknown", "but not for a target that is behind");
	mi_causal_free(causal);
}

static void everybody(void)
{
	struct mi_causal *causal = ready(U1 ":1-5");
	struct mi_causal_need old = {0}, fresh = {0};

	mi_causal_wrote(causal, &old, mi_span_str(U1 ":6"));
	hear(causal, 1000, "add " U1 ":6");
	mi_causal_unknown_all(causal);
	CHECK_STR(ask(causal, &old, 1000), "asked", "everybody's is unknown");
	CHECK_STR(ask(causal, &fresh, 1000), "asked", "a new session's too");
	resolve(causal, U1 ":1-7");
	CHECK_STR(ask(causal, &old, 1000), "waits", "then everybody needs what was read");
	CHECK_STR(ask(causal, &fresh, 1000), "waits", "also who has nothing");
	hear(causal, 1000, "add " U1 ":7");
	CHECK_STR(ask(causal, &old, 1000), "has", "and gets it");
	/* the target was set back */
	mi_causal_lost(causal);
	hear(causal, 1000, "flow a/b epoch 3");
	hear(causal, 1000, "all " U1 ":1-5");
	CHECK_STR(ask(causal, &old, 1000), "asked", "a target that lost what it had");
	resolve(causal, U1 ":1-7");
	CHECK_STR(ask(causal, &fresh, 1000), "waits", "is waited for");
	mi_causal_free(causal);
}

/* More marks than are kept one by one. */
static void many(void)
{
	struct mi_causal *causal = ready(U1 ":1-5");
	struct mi_causal_need early = {0}, mine = {0};
	struct mi_causal_status status;
	struct mi_buf text = {0};

	for (unsigned i = 6; i <= 10005; i++) {
		mi_buf_reset(&text);
		mi_buf_addf(&text, U1 ":%u", i);
		mi_causal_wrote(causal, i == 6 ? &early : &mine, mi_buf_span(&text));
	}
	hear(causal, 1000, "add " U1 ":6");
	CHECK_STR(ask(causal, &early, 1000), "has", "the first of many");
	hear(causal, 1000, "add " U1 ":7-10004");
	CHECK_STR(ask(causal, &mine, 1000), "waits", "all but the last");
	mi_causal_status(causal, 1000, &status);
	CHECK(status.believed && status.pending == 1 && !status.unknown && status.lag_ms == 0,
	      "the rest is one mark");
	CHECK_STR(mi_buf_cstr(&status.target), U1 ":1-10004", "what the target has");
	mi_buf_release(&status.target);
	mi_buf_release(&status.high);
	hear(causal, 1000, "add " U1 ":10005");
	CHECK_STR(ask(causal, &mine, 1000), "has", "the last");
	mi_buf_release(&text);
	mi_causal_free(causal);
}

static void lag(void)
{
	struct mi_causal *causal = mi_causal_new(10000);
	struct mi_causal_need need = {0};

	hear(causal, 0, "flow a/b epoch 0");
	hear(causal, 0, "all 0-1-1");
	hear(causal, 0, "beat 10000");
	resolve(causal, "0-1-1");
	CHECK_STR(ask(causal, &need, 0), "has", "as far behind as allowed");
	hear(causal, 0, "beat 10001");
	CHECK_STR(ask(causal, &need, 0), "behind", "further");
	mi_causal_free(causal);
}

/* Writers and a follower at once: nobody is told "has" of what the follower has not said. */
struct crowd {
	struct mi_causal *causal;
	pthread_mutex_t lock;
	uint64_t next, told;
	unsigned wrong;
};

enum { CROWD_WRITES = 20000, CROWD = 4 };

static uint64_t told(struct crowd *crowd)
{
	uint64_t number;

	(void)pthread_mutex_lock(&crowd->lock);
	number = crowd->told;
	(void)pthread_mutex_unlock(&crowd->lock);
	return number;
}

static void *write_and_ask(void *arg)
{
	struct crowd *crowd = arg;
	struct mi_causal_need need = {0};
	struct mi_buf text = {0};

	for (int i = 0; i < CROWD_WRITES; i++) {
		uint64_t number;

		(void)pthread_mutex_lock(&crowd->lock);
		number = ++crowd->next;
		(void)pthread_mutex_unlock(&crowd->lock);
		mi_buf_reset(&text);
		mi_buf_addf(&text, U1 ":%llu", (unsigned long long)number);
		mi_causal_wrote(crowd->causal, &need, mi_buf_span(&text));
		if (mi_causal_ask(crowd->causal, &need, 0, WAIT) == MI_CAUSAL_HAS &&
		    told(crowd) < number)
			crowd->wrong++;
	}
	mi_buf_release(&text);
	return NULL;
}

static void *follow(void *arg)
{
	struct crowd *crowd = arg;
	struct mi_buf line = {0};
	uint64_t number = 0;

	while (number < CROWD * CROWD_WRITES) {
		uint64_t from = number + 1;

		(void)pthread_mutex_lock(&crowd->lock);
		number = crowd->next;
		crowd->told = number;
		(void)pthread_mutex_unlock(&crowd->lock);
		if (number < from)
			continue;
		mi_buf_reset(&line);
		mi_buf_addf(&line, "add " U1 ":%llu-%llu", (unsigned long long)from,
		            (unsigned long long)number);
		hear(crowd->causal, 0, mi_buf_cstr(&line));
	}
	mi_buf_release(&line);
	return NULL;
}

static void crowd(void)
{
	struct crowd all = {.causal = mi_causal_new(0), .lock = PTHREAD_MUTEX_INITIALIZER};
	struct mi_causal_need high;
	pthread_t threads[CROWD + 1];

	hear(all.causal, 0, "flow a/b epoch 0");
	hear(all.causal, 0, "all ");
	resolve(all.causal, "");
	for (int i = 0; i <= CROWD; i++)
		(void)pthread_create(&threads[i], NULL, i < CROWD ? write_and_ask : follow, &all);
	for (int i = 0; i <= CROWD; i++)
		(void)pthread_join(threads[i], NULL);
	high = mi_causal_high(all.causal);
	CHECK(all.wrong == 0, "%d writers and a follower: never too early", CROWD);
	CHECK_STR(ask(all.causal, &high, 0), "has", "and all in the end");
	mi_causal_free(all.causal);
}

int main(void)
{
	malformed();
	runs();
	believed();
	own_writes();
	order();
	mariadb();
	unknown();
	everybody();
	many();
	lag();
	crowd();
	DONE();
}
