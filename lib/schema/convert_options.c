/* A table's options, converted: its engine, and options that the target has not. */
#include "base/buf.h"
#include "base/err.h"
#include "schema/convert_note.h"
#include "schema/convert_parts.h"
#include "schema/edit.h"
#include "schema/list.h"
#include "sql/tokens.h"

#include <stdlib.h>
#include <strings.h>

static bool is_one_of(const struct mi_lexeme *token, const char *const *words)
{
	for (; *words; words++)
		if (mi_lexeme_is_word(token, *words))
			return true;
	return false;
}

/* Leaves out an option that the target has not and that does not change rows. Returns the index of
 * its last token. */
static size_t leave_out(const struct mi_convert_table *table, struct mi_edit *edit, size_t at,
                        size_t end)
{
	struct mi_span text = mi_tokens_span(&edit->tokens, at, end);

	mi_convert_note(table, MI_NOTE_LEFT, NULL, NULL, "%.*s",
	                (int)(text.len > 200 ? 200 : text.len), text.data);
	mi_edit_drop(edit, at, end);
	return end - 1;
}

static bool is_engine(const struct mi_edit *edit, size_t at)
{
	return (mi_edit_is(edit, at, "ENGINE") || mi_edit_is(edit, at, "TYPE")) &&
	       mi_edit_is_punct(edit, at + 1, '=');
}

static void check_engine(const struct mi_convert_table *table, const struct mi_edit *edit,
                         size_t at)
{
	static const char *const common[] = {"InnoDB",     "MyISAM",    "MEMORY",
	                                     "CSV",        "ARCHIVE",   "BLACKHOLE",
	                                     "MRG_MyISAM", "FEDERATED", NULL};
	const struct mi_lexeme *engine = mi_edit_token(edit, at);

	if (!is_one_of(engine, common))
		mi_convert_note(table, MI_NOTE_REFUSED, NULL, NULL,
		                "engine %.*s, which the target has not", (int)engine->text.len,
		                engine->text.data);
}

static void mariadb_options(const struct mi_convert_table *table, struct mi_edit *edit)
{
	static const char *const unknown[] = {"ENCRYPTION",
	                                      "COMPRESSION",
	                                      "AUTOEXTEND_SIZE",
	                                      "ENGINE_ATTRIBUTE",
	                                      "SECONDARY_ENGINE_ATTRIBUTE",
	                                      "SECONDARY_ENGINE",
	                                      NULL};

	for (size_t at = 0; at < edit->tokens.count; at++) {
		const struct mi_lexeme *token = mi_edit_token(edit, at);
		bool assigned = mi_edit_is_punct(edit, at + 1, '=');

		if (token->kind == MI_LEX_OPEN || token->kind == MI_LEX_CLOSE)
			mi_edit_drop(edit, at, at + 1);
		else if (is_engine(edit, at))
			check_engine(table, edit, at + 2);
		else if ((assigned && is_one_of(token, unknown)) ||
		         (mi_lexeme_is_word(token, "TABLESPACE") &&
		          (assigned || mi_edit_token(edit, at + 1)->kind == MI_LEX_NAME)))
			at = leave_out(table, edit, at, mi_convert_option_end(edit, at));
		else if (mi_lexeme_is_word(token, "STORAGE") &&
		         (mi_edit_is(edit, at + 1, "DISK") || mi_edit_is(edit, at + 1, "MEMORY")))
			at = leave_out(table, edit, at, at + 2);
	}
}

/* MariaDB's partition of a LIST for all other values: `p` DEFAULT. */
static bool is_default_partition(const struct mi_edit *edit, size_t at)
{
	return mi_edit_is(edit, at, "PARTITION") &&
	       mi_edit_token(edit, at + 1)->kind == MI_LEX_NAME &&
	       mi_edit_is(edit, at + 2, "DEFAULT");
}

static void mysql_engine(const struct mi_convert_table *table, struct mi_edit *edit, size_t at)
{
	if (!mi_edit_is(edit, at, "Aria")) {
		check_engine(table, edit, at);
		return;
	}
	mi_edit_replace(edit, at, at + 1, "InnoDB");
	mi_convert_note(table, MI_NOTE_CHANGED, NULL, NULL, "engine Aria becomes InnoDB");
}

static void mysql_options(const struct mi_convert_table *table, struct mi_edit *edit)
{
	static const char *const unknown[] = {"PAGE_CHECKSUM", "TRANSACTIONAL", "TABLE_CHECKSUM",
	                                      NULL};

	for (size_t at = 0; at < edit->tokens.count; at++) {
		const struct mi_lexeme *token = mi_edit_token(edit, at);
		bool assigned = mi_edit_is_punct(edit, at + 1, '=');
		bool own = token->kind == MI_LEX_NAME || is_one_of(token, unknown);

		if (token->kind == MI_LEX_OPEN || token->kind == MI_LEX_CLOSE)
			mi_edit_drop(edit, at, at + 1);
		else if (is_engine(edit, at))
			mysql_engine(table, edit, at + 2);
		else if ((assigned && own) || (mi_lexeme_is_word(token, "ROW_FORMAT") &&
		                               mi_edit_is(edit, at + 2, "PAGE")))
			at = leave_out(table, edit, at, at + 3);
		else if (mi_lexeme_is_word(token, "SYSTEM") &&
		         mi_edit_is(edit, at + 1, "VERSIONING"))
			mi_convert_note(table, MI_NOTE_REFUSED, NULL, NULL,
			                "it is system-versioned");
		else if (is_default_partition(edit, at))
			mi_convert_note(table, MI_NOTE_REFUSED, NULL, NULL,
			                "a DEFAULT partition, which MySQL has not: ALTER TABLE ... "
			                "REORGANIZE PARTITION it into one that lists its values");
	}
}

/* Tablespaces that every MySQL server has. */
static bool is_common_tablespace(const struct mi_lexeme *token)
{
	static const char *const names[] = {"innodb_system", "innodb_file_per_table",
	                                    "innodb_temporary", NULL};
	char *name = mi_token_name(token);
	bool found = false;

	for (size_t i = 0; names[i]; i++)
		found = found || strcmp(name, names[i]) == 0;
	free(name);
	return found;
}

int mi_convert_tablespaces(const struct mi_convert_table *table, struct mi_err *err)
{
	struct mi_edit edit;

	if (mi_edit_open(&edit, &table->ddl->tail, err) != 0)
		return -1;
	for (size_t at = 0; at < edit.tokens.count; at++) {
		size_t name = at + 1 + mi_edit_is_punct(&edit, at + 1, '=');

		if (mi_edit_is(&edit, at, "TABLESPACE") &&
		    mi_edit_token(&edit, name)->kind == MI_LEX_NAME &&
		    !is_common_tablespace(mi_edit_token(&edit, name)))
			at = leave_out(table, &edit, at, name + 1);
	}
	mi_edit_close(&edit);
	return 0;
}

int mi_convert_options(const struct mi_convert_table *table, struct mi_err *err)
{
	struct mi_edit edit;

	if (mi_edit_open(&edit, &table->ddl->tail, err) != 0)
		return -1;
	if (mi_convert_to_mysql(table))
		mysql_options(table, &edit);
	else
		mariadb_options(table, &edit);
	mi_edit_close(&edit);
	return 0;
}
