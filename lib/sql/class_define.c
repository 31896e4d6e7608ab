#include "sql/class_define.h"
#include "sql/class.h"
#include "sql/class_head.h"
#include "sql/lexer.h"
#include "table/table.h"

static bool is_name(const struct mi_lexeme *token)
{
	return token->kind == MI_LEX_WORD || token->kind == MI_LEX_NAME;
}

static bool take_name(struct mi_head *head, struct mi_class_name *name)
{
	struct mi_lexeme nothing = {.kind = MI_LEX_END};

	if (!is_name(&head->token))
		return false;
	*name = (struct mi_class_name){nothing, head->token};
	mi_head_step(head);
	if (!mi_head_take_punct(head, '.'))
		return true;
	if (!is_name(&head->token))
		return false;
	name->db = name->name;
	name->name = head->token;
	mi_head_step(head);
	return true;
}

static bool is_ours(const struct mi_lexeme *name)
{
	bool quoted = name->kind == MI_LEX_NAME;

	return mi_table_span_is_ours(mi_span(name->text.data + quoted, name->text.len - quoted));
}

bool mi_head_add_name(struct mi_head *head)
{
	struct mi_class_name name;
	struct mi_class_kind *kind = head->kind;

	if (!take_name(head, &name)) {
		kind->ours = false;
		return false;
	}
	kind->ours = is_ours(&name.name) && (kind->ours || kind->name_count == 0);
	if (kind->name_count == MI_CLASS_NAMES)
		kind->more_names = true;
	else
		kind->names[kind->name_count++] = name;
	return true;
}

/* ---- Definitions ---- */

static const char *const objects[] = {
    "TABLE",   "TABLES",     "VIEW",     "TRIGGER",   "EVENT",    "INDEX", "DATABASE",
    "SCHEMA",  "SEQUENCE",   "FUNCTION", "PROCEDURE", "PACKAGE",  "USER",  "ROLE",
    "SERVER",  "TABLESPACE", "LOGFILE",  "RESOURCE",  "INSTANCE", "UNDO",  "SPATIAL_REFERENCE",
    "PREPARE", "LIBRARY",    NULL};

static bool is_among(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

/* The account behind DEFINER =, or CURRENT_USER(): its words could be an object's. */
static void skip_account(struct mi_head *head)
{
	mi_head_step(head);
	if (mi_head_take_punct(head, '('))
		(void)mi_head_take_punct(head, ')');
	if (!mi_head_take_punct(head, '@'))
		return;
	/* a host without quotes is several tokens: 10.0.0.1, a-b.c */
	do {
		mi_head_step(head);
	} while (!head->token.spaced && !mi_head_ends(head) && head->token.kind != MI_LEX_BAD);
}

/* Between the verb and its object stand words such as OR REPLACE, UNIQUE, DEFINER = a@b. */
static const char *find_object(struct mi_head *head)
{
	while (!mi_head_ends(head) && head->token.kind != MI_LEX_BAD &&
	       !mi_lexeme_is_punct(&head->token, '(')) {
		const char *object;

		if (mi_head_take(head, "DEFINER")) {
			if (mi_head_take_punct(head, '='))
				skip_account(head);
			continue;
		}
		if (mi_head_take(head, "SPATIAL")) { /* INDEX, or REFERENCE SYSTEM */
			if (mi_head_take(head, "REFERENCE"))
				return "SPATIAL_REFERENCE";
			continue;
		}
		object = mi_head_take_any(head, objects);
		if (object)
			return object;
		head->kind->temporary |= mi_head_at(head, "TEMPORARY");
		head->kind->replaces |= mi_head_at(head, "REPLACE");
		mi_head_step(head);
	}
	return "";
}

static void take_if_exists(struct mi_head *head)
{
	if (!mi_head_take(head, "IF"))
		return;
	(void)mi_head_take(head, "NOT");
	(void)mi_head_take(head, "EXISTS");
}

/* The table after ON, of an index or a trigger. */
static void find_on(struct mi_head *head)
{
	struct mi_class_kind *kind = head->kind;

	while (!mi_head_ends(head) && head->token.kind != MI_LEX_BAD)
		if (mi_head_take(head, "ON")) {
			kind->more_names = !mi_head_add_name(head);
			return;
		} else {
			mi_head_step(head);
		}
	kind->more_names = true; /* DROP TRIGGER: of which table is not said */
}

static void find_names(struct mi_head *head, const char *verb, const char *object)
{
	static const char *const indirect[] = {"INDEX", "TRIGGER", NULL};
	bool several = strcmp(verb, "DROP") == 0 || strcmp(verb, "RENAME") == 0;

	if (is_among(object, indirect)) {
		find_on(head);
		return;
	}
	take_if_exists(head);
	do {
		if (!mi_head_add_name(head)) {
			head->kind->more_names = true;
			return;
		}
	} while (several && (mi_head_take_punct(head, ',') || mi_head_take(head, "TO")));
}

/* ALTER TABLE name: nothing but DISABLE KEYS or ENABLE KEYS behind it? InnoDB has nothing that this
 * would change, and no engine's rows change. */
static bool is_of_keys(struct mi_head head)
{
	static const char *const words[] = {"DISABLE", "ENABLE", NULL};

	return mi_head_take_any(&head, words) && mi_head_take(&head, "KEYS") && mi_head_ends(&head);
}

static void read_definition(struct mi_head *head, const char *verb)
{
	static const char *const accounts[] = {"USER", "ROLE", NULL};
	static const char *const server[] = {
	    "SERVER",   "TABLESPACE", "LOGFILE",           "RESOURCE",
	    "INSTANCE", "UNDO",       "SPATIAL_REFERENCE", NULL};
	struct mi_class_kind *kind = head->kind;

	kind->verb = verb;
	kind->object = find_object(head);
	if (strcmp(kind->object, "PREPARE") == 0)
		return; /* DROP PREPARE: only what this session made */
	if (is_among(kind->object, accounts)) {
		kind->class = MI_CLASS_ACCOUNT;
		return;
	}
	if (is_among(kind->object, server)) {
		kind->class = MI_CLASS_GLOBAL;
		return;
	}
	kind->class = MI_CLASS_DEFINITION;
	kind->names_at = mi_lexer_before(&head->lexer, &head->token);
	find_names(head, verb, kind->object);
	kind->rest = mi_lexer_before(&head->lexer, &head->token);
	kind->keys = strcmp(verb, "ALTER") == 0 && strcmp(kind->object, "TABLE") == 0 &&
	             !kind->more_names && is_of_keys(*head);
	if (kind->temporary && strcmp(verb, "CREATE") == 0)
		kind->pins |= MI_CLASS_PIN_TEMPORARY;
	if (strcmp(verb, "DROP") == 0 && strcmp(kind->object, "TABLE") == 0)
		kind->releases |= MI_CLASS_PIN_TEMPORARY;
}

void mi_define_create(struct mi_head *head)
{
	read_definition(head, "CREATE");
}

void mi_define_alter(struct mi_head *head)
{
	read_definition(head, "ALTER");
}

void mi_define_drop(struct mi_head *head)
{
	read_definition(head, "DROP");
}

void mi_define_rename(struct mi_head *head)
{
	read_definition(head, "RENAME");
}

void mi_define_truncate(struct mi_head *head)
{
	struct mi_class_kind *kind = head->kind;
	struct mi_head table = *head;

	if (mi_head_take(head, "TABLE") && mi_head_ends(head))
		*head = table; /* where nothing follows, it can only be a name */
	kind->class = MI_CLASS_DEFINITION;
	kind->verb = "TRUNCATE";
	kind->object = "TABLE";
	kind->names_at = mi_lexer_before(&head->lexer, &head->token);
	kind->more_names = !mi_head_add_name(head);
	kind->rest = mi_lexer_before(&head->lexer, &head->token);
}

/* A body of statements follows, with semicolons of its own. */
bool mi_define_has_body(const struct mi_class_kind *kind)
{
	static const char *const programs[] = {"TRIGGER",   "EVENT",   "FUNCTION",
	                                       "PROCEDURE", "PACKAGE", NULL};

	if (kind->class != MI_CLASS_DEFINITION || !is_among(kind->object, programs))
		return false;
	return strcmp(kind->verb, "CREATE") == 0 ||
	       (strcmp(kind->verb, "ALTER") == 0 && strcmp(kind->object, "EVENT") == 0);
}

bool mi_define_redefines(const struct mi_class_kind *kind)
{
	static const char *const objects_with[] = {"VIEW",      "TRIGGER", "FUNCTION",
	                                           "PROCEDURE", "PACKAGE", "DATABASE",
	                                           "SCHEMA",    "LIBRARY", NULL};
	static const char *const moves[] = {"RENAME", "ALTER", NULL};

	if (kind->class != MI_CLASS_DEFINITION || kind->keys)
		return false;
	return is_among(kind->object, objects_with) || is_among(kind->verb, moves);
}
