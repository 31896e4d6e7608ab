#include "schema/edit.h"
#include "base/buf.h"
#include "base/err.h"
#include "sql/tokens.h"

#include <ctype.h>

int mi_edit_open(struct mi_edit *edit, struct mi_buf *text, struct mi_err *err)
{
	*edit = (struct mi_edit){.text = text};
	return mi_tokens_read(&edit->tokens, mi_span(mi_buf_cstr(text), text->len), err);
}

static void copy_to(struct mi_edit *edit, size_t offset)
{
	if (offset > edit->done) {
		mi_buf_add(&edit->out, edit->text->data + edit->done, offset - edit->done);
		edit->done = offset;
	}
}

void mi_edit_close(struct mi_edit *edit)
{
	copy_to(edit, edit->text->len);
	mi_tokens_release(&edit->tokens);
	mi_buf_release(edit->text);
	*edit->text = edit->out;
}

const struct mi_lexeme *mi_edit_token(const struct mi_edit *edit, size_t at)
{
	return &edit->tokens.items[at < edit->tokens.count ? at : edit->tokens.count];
}

bool mi_edit_is(const struct mi_edit *edit, size_t at, const char *word)
{
	return mi_lexeme_is_word(mi_edit_token(edit, at), word);
}

bool mi_edit_is_punct(const struct mi_edit *edit, size_t at, char punct)
{
	return mi_lexeme_is_punct(mi_edit_token(edit, at), punct);
}

static size_t start_of(const struct mi_edit *edit, size_t at)
{
	return (size_t)(mi_edit_token(edit, at)->text.data - edit->text->data);
}

static size_t end_of(const struct mi_edit *edit, size_t to)
{
	return start_of(edit, to - 1) + mi_edit_token(edit, to - 1)->text.len;
}

void mi_edit_replace(struct mi_edit *edit, size_t from, size_t to, const char *with)
{
	copy_to(edit, start_of(edit, from));
	mi_buf_add_str(&edit->out, with);
	edit->done = end_of(edit, to);
}

void mi_edit_drop(struct mi_edit *edit, size_t from, size_t to)
{
	copy_to(edit, start_of(edit, from));
	while (edit->out.len && isspace((unsigned char)edit->out.data[edit->out.len - 1]))
		edit->out.len--;
	edit->done = end_of(edit, to);
	while (!edit->out.len && edit->done < edit->text->len &&
	       isspace((unsigned char)edit->text->data[edit->done]))
		edit->done++;
}

void mi_edit_insert(struct mi_edit *edit, size_t before, const char *text)
{
	copy_to(edit, before ? end_of(edit, before) : 0);
	mi_buf_add_str(&edit->out, text);
}
