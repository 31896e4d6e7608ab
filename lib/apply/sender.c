#include "apply/sender.h"
#include "apply/computed.h"
#include "base/buf.h"
#include "base/err.h"
#include "change/bundle.h"
#include "server/conn.h"
#include "server/errors.h"
#include "server/mysql_errors.h"
#include "sql/apply_text.h"

#include <stdio.h>
#include <stdlib.h>

static const char foreign_writer[] =
    "the target differs from the source: something else has written there; compare the row on both "
    "sides";

enum { PACKET_BYTES = 512 << 10, PACKET_MARGIN = 1024 };

void mi_sender_release(struct mi_sender *sender)
{
	for (int i = 0; i < 2; i++) {
		mi_buf_release(&sender->packets[i].sql);
		free(sender->packets[i].expects);
	}
	*sender = (struct mi_sender){0};
}

static void packet_clear(struct mi_packet *packet)
{
	mi_buf_reset(&packet->sql);
	packet->count = 0;
}

/* ---- What went wrong ---- */

static void describe_row(const struct mi_expect *expect, struct mi_buf *out)
{
	mi_buf_addf(out, "transaction %s: table %s.%s", expect->op->trx->gtid, expect->shape->into,
	            expect->shape->def->name);
	if (expect->rows == 1) {
		mi_buf_add_str(out, ": row ");
		mi_applytext_describe(&expect->shape->text, expect->key, out);
	} else {
		mi_buf_addf(out, ": %llu rows from ", (unsigned long long)expect->rows);
		mi_applytext_describe(&expect->shape->text, expect->key, out);
		mi_buf_add_str(out, " on");
	}
}

static const char *verb(const struct mi_expect *expect)
{
	switch (expect->op->kind) {
	case MI_OP_INSERT:
		return "to insert";
	case MI_OP_UPDATE:
		return "to change";
	default:
		return "to delete";
	}
}

static int diverged(const struct mi_expect *expect, uint64_t found, struct mi_err *err)
{
	struct mi_buf row = {0};

	describe_row(expect, &row);
	if (expect->rows == 1)
		(void)mi_fail(err, MI_DATA, "%s: expected a row %s, found %s", mi_buf_cstr(&row),
		              verb(expect), found ? "more" : "none");
	else
		(void)mi_fail(
		    err, MI_DATA, "%s: expected %llu rows, found %llu", mi_buf_cstr(&row),
		    (unsigned long long)(expect->kind == MI_EXPECT_ABSENT ? 0 : expect->rows),
		    (unsigned long long)found);
	mi_buf_release(&row);
	return mi_hint(err, "%s", foreign_writer);
}

/* Rows that the server refuses for what it computes of them are the source's all the same: the next
 * try writes the table's rows without strict mode. */
static void relax(struct mi_sender *sender, struct mi_shape *shape, unsigned number)
{
	if (shape->lax || sender->in_pieces ||
	    !(number == MI_ER_CONSTRAINT_FAILED ||
	      (mi_server_error_is_about_value(number) && mi_table_computes(&shape->table))))
		return;
	shape->lax = sender->relaxed = true;
}

static int statement_failed(struct mi_sender *sender, const struct mi_expect *expect,
                            struct mi_err *err)
{
	unsigned number = mysql_errno(sender->conn->mysql);
	struct mi_buf row = {0};

	if (!expect->shape)
		return mi_conn_fail(sender->conn, err, "checkpoint");
	relax(sender, expect->shape, number);
	describe_row(expect, &row);
	(void)mi_conn_fail(sender->conn, err, mi_buf_cstr(&row));
	if (number == MI_ER_DUP_ENTRY && expect->rows == 1) {
		(void)mi_fail(err, MI_DATA, "%s: expected no such row, found one: %s",
		              mi_buf_cstr(&row), mysql_error(sender->conn->mysql));
		(void)mi_hint(err, "%s", foreign_writer);
	}
	mi_buf_release(&row);
	return -1;
}

/* Warnings that say nothing about values: syntax and names that later versions will drop. */
static bool is_deprecation(unsigned long number)
{
	return number == MI_ER_WARN_DEPRECATED_SYNTAX ||
	       number == MI_ER_WARN_DEPRECATED_SYNTAX_NO_REPLACEMENT ||
	       number == MI_ER_DEPRECATED_UTF8_ALIAS || number == MI_ER_DEPRECATED_NATIONAL ||
	       number == MI_ER_WARN_DEPRECATED_UTF8MB3_COLLATION;
}

/* The name that a warning ends with: "... for column 'c' at row 1", or MariaDB's `db`.`t`.`c`. The
 * last of such words counts, because a value may hold them, too. Empty: it names no column. */
static struct mi_span named_column(const char *text)
{
	static const char word[] = " for column ";
	const char *at = NULL, *end = NULL, *begin;

	for (const char *next = text; (next = strstr(next, word)); next++)
		at = next + sizeof word - 1;
	for (const char *next = at; next && (next = strstr(next, " at row ")); next++)
		end = next - 1;
	if (!at || !end || end <= at || (*end != '\'' && *end != '`'))
		return mi_span("", 0);
	begin = end;
	while (begin > at && begin[-1] != *end)
		begin--;
	return mi_span(begin, (size_t)(end - begin));
}

static bool is_generated(const struct mi_table *table, struct mi_span name)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (mi_span_is(name, table->columns[i].name))
			return table->columns[i].generated != MI_NOT_GENERATED;
	return false;
}

/* Is a warning about a value that the server computes, and not about one that it was given? Those
 * about given values name the column. What is not known here is none. */
static bool is_computed(const struct mi_shape *shape, unsigned long number, const char *text)
{
	if (strstr(text, " for column "))
		return mi_server_error_is_about_value((unsigned)number) &&
		       is_generated(&shape->table, named_column(text));
	switch (number) {
	case MI_ER_TRUNCATED_WRONG_VALUE:
		return strncmp(text, "Truncated incorrect ", 20) == 0;
	case MI_ER_WRONG_VALUE_FOR_TYPE:
	case MI_ER_BAD_DATA:
	case MI_ER_INVALID_JSON_VALUE_FOR_CAST:
	case MI_ER_DATA_TRUNCATED_FUNCTIONAL_INDEX:
	case MI_ER_DATA_OUT_OF_RANGE_FUNCTIONAL_INDEX:
	case MI_ER_FUNCTIONAL_INDEX_DATA_IS_TOO_LONG:
		return true;
	default:
		return false;
	}
}

/* Checks the warnings of a statement that was the only one of its packet: of several statements
 * SHOW WARNINGS would show the last one's only. */
static int look_at_warnings(const struct mi_sender *sender, const struct mi_expect *expect,
                            struct mi_err *err)
{
	struct mi_buf text = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	unsigned zeros = 0, listed = 0, given = mysql_warning_count(sender->conn->mysql);
	int ret;

	if (mi_conn_query(sender->conn, err, "SHOW WARNINGS", &result) != 0)
		return -1;
	while ((row = mysql_fetch_row(result))) {
		unsigned long number = strtoul(row[1], NULL, 10);

		listed++;
		if (mi_table_computes(&expect->shape->table) &&
		    is_computed(expect->shape, number, row[2]))
			continue;
		if (number == MI_WARN_DATA_TRUNCATED && zeros < expect->zeros)
			zeros++;
		else if (!is_deprecation(number) && text.len == 0)
			mi_buf_addf(&text, "%s %lu: %s", row[0], number, row[2]);
	}
	mysql_free_result(result);
	if (expect->lax && listed < given && text.len == 0)
		mi_buf_addf(&text, "of %u warnings it shows %u", given, listed);
	ret = text.len == 0 && zeros == expect->zeros ? 0 : -1;
	if (ret != 0) {
		struct mi_buf where = {0};

		describe_row(expect, &where);
		(void)mi_fail(err, MI_DATA, "%s: the server changed a value: %s",
		              mi_buf_cstr(&where), text.len ? mi_buf_cstr(&text) : "no warning");
		mi_buf_release(&where);
	}
	mi_buf_release(&text);
	return ret;
}

/* Must the statement give no warning? Those that write values. */
static bool minds_warnings(const struct mi_expect *expect)
{
	switch (expect->kind) {
	case MI_EXPECT_INSERTED:
	case MI_EXPECT_REPLACED:
	case MI_EXPECT_UPSERTED:
	case MI_EXPECT_UPDATED:
		return true;
	default:
		return false;
	}
}

static int check_warnings(const struct mi_sender *sender, const struct mi_packet *packet,
                          const struct mi_expect *expect, struct mi_err *err)
{
	unsigned warnings = mysql_warning_count(sender->conn->mysql);

	if (!minds_warnings(expect) || warnings == 0)
		return expect->zeros == 0 ? 0 : look_at_warnings(sender, expect, err);
	if (packet->count == 1)
		return look_at_warnings(sender, expect, err);
	expect->shape->warns = true;
	return mi_fail(err, MI_DATA, "table %s.%s: %u warnings", expect->shape->into,
	               expect->shape->def->name, warnings);
}

/* ---- Answers ---- */

static int check_upserted(const struct mi_sender *sender, const struct mi_expect *expect,
                          struct mi_err *err)
{
	const char *info = mysql_info(sender->conn->mysql);
	unsigned long long records, duplicates;

	if (!info || sscanf(info, "Records: %llu Duplicates: %llu", &records, &duplicates) != 2)
		return mi_fail(err, MI_PROTOCOL, "an upsert was answered with '%s'",
		               info ? info : "");
	return records == expect->rows && duplicates == records ? 0
	                                                        : diverged(expect, duplicates, err);
}

static int check_computed(const struct mi_sender *sender, const struct mi_expect *expect,
                          struct mi_err *err)
{
	struct mi_buf row = {0};

	if (mi_computed_compare(&expect->shape->computed, sender->conn, &expect->sum, expect->key,
	                        err) == 0)
		return 0;
	describe_row(expect, &row);
	(void)mi_within(err, "%s", mi_buf_cstr(&row));
	mi_buf_release(&row);
	if (err->code != MI_DATA)
		return -1;
	return mi_hint(err,
	               "it is computed by a setting of the session that writes, or otherwise by "
	               "this server: let the application fill the column; --no-proof goes on");
}

static int check_answer(struct mi_sender *sender, const struct mi_packet *packet,
                        const struct mi_expect *expect, struct mi_err *err)
{
	uint64_t affected = mysql_affected_rows(sender->conn->mysql);
	bool good = true;

	switch (expect->kind) {
	case MI_EXPECT_NOTHING:
		return 0;
	case MI_EXPECT_FENCE:
		sender->lost = affected != 1;
		return affected == 1 ? 0
		                     : mi_fail(err, MI_AGAIN,
		                               "another mi-apply has taken over, or "
		                               "the checkpoint has been sealed");
	case MI_EXPECT_READ_BACK:
		return check_computed(sender, expect, err);
	case MI_EXPECT_UPSERTED:
		if (check_upserted(sender, expect, err) != 0)
			return -1;
		break;
	case MI_EXPECT_INSERTED:
	case MI_EXPECT_UPDATED:
	case MI_EXPECT_DELETED:
		good = affected == expect->rows;
		break;
	case MI_EXPECT_REPLACED:
		good = affected >= expect->rows;
		break;
	case MI_EXPECT_ABSENT:
		good = affected == 0;
		break;
	case MI_EXPECT_AT_MOST:
		good = affected <= expect->rows;
		break;
	}
	return good ? check_warnings(sender, packet, expect, err) : diverged(expect, affected, err);
}

/* Reads what is left of the answer at hand, and the answers behind it. */
static void drain(struct mi_sender *sender)
{
	MYSQL *mysql = sender->conn->mysql;

	do {
		MYSQL_RES *result = mysql_store_result(mysql);

		if (result)
			mysql_free_result(result);
	} while (mysql_more_results(mysql) && mysql_next_result(mysql) == 0);
}

static int read_answers(struct mi_sender *sender, struct mi_err *err)
{
	struct mi_packet *packet = &sender->packets[!sender->filling];
	MYSQL *mysql = sender->conn->mysql;

	if (!sender->outstanding)
		return 0;
	sender->outstanding = false;
	for (size_t i = 0; i < packet->count; i++) {
		const struct mi_expect *expect = &packet->expects[i];
		int failed = i == 0 ? mysql_read_query_result(mysql) : mysql_next_result(mysql);

		if (failed < 0)
			return mi_fail(err, MI_PROTOCOL, "%zu of %zu statements were answered", i,
			               packet->count);
		if (failed > 0)
			return statement_failed(sender, expect, err);
		if (check_answer(sender, packet, expect, err) != 0) {
			drain(sender);
			return -1;
		}
	}
	packet_clear(packet);
	return 0;
}

/* ---- Sending ---- */

/* Sends the packet that is being written, after reading the answers of the one before. */
static int send(struct mi_sender *sender, struct mi_err *err)
{
	struct mi_packet *packet = &sender->packets[sender->filling];

	if (read_answers(sender, err) != 0)
		return -1;
	if (packet->count == 0)
		return 0;
	if (packet->sql.len > sender->max_packet - PACKET_MARGIN) {
		(void)mi_fail(err, MI_CONFIG,
		              "a row makes a statement of %zu bytes, and the server takes %zu",
		              packet->sql.len, sender->max_packet);
		return mi_hint(err, "raise max_allowed_packet on the target");
	}
	if (mysql_send_query(sender->conn->mysql, packet->sql.data,
	                     (unsigned long)packet->sql.len) != 0)
		return mi_conn_fail(sender->conn, err, "sending changes");
	sender->outstanding = true;
	sender->filling = !sender->filling;
	return 0;
}

struct mi_buf *mi_sender_text(struct mi_sender *sender)
{
	struct mi_packet *packet = &sender->packets[sender->filling];

	if (packet->count > 0 && packet->sql.len == packet->expects[packet->count - 1].end)
		mi_buf_add_char(&packet->sql, ';');
	return &packet->sql;
}

static void push(struct mi_packet *packet, const struct mi_expect *expect)
{
	if (packet->count == packet->room) {
		packet->room = packet->room ? 2 * packet->room : 64;
		packet->expects =
		    mi_realloc_array(packet->expects, packet->room, sizeof *packet->expects);
	}
	packet->expects[packet->count] = *expect;
	packet->expects[packet->count++].end = packet->sql.len;
}

/* Sends all statements but the last, which becomes the first of the next packet. */
static int send_before_last(struct mi_sender *sender, struct mi_err *err)
{
	struct mi_packet *packet = &sender->packets[sender->filling], *next;
	struct mi_expect last = packet->expects[packet->count - 1];
	size_t end = packet->expects[packet->count - 2].end;
	struct mi_span text = mi_span(packet->sql.data + end + 1, packet->sql.len - end - 1);

	if (read_answers(sender, err) != 0)
		return -1;
	next = &sender->packets[!sender->filling];
	mi_buf_add_span(&next->sql, text);
	push(next, &last);
	packet->count--;
	packet->sql.len = end;
	return send(sender, err);
}

int mi_sender_end(struct mi_sender *sender, const struct mi_expect *expect, struct mi_err *err)
{
	struct mi_packet *packet = &sender->packets[sender->filling];
	bool alone = sender->single || (expect->shape && expect->shape->warns) ||
	             expect->zeros > 0 || expect->lax;

	push(packet, expect);
	if (packet->count > 1 && (alone || packet->sql.len > sender->max_packet - PACKET_MARGIN)) {
		if (send_before_last(sender, err) != 0)
			return -1;
		packet = &sender->packets[sender->filling];
	}
	return alone || packet->sql.len >= PACKET_BYTES ? send(sender, err) : 0;
}

int mi_sender_add(struct mi_sender *sender, const char *sql, struct mi_err *err)
{
	const struct mi_expect nothing = {.kind = MI_EXPECT_NOTHING};

	mi_buf_add_str(mi_sender_text(sender), sql);
	return mi_sender_end(sender, &nothing, err);
}

int mi_sender_finish(struct mi_sender *sender, struct mi_err *err)
{
	if (send(sender, err) != 0)
		return -1;
	return read_answers(sender, err);
}

void mi_sender_reset(struct mi_sender *sender)
{
	if (sender->outstanding && mysql_read_query_result(sender->conn->mysql) == 0)
		drain(sender);
	sender->outstanding = false;
	packet_clear(&sender->packets[0]);
	packet_clear(&sender->packets[1]);
}
