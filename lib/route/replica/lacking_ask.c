#include "route/replica/lacking_ask.h"
#include "base/buf.h"
#include "base/err.h"
#include "server/ask.h"
#include "server/conn.h"
#include "server/known.h"
#include "server/mysql_errors.h"
#include "sql/calls.h"
#include "sql/class.h"
#include "sql/lexer.h"
#include "sql/literal.h"

#include <ctype.h>

/* ---- What is asked ---- */

static bool is_for_both(const struct mi_class_kind *kind)
{
	switch (kind->class) {
	case MI_CLASS_EMPTY:
	case MI_CLASS_USE:
	case MI_CLASS_KILL:
	case MI_CLASS_ACCOUNT:
	case MI_CLASS_GLOBAL:
		return false;
	default:
		return !kind->several;
	}
}

bool mi_lacking_is_asked(const struct mi_lacking_text *text, struct mi_buf *asked)
{
	struct mi_class_rules rules = {.modes = text->modes, .charset = MI_LEX_UTF8};
	struct mi_class_kind kind;
	size_t begin = asked->len;
	bool is_ascii = true;

	mi_buf_add_span(asked, text->text);
	for (char *c = asked->data + begin; c < asked->data + asked->len; c++) {
		if (!((unsigned char)*c & 0x80))
			continue;
		is_ascii = false;
		*c = 'x';
	}
	if (text->modes & MI_LEX_UNKNOWN_MODE ||
	    (!is_ascii && text->charset != MI_LEX_UTF8 && text->charset != MI_LEX_BYTES))
		return false;
	mi_class_read(mi_span(asked->data + begin, asked->len - begin), &rules, &kind);
	return is_for_both(&kind);
}

void mi_lacking_sql_mode(unsigned modes, struct mi_buf *mode)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {{MI_LEX_ANSI_QUOTES, "ANSI_QUOTES"},
	             {MI_LEX_NO_BACKSLASH_ESCAPES, "NO_BACKSLASH_ESCAPES"},
	             {MI_LEX_IGNORE_SPACE, "IGNORE_SPACE"},
	             {MI_LEX_PIPES_AS_CONCAT, "PIPES_AS_CONCAT"}};
	size_t begin = mode->len;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (modes & names[i].bit)
			mi_buf_addf(mode, "%s%s", mode->len > begin ? "," : "", names[i].name);
}

/* ---- One statement ---- */

struct asking {
	struct mi_conn *source, *target;
	struct mi_knowns *knowns;
	struct mi_span asked;
	const char *mode;
	mi_lacking_fn *fn;
	void *user;
	struct mi_err *err;
	int ret;
};

/* *refusal: number 0 when the server takes the text. */
static int ask_server(struct asking *asking, struct mi_conn *conn, struct mi_ask_refusal *refusal)
{
	if (mi_ask_statements(conn, asking->err) != 0 ||
	    mi_ask_statement(conn, asking->asked, asking->mode, refusal, asking->err) != 0)
		return -1;
	if (!mi_ask_is_of_the_text(refusal))
		*refusal = (struct mi_ask_refusal){0};
	return 0;
}

/* A word where the target stopped may be a number, which is the user's. */
static struct mi_span word_of(const struct mi_ask_refusal *refusal)
{
	return isalpha((unsigned char)*refusal->word) || *refusal->word == '_'
	           ? mi_span_str(refusal->word)
	           : (struct mi_span){0};
}

static void ask_text(struct asking *asking)
{
	struct mi_ask_refusal there, here;

	asking->ret = ask_server(asking, asking->target, &there);
	if (asking->ret != 0 || there.number == 0)
		return;
	asking->ret = ask_server(asking, asking->source, &here);
	if (asking->ret == 0 && here.number != there.number)
		asking->fn(asking->user, there.number, word_of(&there));
}

/* ---- Its functions ---- */

static bool stands_in(struct asking *asking, const struct mi_known *known)
{
	struct mi_buf sql = {0};
	uint64_t found = 0;

	mi_buf_add_str(&sql, "SELECT COUNT(*) FROM information_schema.ROUTINES WHERE "
	                     "ROUTINE_TYPE = 'FUNCTION' AND ROUTINE_NAME = ");
	mi_sql_string(&sql, known->name);
	asking->ret = mi_conn_number(asking->target, asking->err, mi_buf_cstr(&sql), &found);
	mi_buf_release(&sql);
	return found > 0;
}

static void ask_call(void *user, const struct mi_call *call)
{
	struct asking *asking = user;
	struct mi_known *known;

	if (asking->ret != 0)
		return;
	asking->ret = mi_known_find(asking->knowns, asking->source, asking->target, call->name,
	                            call->arguments, &known, asking->err);
	if (asking->ret != 0 || !mi_known_is_there(known))
		return;
	if (known->target == MI_ASKED_ABSENT) {
		if (!stands_in(asking, known) && asking->ret == 0)
			asking->fn(asking->user, MI_ER_SP_DOES_NOT_EXIST, mi_span_str(known->name));
	} else if (known->target == MI_ASKED_OTHER && known->source == MI_ASKED_PRESENT) {
		asking->fn(asking->user, MI_ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT,
		           mi_span_str(known->name));
	}
}

/* What an executable comment holds may be for one of the servers only. */
static bool has_executable(struct mi_span text, unsigned modes)
{
	struct mi_lexer lexer = mi_lexer(text, modes, MI_LEX_UTF8);
	struct mi_lexeme token = mi_lex_next(&lexer);

	while (token.kind != MI_LEX_END && token.kind != MI_LEX_BAD && token.kind != MI_LEX_OPEN)
		token = mi_lex_next(&lexer);
	return token.kind == MI_LEX_OPEN;
}

int mi_lacking_ask(struct mi_conn *source, struct mi_conn *target, struct mi_knowns *knowns,
                   struct mi_span asked, unsigned modes, mi_lacking_fn *fn, void *user,
                   struct mi_err *err)
{
	struct asking asking = {.source = source,
	                        .target = target,
	                        .knowns = knowns,
	                        .asked = asked,
	                        .fn = fn,
	                        .user = user,
	                        .err = err};
	struct mi_buf mode = {0};

	mi_lacking_sql_mode(modes, &mode);
	asking.mode = mi_buf_cstr(&mode);
	ask_text(&asking);
	if (asking.ret == 0 && !has_executable(asked, modes)) /* cut short, it has given some */
		(void)mi_calls_each(asked, mi_span_str(asking.mode), MI_CALLS_WRITTEN, ask_call,
		                    &asking);
	mi_buf_release(&mode);
	return asking.ret;
}
