#include "load/complete.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "bookkeeping/checkpoint.h"
#include "bookkeeping/load.h"
#include "gtid/file.h"
#include "gtid/gtid.h"
#include "load/chunk.h"
#include "load/dispatch.h"
#include "load/target.h"
#include "server/link.h"

#include <stdlib.h>

struct ended {
	struct mi_dispatch *load;
	const struct mi_target *target;
	bool ended;
};

static int ask_ended(void *user, struct mi_link *link, struct mi_err *err)
{
	struct ended *ended = user;
	struct mi_state_table known;

	if (mi_state_table(&ended->load->state, &link->conn, ended->target->db, ended->target->name,
	                   0, &known, err) != 0)
		return -1;
	ended->ended = known.ended;
	return 0;
}

/* The first expected table that is not complete, now or from an earlier run; *lacking is NULL when
 * there is none. */
int mi_complete_find_lacking(struct mi_dispatch *load, const struct mi_target **lacking,
                             struct mi_err *err)
{
	*lacking = NULL;
	for (size_t i = 0; i < load->targets.count; i++) {
		struct mi_target *target = load->targets.items[i];
		struct ended ended = {load, target, false};

		if (!target->expected || target->complete)
			continue;
		if (load->state_ready && mi_link_run(&load->link, ask_ended, &ended, err) != 0)
			return -1;
		target->complete = ended.ended;
		if (!target->complete) {
			*lacking = target;
			return 0;
		}
	}
	return 0;
}

int mi_complete_refuse_lacking(struct mi_dispatch *load, struct mi_err *err)
{
	const struct mi_target *lacking;

	if (load->options->schema_only)
		return 0;
	if (mi_complete_find_lacking(load, &lacking, err) != 0)
		return -1;
	if (!lacking)
		return 0;
	(void)mi_fail(err, MI_DATA, "the rows of table %s.%s have not all come", lacking->db,
	              lacking->name);
	return mi_hint(err, "did mi-dump fail, or run with other tables than mi-schema? "
	                    "--schema-only loads definitions alone");
}

/* Writes the readable copy of the checkpoint, after its row has been committed. */
int mi_complete_save_position(const char *file, const struct mi_buf *position, struct mi_err *err)
{
	struct mi_gtid_set *set = NULL;
	int ret;

	if (!file)
		return 0;
	ret = mi_gtid_parse(mi_buf_span(position), &set, err);
	if (ret == 0)
		ret = mi_checkpoint_file_store(file, set, err);
	mi_gtid_free(set);
	return ret;
}

int mi_complete_checkpoint(void *user, struct mi_link *link, struct mi_err *err)
{
	struct mi_dispatch *load = user;
	struct mi_buf low = {0}, high = {0}, source = {0};
	int ret = -1;

	if (mi_state_positions(&load->state, &link->conn, load->stream.rows.id, &low, &high,
	                       &source, err) != 0 ||
	    mi_checkpoint_write(&load->state, &link->conn, mi_buf_cstr(&low), mi_buf_cstr(&high),
	                        mi_buf_cstr(&source), err) != 0)
		goto out;
	mi_detail("checkpoint of %s: %s", load->state.flow, low.data);
	ret = mi_complete_save_position(load->options->checkpoint, &low, err);
out:
	mi_buf_release(&low);
	mi_buf_release(&high);
	mi_buf_release(&source);
	return ret;
}

/* Says of how many of the row stream's tables it is proven that they are the source's, and names
 * the first of which it is not. */
void mi_complete_say_verified(const struct mi_dispatch *load)
{
	const struct mi_target *lacking = NULL;
	unsigned long long tables = 0, rows = 0;

	for (size_t i = 0; i < load->targets.count; i++) {
		const struct mi_target *target = load->targets.items[i];

		if (!target->in_stream)
			continue;
		tables += target->verified;
		rows += target->verified ? target->rows : 0;
		if (!target->verified && !lacking)
			lacking = target;
	}
	if (tables > 0)
		mi_notice("verified: the rows of %llu tables, %llu in this run, were read back and "
		          "are the source's",
		          tables, rows);
	if (lacking)
		mi_notice("not verified: table %s.%s%s", lacking->into, lacking->name,
		          load->rows.prove ? ", see mi-load(1)" : " and others, by --no-proof");
}

int mi_complete_check_totals(struct mi_dispatch *load, const struct mi_totals *totals,
                             struct mi_err *err)
{
	struct mi_rows_stream *rows = &load->stream.rows;

	for (size_t i = 0; i < load->targets.count; i++) {
		const struct mi_target *target = load->targets.items[i];

		if (target->in_stream && !target->end_seen)
			return mi_fail(err, MI_DATA, "bad stream: table %s.%s has no TABLEEND",
			               target->db, target->name);
	}
	if (totals->chunks != atomic_load(&rows->chunks) ||
	    totals->rows != atomic_load(&rows->rows))
		return mi_fail(err, MI_DATA,
		               "bad stream: its END record does not agree with the records "
		               "before it");
	return 0;
}
