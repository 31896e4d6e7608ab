#include "stream/print.h"
#include "base/hex.h"
#include "stream/words.h"
#include "base/buf.h"
#include "base/err.h"
#include "stream/csv_write.h"
#include "stream/parse.h"
#include "stream/write.h"
#include "table/json.h"
#include "table/table.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

/* What has been counted of one table, in all streams of the input. */
struct tally {
	char *name; /* db.table */
	uint64_t chunks, rows, bytes, inserts, updates, deletes;
};

struct lister {
	const struct mi_listing *want;
	struct tally *tallies;
	size_t tally_count;
	const struct mi_table *last; /* the table that tally_of was asked for last; NULL: none */
	size_t last_index;           /* the index of its tally, kept because rows come in runs */
	struct mi_totals totals;
	uint64_t streams, ddl;
	bool names_printed; /* CSV: the line of column names is out */
	bool found;         /* CSV: the table is defined */
	struct mi_buf line;
};

static bool wanted(const struct lister *lister, const char *db, const char *name)
{
	const char *want = lister->want->table;
	size_t db_len = strlen(db);

	if (!want || strcmp(want, name) == 0)
		return true;
	return strncmp(want, db, db_len) == 0 && want[db_len] == '.' &&
	       strcmp(want + db_len + 1, name) == 0;
}

static bool listing_lines(const struct lister *lister)
{
	return lister->want->mode == MI_LIST_LINES;
}

static int put_line(struct lister *lister, struct mi_err *err)
{
	mi_buf_add_char(&lister->line, '\n');
	if (fwrite(lister->line.data, 1, lister->line.len, lister->want->out) != lister->line.len)
		return mi_fail_errno(err, MI_IO, errno, "cannot write");
	mi_buf_reset(&lister->line);
	return 0;
}

/* ---- Text for people ---- */

/* UTF-8 stays readable; control characters, quotes and backslashes are escaped, so that a text can
 * neither break the line nor drive the terminal. */
static void add_escaped(struct mi_buf *line, struct mi_span text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c == '\'' || c == '\\')
			mi_buf_addf(line, "\\%c", c);
		else if (c == '\n')
			mi_buf_add_str(line, "\\n");
		else if (c < 0x20 || c == 0x7f)
			mi_buf_addf(line, "\\x%02x", c);
		else
			mi_buf_add_char(line, (char)c);
	}
}

/* In quotes. */
static void add_visible(struct mi_buf *line, struct mi_span text)
{
	mi_buf_add_char(line, '\'');
	add_escaped(line, text);
	mi_buf_add_char(line, '\'');
}

/* Without quotes: for what is one word in a good stream. */
static void add_word(struct mi_buf *line, const char *text)
{
	add_escaped(line, mi_span_str(text));
}

static void add_visible_str(struct mi_buf *line, const char *text)
{
	add_visible(line, mi_span_str(text));
}

static void add_hex(struct mi_buf *line, struct mi_span bytes)
{
	mi_buf_add_str(line, "0x");
	mi_hex_add(line, bytes, mi_hex_lower);
}

static bool is_binary(enum mi_type type)
{
	return type == MI_TYPE_BINARY || type == MI_TYPE_BLOB || type == MI_TYPE_GEOMETRY ||
	       type == MI_TYPE_VECTOR;
}

/* The text, and behind it the codes of types that it loses. */
static void add_json(struct mi_buf *line, struct mi_span value)
{
	struct mi_span text, codes;

	mi_json_split(value, &text, &codes);
	add_visible(line, text);
	if (codes.len == 0)
		return;
	mi_buf_add_str(line, " types ");
	add_visible(line, codes);
}

static void add_values(struct mi_buf *line, const struct mi_table *table,
                       const struct mi_span *values)
{
	const char *comma = "";
	size_t n = 0;

	mi_buf_add_char(line, '(');
	for (size_t i = 0; i < table->column_count; i++) {
		const struct mi_column *column = &table->columns[i];

		if (!column->carried)
			continue;
		mi_buf_add_str(line, comma);
		comma = ", ";
		if (!values[n].data)
			mi_buf_add_str(line, "NULL");
		else if (mi_type_is_number(column->type))
			mi_buf_add_span(line, values[n]);
		else if (is_binary(column->type))
			add_hex(line, values[n]);
		else if (column->type == MI_TYPE_JSON)
			add_json(line, values[n]);
		else
			add_visible(line, values[n]);
		n++;
	}
	mi_buf_add_char(line, ')');
}

static void add_time(struct mi_buf *line, uint64_t time_us)
{
	time_t seconds = (time_t)(time_us / 1000000);
	struct tm tm;
	char text[40];

	if (!gmtime_r(&seconds, &tm) || !strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm))
		(void)snprintf(text, sizeof text, "@%lld", (long long)seconds);
	mi_buf_addf(line, "%s.%06uZ", text, (unsigned)(time_us % 1000000));
}

static void add_table_name(struct mi_buf *line, const struct mi_table *table)
{
	add_visible_str(line, table->db);
	mi_buf_add_char(line, '.');
	add_visible_str(line, table->name);
}

/* ---- Counting ---- */

static size_t tally_index(struct lister *lister, const char *name)
{
	struct tally *tally;

	for (size_t i = 0; i < lister->tally_count; i++)
		if (strcmp(lister->tallies[i].name, name) == 0)
			return i;
	tally = mi_array_add(&lister->tallies, &lister->tally_count, sizeof *tally);
	tally->name = mi_strdup(name);
	return lister->tally_count - 1;
}

static struct tally *tally_of(struct lister *lister, const struct mi_table *table)
{
	struct mi_buf name = {0};

	if (lister->last != table) {
		mi_buf_addf(&name, "%s.%s", table->db, table->name);
		lister->last_index = tally_index(lister, mi_buf_cstr(&name));
		lister->last = table;
		mi_buf_release(&name);
	}
	return &lister->tallies[lister->last_index];
}

static uint64_t bytes_of(const struct mi_table *table, const struct mi_span *values)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < table->carried_count; i++)
		bytes += values[i].len;
	return bytes;
}

/* ---- Callbacks ---- */

static int on_header(void *user, const struct mi_stream_header *header, struct mi_err *err)
{
	struct lister *lister = user;
	struct mi_buf *line = &lister->line;

	lister->streams++;
	lister->last = NULL; /* the parser has freed the tables of the stream before */
	if (!listing_lines(lister))
		return 0;
	mi_buf_addf(line, "stream %s of ", mi_stream_kind_words[header->kind]);
	add_word(line, header->flavour);
	mi_buf_add_char(line, ' ');
	add_word(line, header->version);
	mi_buf_add_str(line, " server ");
	add_visible_str(line, header->server);
	mi_buf_add_str(line, " import ");
	add_visible_str(line, header->import_id);
	mi_buf_add_str(line, " by ");
	add_visible_str(line, header->tool);
	mi_buf_add_str(line, " at ");
	add_time(line, header->time_us);
	if (*header->low || *header->high) {
		mi_buf_add_str(line, " low ");
		add_visible_str(line, header->low);
		mi_buf_add_str(line, " high ");
		add_visible_str(line, header->high);
	}
	return put_line(lister, err);
}

static void add_key(struct mi_buf *line, const struct mi_table *table, const struct mi_key *key)
{
	mi_buf_addf(line, "  %s key ", mi_key_kind_words[key->kind]);
	add_visible_str(line, key->name);
	for (size_t i = 0; i < key->part_count; i++) {
		const struct mi_key_part *part = &key->parts[i];

		mi_buf_add_str(line, i ? ", " : " (");
		if (part->column < 0)
			mi_buf_add_str(line, "expression");
		else
			add_visible_str(line, table->columns[part->column].name);
		if (part->prefix)
			mi_buf_addf(line, " %u", part->prefix);
		if (part->descending)
			mi_buf_add_str(line, " desc");
	}
	mi_buf_add_char(line, ')');
	if (key == mi_table_row_key(table))
		mi_buf_add_str(line, " identifies rows");
}

static void add_column(struct mi_buf *line, const struct mi_column *column)
{
	mi_buf_add_str(line, "  column ");
	add_visible_str(line, column->name);
	mi_buf_addf(line, " %s ", mi_type_name(column->type));
	add_visible_str(line, column->type_text);
	if (column->collation) {
		mi_buf_add_char(line, ' ');
		add_visible_str(line, column->collation);
	}
	if (!column->nullable)
		mi_buf_add_str(line, " not null");
	if (column->generated != MI_NOT_GENERATED)
		mi_buf_addf(line, " generated %s", mi_generated_words[column->generated]);
	if (column->proven)
		mi_buf_add_str(line, " proven");
	else if (!column->carried)
		mi_buf_add_str(line, " not carried");
}

static int list_table(struct lister *lister, const struct mi_table *table, struct mi_err *err)
{
	mi_buf_addf(&lister->line, "table %u ", table->id);
	add_table_name(&lister->line, table);
	mi_buf_addf(&lister->line, " digest %s", table->digest);
	if (*table->text_digest)
		mi_buf_addf(&lister->line, " text %s", table->text_digest);
	if (put_line(lister, err) != 0)
		return -1;
	for (size_t i = 0; i < table->column_count; i++) {
		add_column(&lister->line, &table->columns[i]);
		if (put_line(lister, err) != 0)
			return -1;
	}
	for (size_t i = 0; i < table->key_count; i++) {
		add_key(&lister->line, table, &table->keys[i]);
		if (put_line(lister, err) != 0)
			return -1;
	}
	return 0;
}

static void add_csv_names(struct mi_buf *line, const struct mi_table *table)
{
	const char *comma = "";

	for (size_t i = 0; i < table->column_count; i++) {
		if (!table->columns[i].carried)
			continue;
		mi_buf_add_str(line, comma);
		mi_csv_add_quoted(line, mi_span_str(table->columns[i].name));
		comma = ",";
	}
}

static int on_table(void *user, const struct mi_table *table, struct mi_err *err)
{
	struct lister *lister = user;

	lister->totals.tables++;
	if (!wanted(lister, table->db, table->name))
		return 0;
	lister->found = true;
	if (lister->want->mode == MI_LIST_STATS)
		(void)tally_of(lister, table);
	if (listing_lines(lister))
		return list_table(lister, table, err);
	if (lister->want->mode == MI_LIST_CSV && !lister->want->no_names &&
	    !lister->names_printed) {
		lister->names_printed = true;
		add_csv_names(&lister->line, table);
		return put_line(lister, err);
	}
	return 0;
}

static int on_expect(void *user, const char *db, const char *name, struct mi_err *err)
{
	struct lister *lister = user;

	if (!listing_lines(lister) || !wanted(lister, db, name))
		return 0;
	mi_buf_add_str(&lister->line, "expect rows of ");
	add_visible_str(&lister->line, db);
	mi_buf_add_char(&lister->line, '.');
	add_visible_str(&lister->line, name);
	return put_line(lister, err);
}

static int list_ddl(struct lister *lister, const char *word, const struct mi_ddl *ddl,
                    struct mi_err *err)
{
	lister->ddl++;
	if (!listing_lines(lister) || !wanted(lister, ddl->db, ddl->object))
		return 0;
	mi_buf_addf(&lister->line, "%s ", word);
	add_word(&lister->line, ddl->section);
	mi_buf_add_char(&lister->line, ' ');
	add_word(&lister->line, ddl->kind);
	mi_buf_add_char(&lister->line, ' ');
	add_visible_str(&lister->line, ddl->db);
	mi_buf_add_char(&lister->line, '.');
	add_visible_str(&lister->line, ddl->object);
	mi_buf_add_char(&lister->line, ' ');
	add_visible_str(&lister->line, ddl->text);
	return put_line(lister, err);
}

static int on_ddl(void *user, const struct mi_ddl *ddl, struct mi_err *err)
{
	return list_ddl(user, "ddl", ddl, err);
}

static int on_chunk(void *user, const struct mi_table *table, const struct mi_chunk *chunk,
                    struct mi_err *err)
{
	struct lister *lister = user;

	lister->totals.chunks++;
	if (!wanted(lister, table->db, table->name))
		return 0;
	if (lister->want->mode == MI_LIST_STATS)
		tally_of(lister, table)->chunks++;
	if (!listing_lines(lister))
		return 0;
	mi_buf_add_str(&lister->line, "chunk ");
	add_table_name(&lister->line, table);
	if (chunk->part) {
		mi_buf_addf(&lister->line, " part %llu", (unsigned long long)chunk->part);
	} else {
		mi_buf_add_str(&lister->line, " keys after ");
		add_visible_str(&lister->line, chunk->lo);
		mi_buf_add_str(&lister->line, " to ");
		add_visible_str(&lister->line, chunk->hi);
	}
	mi_buf_addf(&lister->line, " rows %llu", (unsigned long long)chunk->rows);
	if (*chunk->proof)
		mi_buf_addf(&lister->line, " proof %s", chunk->proof);
	return put_line(lister, err);
}

/* What a reader of CSV expects: of JSON its text, without the codes of types. */
static struct mi_span csv_text(const struct mi_column *column, struct mi_span value)
{
	struct mi_span codes;

	if (column->type == MI_TYPE_JSON)
		mi_json_split(value, &value, &codes);
	return value;
}

static void add_csv_row(struct mi_buf *line, const struct mi_table *table,
                        const struct mi_span *values)
{
	size_t n = 0;

	for (size_t i = 0; i < table->column_count; i++) {
		const struct mi_column *column = &table->columns[i];

		if (!column->carried)
			continue;
		if (n > 0)
			mi_buf_add_char(line, ',');
		if (values[n].data && mi_type_is_number(column->type))
			mi_buf_add_span(line, values[n]);
		else if (values[n].data)
			mi_csv_add_quoted(line, csv_text(column, values[n]));
		n++;
	}
}

static int on_row(void *user, const struct mi_table *table, const struct mi_span *values,
                  struct mi_err *err)
{
	struct lister *lister = user;
	struct tally *tally;

	lister->totals.rows++;
	if (lister->want->mode == MI_LIST_CHECK || !wanted(lister, table->db, table->name))
		return 0;
	switch (lister->want->mode) {
	case MI_LIST_STATS:
		tally = tally_of(lister, table);
		tally->rows++;
		tally->bytes += bytes_of(table, values);
		return 0;
	case MI_LIST_CSV:
		add_csv_row(&lister->line, table, values);
		return put_line(lister, err);
	default:
		mi_buf_add_str(&lister->line, "row ");
		add_table_name(&lister->line, table);
		mi_buf_add_char(&lister->line, ' ');
		add_values(&lister->line, table, values);
		return put_line(lister, err);
	}
}

static int on_table_end(void *user, const struct mi_table *table, uint64_t rows, struct mi_err *err)
{
	struct lister *lister = user;

	if (!listing_lines(lister) || !wanted(lister, table->db, table->name))
		return 0;
	mi_buf_add_str(&lister->line, "end of ");
	add_table_name(&lister->line, table);
	mi_buf_addf(&lister->line, " rows %llu", (unsigned long long)rows);
	return put_line(lister, err);
}

static int on_begin(void *user, const char *gtid, uint64_t commit_us, bool xa, struct mi_err *err)
{
	struct lister *lister = user;

	if (!listing_lines(lister))
		return 0;
	mi_buf_add_str(&lister->line, "begin ");
	add_word(&lister->line, gtid);
	mi_buf_add_str(&lister->line, " at ");
	add_time(&lister->line, commit_us);
	mi_buf_add_str(&lister->line, xa ? ", may be prepared" : "");
	return put_line(lister, err);
}

static int list_change(struct lister *lister, const char *word, const struct mi_change *change,
                       struct mi_err *err)
{
	const struct mi_table *table = change->table;
	struct tally *tally;

	lister->totals.changes++;
	if (!wanted(lister, table->db, table->name))
		return 0;
	if (lister->want->mode == MI_LIST_STATS) {
		tally = tally_of(lister, table);
		tally->inserts += !change->before;
		tally->updates += change->before && change->after;
		tally->deletes += !change->after;
	}
	if (!listing_lines(lister))
		return 0;
	mi_buf_addf(&lister->line, "  %s ", word);
	add_table_name(&lister->line, table);
	if (change->before) {
		mi_buf_add_char(&lister->line, ' ');
		add_values(&lister->line, table, change->before);
	}
	mi_buf_add_str(&lister->line, change->before && change->after ? " ->" : "");
	if (change->after) {
		mi_buf_add_char(&lister->line, ' ');
		add_values(&lister->line, table, change->after);
	}
	return put_line(lister, err);
}

static int on_insert(void *user, const struct mi_change *change, struct mi_err *err)
{
	return list_change(user, "insert", change, err);
}

static int on_update(void *user, const struct mi_change *change, struct mi_err *err)
{
	return list_change(user, "update", change, err);
}

static int on_delete(void *user, const struct mi_change *change, struct mi_err *err)
{
	return list_change(user, "delete", change, err);
}

static int list_word(struct lister *lister, const char *word, struct mi_err *err)
{
	if (!listing_lines(lister))
		return 0;
	mi_buf_add_str(&lister->line, word);
	return put_line(lister, err);
}

static int on_commit(void *user, struct mi_err *err)
{
	struct lister *lister = user;

	lister->totals.transactions++;
	return list_word(lister, "commit", err);
}

static int on_abort(void *user, struct mi_err *err)
{
	return list_word(user, "abort", err);
}

static int on_xa(void *user, enum mi_xa_step step, struct mi_span xid, struct mi_err *err)
{
	struct lister *lister = user;

	lister->totals.transactions += step == MI_XA_PREPARE;
	if (!listing_lines(lister))
		return 0;
	mi_buf_addf(&lister->line, "xa %s ", mi_xa_words[step]);
	add_hex(&lister->line, xid);
	return put_line(lister, err);
}

static int on_statement(void *user, const struct mi_ddl *ddl, struct mi_err *err)
{
	return list_ddl(user, "  statement", ddl, err);
}

static int on_skip(void *user, const char *gtid_set, struct mi_err *err)
{
	struct lister *lister = user;

	if (!listing_lines(lister))
		return 0;
	mi_buf_add_str(&lister->line, "skip ");
	add_word(&lister->line, gtid_set);
	return put_line(lister, err);
}

static int on_past(void *user, const char *gtid_set, const char *what, struct mi_err *err)
{
	struct lister *lister = user;

	if (!listing_lines(lister))
		return 0;
	mi_buf_add_str(&lister->line, "past ");
	add_word(&lister->line, gtid_set);
	mi_buf_add_char(&lister->line, ' ');
	add_word(&lister->line, what);
	return put_line(lister, err);
}

static int on_heartbeat(void *user, uint64_t time_us, struct mi_err *err)
{
	struct lister *lister = user;

	if (!listing_lines(lister))
		return 0;
	mi_buf_add_str(&lister->line, "heartbeat ");
	add_time(&lister->line, time_us);
	return put_line(lister, err);
}

static int on_end(void *user, const struct mi_totals *totals, struct mi_err *err)
{
	struct lister *lister = user;

	if (!listing_lines(lister))
		return 0;
	mi_buf_addf(&lister->line,
	            "end tables %llu chunks %llu rows %llu transactions %llu changes %llu",
	            (unsigned long long)totals->tables, (unsigned long long)totals->chunks,
	            (unsigned long long)totals->rows, (unsigned long long)totals->transactions,
	            (unsigned long long)totals->changes);
	return put_line(lister, err);
}

static const struct mi_stream_ops ops = {
    .header = on_header,
    .table = on_table,
    .expect = on_expect,
    .ddl = on_ddl,
    .chunk = on_chunk,
    .row = on_row,
    .table_end = on_table_end,
    .begin = on_begin,
    .insert = on_insert,
    .update = on_update,
    .remove = on_delete,
    .commit = on_commit,
    .abort = on_abort,
    .xa = on_xa,
    .statement = on_statement,
    .skip = on_skip,
    .past = on_past,
    .heartbeat = on_heartbeat,
    .end = on_end,
};

/* ---- Statistics ---- */

static int print_stats(struct lister *lister, struct mi_err *err)
{
	FILE *out = lister->want->out;

	fprintf(out, "%-40s %10s %14s %16s %10s %10s %10s\n", "table", "chunks", "rows", "bytes",
	        "inserts", "updates", "deletes");
	for (size_t i = 0; i < lister->tally_count; i++) {
		const struct tally *tally = &lister->tallies[i];

		add_visible_str(&lister->line, tally->name);
		fprintf(out, "%-40s %10llu %14llu %16llu %10llu %10llu %10llu\n",
		        mi_buf_cstr(&lister->line), (unsigned long long)tally->chunks,
		        (unsigned long long)tally->rows, (unsigned long long)tally->bytes,
		        (unsigned long long)tally->inserts, (unsigned long long)tally->updates,
		        (unsigned long long)tally->deletes);
		mi_buf_reset(&lister->line);
	}
	fprintf(out,
	        "streams %llu tables %llu statements %llu chunks %llu rows %llu transactions %llu "
	        "changes %llu\n",
	        (unsigned long long)lister->streams, (unsigned long long)lister->totals.tables,
	        (unsigned long long)lister->ddl, (unsigned long long)lister->totals.chunks,
	        (unsigned long long)lister->totals.rows,
	        (unsigned long long)lister->totals.transactions,
	        (unsigned long long)lister->totals.changes);
	if (ferror(out))
		return mi_fail_errno(err, MI_IO, errno, "cannot write");
	return 0;
}

int mi_listing_run(int fd, const struct mi_listing *listing, struct mi_err *err)
{
	struct lister lister = {.want = listing};
	int ret = mi_parse_stream(fd, &ops, &lister, err);

	if (ret == 0 && listing->mode == MI_LIST_STATS)
		ret = print_stats(&lister, err);
	if (ret == 0 && listing->mode == MI_LIST_CSV && !lister.found)
		ret = mi_fail(err, MI_DATA, "the input does not define a table %s", listing->table);
	if (fflush(listing->out) != 0 && ret == 0)
		ret = mi_fail_errno(err, MI_IO, errno, "cannot write");
	for (size_t i = 0; i < lister.tally_count; i++)
		free(lister.tallies[i].name);
	free(lister.tallies);
	mi_buf_release(&lister.line);
	return ret;
}
