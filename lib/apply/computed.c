#include "apply/computed.h"
#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "server/errors.h"
#include "sql/apply_text.h"
#include "sql/literal.h"
#include "sql/row_text.h"
#include "stream/proof.h"
#include "table/keyplan.h"
#include "table/normal.h"
#include "table/table.h"

#include <stdlib.h>

enum { SHOWN = 60 }; /* bytes of a value that a message shows */

static bool in_row_key(const struct mi_table *table, size_t column)
{
	const struct mi_key *key = mi_table_row_key(table);

	for (size_t i = 0; i < key->part_count; i++)
		if (key->parts[i].column == (int)column)
			return true;
	return false;
}

/* A copy of table that carries its row key alone. */
static struct mi_table reduced(const struct mi_table *table)
{
	struct mi_table copy = *table;

	copy.columns = mi_alloc(table->column_count * sizeof *copy.columns);
	copy.carried_count = 0;
	for (size_t i = 0; i < table->column_count; i++) {
		copy.columns[i] = table->columns[i];
		copy.columns[i].carried = in_row_key(table, i);
		copy.carried_count += copy.columns[i].carried;
	}
	return copy;
}

static void find_places(struct mi_computed *c, const struct mi_table *sent)
{
	size_t n = 0, place = 0;

	c->places = mi_alloc(mi_table_fields(&c->sent) * sizeof *c->places);
	c->picked = mi_alloc(mi_table_fields(&c->sent) * sizeof *c->picked);
	for (size_t i = 0; i < sent->column_count; i++) {
		if (c->sent.columns[i].carried)
			c->places[n++] = place;
		place += sent->columns[i].carried;
	}
	while (n < mi_table_fields(&c->sent))
		c->places[n++] = place++;
}

void mi_computed_init(struct mi_computed *c, const struct mi_table *sent,
                      const struct mi_table *here, const struct mi_conn *conn, bool same_flavour)
{
	c->is_on = true;
	c->sent = reduced(sent);
	c->here = reduced(here);
	find_places(c, sent);
	mi_normal_init(&c->plan, &c->sent, &c->here, same_flavour,
	               conn->flavour == MI_FLAVOUR_MYSQL ? conn->version : 0);
	c->row.json = mi_rowtext_json(conn->flavour != MI_FLAVOUR_MARIADB, conn->version, false);
	mi_rowtext_use(&c->row, &c->here);
}

void mi_computed_release(struct mi_computed *c)
{
	free(c->sent.columns);
	free(c->here.columns);
	free(c->places);
	free(c->picked);
	mi_rowtext_release(&c->row);
	mi_normal_release(&c->plan);
	mi_normal_row_release(&c->sent_form);
	mi_normal_row_release(&c->here_form);
	mi_buf_release(&c->keys);
	*c = (struct mi_computed){0};
}

/* ---- The question ---- */

void mi_computed_begin(struct mi_computed *c)
{
	mi_buf_reset(&c->keys);
	c->sum = (struct mi_proof){0};
}

static const struct mi_span *pick(struct mi_computed *c, const struct mi_span *image)
{
	for (size_t i = 0; i < mi_table_fields(&c->sent); i++)
		c->picked[i] = image[c->places[i]];
	return mi_normal_take(&c->sent_form, &c->plan, c->picked);
}

void mi_computed_add(struct mi_computed *c, const struct mi_applytext *text,
                     const struct mi_span *image)
{
	if (!c->is_on)
		return;
	mi_applytext_delete_key(text, image, c->sum.rows == 0, &c->keys);
	mi_proof_add(&c->sum, pick(c, image), c->row.count);
}

void mi_computed_ask(struct mi_computed *c, const struct mi_applytext *text, struct mi_buf *sql,
                     struct mi_proof *sum)
{
	if (!c->is_on)
		return;
	mi_buf_add_str(sql, "SELECT ");
	mi_rowtext_select(&c->row, sql);
	mi_buf_add_str(sql, " FROM ");
	mi_sql_name(sql, text->db, text->shape->name);
	mi_buf_add_str(sql, " WHERE ");
	mi_applytext_keys_head(text, sql);
	mi_buf_add_span(sql, mi_buf_span(&c->keys));
	mi_applytext_delete_tail(text, sql);
	*sum = c->sum;
}

/* ---- The answer ---- */

static void add_shown(struct mi_buf *out, struct mi_span value)
{
	if (!value.data)
		mi_buf_add_str(out, "NULL");
	else
		mi_sql_string_span(out, mi_span(value.data, value.len < SHOWN ? value.len : SHOWN));
	if (value.len > SHOWN)
		mi_buf_add_str(out, "...");
}

/* The column behind a field that is no key's. */
static const struct mi_column *computed_column(const struct mi_table *table, size_t field)
{
	field -= table->carried_count;
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].proven && field-- == 0)
			return &table->columns[i];
	return NULL;
}

/* Names the first field of the row at hand that differs from its image. */
static int fail_differs(struct mi_computed *c, const struct mi_span *image, struct mi_err *err)
{
	const struct mi_span *here = mi_normal_take(&c->here_form, &c->plan, c->row.values);
	const struct mi_span *sent = pick(c, image);
	const struct mi_column *column = NULL;
	struct mi_buf a = {0}, b = {0};
	size_t i = 0;

	while (i < c->row.count && mi_keyplan_same_value(sent[i], here[i]))
		i++;
	if (i >= c->sent.carried_count && i < c->row.count)
		column = computed_column(&c->sent, i);
	if (column) {
		add_shown(&a, c->picked[i]);
		add_shown(&b, c->row.values[i]);
		(void)mi_fail(err, MI_DATA, "generated column %s is %s at the source, and here %s",
		              column->name, mi_buf_cstr(&a), mi_buf_cstr(&b));
	} else {
		(void)mi_fail(err, MI_DATA, "it was written, and has another key here");
	}
	mi_buf_release(&a);
	mi_buf_release(&b);
	return -1;
}

static int take_row(struct mi_computed *c, MYSQL_RES *result, MYSQL_ROW fields,
                    struct mi_proof *found, struct mi_err *err)
{
	int ret = mi_rowtext_take(&c->row, fields, mysql_fetch_lengths(result), err);

	mi_proof_add(found, mi_normal_take(&c->here_form, &c->plan, c->row.values), c->row.count);
	return ret;
}

int mi_computed_compare(struct mi_computed *c, struct mi_conn *conn, const struct mi_proof *sum,
                        const struct mi_span *image, struct mi_err *err)
{
	MYSQL_RES *result = mysql_use_result(conn->mysql);
	struct mi_proof found = {0};
	MYSQL_ROW fields;
	int ret = 0;

	if (!result)
		return mi_conn_fail(conn, err, "reading rows back");
	while (ret == 0 && (fields = mysql_fetch_row(result))) {
		ret = take_row(c, result, fields, &found, err);
		if (ret == 0 && sum->rows == 1 && !mi_proof_eq(&found, sum))
			ret = fail_differs(c, image, err);
	}
	if (ret == 0 && mysql_errno(conn->mysql) != 0)
		ret = mi_conn_fail(conn, err, "reading rows back");
	mysql_free_result(result); /* with what is left of it */
	if (ret != 0 || mi_proof_eq(&found, sum))
		return ret;
	if (found.rows == sum->rows)
		return mi_fail(err, MI_DATA, "generated columns of some are not the source's here");
	return mi_fail(err, MI_DATA, "%llu were written, and %llu can be read back",
	               (unsigned long long)sum->rows, (unsigned long long)found.rows);
}
