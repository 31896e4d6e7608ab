#include "follow/touched.h"
#include "base/buf.h"
#include "base/words.h"
#include "sql/lexer.h"
#include "sql/logged.h"
#include "sql/named.h"

struct walk {
	const struct mi_touching *statement;
	mi_touched_fn *fn;
	void *user;
};

static void on_named(void *user, const struct mi_named *named)
{
	const struct walk *walk = user;
	bool database = strcmp(named->kind, "database") == 0;
	const struct mi_lexeme *db_token = database ? &named->name : &named->db;
	struct mi_buf db = {0}, name = {0};

	if (!database && strcmp(named->kind, "table") != 0)
		return;
	if (db_token->kind == MI_LEX_END)
		mi_buf_add_str(&db, walk->statement->db);
	else
		mi_lexeme_value(db_token, walk->statement->modes, &db);
	if (!database)
		mi_lexeme_value(&named->name, walk->statement->modes, &name);
	walk->fn(walk->user, named->role, mi_buf_cstr(&db), mi_buf_cstr(&name));
	mi_buf_release(&db);
	mi_buf_release(&name);
}

bool mi_touched_each(const struct mi_touching *statement, mi_touched_fn *fn, void *user)
{
	struct walk walk = {statement, fn, user};

	return mi_named_read(mi_span_str(statement->text), statement->modes, on_named, &walk);
}

bool mi_touches_tables(const struct mi_logged *logged)
{
	static const char *const others[] = {"view", "trigger", "event", "routine", NULL};

	return mi_word_index(mi_span_str(logged->object), others) < 0 && !logged->bookkeeping &&
	       strcmp(logged->verb, "TRUNCATE") != 0;
}

bool mi_touches_unless_there(const struct mi_touching *statement)
{
	struct mi_lexer lexer =
	    mi_lexer(mi_span_str(statement->text), statement->modes, MI_LEX_LETTERS);
	struct mi_lexeme token = mi_lex_next(&lexer);

	if (!mi_lexeme_is_word(&token, "CREATE"))
		return false;
	while (token.kind != MI_LEX_END && token.kind != MI_LEX_BAD &&
	       !mi_lexeme_is_punct(&token, '(')) {
		token = mi_lex_next(&lexer);
		if (mi_lexeme_is_word(&token, "IF"))
			return true;
	}
	return false;
}
