#include "load/dispatch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "bookkeeping/checkpoint.h"
#include "bookkeeping/load.h"
#include "gtid/file.h"
#include "gtid/gtid.h"
#include "load/chunk.h"
#include "load/ddl.h"
#include "load/pool.h"
#include "load/target.h"
#include "server/link.h"
#include "stream/frame.h"
#include "stream/parse.h"
#include "stream/parse_parts.h"
#include "table/dbmap.h"
#include "table/table.h"
#include "target/compare.h"

#include <stdlib.h>

/* ---- The state database ---- */

static int create_state(void *user, struct mi_link *link, struct mi_err *err)
{
	return mi_state_create(user, &link->conn, err);
}

static const char *state_db_for(const struct mi_dispatch *load, const char *db)
{
	if (load->options->state_db)
		return load->options->state_db;
	if (load->options->conn->database)
		return load->options->conn->database;
	return mi_map_db(&load->options->map, db);
}

/* Creates the bookkeeping tables, before anything else is made. db: the database that the stream
 * names first. */
static int ensure_state(struct mi_dispatch *load, const char *db, struct mi_err *err)
{
	if (load->state_ready)
		return 0;
	mi_state_release(&load->state);
	mi_state_init(&load->state, state_db_for(load, db), load->import);
	load->state.no_binlog = load->options->no_binlog;
	if (mi_link_run(&load->link, create_state, &load->state, err) != 0)
		return -1;
	load->state_ready = true;
	return 0;
}

static int refuse_advanced(void *user, struct mi_link *link, struct mi_err *err)
{
	return mi_checkpoint_refuse_advanced(user, &link->conn, err);
}

/* Called before definitions and rows: MI_CONFIG when a follower has begun to apply changes. */
static int ensure_may_load(struct mi_dispatch *load, const char *db, struct mi_err *err)
{
	if (load->may_load)
		return 0;
	if (ensure_state(load, db, err) != 0 ||
	    mi_link_run(&load->link, refuse_advanced, &load->state, err) != 0)
		return -1;
	load->may_load = true;
	return 0;
}

/* Called before definitions of section "high": MI_AGAIN until the follower has passed high. */
static int ensure_passed_high(struct mi_dispatch *load, const char *db, struct mi_err *err)
{
	if (load->passed_high)
		return 0;
	if (ensure_state(load, db, err) != 0 ||
	    mi_checkpoint_passed_high(&load->state, &load->link.conn, &load->passed_high, err) != 0)
		return -1;
	if (load->passed_high)
		return 0;
	(void)mi_fail(err, MI_AGAIN, "%s has not passed its high mark yet", load->state.flow);
	return mi_hint(err, "its tables come from several snapshots; let mi-apply catch up first");
}

struct stream_step {
	struct mi_dispatch *load;
	struct mi_stream_header header;
};

static int record_stream(void *user, struct mi_link *link, struct mi_err *err)
{
	struct stream_step *step = user;
	struct mi_rows_stream *rows = &step->load->stream.rows;

	return mi_state_stream(&step->load->state, &link->conn, rows->id, &step->header,
	                       &rows->torn, err);
}

/* Records the row stream, before its first rows. */
static int ensure_stream(struct mi_dispatch *load, const char *db, struct mi_err *err)
{
	struct mi_dispatch_stream *stream = &load->stream;
	struct stream_step step = {
	    load, {.low = stream->low, .high = stream->high, .server = stream->server}};

	if (stream->recorded)
		return 0;
	if (ensure_may_load(load, db, err) != 0 ||
	    mi_link_run(&load->link, record_stream, &step, err) != 0)
		return -1;
	stream->recorded = true;
	return 0;
}

/* ---- Header ---- */

static int check_import(struct mi_dispatch *load, const char *import, struct mi_err *err)
{
	if (!load->import) {
		const char *wanted = load->options->import;

		if (!wanted)
			wanted = *import ? import : "import";
		if (mi_state_check_import(wanted, err) != 0) {
			err->code = MI_DATA;
			return -1;
		}
		load->import = mi_strdup(wanted);
	}
	if (!*import || strcmp(import, load->import) == 0)
		return 0;
	(void)mi_fail(err, MI_DATA, "a stream of import '%s' comes into import '%s'", import,
	              load->import);
	return mi_hint(err, "streams of one input belong to one import; --import must name it");
}

/* Copies a GTID set in its normal form, so that equal sets are equal text. */
static int copy_set(const char *text, char **copy, struct mi_err *err)
{
	struct mi_gtid_set *set = NULL;
	struct mi_buf printed = {0};

	if (mi_gtid_parse(mi_span_str(text), &set, err) != 0) {
		err->code = MI_DATA;
		return mi_within(err, "bad stream: its GTID position");
	}
	mi_gtid_print(set, &printed);
	free(*copy);
	*copy = mi_strdup(mi_buf_cstr(&printed));
	mi_gtid_free(set);
	mi_buf_release(&printed);
	return 0;
}

static int on_header(void *user, const struct mi_stream_header *header, struct mi_err *err)
{
	struct mi_dispatch *load = user;
	struct mi_dispatch_stream *stream = &load->stream;

	if (header->kind == MI_STREAM_EVENTS) {
		(void)mi_fail(err, MI_DATA, "this is an event stream");
		return mi_hint(err, "mi-apply takes it");
	}
	if (header->kind == MI_STREAM_ROWS && load->options->schema_only)
		return mi_fail(err, MI_DATA, "the input has rows, and --schema-only takes none");
	if (check_import(load, header->import_id, err) != 0 ||
	    copy_set(header->low, &stream->low, err) != 0 ||
	    copy_set(header->high, &stream->high, err) != 0)
		return -1;
	free(stream->server);
	stream->server = mi_strdup(header->server);
	stream->kind = header->kind;
	stream->recorded = false;
	stream->rows.id = load->frame->stream;
	stream->rows.torn = false;
	stream->rows.same_flavour = (strcmp(header->flavour, "mariadb") == 0) ==
	                            (load->link.conn.flavour == MI_FLAVOUR_MARIADB);
	atomic_store(&stream->rows.rows, 0);
	atomic_store(&stream->rows.chunks, 0);
	load->had_rows |= header->kind == MI_STREAM_ROWS;
	mi_targets_new_stream(&load->targets);
	return 0;
}

/* ---- Tables ---- */

struct existing {
	struct mi_dispatch *load;
	struct mi_target *target;
	const struct mi_table *def;
};

/* A table existed before its definition came: is it what the definition would have made, and has it
 * no rows but this import's? */
static int check_existing(void *user, struct mi_link *link, struct mi_err *err)
{
	const struct existing *existing = user;
	struct mi_target *target = existing->target;
	struct mi_state_table known;
	bool exists, empty;

	if (mi_state_table(&existing->load->state, &link->conn, target->db, target->name, 0, &known,
	                   err) != 0)
		return -1;
	if (mi_target_compare(existing->def, target->into, &link->conn, &exists, NULL, err) != 0) {
		if (err->code == MI_DATA)
			(void)mi_hint(err, "the table is another one: drop or rename it here");
		return -1;
	}
	if (known.ranges > 0 || known.parts > 0 || known.ended ||
	    existing->load->options->into_existing)
		return 0;
	if (mi_target_is_empty(target->into, target->name, &link->conn, &empty, err) != 0)
		return -1;
	if (empty)
		return 0;
	(void)mi_fail(err, MI_CONFIG, "it exists with rows that this import did not put there");
	return mi_hint(err, "empty or drop it, or say --into-existing");
}

static int accept_existing(struct mi_dispatch *load, struct mi_target *target,
                           const struct mi_table *def, struct mi_err *err)
{
	struct existing existing = {load, target, def};

	target->existed = false;
	if (mi_link_run(&load->link, check_existing, &existing, err) != 0)
		return mi_within(err, "table %s.%s", target->into, target->name);
	return 0;
}

static int look_at_text(void *user, struct mi_link *link, struct mi_err *err)
{
	const struct existing *existing = user;
	const struct mi_target *target = existing->target;
	bool same;

	if (mi_state_table_text(&existing->load->state, &link->conn, target->db, target->name,
	                        target->into, existing->def->text_digest, target->made, &same,
	                        err) != 0)
		return -1;
	if (same || existing->load->options->into_existing)
		return 0;
	(void)mi_fail(err, MI_DATA,
	              "it has been altered on the source since this copy made it here");
	return mi_hint(err, "begin anew: drop the tables here, and delete the flow's rows from %s",
	               existing->load->state.load);
}

/* The table's definition is that of which the table here was made, now or in an earlier run of an
 * interrupted copy: an ALTER in between may have left columns and keys as they were. */
static int check_text(struct mi_dispatch *load, struct mi_target *target,
                      const struct mi_table *def, struct mi_err *err)
{
	struct existing existing = {load, target, def};
	bool defined = target->defined;

	target->defined = false;
	if (!defined || !*def->text_digest)
		return 0;
	if (mi_link_run(&load->link, look_at_text, &existing, err) != 0)
		return mi_within(err, "table %s.%s", target->into, target->name);
	return 0;
}

static int on_schema_table(struct mi_dispatch *load, struct mi_target *target,
                           const struct mi_table *table, struct mi_err *err)
{
	memcpy(target->schema_digest, table->digest, sizeof target->schema_digest);
	memcpy(target->schema_text, table->text_digest, sizeof target->schema_text);
	target->schema_def = table;
	if (target->existed && accept_existing(load, target, table, err) != 0)
		return -1;
	return check_text(load, target, table, err);
}

/* Whether the table's definition in the schema stream and that in the row stream are the same, as
 * far as the streams say: mi_table_same, for what is left of the former. */
static bool is_unchanged(const struct mi_target *target, const struct mi_table *table)
{
	if (*target->schema_digest && strcmp(target->schema_digest, table->digest) != 0)
		return false;
	return !*target->schema_text || !*table->text_digest ||
	       strcmp(target->schema_text, table->text_digest) == 0;
}

static int on_rows_table(struct mi_dispatch *load, struct mi_target *target,
                         const struct mi_table *table, struct mi_err *err)
{
	target->in_stream = true;
	if (!is_unchanged(target, table)) {
		(void)mi_fail(err, MI_DATA,
		              "table %s.%s changed between the schema stream and the row stream",
		              table->db, table->name);
		return mi_hint(err, "begin again: no definition may change while a copy runs");
	}
	return ensure_stream(load, table->db, err);
}

static int on_table(void *user, const struct mi_table *table, struct mi_err *err)
{
	struct mi_dispatch *load = user;
	struct mi_target *target;

	if (mi_table_is_ours(table->name))
		return mi_fail(err, MI_DATA, "table %s.%s is bookkeeping and cannot be loaded",
		               table->db, table->name);
	target = mi_targets_get(&load->targets, &load->options->map, table->db, table->name);
	if (load->stream.kind == MI_STREAM_ROWS)
		return on_rows_table(load, target, table, err);
	return on_schema_table(load, target, table, err);
}

static int on_expect(void *user, const char *db, const char *name, struct mi_err *err)
{
	struct mi_dispatch *load = user;

	(void)err;
	mi_targets_get(&load->targets, &load->options->map, db, name)->expected = true;
	return 0;
}

/* ---- Completeness ---- */

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
static int find_lacking(struct mi_dispatch *load, const struct mi_target **lacking,
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

static int refuse_lacking(struct mi_dispatch *load, struct mi_err *err)
{
	const struct mi_target *lacking;

	if (load->options->schema_only)
		return 0;
	if (find_lacking(load, &lacking, err) != 0)
		return -1;
	if (!lacking)
		return 0;
	(void)mi_fail(err, MI_DATA, "the rows of table %s.%s have not all come", lacking->db,
	              lacking->name);
	return mi_hint(err, "did mi-dump fail, or run with other tables than mi-schema? "
	                    "--schema-only loads definitions alone");
}

/* Writes the readable copy of the checkpoint, after its row has been committed. */
static int save_position(const char *file, const struct mi_buf *position, struct mi_err *err)
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

static int write_checkpoint(void *user, struct mi_link *link, struct mi_err *err)
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
	ret = save_position(load->options->checkpoint, &low, err);
out:
	mi_buf_release(&low);
	mi_buf_release(&high);
	mi_buf_release(&source);
	return ret;
}

/* Says of how many of the row stream's tables it is proven that they are the source's, and names
 * the first of which it is not. */
static void say_verified(const struct mi_dispatch *load)
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

/* The end of a row stream without tables, which is recorded as others are: it has a position, too.
 * Where neither an option nor the input names a database, there is none that could hold the rows of
 * the checkpoint, and its file alone says where the snapshot was. */
static int end_without_tables(struct mi_dispatch *load, struct mi_err *err)
{
	struct mi_buf low = {0};
	int ret;

	if (load->state_ready || *state_db_for(load, ""))
		return ensure_stream(load, "", err);
	mi_notice("no table and no database: the position is in no server");
	mi_buf_add_str(&low, load->stream.low);
	ret = save_position(load->options->checkpoint, &low, err);
	mi_buf_release(&low);
	return ret;
}

/* A row stream has ended, and all its chunks are there: checks its totals, and writes the
 * checkpoint when no expected table lacks rows. */
static int end_rows(struct mi_dispatch *load, const struct mi_totals *totals, struct mi_err *err)
{
	struct mi_rows_stream *rows = &load->stream.rows;
	const struct mi_target *lacking;

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
	say_verified(load);
	if (find_lacking(load, &lacking, err) != 0)
		return -1;
	if (lacking)
		return 0;
	if (!load->stream.recorded && end_without_tables(load, err) != 0)
		return -1;
	if (!load->stream.recorded)
		return 0;
	return mi_link_run(&load->link, write_checkpoint, load, err);
}

static int on_end(void *user, const struct mi_totals *totals, struct mi_err *err)
{
	struct mi_dispatch *load = user;
	const struct mi_totals *seen = mi_parser_totals(load->parser);

	if (totals->tables != seen->tables || totals->transactions || totals->changes)
		return mi_fail(err, MI_DATA,
		               "bad stream: its END record does not agree with the "
		               "records before it");
	if (mi_pool_drain(load->pool, err) != 0)
		return -1;
	for (size_t i = 0; i < load->targets.count; i++) {
		const struct mi_target *target = load->targets.items[i];

		if (target->existed && !load->options->into_existing)
			return mi_fail(err, MI_CONFIG,
			               "table %s.%s exists, and the stream does not define it "
			               "well enough to compare",
			               target->into, target->name);
	}
	if (mi_ddls_flush(&load->ddls, load->pool, &load->link, err) != 0)
		return -1;
	if (load->stream.kind == MI_STREAM_ROWS)
		return end_rows(load, totals, err);
	for (size_t i = 0; i < load->targets.count; i++)
		load->targets.items[i]->schema_def = NULL;
	return 0;
}

int mi_dispatch_finish(struct mi_dispatch *load, struct mi_err *err)
{
	uint64_t skipped = atomic_load(&load->rows.skipped_chunks);

	if (refuse_lacking(load, err) != 0)
		return -1;
	if (skipped > 0)
		mi_notice("%llu chunks with %llu rows were here already",
		          (unsigned long long)skipped,
		          (unsigned long long)atomic_load(&load->rows.skipped_rows));
	return 0;
}

/* ---- Definitions ---- */

static int run_immediate(struct mi_dispatch *load, const struct mi_ddl *ddl, struct mi_err *err)
{
	struct mi_target *target;
	bool existed;

	if (strcmp(ddl->kind, "database") == 0)
		return mi_load_database(ddl, &load->options->map, &load->link, err);
	if (!*ddl->db || !*ddl->object)
		return mi_fail(err, MI_DATA, "bad stream: a table without its name");
	if (mi_load_table(ddl, &load->options->map, &load->link, &existed, err) != 0)
		return -1;
	target = mi_targets_get(&load->targets, &load->options->map, ddl->db, ddl->object);
	target->existed = existed;
	target->defined = true;
	target->made = !existed;
	if (existed && target->schema_def)
		return accept_existing(load, target, target->schema_def, err);
	return 0; /* an existing table is compared when its TABLE record comes */
}

/* The state database may be the one that this record creates, with its own character set. */
static bool makes_state_db(const struct mi_dispatch *load, const struct mi_ddl *ddl)
{
	return strcmp(ddl->kind, "database") == 0 &&
	       strcmp(mi_map_db(&load->options->map, ddl->object),
	              state_db_for(load, ddl->object)) == 0;
}

static int on_ddl(void *user, const struct mi_ddl *ddl, struct mi_err *err)
{
	struct mi_dispatch *load = user;
	const char *db = *ddl->db ? ddl->db : ddl->object;
	bool is_high = strcmp(ddl->section, "high") == 0;

	if (!is_high && strcmp(ddl->section, "pre") != 0 && strcmp(ddl->section, "post") != 0)
		return mi_fail(err, MI_DATA, "bad stream: a DDL record of unknown section '%s'",
		               ddl->section);
	if (mi_pool_drain(load->pool, err) != 0)
		return -1;
	if (makes_state_db(load, ddl) && !load->state_ready &&
	    mi_load_database(ddl, &load->options->map, &load->link, err) != 0)
		return -1;
	if (is_high ? ensure_passed_high(load, db, err) != 0 : ensure_may_load(load, db, err) != 0)
		return -1;
	if (strcmp(ddl->section, "post") == 0 && refuse_lacking(load, err) != 0)
		return -1;
	if (mi_ddl_is_immediate(ddl))
		return run_immediate(load, ddl, err);
	return mi_ddls_keep(&load->ddls, ddl, err);
}

/* ---- Rows ---- */

struct prepare {
	struct mi_dispatch *load;
	struct mi_target *target;
	const struct mi_table *def;
};

static int prepare_step(void *user, struct mi_link *link, struct mi_err *err)
{
	const struct prepare *prepare = user;
	const struct mi_dispatch *load = prepare->load;
	const struct mi_preparation how = {
	    .state = &load->state,
	    .stream = load->stream.rows.id,
	    .torn = load->stream.rows.torn,
	    .same_flavour = load->stream.rows.same_flavour,
	    .into_existing = load->options->into_existing,
	    .prove = load->rows.prove,
	};

	return mi_target_prepare(prepare->target, prepare->def, &how, &link->conn, err);
}

/* The target of a table of the present row stream, prepared for rows. */
static int target_for(struct mi_dispatch *load, const struct mi_table *def,
                      struct mi_target **target, struct mi_err *err)
{
	struct prepare prepare = {load, NULL, def};

	*target = mi_targets_get(&load->targets, &load->options->map, def->db, def->name);
	prepare.target = *target;
	if ((*target)->prepared)
		return 0;
	return mi_link_run(&load->link, prepare_step, &prepare, err);
}

static int end_step(void *user, struct mi_link *link, struct mi_err *err)
{
	const struct prepare *prepare = user;

	return mi_target_end(prepare->target, &prepare->load->state, prepare->load->stream.rows.id,
	                     &link->conn, err);
}

static int on_table_end(void *user, const struct mi_table *table, uint64_t rows, struct mi_err *err)
{
	struct mi_dispatch *load = user;
	struct prepare prepare = {load, NULL, table};

	if (load->stream.kind != MI_STREAM_ROWS)
		return mi_fail(err, MI_DATA, "bad stream: the end of rows where none belong");
	if (target_for(load, table, &prepare.target, err) != 0)
		return -1;
	if (prepare.target->end_seen)
		return mi_fail(err, MI_DATA, "bad stream: table %s.%s ends twice", table->db,
		               table->name);
	if (mi_target_end_seen(&load->targets, prepare.target, rows) &&
	    mi_link_run(&load->link, end_step, &prepare, err) != 0)
		return mi_within(err, "table %s.%s", table->db, table->name);
	return 0;
}

static int begin_chunk(struct mi_dispatch *load, const struct mi_frame *frame, struct mi_err *err)
{
	const struct mi_table *def = mi_parser_table(load->parser, frame->table);
	struct mi_target *target;

	if (!def)
		return mi_frame_fail(frame, err, "its table has not been defined");
	if (load->stream.kind != MI_STREAM_ROWS)
		return mi_frame_fail(frame, err, "rows do not belong into a schema stream");
	if (target_for(load, def, &target, err) != 0)
		return -1;
	if (target->end_seen)
		return mi_frame_fail(frame, err, "its table has ended before");
	load->job = mi_chunk_job_new(&load->rows, &load->stream.rows, target, def);
	return 0;
}

static int take_rows(struct mi_dispatch *load, struct mi_frame *frame, struct mi_err *err)
{
	bool is_last = frame->flags & MI_FRAME_CHUNK_LAST;
	struct mi_chunk_job *job;

	if ((frame->flags & MI_FRAME_CHUNK_FIRST) && begin_chunk(load, frame, err) != 0)
		return -1;
	job = load->job;
	mi_chunk_job_add(job, frame);
	if (mi_pool_wait_room(load->pool, job->job.bytes, err) != 0)
		return -1;
	if (!is_last)
		return 0;
	load->job = NULL;
	mi_target_job_begins(&load->targets, job->target);
	return mi_pool_put(load->pool, &job->job, err);
}

int mi_dispatch_frame(struct mi_dispatch *load, struct mi_frame *frame, struct mi_err *err)
{
	if (frame->kind == MI_FRAME_ROWS)
		return take_rows(load, frame, err);
	load->frame = frame;
	if (mi_frame_unpack(load->unpacker, frame, &load->payload, err) != 0)
		return -1;
	return mi_parser_feed(load->parser, frame, mi_buf_span(&load->payload), err);
}

static const struct mi_stream_ops dispatch_ops = {
    .header = on_header,
    .table = on_table,
    .expect = on_expect,
    .ddl = on_ddl,
    .table_end = on_table_end,
    .end = on_end,
};

struct mi_parser *mi_dispatch_parser(struct mi_dispatch *load)
{
	return mi_parser_new(&dispatch_ops, load);
}

void mi_dispatch_release(struct mi_dispatch *load)
{
	mi_buf_release(&load->payload);
	free(load->import);
	free(load->stream.low);
	free(load->stream.high);
	free(load->stream.server);
}
