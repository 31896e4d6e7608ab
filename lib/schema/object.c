#include "schema/object.h"
#include "base/buf.h"
#include "sql/tokens.h"

#include <stdlib.h>

enum {
	HEAD_TOKENS = 24,  /* CREATE OR REPLACE ALGORITHM = ... DEFINER = ... @ ... and more */
	EVENT_TOKENS = 40, /* CREATE DEFINER = ... EVENT ... ON SCHEDULE ... STARTS ... ENDS ... */
};

static void cut(struct mi_buf *text, size_t from, size_t to)
{
	memmove(text->data + from, text->data + to, text->len - to);
	text->len -= to - from;
}

/* DEFINER = name [@ host], with the word at `at`. Returns the index of the token after the definer,
 * or `at` when the tokens are something else. */
static size_t definer_end(const struct mi_tokens *head, size_t at)
{
	if (at + 2 >= head->count || !mi_lexeme_is_punct(&head->items[at + 1], '='))
		return at;
	at += 3;
	/* @host without quotes is one token; "@" and a host in quotes are two */
	if (at < head->count && *head->items[at].text.data == '@')
		at += head->items[at].text.len == 1 ? 2 : 1;
	return at < head->count ? at : head->count;
}

void mi_ddl_strip_definer(struct mi_buf *statement)
{
	struct mi_tokens head;
	const char *start = mi_buf_cstr(statement);

	mi_tokens_read_head(&head, mi_buf_span(statement), HEAD_TOKENS);
	for (size_t i = 0; i < head.count; i++) {
		size_t end;

		if (!mi_lexeme_is_word(&head.items[i], "DEFINER"))
			continue;
		end = definer_end(&head, i);
		if (end > i && end < head.count)
			cut(statement, (size_t)(head.items[i].text.data - start),
			    (size_t)(head.items[end].text.data - start));
		break;
	}
	mi_tokens_release(&head);
}

void mi_ddl_strip_completion(struct mi_buf *statement)
{
	static const char *const words[] = {"ON", "COMPLETION", "NOT", "PRESERVE"};
	enum { WORDS = sizeof words / sizeof *words };
	struct mi_tokens head;
	const char *start = mi_buf_cstr(statement);
	size_t found = 0;

	mi_tokens_read_head(&head, mi_buf_span(statement), EVENT_TOKENS);
	for (size_t i = 0; i + 1 < head.count; i++) {
		found = mi_lexeme_is_word(&head.items[i], words[found]) ? found + 1 : 0;
		if (found < WORDS)
			continue;
		cut(statement, (size_t)(head.items[i + 1 - WORDS].text.data - start),
		    (size_t)(head.items[i + 1].text.data - start));
		break;
	}
	mi_tokens_release(&head);
}

bool mi_ddl_switch_off(struct mi_buf *statement)
{
	struct mi_tokens head;
	struct mi_buf out = {0};
	const char *start = mi_buf_cstr(statement);
	bool found = false, off = false;

	mi_tokens_read_head(&head, mi_buf_span(statement), EVENT_TOKENS);
	for (size_t i = 0; i < head.count && !found && !mi_lexeme_is_word(&head.items[i], "DO");
	     i++) {
		const struct mi_lexeme *token = &head.items[i];

		off = mi_lexeme_is_word(token, "DISABLE");
		found = off || mi_lexeme_is_word(token, "ENABLE");
		if (!found || off)
			continue;
		mi_buf_add(&out, start, (size_t)(token->text.data - start));
		mi_buf_add_str(&out, "DISABLE");
		mi_buf_add_str(&out, token->text.data + token->text.len);
	}
	mi_tokens_release(&head);
	if (out.len) {
		mi_buf_release(statement);
		*statement = out;
	}
	return found;
}

void mi_ddl_if_not_exists(struct mi_buf *statement)
{
	static const char create[] = "CREATE DATABASE ";
	struct mi_buf out = {0};

	if (statement->len < sizeof create - 1 ||
	    memcmp(statement->data, create, sizeof create - 1) != 0 ||
	    (statement->len > sizeof create && statement->data[sizeof create - 1] != '`'))
		return;
	mi_buf_add_str(&out, create);
	mi_buf_add_str(&out, "IF NOT EXISTS ");
	mi_buf_add(&out, statement->data + sizeof create - 1, statement->len - (sizeof create - 1));
	mi_buf_release(statement);
	*statement = out;
}

void mi_views_release(struct mi_views *views)
{
	for (size_t i = 0; i < views->count; i++) {
		struct mi_view *view = &views->items[i];

		free(view->db);
		free(view->name);
		free(view->charset);
		free(view->collation);
		mi_buf_release(&view->text);
	}
	free(views->items);
	*views = (struct mi_views){0};
}

static int find_view(const struct mi_views *views, const char *db, const char *name)
{
	for (size_t i = 0; i < views->count; i++)
		if (strcmp(views->items[i].name, name) == 0 && strcmp(views->items[i].db, db) == 0)
			return (int)i;
	return -1;
}

/* True for a quoted name where a table may stand. A column's name follows a point, an alias follows
 * AS, another name or a closing bracket. */
static bool may_be_table(const struct mi_tokens *tokens, size_t at)
{
	const struct mi_lexeme *before = &tokens->items[at - 1];

	if (tokens->items[at].kind != MI_LEX_NAME)
		return false;
	return mi_lexeme_is_punct(before, '(') || mi_lexeme_is_punct(before, ',') ||
	       mi_lexeme_is_word(before, "FROM") || mi_lexeme_is_word(before, "JOIN");
}

struct sorter {
	struct mi_views *views;
	size_t *order, placed;
};

enum { UNSEEN, IN_HAND, PLACED };

static void place(struct sorter *sorter, size_t index);

static void place_named(struct sorter *sorter, const struct mi_view *view,
                        const struct mi_tokens *tokens, size_t at)
{
	bool qualified = at + 2 < tokens->count &&
	                 mi_lexeme_is_punct(&tokens->items[at + 1], '.') &&
	                 tokens->items[at + 2].kind == MI_LEX_NAME;
	char *first = mi_token_name(&tokens->items[at]);
	char *second = qualified ? mi_token_name(&tokens->items[at + 2]) : NULL;
	int found = qualified ? find_view(sorter->views, first, second)
	                      : find_view(sorter->views, view->db, first);

	free(first);
	free(second);
	if (found >= 0)
		place(sorter, (size_t)found);
}

/* Places a view after those that it names. It calls itself as deep as views nest, which a server
 * has allowed when they were made. */
static void place(struct sorter *sorter, size_t index)
{
	struct mi_view *view = &sorter->views->items[index];
	struct mi_tokens tokens;
	size_t at = 1;

	if (view->state != UNSEEN)
		return;
	view->state = IN_HAND;
	/* in a character set whose characters hold backslashes the tokens may end early: then a
	 * name is missed, and the target says so when the view is made */
	mi_tokens_read_head(&tokens, mi_buf_span(&view->text), SIZE_MAX);
	while (at < tokens.count && !mi_lexeme_is_word(&tokens.items[at], "AS"))
		at++;
	for (; at < tokens.count; at++)
		if (may_be_table(&tokens, at))
			place_named(sorter, view, &tokens, at);
	mi_tokens_release(&tokens);
	view->state = PLACED;
	sorter->order[sorter->placed++] = index;
}

void mi_views_order(struct mi_views *views, size_t *order)
{
	struct sorter sorter = {.views = views, .order = order};

	for (size_t i = 0; i < views->count; i++)
		place(&sorter, i);
}
