#include "sql/class_set.h"
#include "base/buf.h"
#include "sql/class.h"
#include "sql/class_scan.h"
#include "sql/lexer.h"

#include <strings.h>

enum scope {
	OF_SESSION,
	OF_NEXT, /* none was given */
	OF_SERVER,
	OF_USER, /* a user variable */
	NO_SETTING
};

static bool take(struct mi_lexer *lexer, const char *word)
{
	struct mi_lexer ahead = *lexer;
	struct mi_lexeme token = mi_lex_next(&ahead);

	if (!mi_lexeme_is_word(&token, word))
		return false;
	*lexer = ahead;
	return true;
}

static bool take_punct(struct mi_lexer *lexer, char punct)
{
	struct mi_lexer ahead = *lexer;
	struct mi_lexeme token = mi_lex_next(&ahead);

	if (!mi_lexeme_is_punct(&token, punct))
		return false;
	*lexer = ahead;
	return true;
}

/* The words before a name: "SESSION", or the "SESSION." of @@SESSION.name. */
static enum scope take_scope(struct mi_lexer *lexer, bool dotted)
{
	static const struct {
		const char *word;
		enum scope scope;
	} scopes[] = {{"SESSION", OF_SESSION},
	              {"LOCAL", OF_SESSION},
	              {"GLOBAL", OF_SERVER},
	              {"PERSIST_ONLY", OF_SERVER},
	              {"PERSIST", OF_SERVER}};

	for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++) {
		struct mi_lexer ahead = *lexer;

		if (take(&ahead, scopes[i].word) && (!dotted || take_punct(&ahead, '.'))) {
			*lexer = ahead;
			return scopes[i].scope;
		}
	}
	return OF_NEXT;
}

/* Up to the comma or the end: the text, and what is in it. */
static struct mi_span take_value(struct mi_lexer *lexer, const struct mi_class_rules *rules,
                                 struct mi_scan *scan)
{
	struct mi_lexer begin = *lexer;
	struct mi_span all;

	mi_scan_read(lexer, rules, true, scan);
	all = mi_span(begin.left.data, (size_t)(lexer->left.data - begin.left.data));
	while (all.len && strchr(" \t\n\r", all.data[0]))
		all = mi_span(all.data + 1, all.len - 1);
	while (all.len && strchr(" \t\n\r", all.data[all.len - 1]))
		all.len--;
	return all;
}

/* One literal or word, perhaps with a sign. */
static bool is_literal(struct mi_span value, const struct mi_lexer *like)
{
	struct mi_lexer lexer =
	    mi_lexer_for(value, like->modes, like->charset, like->mariadb, like->version);
	bool sign = take_punct(&lexer, '-') || take_punct(&lexer, '+');
	struct mi_lexeme token = mi_lex_next(&lexer), end = mi_lex_next(&lexer);

	return end.kind == MI_LEX_END &&
	       (token.kind == MI_LEX_NUMBER ||
	        (!sign && (token.kind == MI_LEX_WORD || token.kind == MI_LEX_STRING)));
}

/* NAMES or CHARACTER SET. */
static bool take_charset(struct mi_lexer *lexer, const struct mi_class_rules *rules,
                         struct mi_class_setting *setting, struct mi_scan *scan)
{
	struct mi_lexer ahead = *lexer;

	if (take(&ahead, "NAMES"))
		setting->form = MI_SET_NAMES;
	else if (take(&ahead, "CHARSET") || (take(&ahead, "CHARACTER") && take(&ahead, "SET")))
		setting->form = MI_SET_CHARSET;
	else
		return false;
	*lexer = ahead;
	setting->value = take_value(lexer, rules, scan);
	return true;
}

/* Its characteristics have commas between them. */
static void take_transaction(struct mi_lexer *lexer, const struct mi_class_rules *rules,
                             struct mi_class_setting *setting, struct mi_scan *scan)
{
	const char *begin = lexer->left.data;

	setting->form = MI_SET_TRANSACTION;
	while (take_value(lexer, rules, scan).len && take_punct(lexer, ','))
		;
	setting->value = mi_span(begin, (size_t)(lexer->left.data - begin));
}

static bool take_assignment(struct mi_lexer *lexer, const struct mi_class_rules *rules,
                            struct mi_class_setting *setting, struct mi_scan *scan)
{
	struct mi_lexeme name = mi_lex_next(lexer);

	setting->name = name.text;
	if (name.kind == MI_LEX_NAME)
		setting->name = mi_span(name.text.data + 1, name.text.len - 2);
	else if (name.kind != MI_LEX_WORD)
		return false;
	(void)take_punct(lexer, ':');
	if (!take_punct(lexer, '='))
		return false;
	setting->value = take_value(lexer, rules, scan);
	setting->literal = is_literal(setting->value, lexer);
	return true;
}

static bool is_name_of(struct mi_span text, const char *const *names)
{
	for (; *names; names++)
		if (text.len == strlen(*names) && strncasecmp(text.data, *names, text.len) == 0)
			return true;
	return false;
}

/* "SET Syntax for Variable Assignment" in the MySQL manual: of these four, @@name without a scope
 * is the next transaction's. */
static bool is_of_transaction(struct mi_span name)
{
	static const char *const names[] = {"transaction_isolation", "transaction_read_only",
	                                    "tx_isolation", "tx_read_only", NULL};

	return is_name_of(name, names);
}

static enum scope next_setting(struct mi_lexer *lexer, const struct mi_class_rules *rules,
                               struct mi_class_setting *setting, struct mi_scan *scan)
{
	enum scope scope;
	bool system_form;

	*setting = (struct mi_class_setting){0};
	*scan = (struct mi_scan){0};
	if (take_charset(lexer, rules, setting, scan))
		return OF_SESSION;
	system_form = take_punct(lexer, '@');
	if (system_form && !take_punct(lexer, '@')) {
		(void)take_value(lexer, rules, scan);
		return OF_USER;
	}
	scope = take_scope(lexer, system_form);
	if (!system_form && take(lexer, "TRANSACTION")) {
		setting->next_only = scope == OF_NEXT;
		take_transaction(lexer, rules, setting, scan);
		return scope;
	}
	if (!take_assignment(lexer, rules, setting, scan))
		return NO_SETTING;
	setting->next_only = scope == OF_NEXT && system_form && is_of_transaction(setting->name);
	return scope == OF_NEXT ? OF_SESSION : scope;
}

bool mi_class_is_tracker(struct mi_span name)
{
	static const char prefix[] = "session_track_";

	return name.len >= sizeof prefix - 1 &&
	       strncasecmp(name.data, prefix, sizeof prefix - 1) == 0;
}

/* NAMES utf8mb4 COLLATE utf8mb4_bin */
static void split_collation(struct mi_class_setting *setting, const struct mi_lexer *like)
{
	struct mi_lexer lexer =
	    mi_lexer_for(setting->value, like->modes, like->charset, like->mariadb, like->version);
	struct mi_lexeme value = mi_lex_next(&lexer), collation;

	if (take(&lexer, "COLLATE")) {
		collation = mi_lex_next(&lexer);
		setting->collation = collation.text;
	}
	setting->value = value.text;
	setting->literal = mi_lex_next(&lexer).kind == MI_LEX_END;
}

static bool at_end(const struct mi_lexer *lexer)
{
	struct mi_lexer ahead = *lexer;
	struct mi_lexeme token = mi_lex_next(&ahead);

	return token.kind == MI_LEX_END || token.kind == MI_LEX_BAD ||
	       mi_lexeme_is_punct(&token, ';');
}

bool mi_class_set_next(struct mi_lexer *settings, struct mi_class_setting *setting)
{
	static const struct mi_class_rules no_rules;
	struct mi_scan scan;

	if (at_end(settings) || next_setting(settings, &no_rules, setting, &scan) == NO_SETTING)
		return false;
	if (setting->form == MI_SET_NAMES || setting->form == MI_SET_CHARSET)
		split_collation(setting, settings);
	(void)take_punct(settings, ',');
	return true;
}

/* SET that is no list of settings. */
static bool read_other_form(struct mi_lexer *lexer, struct mi_set_facts *facts)
{
	if (take(lexer, "PASSWORD") || take(lexer, "DEFAULT"))
		facts->class = MI_CLASS_ACCOUNT;
	else if (take(lexer, "RESOURCE"))
		facts->class = MI_CLASS_GLOBAL;
	else if (take(lexer, "ROLE"))
		facts->pins |= MI_CLASS_PIN_STATE;
	else
		return false;
	return true;
}

/* A setting that the sessions at both sides cannot share: a clock that was stopped, the seeds of
 * RAND(), what the next INSERT or transaction is given. */
static bool is_of_one_session(const struct mi_class_setting *setting)
{
	static const char *const names[] = {"timestamp", "rand_seed1",  "rand_seed2", "insert_id",
	                                    "gtid_next", "gtid_seq_no", NULL};
	static const char *const resting[] = {"0",           "DEFAULT",       "AUTOMATIC",
	                                      "'AUTOMATIC'", "\"AUTOMATIC\"", NULL};

	return setting->form == MI_SET_VARIABLE && is_name_of(setting->name, names) &&
	       !is_name_of(setting->value, resting);
}

static void note_setting(struct mi_set_facts *facts, enum scope scope,
                         const struct mi_class_setting *setting, const struct mi_scan *scan,
                         bool *server)
{
	if (scope == NO_SETTING || scope == OF_USER || scan->bad || scan->select || scan->call ||
	    scan->user_var || scan->executable || scan->assigns || is_of_one_session(setting))
		facts->pins |= MI_CLASS_PIN_STATE;
	*server |= scope == OF_SERVER;
	facts->next_only |= setting->next_only;
	if (setting->form == MI_SET_VARIABLE && mi_class_is_tracker(setting->name))
		facts->trackers = true;
	else
		facts->others = true;
}

void mi_set_read(struct mi_lexer settings, const struct mi_class_rules *rules,
                 struct mi_set_facts *facts)
{
	struct mi_class_setting setting;
	struct mi_scan scan;
	bool server = false;
	enum scope scope = NO_SETTING;

	*facts = (struct mi_set_facts){.class = MI_CLASS_WRITE};
	if (read_other_form(&settings, facts))
		return;
	do {
		scope = next_setting(&settings, rules, &setting, &scan);
		note_setting(facts, scope, &setting, &scan, &server);
	} while (scope != NO_SETTING && take_punct(&settings, ','));
	if (!at_end(&settings))
		facts->pins |= MI_CLASS_PIN_STATE;
	if (server)
		facts->class = MI_CLASS_GLOBAL;
	else if (!facts->pins)
		facts->class = MI_CLASS_SET;
}
