#include "follow/bounds.h"
#include "base/err.h"
#include "binlog/event.h"
#include "binlog/gtid.h"
#include "gtid/gtid.h"
#include "sql/logged.h"

int mi_bounds_begin(struct mi_bounds *bounds, const struct mi_event *event, struct mi_err *err)
{
	struct mi_event_gtid gtid;

	if (mi_event_gtid(event, &gtid, err) != 0)
		return -1;
	if (gtid.gtid.family == MI_GTID_NONE)
		return mi_event_fail(event, MI_DATA, err, "a transaction without a GTID");
	bounds->open = true;
	bounds->compound =
	    gtid.gtid.family == MI_GTID_MARIADB && !(gtid.flags & MI_GTID_STANDALONE);
	bounds->gtid = gtid.gtid;
	return 0;
}

bool mi_bounds_statement(struct mi_bounds *bounds, const struct mi_logged *statement)
{
	switch (statement->kind) {
	case MI_LOGGED_BEGIN:
	case MI_LOGGED_XA_START:
		bounds->compound = true;
		break;
	case MI_LOGGED_COMMIT:
	case MI_LOGGED_ROLLBACK:
	case MI_LOGGED_XA_COMMIT:
	case MI_LOGGED_XA_ROLLBACK:
		bounds->compound = false;
		break;
	default:
		break;
	}
	return bounds->open && !bounds->compound;
}

int mi_bounds_end(struct mi_bounds *bounds, struct mi_err *err)
{
	bounds->open = false;
	return mi_gtid_add(bounds->done, &bounds->gtid, err);
}
