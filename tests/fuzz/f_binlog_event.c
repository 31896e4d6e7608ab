/* A whole event of any type: the header, and the events around the rows. */
#include "base/buf.h"
#include "base/err.h"
#include "binlog/event.h"
#include "binlog/gtid.h"
#include "binlog/query.h"
#include "gtid/gtid.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct mi_event_format format = {.known = true, .types = 171};
	struct mi_buf text = {0};
	struct mi_event event;
	struct mi_err err;
	struct mi_event_query query;
	struct mi_event_gtid gtid;
	struct mi_gtid_set *set = NULL;
	struct mi_event_heartbeat heartbeat;
	struct mi_event_incident incident;
	struct mi_event_xa_prepare prepare;

	memset(format.post, size > 4 ? data[4] & 31 : 0, sizeof format.post);
	if (mi_event_open(&format, mi_span(data, size), &event, &err) == 0) {
		(void)!mi_event_query(&event, &text, &query, &err);
		(void)!mi_event_gtid(&event, &gtid, &err);
		(void)!mi_event_heartbeat(&event, &heartbeat, &err);
		(void)!mi_event_incident(&event, &incident, &err);
		(void)!mi_event_xa_prepare(&event, &prepare, &err);
		if (mi_event_gtid_set(&event, &set, &err) == 0)
			mi_gtid_free(set);
	}
	mi_buf_release(&text);
	return 0;
}
