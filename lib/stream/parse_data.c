/* Handlers of the records that carry data: chunks and rows, transactions and their changes,
 * totals. */
#include "base/buf.h"
#include "base/err.h"
#include "base/words.h"
#include "stream/field.h"
#include "stream/parse.h"
#include "stream/parse_parts.h"
#include "stream/proof.h"
#include "stream/words.h"
#include "stream/write.h"
#include "table/table.h"

int mi_on_chunk(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	struct mi_chunk chunk = {0};
	struct mi_span proof = count == 6 ? fields[5] : mi_span(NULL, 0);
	const char *texts[4] = {0};
	uint64_t id;

	if ((count != 5 && count != 6) || !mi_field_number(fields[0], &id) ||
	    !mi_field_number(fields[1], &chunk.part) ||
	    !mi_field_strings(parser, fields + 2, count - 2, texts) || !texts[0] || !texts[1] ||
	    !mi_field_number(fields[4], &chunk.rows) || parser->chunk_begun ||
	    id != parser->chunk_table->id)
		return mi_parser_bad(parser, "a CHUNK record is malformed or misplaced");
	chunk.lo = texts[0];
	chunk.hi = texts[1];
	chunk.proof = texts[3] ? texts[3] : "";
	parser->proves = proof.data;
	parser->proof = (struct mi_proof){0};
	parser->chunk_proof = (struct mi_proof){.rows = chunk.rows};
	if (parser->proves && !mi_proof_parse(proof, &parser->chunk_proof))
		return mi_parser_bad(parser, "a CHUNK record's proof is malformed");
	if (chunk.part && (*chunk.lo || *chunk.hi))
		return mi_parser_bad(parser, "a CHUNK record has a range and a part");
	parser->chunk_begun = true;
	parser->chunk_rows_due = chunk.rows;
	parser->totals.chunks++;
	if (!parser->ops->chunk)
		return mi_parser_bad(parser, "a CHUNK record does not belong here");
	return mi_parser_told(
	    parser->ops->chunk(parser->user, parser->chunk_table, &chunk, parser->err));
}

int mi_on_row(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	if (!parser->chunk_begun || parser->chunk_rows_due == 0)
		return mi_parser_bad(parser, "it has more rows than its CHUNK record says");
	if (count != mi_table_fields(parser->chunk_table))
		return mi_parser_bad(parser, "a row has another number of columns than its table");
	parser->chunk_rows_due--;
	parser->totals.rows++;
	if (parser->proves || parser->proves_all)
		mi_proof_add(&parser->proof, fields, count);
	if (!parser->ops->row)
		return mi_parser_bad(parser, "rows do not belong here");
	return mi_parser_told(
	    parser->ops->row(parser->user, parser->chunk_table, fields, parser->err));
}

int mi_on_begin(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	const char *gtid;
	uint64_t commit_us;
	bool xa = count > 2;

	if (count < 2 || count > 3 || (xa && !mi_span_is(fields[2], MI_BEGIN_XA)) ||
	    !fields[0].len || !mi_field_strings(parser, fields, 1, &gtid) ||
	    !mi_field_number(fields[1], &commit_us) || parser->in_transaction)
		return mi_parser_bad(parser, "a BEGIN record is malformed or misplaced");
	parser->in_transaction = true;
	parser->in_xa = xa;
	if (!parser->ops->begin)
		return mi_parser_bad(parser, "events do not belong here");
	return mi_parser_told(parser->ops->begin(parser->user, gtid, commit_us, xa, parser->err));
}

static int change(struct mi_parser *parser, const struct mi_span *fields, size_t count, bool before,
                  bool after, int (*call)(void *, const struct mi_change *, struct mi_err *))
{
	struct mi_change change = {0};
	uint64_t id, fk_flags;
	size_t width;

	if (count < 2 || !parser->in_transaction || !mi_field_number(fields[0], &id) ||
	    id > UINT32_MAX || !mi_field_number(fields[1], &fk_flags) ||
	    fk_flags > (MI_FK_SQL | MI_FK_NO_CHECKS) ||
	    !(change.table = mi_tables_by_id(&parser->tables, (uint32_t)id)))
		return mi_parser_bad(parser, "a change record is malformed or misplaced");
	width = mi_table_fields(change.table);
	if (count - 2 != width * ((size_t)before + (size_t)after))
		return mi_parser_bad(parser,
		                     "a row image has another number of columns than its table");
	change.fk_flags = (unsigned)fk_flags;
	change.before = before ? fields + 2 : NULL;
	change.after = after ? fields + 2 + (before ? width : 0) : NULL;
	parser->totals.changes++;
	if (!call)
		return mi_parser_bad(parser, "events do not belong here");
	return mi_parser_told(call(parser->user, &change, parser->err));
}

int mi_on_insert(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	return change(parser, fields, count, false, true, parser->ops->insert);
}

int mi_on_update(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	return change(parser, fields, count, true, true, parser->ops->update);
}

int mi_on_delete(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	return change(parser, fields, count, true, false, parser->ops->remove);
}

static int end_transaction(struct mi_parser *parser, size_t count,
                           int (*call)(void *, struct mi_err *))
{
	if (count != 0 || !parser->in_transaction)
		return mi_parser_bad(parser, "a transaction ends that has not begun");
	parser->in_transaction = false;
	if (!call)
		return mi_parser_bad(parser, "events do not belong here");
	return mi_parser_told(call(parser->user, parser->err));
}

int mi_on_commit(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	(void)fields;
	parser->totals.transactions++;
	return end_transaction(parser, count, parser->ops->commit);
}

int mi_on_abort(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	(void)fields;
	return end_transaction(parser, count, parser->ops->abort);
}

int mi_on_xa(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	int step;

	if (count != 2 || (step = mi_word_index(fields[0], mi_xa_words)) < 0 || !fields[1].len ||
	    !parser->in_transaction || (step == MI_XA_PREPARE && !parser->in_xa))
		return mi_parser_bad(parser, "an XA record is malformed or misplaced");
	parser->in_transaction = false;
	parser->totals.transactions += step == MI_XA_PREPARE;
	if (!parser->ops->xa)
		return mi_parser_bad(parser, "events do not belong here");
	return mi_parser_told(
	    parser->ops->xa(parser->user, (enum mi_xa_step)step, fields[1], parser->err));
}

int mi_on_statement(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	struct mi_ddl ddl;

	if (!mi_field_ddl(parser, fields, count, &ddl) || !parser->in_transaction)
		return mi_parser_bad(parser, "a STATEMENT record is malformed or misplaced");
	if (!parser->ops->statement)
		return mi_parser_bad(parser, "events do not belong here");
	return mi_parser_told(parser->ops->statement(parser->user, &ddl, parser->err));
}

int mi_on_skip(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	const char *set;

	if (count != 1 || !mi_field_strings(parser, fields, 1, &set) || !set ||
	    parser->in_transaction)
		return mi_parser_bad(parser, "a SKIP record is malformed or misplaced");
	if (!parser->ops->skip)
		return mi_parser_bad(parser, "events do not belong here");
	return mi_parser_told(parser->ops->skip(parser->user, set, parser->err));
}

int mi_on_past(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	const char *texts[2];

	if (count != 2 || !mi_field_strings(parser, fields, 2, texts) || !texts[0] || !*texts[0] ||
	    !texts[1] || parser->in_transaction)
		return mi_parser_bad(parser, "a PAST record is malformed or misplaced");
	if (!parser->ops->past)
		return mi_parser_bad(parser, "events do not belong here");
	return mi_parser_told(parser->ops->past(parser->user, texts[0], texts[1], parser->err));
}

int mi_on_heartbeat(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	uint64_t time_us;

	if (count != 1 || !mi_field_number(fields[0], &time_us))
		return mi_parser_bad(parser, "a HEARTBEAT record is malformed");
	if (!parser->ops->heartbeat)
		return mi_parser_bad(parser, "events do not belong here");
	return mi_parser_told(parser->ops->heartbeat(parser->user, time_us, parser->err));
}

int mi_on_end(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	struct mi_totals totals;

	if (count != 5 || !mi_field_number(fields[0], &totals.tables) ||
	    !mi_field_number(fields[1], &totals.chunks) ||
	    !mi_field_number(fields[2], &totals.rows) ||
	    !mi_field_number(fields[3], &totals.transactions) ||
	    !mi_field_number(fields[4], &totals.changes))
		return mi_parser_bad(parser, "its END record is malformed");
	if (parser->in_transaction)
		return mi_parser_bad(parser, "the stream ends inside a transaction");
	if (parser->checks_totals && !mi_totals_equal(&totals, &parser->totals))
		return mi_parser_bad(parser,
		                     "its END record does not agree with the records before it");
	if (!parser->ops->end)
		return 0;
	return mi_parser_told(parser->ops->end(parser->user, &totals, parser->err));
}
