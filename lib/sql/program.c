#include "sql/program.h"
#include "base/buf.h"
#include "sql/class.h"
#include "sql/lexer.h"

enum { NESTED_MAX = 4 }; /* texts that are prepared within texts that are prepared */

struct walk {
	struct mi_lexer lexer; /* behind token */
	struct mi_lexeme before, token;
	struct mi_program_facts *facts;
	unsigned nested;
	size_t depth; /* of parentheses, within the statement */
	bool starts;  /* a statement may begin here */
	bool sets;    /* within SET: a user variable left of a sign is set */
	bool takes;   /* within a statement that sets any user variable it names */
	bool into;    /* within the list of variables behind INTO */
	bool handler; /* within the DECLARE of a handler, whose statement follows without a sign */
};

static void read_body(struct mi_lexer lexer, struct mi_program_facts *facts, unsigned nested);

static struct mi_lexeme next(const struct walk *walk)
{
	struct mi_lexer ahead = walk->lexer;

	return mi_lex_next(&ahead);
}

/* ---- Text that is run ---- */

/* The text behind FROM or IMMEDIATE: one literal, and else nobody knows. */
static void read_text(struct walk *walk, struct mi_lexer ahead)
{
	struct mi_lexeme text = mi_lex_next(&ahead), end = mi_lex_next(&ahead);
	static const char *const ends[] = {"USING", "END", "ELSE", "ELSEIF", NULL};
	struct mi_buf inner = {0};
	struct mi_lexer lexer;

	walk->facts->pins |= MI_CLASS_PIN_STATE;
	walk->facts->prepares = true;
	if (text.kind != MI_LEX_STRING || !strchr("'\"", *text.text.data) ||
	    walk->nested == NESTED_MAX ||
	    !(end.kind == MI_LEX_END || mi_lexeme_is_punct(&end, ';') ||
	      mi_lexeme_is_one_of(&end, ends))) {
		walk->facts->hidden = true;
		return;
	}
	mi_lexeme_value(&text, walk->lexer.modes, &inner);
	lexer = mi_lexer_for(mi_buf_span(&inner), walk->lexer.modes, walk->lexer.charset,
	                     walk->lexer.mariadb, walk->lexer.version);
	/* escapes may have made other letters of those of several bytes */
	if (walk->lexer.charset > MI_LEX_SWE7)
		walk->facts->hidden = true;
	else
		read_body(lexer, walk->facts, walk->nested + 1);
	mi_buf_release(&inner);
}

static void read_prepare(struct walk *walk)
{
	struct mi_lexer ahead = walk->lexer;
	struct mi_lexeme token;

	(void)mi_lex_next(&ahead); /* its name */
	token = mi_lex_next(&ahead);
	if (mi_lexeme_is_word(&token, "FROM"))
		read_text(walk, ahead);
}

static void read_execute(struct walk *walk)
{
	struct mi_lexer ahead = walk->lexer;
	struct mi_lexeme token = mi_lex_next(&ahead);

	walk->facts->pins |= MI_CLASS_PIN_STATE;
	walk->takes = true;
	if (mi_lexeme_is_word(&token, "IMMEDIATE"))
		read_text(walk, ahead);
}

/* ---- By the first word ---- */

static void read_create(struct walk *walk)
{
	struct mi_lexer ahead = walk->lexer;
	struct mi_lexeme token = mi_lex_next(&ahead);

	if (mi_lexeme_is_word(&walk->before, "SHOW"))
		return;
	if (mi_lexeme_is_word(&token, "OR")) {
		(void)mi_lex_next(&ahead);
		token = mi_lex_next(&ahead);
	}
	if (mi_lexeme_is_word(&token, "TEMPORARY"))
		walk->facts->pins |= MI_CLASS_PIN_TEMPORARY;
	else
		walk->facts->defines = true;
}

static void read_drop(struct walk *walk)
{
	static const char *const own[] = {"TEMPORARY", "PREPARE", NULL};
	struct mi_lexeme token = next(walk);

	walk->facts->defines |= !mi_lexeme_is_one_of(&token, own);
}

static void read_define(struct walk *walk)
{
	walk->facts->defines = true;
}

static void read_truncate(struct walk *walk)
{
	struct mi_lexeme token = next(walk);

	walk->facts->defines |= !mi_lexeme_is_punct(&token, '(');
}

/* Settings are told by trackers, but for those that move with each statement. */
static void read_set(struct walk *walk)
{
	static const char *const scopes[] = {"SESSION", "LOCAL", NULL};
	static const char *const untold[] = {"ROLE",       "STATEMENT",  "TIMESTAMP", "INSERT_ID",
	                                     "RAND_SEED1", "RAND_SEED2", NULL};
	struct mi_lexer ahead = walk->lexer;
	struct mi_lexeme token = mi_lex_next(&ahead);

	walk->sets = true;
	while (mi_lexeme_is_punct(&token, '@') || mi_lexeme_is_punct(&token, '.') ||
	       mi_lexeme_is_one_of(&token, scopes))
		token = mi_lex_next(&ahead);
	if (mi_lexeme_is_one_of(&token, untold))
		walk->facts->pins |= MI_CLASS_PIN_STATE;
}

static void read_taking(struct walk *walk)
{
	walk->takes = true;
}

static void read_load(struct walk *walk)
{
	walk->takes = walk->facts->changes = true;
}

static void read_lock(struct walk *walk)
{
	walk->facts->pins |= MI_CLASS_PIN_LOCK_TABLES | MI_CLASS_PIN_FLUSH_LOCK;
}

static void read_flush(struct walk *walk)
{
	walk->facts->pins |= MI_CLASS_PIN_FLUSH_LOCK;
}

static void read_handler(struct walk *walk)
{
	walk->facts->pins |= MI_CLASS_PIN_HANDLER;
}

static void read_xa(struct walk *walk)
{
	walk->facts->pins |= MI_CLASS_PIN_XA;
}

static const struct {
	const char *word;
	bool reserved; /* it cannot be a name: it is looked for everywhere */
	void (*read)(struct walk *walk);
} verbs[] = {
    {"CREATE", true, read_create},      {"ALTER", true, read_define},
    {"DROP", true, read_drop},          {"RENAME", true, read_define},
    {"TRUNCATE", false, read_truncate}, {"PREPARE", false, read_prepare},
    {"EXECUTE", false, read_execute},   {"SET", false, read_set},
    {"CALL", false, read_taking},       {"FETCH", false, read_taking},
    {"GET", false, read_taking},        {"LOAD", false, read_load},
    {"IMPORT", false, read_define},     {"LOCK", false, read_lock},
    {"FLUSH", false, read_flush},       {"BACKUP", false, read_flush},
    {"HANDLER", false, read_handler},   {"XA", false, read_xa},
};

static void note_verb(struct walk *walk)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (mi_lexeme_is_word(&walk->token, verbs[i].word) &&
		    (walk->starts || verbs[i].reserved ||
		     (walk->handler && verbs[i].read != read_handler)))
			verbs[i].read(walk);
}

/* ---- Everywhere ---- */

static void note_word(struct walk *walk)
{
	static const char *const changing[] = {"UPDATE", "DELETE", NULL};
	static const char *const inserting[] = {"INSERT", "REPLACE", NULL};
	static const char *const starting[] = {"BEGIN", "THEN",   "ELSE", "DO",
	                                       "LOOP",  "REPEAT", "FOR",  NULL};
	static const char *const handlers[] = {"CONTINUE", "EXIT", "UNDO", NULL};
	struct mi_lexeme token = next(walk);

	note_verb(walk);
	walk->handler |= mi_lexeme_is_word(&walk->token, "HANDLER") &&
	                 mi_lexeme_is_one_of(&walk->before, handlers);
	walk->facts->changes |=
	    mi_lexeme_is_one_of(&walk->token, changing) ||
	    (mi_lexeme_is_one_of(&walk->token, inserting) && !mi_lexeme_is_punct(&token, '(')) ||
	    (mi_lexeme_is_word(&walk->token, "NEXT") && mi_lexeme_is_word(&token, "VALUE"));
	walk->starts = mi_lexeme_is_one_of(&walk->token, starting);
	if (mi_lexeme_is_word(&walk->token, "BEGIN"))
		walk->handler = false;
}

static void note_call(struct walk *walk)
{
	static const char *const locks[] = {"GET_LOCK", "SERVICE_GET_READ_LOCKS",
	                                    "SERVICE_GET_WRITE_LOCKS", NULL};
	static const char *const moving[] = {"NEXTVAL", "SETVAL", NULL};

	if (mi_lexeme_is_one_of(&walk->before, locks))
		walk->facts->pins |= MI_CLASS_PIN_USER_LOCK;
	walk->facts->changes |= mi_lexeme_is_one_of(&walk->before, moving);
}

/* A user variable, whose @ was taken. Is it set here? */
static void note_variable(struct walk *walk)
{
	struct mi_lexer ahead = walk->lexer;
	struct mi_lexeme name = mi_lex_next(&ahead), colon, equals;

	if (mi_lexeme_is_punct(&name, '@') || mi_lexeme_is_punct(&walk->before, '@'))
		return; /* a system variable's */
	colon = mi_lex_next(&ahead);
	equals = mi_lex_next(&ahead);
	if (walk->takes || walk->into ||
	    (mi_lexeme_is_punct(&colon, ':') && mi_lexeme_is_punct(&equals, '=')) ||
	    (walk->sets && walk->depth == 0 &&
	     (mi_lexeme_is_word(&walk->before, "SET") || mi_lexeme_is_punct(&walk->before, ','))))
		walk->facts->pins |= MI_CLASS_PIN_STATE;
}

static void note_punct(struct walk *walk)
{
	struct mi_lexeme token = next(walk);

	walk->starts = false;
	switch (*walk->token.text.data) {
	case ';':
		walk->starts = true;
		walk->sets = walk->takes = walk->handler = false;
		walk->depth = 0;
		break;
	case ':': /* behind a label */
		walk->starts = !mi_lexeme_is_punct(&token, '=');
		break;
	case '(':
		note_call(walk);
		walk->depth++;
		break;
	case ')':
		walk->depth -= walk->depth > 0;
		break;
	case '@':
		note_variable(walk);
		break;
	default:
		break;
	}
}

/* A list of names and variables with commas between them begins behind INTO. */
static bool is_in_list(const struct walk *walk)
{
	if (mi_lexeme_is_word(&walk->before, "INTO"))
		return true;
	return walk->into &&
	       (mi_lexeme_is_punct(&walk->token, ',') || mi_lexeme_is_punct(&walk->token, '@') ||
	        mi_lexeme_is_punct(&walk->before, ',') || mi_lexeme_is_punct(&walk->before, '@'));
}

static void read_body(struct mi_lexer lexer, struct mi_program_facts *facts, unsigned nested)
{
	struct walk walk = {.lexer = lexer,
	                    .before = {.kind = MI_LEX_END},
	                    .facts = facts,
	                    .nested = nested,
	                    .starts = true};

	for (;;) {
		walk.token = mi_lex_next(&walk.lexer);
		if (walk.token.kind == MI_LEX_BAD)
			facts->hidden = true;
		if (walk.token.kind == MI_LEX_END || walk.token.kind == MI_LEX_BAD)
			return;
		walk.into = is_in_list(&walk);
		if (walk.token.kind == MI_LEX_WORD)
			note_word(&walk);
		else if (walk.token.kind == MI_LEX_PUNCT)
			note_punct(&walk);
		else
			walk.starts &= walk.token.kind == MI_LEX_OPEN ||
			               walk.token.kind == MI_LEX_CLOSE ||
			               walk.token.kind == MI_LEX_HINT;
		walk.before = walk.token;
	}
}

void mi_program_read(struct mi_lexer lexer, struct mi_program_facts *facts)
{
	read_body(lexer, facts, 0);
}
