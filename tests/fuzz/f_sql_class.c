/* Statements: the first byte chooses the session's settings. Tokens must lie in the text in order,
 * and a statement that is a read must not be one any more when a second one, or a lock, follows.
 * Those that look at a text for one thing alone (an end of a transaction, KILL, a plain statement)
 * must say what the whole reader says. */
#include "base/buf.h"
#include "sql/class.h"
#include "sql/class_set.h"
#include "sql/digest.h"
#include "sql/kill.h"
#include "sql/lexer.h"
#include "sql/logged.h"
#include "sql/named.h"
#include "sql/tokens.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* True when all of the text could be taken apart. */
static bool tokens(struct mi_span text, const struct mi_class_rules *rules)
{
	struct mi_lexer lexer = mi_lexer(text, rules->modes, rules->charset);
	const char *at = text.data, *end = text.data + text.len;
	struct mi_lexeme token;

	do {
		token = mi_lex_next(&lexer);
		if (token.text.data < at || token.text.len > (size_t)(end - token.text.data))
			abort();
		if (token.text.len == 0 && token.kind != MI_LEX_END && token.kind != MI_LEX_BAD)
			abort();
		at = token.text.data + token.text.len;
	} while (token.kind != MI_LEX_END && token.kind != MI_LEX_BAD);
	return token.kind == MI_LEX_END;
}

static void is_no_read_with(struct mi_span text, const char *more,
                            const struct mi_class_rules *rules)
{
	struct mi_class_kind kind;
	struct mi_buf longer = {0};

	mi_buf_add_span(&longer, text);
	mi_buf_add_str(&longer, more);
	mi_class_read(mi_buf_span(&longer), rules, &kind);
	if (kind.class == MI_CLASS_READ)
		abort();
	mi_buf_release(&longer);
}

static void agrees(struct mi_span text, const struct mi_class_kind *kind)
{
	enum mi_class end = mi_class_end(text);
	uint64_t id;
	bool query;

	if (end != MI_CLASS_WRITE && (kind->class != end || kind->chain || kind->release))
		abort();
	if (mi_kill_text(text, &query, &id) &&
	    (kind->class != MI_CLASS_KILL || kind->kill_id != id || kind->kill_query != query))
		abort();
	/* of what no lexer understands, more is feared than can be */
	if (mi_class_is_plain(text) && kind->several)
		abort();
}

/* In a log a statement stands alone, or cannot be followed, but for the bodies of programs. */
static void logged(struct mi_span text, unsigned modes)
{
	const struct mi_class_rules rules = {.modes = modes, .charset = MI_LEX_LETTERS};
	static const char *const programs[] = {"routine", "trigger", "event"};
	struct mi_buf longer = {0};
	struct mi_logged statement;
	bool program = false;

	mi_logged_read(text, modes, &statement);
	if (!tokens(text, &rules))
		return;
	mi_buf_add_span(&longer, text);
	mi_buf_add_str(&longer, "\n;DELETE FROM t");
	mi_logged_read(mi_buf_span(&longer), modes, &statement);
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		program |= strcmp(statement.object, programs[i]) == 0;
	if (statement.effect == MI_LOGGED_EFFECT_HARMLESS && !program)
		abort();
	mi_buf_release(&longer);
}

static void lies_within(void *user, const struct mi_named *named)
{
	const struct mi_span *text = user, *name = &named->text;

	if (name->len && (name->data < text->data || name->data > text->data + text->len ||
	                  name->len > (size_t)(text->data + text->len - name->data)))
		abort();
}

/* What names objects is a definition. */
static void named(struct mi_span text, unsigned modes)
{
	struct mi_logged statement;

	mi_logged_read(text, modes, &statement);
	if (mi_named_read(text, modes, lies_within, &text) &&
	    statement.kind != MI_LOGGED_DEFINITION && statement.kind != MI_LOGGED_HARMLESS)
		abort();
}

static void array(struct mi_span text)
{
	struct mi_tokens list;
	struct mi_err err = {0};

	if (mi_tokens_read(&list, text, &err) == 0)
		mi_tokens_release(&list);
	mi_tokens_read_head(&list, text, 64);
	mi_tokens_release(&list);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct mi_class_rules rules = {.version = 80036};
	struct mi_class_setting setting;
	struct mi_class_kind kind;
	struct mi_buf digest = {0};
	struct mi_span text;

	if (size == 0)
		return 0;
	rules.modes = data[0] & 7;
	rules.charset = data[0] >> 3 & 1;
	rules.mariadb = data[0] >> 4 & 1;
	rules.other_db = data[0] >> 5 & 1 ? mi_span_str("shop") : mi_span("", 0);
	text = mi_span(data + 1, size - 1);
	(void)tokens(text, &rules);
	array(text);
	logged(text, rules.modes);
	named(text, rules.modes);
	mi_class_read(text, &rules, &kind);
	agrees(text, &kind);
	if (kind.class == MI_CLASS_READ) {
		/* a line comment at the end ends with the line */
		is_no_read_with(text, "\nFOR UPDATE", &rules);
		is_no_read_with(text, "\n;DELETE", &rules);
		is_no_read_with(text, "\n,f()", &rules);
		is_no_read_with(text, "\n,@a", &rules);
	}
	if (kind.class == MI_CLASS_SET)
		while (mi_class_set_next(&kind.settings, &setting))
			;
	mi_class_digest(text, &rules, 64, &digest);
	mi_buf_release(&digest);
	return 0;
}
