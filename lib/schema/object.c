#include "schema/object.h"
#include "base/buf.h"
#include "schema/uses.h"
#include "sql/tokens.h"
#include "table/filter.h"

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
		free(view->invalid);
		mi_uses_release(&view->uses);
		mi_buf_release(&view->text);
	}
	free(views->items);
	*views = (struct mi_views){0};
}

static int find_view(const struct mi_views *views, const char *db, const char *name)
{
	bool ignore_case = views->ignore_case;

	for (size_t i = 0; i < views->count; i++)
		if (mi_name_eq(views->items[i].name, name, ignore_case) &&
		    mi_name_eq(views->items[i].db, db, ignore_case))
			return (int)i;
	return -1;
}

struct sorter {
	struct mi_views *views;
	size_t *order, placed;
};

enum { UNSEEN, IN_HAND, PLACED };

/* Places a view after those that it reads. It calls itself as deep as views nest, which a server
 * has allowed when they were made. */
static void place(struct sorter *sorter, size_t index)
{
	struct mi_view *view = &sorter->views->items[index];

	if (view->state != UNSEEN)
		return;
	view->state = IN_HAND;
	for (size_t i = 0; i < view->uses.count; i++) {
		const struct mi_use *use = &view->uses.items[i];
		int found = use->is_call ? -1 : find_view(sorter->views, use->db, use->name);

		if (found >= 0)
			place(sorter, (size_t)found);
	}
	view->state = PLACED;
	sorter->order[sorter->placed++] = index;
}

void mi_views_order(struct mi_views *views, size_t *order)
{
	struct sorter sorter = {.views = views, .order = order};

	for (size_t i = 0; i < views->count; i++)
		place(&sorter, i);
}
