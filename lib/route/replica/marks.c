#include "route/replica/marks.h"
#include "base/buf.h"
#include "base/err.h"
#include "gtid/gtid.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { MARKS = 4096, RUN_MAX = 4096, EPOCH_NONE = 0 };

/* GTIDs of a write that was acknowledged: consecutive numbers of one source, or a set. */
struct mark {
	uint64_t ticket;
	struct mi_gtid first;
	uint64_t last;
	struct mi_gtid_set *set; /* NULL: the numbers from first to last */
};

struct mi_causal {
	pthread_mutex_t lock; /* of all that is not atomic */
	uint64_t max_lag_ms;

	/* Marks that the target has not got, oldest first, in a ring. When the ring is full, new
	 * GTIDs are joined to the newest mark. */
	struct mark marks[MARKS];
	size_t head, count;
	atomic_uint_fast64_t issued;  /* the newest ticket */
	atomic_uint_fast64_t applied; /* the target has all marks up to this ticket */

	/* Moments since which something is unknown. */
	atomic_uint_fast64_t moment; /* the newest */
	/* the newest since which everybody's need is unknown */
	atomic_uint_fast64_t everyone;
	/* needs up to this moment are known: they are met by having... */
	atomic_uint_fast64_t resolved;
	atomic_uint_fast64_t resolved_ticket; /* ... this ticket */
	atomic_uint_fast64_t floor;           /* the ticket that everybody needs at least */
	bool asking;

	struct mi_gtid_set *target;
	uint64_t flow_epoch;
	bool told_all; /* the follower has told the target's set ("all") since its first line */
	atomic_uint_fast64_t expected_epoch;
	atomic_bool spoken; /* told_all, and the follower has the expected epoch */
	atomic_uint_fast64_t heard, lag_ms;
	/* values of applied and of resolved at the last wait in vain, plus 1; 0: none */
	atomic_uint_fast64_t vain, vain_unknown;
};

struct mi_causal *mi_causal_new(uint64_t max_lag_ms)
{
	struct mi_causal *causal = mi_alloc(sizeof *causal);

	(void)pthread_mutex_init(&causal->lock, NULL);
	causal->max_lag_ms = max_lag_ms;
	causal->target = mi_gtid_new();
	mi_causal_unknown_all(causal);
	return causal;
}

void mi_causal_free(struct mi_causal *causal)
{
	if (!causal)
		return;
	for (size_t i = 0; i < causal->count; i++)
		mi_gtid_free(causal->marks[(causal->head + i) % MARKS].set);
	mi_gtid_free(causal->target);
	(void)pthread_mutex_destroy(&causal->lock);
	free(causal);
}

/* ---- Marks ---- */

static bool has_mark(const struct mi_gtid_set *set, const struct mark *mark)
{
	struct mi_gtid gtid = mark->first;

	if (mark->set)
		return mi_gtid_contains(set, mark->set);
	/* begins with the last, which is usually the one that is missing */
	for (gtid.number = mark->last; gtid.number > mark->first.number; gtid.number--)
		if (!mi_gtid_has(set, &gtid))
			return false;
	return mi_gtid_has(set, &gtid);
}

/* The mark's GTIDs as a new set; NULL: they cannot be joined. */
static struct mi_gtid_set *mark_set(const struct mark *mark)
{
	struct mi_gtid_set *set;
	struct mi_gtid gtid = mark->first;
	struct mi_err err;

	if (mark->set)
		return mi_gtid_copy(mark->set);
	set = mi_gtid_new();
	for (; gtid.number <= mark->last; gtid.number++)
		if (mi_gtid_add(set, &gtid, &err) != 0)
			break;
	return set;
}

static bool parse_mark(struct mi_span text, struct mark *mark)
{
	struct mi_err err;

	*mark = (struct mark){0};
	if (mi_gtid_read_run(text, &mark->first, &mark->last) &&
	    mark->last - mark->first.number < RUN_MAX)
		return true;
	return mi_gtid_parse(text, &mark->set, &err) == 0;
}

/* Joins mark to the newest one. False: that cannot be done. */
static bool join_newest(struct mi_causal *causal, const struct mark *mark)
{
	struct mark *newest = &causal->marks[(causal->head + causal->count - 1) % MARKS];
	struct mi_gtid_set *more = mark_set(mark);
	struct mi_err err;
	bool joined;

	if (!newest->set)
		newest->set = mark_set(newest);
	joined = mi_gtid_union(newest->set, more, &err) == 0;
	mi_gtid_free(more);
	return joined;
}

/* Moves applied over the marks that the target has, and drops them. */
static void advance(struct mi_causal *causal)
{
	uint64_t applied = atomic_load(&causal->applied);

	for (; causal->count > 0; causal->count--) {
		struct mark *oldest = &causal->marks[causal->head];

		if (!has_mark(causal->target, oldest))
			break;
		applied = oldest->ticket;
		mi_gtid_free(oldest->set);
		causal->head = (causal->head + 1) % MARKS;
	}
	atomic_store(&causal->applied, applied);
}

/* Takes the mark over. Returns its ticket; 0: it could not be kept. */
static uint64_t add_mark(struct mi_causal *causal, struct mark *mark)
{
	mark->ticket = atomic_load(&causal->issued) + 1;
	if (causal->count == MARKS) {
		bool joined = join_newest(causal, mark);

		mi_gtid_free(mark->set);
		if (!joined)
			return 0;
		causal->marks[(causal->head + causal->count - 1) % MARKS].ticket = mark->ticket;
	} else {
		causal->marks[(causal->head + causal->count++) % MARKS] = *mark;
	}
	atomic_store(&causal->issued, mark->ticket);
	if (causal->count == 1)
		advance(causal);
	return mark->ticket;
}

/* ---- Writes ---- */

static uint64_t new_moment(struct mi_causal *causal)
{
	return atomic_fetch_add(&causal->moment, 1) + 1;
}

void mi_causal_unknown(struct mi_causal *causal, struct mi_causal_need *need)
{
	uint64_t moment = new_moment(causal);

	if (need)
		need->unknown = moment;
}

void mi_causal_unknown_all(struct mi_causal *causal)
{
	uint64_t moment = new_moment(causal), before = atomic_load(&causal->everyone);

	while (before < moment && !atomic_compare_exchange_weak(&causal->everyone, &before, moment))
		;
}

void mi_causal_wrote(struct mi_causal *causal, struct mi_causal_need *need, struct mi_span gtids)
{
	struct mark mark;
	uint64_t ticket = 0;

	if (parse_mark(gtids, &mark)) {
		(void)pthread_mutex_lock(&causal->lock);
		ticket = add_mark(causal, &mark);
		(void)pthread_mutex_unlock(&causal->lock);
	}
	if (ticket == 0)
		mi_causal_unknown(causal, need);
	else if (need && need->ticket < ticket)
		need->ticket = ticket;
}

void mi_causal_join(struct mi_causal_need *need, const struct mi_causal_need *other)
{
	if (need->ticket < other->ticket)
		need->ticket = other->ticket;
	if (need->unknown < other->unknown)
		need->unknown = other->unknown;
}

struct mi_causal_need mi_causal_high(struct mi_causal *causal)
{
	uint64_t resolved = atomic_load(&causal->resolved);
	uint64_t moment = atomic_load(&causal->moment);

	return (struct mi_causal_need){.ticket = atomic_load(&causal->issued),
	                               .unknown = moment > resolved ? moment : 0};
}

/* ---- UNKNOWN, resolved ---- */

bool mi_causal_wants_set(struct mi_causal *causal)
{
	bool wants;

	(void)pthread_mutex_lock(&causal->lock);
	wants = !causal->asking && atomic_load(&causal->moment) > atomic_load(&causal->resolved);
	(void)pthread_mutex_unlock(&causal->lock);
	return wants;
}

uint64_t mi_causal_asking(struct mi_causal *causal)
{
	(void)pthread_mutex_lock(&causal->lock);
	causal->asking = true;
	(void)pthread_mutex_unlock(&causal->lock);
	return atomic_load(&causal->moment);
}

void mi_causal_asked_in_vain(struct mi_causal *causal)
{
	(void)pthread_mutex_lock(&causal->lock);
	causal->asking = false;
	(void)pthread_mutex_unlock(&causal->lock);
}

/* resolved is stored last: who sees that a moment is resolved sees at least the ticket for it. */
static void note_resolved(struct mi_causal *causal, uint64_t asked, uint64_t ticket)
{
	uint64_t before = atomic_load(&causal->resolved);
	uint64_t everyone = atomic_load(&causal->everyone);

	if (asked <= before)
		return;
	if (everyone > before && everyone <= asked)
		atomic_store(&causal->floor, ticket);
	atomic_store(&causal->resolved_ticket, ticket);
	atomic_store(&causal->resolved, asked);
}

int mi_causal_resolve(struct mi_causal *causal, uint64_t asked, struct mi_span set,
                      struct mi_err *err)
{
	struct mark mark = {0};
	uint64_t ticket;

	if (mi_gtid_parse(set, &mark.set, err) != 0) {
		err->code = MI_PROTOCOL;
		mi_causal_asked_in_vain(causal);
		return mi_within(err, "cannot read the source's GTIDs");
	}
	(void)pthread_mutex_lock(&causal->lock);
	causal->asking = false;
	ticket = add_mark(causal, &mark);
	if (ticket > 0)
		note_resolved(causal, asked, ticket);
	(void)pthread_mutex_unlock(&causal->lock);
	return ticket > 0 ? 0
	                  : mi_fail(err, MI_PROTOCOL,
	                            "the source's GTIDs are not of the kind that it told before");
}

/* ---- The target ---- */

static void settle_epoch(struct mi_causal *causal)
{
	atomic_store(&causal->spoken, causal->told_all && causal->flow_epoch ==
	                                                      atomic_load(&causal->expected_epoch));
}

void mi_causal_expect(struct mi_causal *causal, uint64_t epoch)
{
	(void)pthread_mutex_lock(&causal->lock);
	atomic_store(&causal->expected_epoch, epoch);
	settle_epoch(causal);
	(void)pthread_mutex_unlock(&causal->lock);
}

static struct mi_span take_word(struct mi_span *line)
{
	const char *space = line->len ? memchr(line->data, ' ', line->len) : NULL;
	size_t len = space ? (size_t)(space - line->data) : line->len;
	struct mi_span word = mi_span(line->data, len);

	*line = mi_span(line->data + len + (space != NULL), line->len - len - (space != NULL));
	return word;
}

static bool read_count(struct mi_span text, uint64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = (unsigned char)text.data[i] - '0';

		if (digit > 9 || *number > (UINT64_MAX - digit) / 10)
			return false;
		*number = *number * 10 + digit;
	}
	return text.len > 0;
}

static bool hear_flow(struct mi_causal *causal, struct mi_span rest)
{
	struct mi_span name = take_word(&rest), word = take_word(&rest);

	causal->told_all = false;
	return name.len > 0 && mi_span_is(word, "epoch") && read_count(rest, &causal->flow_epoch);
}

static bool hear_all(struct mi_causal *causal, struct mi_span text)
{
	struct mi_gtid_set *set;
	struct mi_err err;

	if (mi_gtid_parse(text, &set, &err) != 0)
		return false;
	/* another target, or one that was restored: it may lack what was counted as applied */
	if (!mi_gtid_contains(set, causal->target))
		mi_causal_unknown_all(causal);
	mi_gtid_free(causal->target);
	causal->target = set;
	causal->told_all = true;
	return true;
}

static bool add_run(struct mi_gtid_set *set, struct mi_gtid gtid, uint64_t last)
{
	struct mi_err err;

	for (; gtid.number <= last; gtid.number++)
		if (!mi_gtid_has(set, &gtid) && mi_gtid_add(set, &gtid, &err) != 0)
			return false;
	return true;
}

static bool hear_add(struct mi_causal *causal, struct mi_span text)
{
	struct mi_gtid_set *set;
	struct mi_gtid first;
	struct mi_err err;
	uint64_t last;
	bool added;

	if (!causal->told_all)
		return false;
	if (mi_gtid_read_run(text, &first, &last) && last - first.number < RUN_MAX)
		return add_run(causal->target, first, last);
	if (mi_gtid_parse(text, &set, &err) != 0)
		return false;
	added = mi_gtid_union(causal->target, set, &err) == 0;
	mi_gtid_free(set);
	return added;
}

static bool hear_beat(struct mi_causal *causal, struct mi_span text)
{
	uint64_t lag;

	if (!read_count(text, &lag))
		return false;
	atomic_store(&causal->lag_ms, lag);
	return true;
}

int mi_causal_line(struct mi_causal *causal, struct mi_span line, uint64_t now, struct mi_err *err)
{
	static const struct {
		const char *word;
		bool (*hear)(struct mi_causal *causal, struct mi_span rest);
	} words[] = {
	    {"add", hear_add}, {"beat", hear_beat}, {"all", hear_all}, {"flow", hear_flow}};
	struct mi_span rest = line, word = take_word(&rest);
	bool good = true;

	(void)pthread_mutex_lock(&causal->lock);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (mi_span_is(word, words[i].word))
			good = words[i].hear(causal, rest);
	if (!good)
		causal->told_all = false;
	settle_epoch(causal);
	if (causal->told_all)
		advance(causal);
	(void)pthread_mutex_unlock(&causal->lock);
	atomic_store(&causal->heard, now);
	return good ? 0
	            : mi_fail(err, MI_PROTOCOL, "the follower said what cannot be: '%.*s'",
	                      line.len < 200 ? (int)line.len : 200, line.len ? line.data : "");
}

void mi_causal_lost(struct mi_causal *causal)
{
	(void)pthread_mutex_lock(&causal->lock);
	causal->told_all = false;
	settle_epoch(causal);
	(void)pthread_mutex_unlock(&causal->lock);
}

/* ---- Reads ---- */

static bool is_believed(struct mi_causal *causal, uint64_t now)
{
	uint64_t heard = atomic_load(&causal->heard);

	return atomic_load(&causal->spoken) &&
	       (now <= heard || now - heard <= MI_CAUSAL_SILENCE_MS);
}

enum mi_causal_answer mi_causal_ask(struct mi_causal *causal, struct mi_causal_need *need,
                                    uint64_t now, uint64_t wait_ms)
{
	uint64_t resolved = atomic_load(&causal->resolved);
	uint64_t lag = atomic_load(&causal->lag_ms), ticket;

	if (!is_believed(causal, now))
		return MI_CAUSAL_SILENT;
	if (need->unknown > resolved || atomic_load(&causal->everyone) > resolved)
		return lag > wait_ms || atomic_load(&causal->vain_unknown) == resolved + 1
		           ? MI_CAUSAL_UNKNOWN
		           : MI_CAUSAL_ASKED;
	ticket = atomic_load(&causal->resolved_ticket);
	if (need->unknown > 0 && need->ticket < ticket)
		need->ticket = ticket;
	need->unknown = 0;
	if (causal->max_lag_ms && lag > causal->max_lag_ms)
		return MI_CAUSAL_BEHIND;
	ticket = atomic_load(&causal->floor);
	if (need->ticket < ticket)
		need->ticket = ticket;
	if (need->ticket <= atomic_load(&causal->applied))
		return MI_CAUSAL_HAS;
	if (lag > wait_ms || atomic_load(&causal->vain) == atomic_load(&causal->applied) + 1)
		return MI_CAUSAL_BEHIND;
	return MI_CAUSAL_WAITS;
}

void mi_causal_waited_in_vain(struct mi_causal *causal)
{
	atomic_store(&causal->vain, atomic_load(&causal->applied) + 1);
	atomic_store(&causal->vain_unknown, atomic_load(&causal->resolved) + 1);
}

void mi_causal_saw_source(struct mi_causal *causal, struct mi_causal_need *need)
{
	struct mi_causal_need high = mi_causal_high(causal);

	mi_causal_join(need, &high);
}

void mi_causal_status(struct mi_causal *causal, uint64_t now, struct mi_causal_status *status)
{
	struct mi_gtid_set *high = mi_gtid_new();
	struct mi_err err;
	uint64_t heard;

	*status = (struct mi_causal_status){.believed = is_believed(causal, now),
	                                    .lag_ms = atomic_load(&causal->lag_ms),
	                                    .unknown = atomic_load(&causal->moment) >
	                                               atomic_load(&causal->resolved)};
	heard = atomic_load(&causal->heard);
	status->silent_ms = now > heard ? now - heard : 0;
	status->behind = causal->max_lag_ms && status->lag_ms > causal->max_lag_ms;
	(void)pthread_mutex_lock(&causal->lock);
	status->told = causal->told_all;
	status->epoch = causal->flow_epoch;
	status->expected = atomic_load(&causal->expected_epoch);
	status->pending = causal->count;
	for (size_t i = 0; i < causal->count; i++) {
		struct mi_gtid_set *one = mark_set(&causal->marks[(causal->head + i) % MARKS]);

		/* a set that cannot be joined with the rest is left out of the text */
		(void)!mi_gtid_union(high, one, &err);
		mi_gtid_free(one);
	}
	mi_gtid_print(causal->target, &status->target);
	(void)pthread_mutex_unlock(&causal->lock);
	mi_gtid_print(high, &status->high);
	mi_gtid_free(high);
}
