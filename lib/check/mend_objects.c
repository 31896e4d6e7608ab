#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"
#include "check/mend.h"
#include "check/run.h"
#include "check/table.h"
#include "server/conn.h"
#include "sql/literal.h"
#include "table/table.h"

#include <stdlib.h>
#include <strings.h>

static void add_alter(struct mi_buf *out, const struct mi_table *table)
{
	mi_buf_add_str(out, "ALTER TABLE ");
	mi_sql_name(out, table->db, table->name);
}

/* ---- Keys ---- */

static const struct mi_column *counted(const struct mi_table *table)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].auto_increment)
			return &table->columns[i];
	return NULL;
}

static bool has_primary(const struct mi_table *table)
{
	for (size_t i = 0; i < table->key_count; i++)
		if (table->keys[i].kind == MI_KEY_PRIMARY)
			return true;
	return false;
}

static bool has_column(const struct mi_table *table, const char *name)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (strcasecmp(table->columns[i].name, name) == 0)
			return true;
	return false;
}

/* A table has one AUTO_INCREMENT column at most: where there is one, it becomes the key, and the
 * server refuses that when it holds a number twice. Else an invisible column is added, which no
 * SELECT * and no INSERT without a list of columns sees. */
static void add_key(struct mi_buf *out, const struct mi_table *table, bool mariadb,
                    unsigned version)
{
	const char *kind = has_primary(table) ? "UNIQUE KEY" : "PRIMARY KEY";
	bool invisible = mariadb || version >= 80023;

	if (!counted(table) && (!invisible || has_column(table, "mi_row_id"))) {
		mi_buf_add_str(out, "-- by hand, where a new column would be seen by the "
		                    "application: ");
		mi_sql_name(out, table->db, table->name);
		mi_buf_add_char(out, '\n');
		return;
	}
	add_alter(out, table);
	if (counted(table)) {
		mi_buf_addf(out, " ADD %s (", kind);
		mi_sql_ident(out, counted(table)->name);
		mi_buf_add_str(out, ");\n");
	} else {
		mi_buf_addf(out,
		            " ADD COLUMN %smi_row_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT "
		            "INVISIBLE %s;\n",
		            mariadb ? "IF NOT EXISTS " : "", kind);
	}
}

int mi_mend_row_key(struct mi_mending *mending, struct mi_err *err)
{
	const struct mi_check_run *run = mending->run;
	const struct mi_conn *conn = run->source.conn;

	(void)err;
	if (mending->side != MI_CHECK_SOURCE)
		return 0;
	for (size_t i = 0; i < run->tables.count; i++)
		if (run->tables.items[i]->row_key < 0)
			add_key(mending->out, run->tables.items[i],
			        conn->flavour == MI_FLAVOUR_MARIADB, conn->version);
	return 0;
}

int mi_mend_engine(struct mi_mending *mending, struct mi_err *err)
{
	const struct mi_tables *tables = &mending->run->tables;

	(void)err;
	for (size_t i = 0; i < tables->count && mending->side == MI_CHECK_SOURCE; i++) {
		if (strcasecmp(tables->items[i]->engine, "InnoDB") == 0)
			continue;
		add_alter(mending->out, tables->items[i]);
		mi_buf_add_str(mending->out, " ENGINE = InnoDB;\n");
	}
	return 0;
}

/* ---- Foreign keys ---- */

/* Is there a UNIQUE key of just these columns, in any order, without prefixes? */
static bool has_unique(const struct mi_table *table, const struct mi_fkey *fkey)
{
	for (size_t k = 0; k < table->key_count; k++) {
		const struct mi_key *key = &table->keys[k];
		size_t found = 0;

		if ((key->kind != MI_KEY_PRIMARY && key->kind != MI_KEY_UNIQUE) ||
		    key->part_count != fkey->column_count)
			continue;
		for (size_t p = 0; p < key->part_count; p++)
			for (size_t c = 0; c < fkey->column_count && key->parts[p].column >= 0; c++)
				found += key->parts[p].prefix == 0 &&
				         strcasecmp(table->columns[key->parts[p].column].name,
				                    fkey->ref_columns[c]) == 0;
		if (found == key->part_count)
			return true;
	}
	return false;
}

static void add_unique(struct mi_buf *out, const struct mi_table *table, const struct mi_fkey *fkey)
{
	struct mi_buf statement = {0};

	add_alter(&statement, table);
	mi_buf_add_str(&statement, " ADD UNIQUE KEY (");
	for (size_t i = 0; i < fkey->column_count; i++) {
		mi_buf_add_str(&statement, i ? ", " : "");
		mi_sql_ident(&statement, fkey->ref_columns[i]);
	}
	mi_buf_add_str(&statement, ");\n");
	/* several foreign keys may want the same */
	if (!strstr(mi_buf_cstr(out), mi_buf_cstr(&statement)))
		mi_buf_add_str(out, mi_buf_cstr(&statement));
	mi_buf_release(&statement);
}

int mi_mend_foreign_keys(struct mi_mending *mending, struct mi_err *err)
{
	const struct mi_tables *tables = &mending->run->tables;

	(void)err;
	for (size_t i = 0; i < tables->count && mending->side == MI_CHECK_SOURCE; i++)
		for (size_t k = 0; k < tables->items[i]->fkey_count; k++) {
			const struct mi_fkey *fkey = &tables->items[i]->fkeys[k];
			const struct mi_table *to =
			    mi_tables_find(tables, fkey->ref_db, fkey->ref_table);

			if (to && !has_unique(to, fkey))
				add_unique(mending->out, to, fkey);
		}
	return 0;
}

/* ---- Accounts ---- */

static void add_account(struct mi_buf *out, const char *account)
{
	const char *host = strrchr(account, '@');

	mi_sql_string_span(out, mi_span(account, (size_t)(host - account)));
	mi_buf_add_char(out, '@');
	mi_sql_string(out, host + 1);
}

/* What the account may do on the source, for a person to choose from: the words of another flavour
 * or version may not be the target's. */
static int add_its_grants(struct mi_mending *mending, const char *account, struct mi_err *err)
{
	struct mi_buf sql = {0};
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	mi_buf_add_str(&sql, "SHOW GRANTS FOR ");
	add_account(&sql, account);
	ret = mi_conn_query(mending->run->source.conn, err, mi_buf_cstr(&sql), &result);
	if (ret == 0) {
		while ((row = mysql_fetch_row(result)))
			if (row[0] && !strstr(row[0], "IDENTIFIED") && !strchr(row[0], '\n'))
				mi_buf_addf(mending->out, "-- on the source it has: %s;\n", row[0]);
		mysql_free_result(result);
	} else if (err->code != MI_UNAVAILABLE) {
		mi_buf_addf(mending->out,
		            "-- it wants the privileges that %s shows on the source\n",
		            mi_buf_cstr(&sql));
		*err = (struct mi_err){0};
		ret = 0;
	}
	mi_buf_release(&sql);
	return ret;
}

int mi_mend_definers(struct mi_mending *mending, struct mi_err *err)
{
	struct mi_check_names names = {0};
	int ret = 0;

	if (mending->side != MI_CHECK_TARGET)
		return 0;
	ret = mi_check_lacking_definers(mending->run, &names, err);
	for (size_t i = 0; ret == 0 && i < names.count; i++) {
		if (!strrchr(names.items[i].name, '@'))
			continue;
		mi_buf_add_str(mending->out, "CREATE USER IF NOT EXISTS ");
		add_account(mending->out, names.items[i].name);
		mi_buf_add_str(mending->out, " ACCOUNT LOCK;\n");
		ret = add_its_grants(mending, names.items[i].name, err);
	}
	mi_check_names_release(&names);
	return ret;
}

/* ---- Functions ---- */

/* The only lack that a statement on the target ends. */
int mi_mend_lost(struct mi_mending *mending, struct mi_err *err)
{
	const struct mi_check_run *run = mending->run;

	(void)err;
	if (mending->side != MI_CHECK_TARGET || !run->target.conn ||
	    run->target.conn->flavour != MI_FLAVOUR_MYSQL)
		return 0;
	for (size_t i = 0; i < run->count; i++)
		if (strcmp(run->findings[i].check->id, "lost") == 0 && run->findings[i].fix &&
		    strstr(run->findings[i].fix, "component_classic_hashing") &&
		    !strstr(run->findings[i].text, "loadable")) {
			mi_buf_add_str(mending->out,
			               "INSTALL COMPONENT 'file://component_classic_hashing';\n");
			break;
		}
	return 0;
}
