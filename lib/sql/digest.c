#include "sql/digest.h"
#include "base/buf.h"
#include "sql/class.h"
#include "sql/lexer.h"

/* What was printed last, to see lists of literals and where a space is due. */
struct digest {
	struct mi_buf *out;
	size_t start, limit;
	bool in_list; /* a literal and perhaps a comma: further literals are left out */
	bool comma;
};

static bool is_literal(const struct mi_lexeme *token)
{
	return token->kind == MI_LEX_NUMBER || token->kind == MI_LEX_STRING ||
	       mi_lexeme_is_punct(token, '?');
}

static void put(struct digest *digest, const struct mi_lexeme *token, struct mi_span text)
{
	if (token->spaced && digest->out->len > digest->start)
		mi_buf_add_char(digest->out, ' ');
	mi_buf_add_span(digest->out, text);
	/* a quoted name or a hint may go on over lines; a digest is one */
	for (char *c = digest->out->data + digest->out->len - text.len;
	     c < digest->out->data + digest->out->len; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
}

static void add(struct digest *digest, const struct mi_lexeme *token)
{
	static const struct mi_lexeme comma = {.kind = MI_LEX_PUNCT, .text = {",", 1}};
	struct mi_span one = mi_span_str("?");

	if (is_literal(token)) {
		if (!digest->in_list)
			put(digest, token, one);
		digest->in_list = true;
		digest->comma = false;
		return;
	}
	if (digest->in_list && !digest->comma && mi_lexeme_is_punct(token, ',')) {
		digest->comma = true;
		return;
	}
	if (digest->comma)
		put(digest, &comma, comma.text);
	digest->in_list = digest->comma = false;
	put(digest, token, token->text);
}

void mi_class_digest(struct mi_span text, const struct mi_class_rules *rules, size_t limit,
                     struct mi_buf *out)
{
	struct mi_lexer lexer = mi_lexer(text, rules->modes, rules->charset);
	struct digest digest = {.out = out, .start = out->len, .limit = limit};
	struct mi_lexeme token = mi_lex_next(&lexer);

	for (; token.kind != MI_LEX_END && out->len - digest.start < limit;
	     token = mi_lex_next(&lexer)) {
		if (token.kind == MI_LEX_BAD) {
			mi_buf_add_str(out, out->len > digest.start ? " ..." : "...");
			break;
		}
		add(&digest, &token);
	}
	if (out->len - digest.start > limit)
		out->len = digest.start + limit;
}
