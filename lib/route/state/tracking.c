#include "route/state/tracking.h"
#include "base/buf.h"

#include <string.h>

static bool is_on(struct mi_span value)
{
	return mi_span_is(value, "ON") || mi_span_is(value, "1");
}

bool mi_tracking_told(struct mi_tracking *tracking, struct mi_span name, struct mi_span value)
{
	if (mi_span_is(name, "session_track_schema")) {
		tracking->schema = is_on(value);
	} else if (mi_span_is(name, "session_track_state_change")) {
		tracking->state_change = is_on(value);
	} else if (mi_span_is(name, "session_track_transaction_info")) {
		tracking->characteristics = mi_span_is(value, "CHARACTERISTICS");
		tracking->transaction = tracking->characteristics || mi_span_is(value, "STATE");
	} else if (mi_span_is(name, "session_track_gtids")) {
		tracking->all_gtids = mi_span_is(value, "ALL_GTIDS");
		tracking->gtids = tracking->all_gtids || mi_span_is(value, "OWN_GTID");
	} else if (mi_span_is(name, "session_track_system_variables")) {
		mi_buf_reset(&tracking->variables);
		mi_buf_add_span(&tracking->variables, value);
	} else {
		return false;
	}
	return true;
}

static bool is_the_routers(struct mi_span name, struct mi_span value)
{
	if (mi_span_is(name, "session_track_system_variables"))
		return mi_span_is(value, "*");
	if (mi_span_is(name, "session_track_transaction_info"))
		return !mi_span_is(value, "OFF");
	if (mi_span_is(name, "session_track_gtids"))
		return !mi_span_is(value, "OFF");
	return is_on(value);
}

bool mi_tracking_answered(struct mi_tracking *tracking, struct mi_span name, struct mi_span value)
{
	static const char prefix[] = "session_track_";

	if (tracking->known && name.len > sizeof prefix - 1 &&
	    memcmp(name.data, prefix, sizeof prefix - 1) == 0 && is_the_routers(name, value))
		return true;
	return mi_tracking_told(tracking, name, value);
}

/* MySQL tells, with the tracker of transactions off, what begins and ends explicitly (seen with
 * 9.7). With the tracker on it tells more. */
static bool shows_explicit(struct mi_tracking *tracking, struct mi_span value)
{
	static const char begun[] = "T_______", none[] = "________";
	bool was = tracking->in_transaction;

	if (mi_span_is(value, none)) {
		tracking->in_transaction = false;
		return was;
	}
	if (value.len == 0 || value.data[0] != 'T')
		return false;
	tracking->in_transaction = true;
	return !was || mi_span_is(value, begun);
}

/* The list is separated by commas, with blanks as the client wrote them; "*" in it is every
 * variable. */
static bool lists(struct mi_span list, struct mi_span name)
{
	while (list.len) {
		const char *comma = memchr(list.data, ',', list.len);
		struct mi_span one =
		    mi_span(list.data, comma ? (size_t)(comma - list.data) : list.len);

		list = comma ? mi_span(comma + 1, list.len - one.len - 1) : (struct mi_span){0};
		while (one.len && one.data[0] == ' ')
			one = mi_span(one.data + 1, one.len - 1);
		while (one.len && one.data[one.len - 1] == ' ')
			one.len--;
		if (mi_span_is(one, "*") ||
		    (one.len == name.len && strncasecmp(one.data, name.data, one.len) == 0))
			return true;
	}
	return false;
}

bool mi_tracking_shows(struct mi_tracking *tracking, const struct mi_track *track)
{
	switch (track->kind) {
	case MI_TRACK_VARIABLE:
		return lists(mi_buf_span(&tracking->variables), track->name);
	case MI_TRACK_SCHEMA:
		return tracking->schema;
	case MI_TRACK_STATE:
		return tracking->state_change;
	case MI_TRACK_GTIDS:
		return tracking->gtids;
	case MI_TRACK_CHARACTERISTICS:
		return tracking->characteristics;
	case MI_TRACK_TRANSACTION:
		return tracking->transaction ||
		       (tracking->mysql && shows_explicit(tracking, track->value));
	default:
		return true;
	}
}

void mi_tracking_forget(struct mi_tracking *tracking)
{
	mi_buf_release(&tracking->variables);
	*tracking = (struct mi_tracking){0};
}
