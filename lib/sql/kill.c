#include "sql/kill.h"
#include "base/buf.h"
#include "sql/class_head.h"
#include "sql/lexer.h"

/* 0: it is none, or too large for one. */
static uint64_t whole_number(struct mi_span text)
{
	uint64_t value = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = (unsigned char)text.data[i] - '0';

		if (digit > 9 || value > (UINT64_MAX - digit) / 10)
			return 0;
		value = value * 10 + digit;
	}
	return value;
}

uint64_t mi_head_kill(struct mi_head *head, bool *query)
{
	uint64_t id;

	*query = mi_head_take(head, "QUERY");
	if (!*query)
		(void)mi_head_take(head, "CONNECTION");
	id = head->token.kind == MI_LEX_NUMBER ? whole_number(head->token.text) : 0;
	mi_head_step(head);
	return mi_head_ends(head) ? id : 0;
}

bool mi_kill_text(struct mi_span text, bool *query, uint64_t *id)
{
	struct mi_head head = {.lexer = mi_lexer(text, 0, MI_LEX_UTF8)};

	if (!mi_head_may_begin(text, 'K'))
		return false;
	mi_head_step(&head);
	if (!mi_head_take(&head, "KILL"))
		return false;
	*id = mi_head_kill(&head, query);
	return *id && mi_head_is_last(&head);
}
