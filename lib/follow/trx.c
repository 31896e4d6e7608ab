#include "follow/trx.h"
#include "base/buf.h"
#include "base/err.h"
#include "program/progress.h"
#include "binlog/table_map.h"
#include "change/deleted_twice.h"
#include "gtid/gtid.h"
#include "follow/binlog.h"
#include "follow/catalog.h"
#include "follow/state.h"
#include "follow/retention.h"
#include "stream/write.h"

enum { SKIP_PIECES = 4096 }; /* transactions in one SKIP record at most */

int mi_follow_write_skipped(struct mi_follow *f, struct mi_err *err)
{
	int ret;

	if (f->skipped_count == 0)
		return 0;
	mi_buf_reset(&f->scratch);
	mi_gtid_print(f->skipped, &f->scratch);
	ret = mi_record_skip(f->events, mi_buf_cstr(&f->scratch), err);
	mi_gtid_free(f->skipped);
	f->skipped = mi_gtid_new();
	f->skipped_count = 0;
	return ret;
}

int mi_follow_write_past(struct mi_follow *f, const char *gtid_set, struct mi_err *err)
{
	if (mi_follow_write_skipped(f, err) != 0)
		return -1;
	return mi_record_past(f->events, gtid_set,
	                      f->passed.len ? mi_buf_cstr(&f->passed) : "no table of the import",
	                      err);
}

int mi_follow_flush(struct mi_follow *f, struct mi_err *err)
{
	if (mi_follow_write_skipped(f, err) != 0)
		return -1;
	return mi_writer_flush(f->events, err);
}

/* Transactions skipped before are written first: in MariaDB's positions, one transaction stands for
 * all before it in its domain. */
int mi_follow_begin(struct mi_follow *f, struct mi_err *err)
{
	if (f->now.written)
		return 0;
	if (mi_follow_write_skipped(f, err) != 0 ||
	    mi_record_begin(f->events, mi_buf_cstr(&f->now.text), f->now.commit_us,
	                    f->now.xa, err) != 0)
		return -1;
	f->now.written = true;
	return 0;
}

static void forget(struct mi_follow *f)
{
	struct mi_buf text = f->now.text;

	mi_table_maps_end(&f->maps);
	mi_deleted_reset(&f->gone);
	mi_buf_reset(&text);
	mi_buf_reset(&f->passed);
	f->now = (struct mi_follow_transaction){.text = text};
}

int mi_follow_abort(struct mi_follow *f, struct mi_err *err)
{
	bool written = f->now.written;

	forget(f);
	return written ? mi_record_abort(f->events, err) : 0;
}

int mi_follow_undo(struct mi_follow *f, struct mi_err *err)
{
	if (!f->now.written)
		return 0;
	f->now.written = false;
	f->changes = 0;
	mi_deleted_reset(&f->gone);
	return mi_record_abort(f->events, err);
}

static void check_until(struct mi_follow *f)
{
	if (!f->until)
		return;
	/* only a transaction in until can complete until; MariaDB's positions may be passed, too */
	if (f->now.gtid.family == MI_GTID_MYSQL && !mi_gtid_has(f->until, &f->now.gtid))
		return;
	f->finished = mi_gtid_contains(f->done, f->until);
}

/* All of the transaction is in the stream: counts it, and sends the frame when no more events
 * wait. */
static int finish(struct mi_follow *f, struct mi_err *err)
{
	if (mi_gtid_add(f->done, &f->now.gtid, err) != 0)
		return -1;
	check_until(f);
	mi_src_retention_reached(f->options->retention, f->now.commit_us);
	forget(f);
	if (f->options->progress)
		mi_progress_add(f->options->progress, f->changes, mi_src_binlog_bytes(f->binlog));
	f->changes = 0;
	/* under a backlog frames fill up; live, each transaction goes out at once */
	if (!mi_src_binlog_pending(f->binlog) && mi_follow_flush(f, err) != 0)
		return -1;
	return mi_catalog_reached(f->catalog, f->done, false, err);
}

int mi_follow_end(struct mi_follow *f, struct mi_err *err)
{
	if (f->now.passing) {
		if (mi_follow_write_past(f, mi_buf_cstr(&f->now.text), err) != 0)
			return -1;
		return finish(f, err);
	}
	if (f->now.written) {
		if (!f->now.decided && mi_record_commit(f->events, err) != 0)
			return -1;
		return finish(f, err);
	}
	if (mi_gtid_add(f->skipped, &f->now.gtid, err) != 0)
		return -1;
	if (++f->skipped_count >= SKIP_PIECES && mi_follow_write_skipped(f, err) != 0)
		return -1;
	return finish(f, err);
}
