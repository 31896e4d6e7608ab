#include "follow/charsets.h"
#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "sql/literal.h"

#include <stdlib.h>

void mi_charsets_release(struct mi_charsets *charsets)
{
	for (size_t i = 0; i < charsets->count; i++) {
		free(charsets->items[i].name);
		free(charsets->items[i].collation);
	}
	free(charsets->items);
	charsets->items = NULL;
	charsets->count = 0;
}

/* The name is in lower case. Servers that do not know the name utf8mb3 yet call it utf8. */
static bool ask(struct mi_charsets *charsets, const char *name, struct mi_charset *charset)
{
	struct mi_buf sql = {0};
	struct mi_err ignored = {0};
	MYSQL_RES *result;
	MYSQL_ROW row = NULL;

	mi_buf_add_str(&sql, "SELECT DEFAULT_COLLATE_NAME, MAXLEN FROM "
	                     "information_schema.CHARACTER_SETS WHERE CHARACTER_SET_NAME IN (");
	mi_sql_string(&sql, name);
	mi_buf_add_str(&sql, strcmp(name, "utf8mb3") == 0 ? ", 'utf8')" : ")");
	if (mi_conn_query(charsets->conn, &ignored, mi_buf_cstr(&sql), &result) == 0) {
		row = mysql_fetch_row(result);
		if (row)
			*charset = (struct mi_charset){.name = mi_strdup(name),
			                               .collation = mi_strdup(row[0]),
			                               .most = (unsigned)strtoul(row[1], NULL, 10)};
		mysql_free_result(result);
	}
	mi_buf_release(&sql);
	return charset->name != NULL;
}

bool mi_charsets_find(void *user, const char *name, struct mi_evolve_charset *found)
{
	struct mi_charsets *charsets = user;
	struct mi_charset asked = {0}, *charset = NULL;

	for (size_t i = 0; i < charsets->count && !charset; i++)
		if (strcmp(charsets->items[i].name, name) == 0)
			charset = &charsets->items[i];
	if (!charset) {
		if (!ask(charsets, name, &asked))
			return false;
		charset = mi_array_add(&charsets->items, &charsets->count, sizeof *charsets->items);
		*charset = asked;
	}
	*found = (struct mi_evolve_charset){charset->name, charset->collation, charset->most};
	return true;
}
