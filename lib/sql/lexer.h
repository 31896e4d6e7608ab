/* SQL text as the servers' own lexers take it apart, one token at a time, without allocation.
 *
 * How text falls into tokens depends on the session: on sql_mode (is "x" a name, does a backslash
 * escape) and on character_set_client (in sjis or gbk a byte of a letter may be a backslash).
 *
 * What an executable comment holds is code to some servers and a comment to others: a lexer that is
 * told for which server the text is (mi_lexer_for) reads it as that one does, and takes no notice
 * of the marks; else the marks are tokens.
 *
 * Source: "Lexical Structure" under "Language Structure" in the MySQL manual, "Comment Syntax" and
 * "Identifier Names" in the MariaDB knowledge base; where they are silent, what sql/sql_lex.cc of
 * both does. Where the two servers, or their versions, differ, the token is MI_LEX_BAD. */
#ifndef MI_SQL_LEXER_H
#define MI_SQL_LEXER_H

#include "base/buf.h"

#include <stdbool.h>

/* What of sql_mode matters to a lexer. */
enum mi_lex_mode {
	MI_LEX_ANSI_QUOTES = 1,
	MI_LEX_NO_BACKSLASH_ESCAPES = 2,
	MI_LEX_IGNORE_SPACE = 4,    /* does not change tokens, but what a word before ( is */
	MI_LEX_PIPES_AS_CONCAT = 8, /* the same: nor */
	MI_LEX_UNKNOWN_MODE = 16,   /* a mode that is not known here, or ORACLE: another language */
	MI_LEX_DEFINITION = 32,     /* no server's: @ and $ are letters, so that @x and @@x are one
	                               word each, as sql/tokens.h wants them */
};

/* The names in a sql_mode's value as bits of enum mi_lex_mode; names that make no difference are
 * none. */
unsigned mi_lex_modes(struct mi_span sql_mode);

enum mi_lex_charset {
	MI_LEX_UTF8,  /* utf8, utf8mb3, utf8mb4 */
	MI_LEX_BYTES, /* latin1, cp1251, binary and all others with one byte for a letter: each byte
	                 above ASCII is a letter, but for 0xa0 and 0xff, which some take for a
	                 space. (What is no letter to the server is an error there.) */
	MI_LEX_SWE7,  /* the same, and [ ] ^ { } ~ are letters too */
	/* Two bytes and more for a letter; one of the later bytes may look like a quote, a
	 * backslash or an @ in some of them. */
	MI_LEX_BIG5,
	MI_LEX_GBK,
	MI_LEX_GB2312,
	MI_LEX_GB18030,
	MI_LEX_EUCKR,
	MI_LEX_SJIS,    /* cp932 too */
	MI_LEX_UJIS,    /* eucjpms too */
	MI_LEX_LETTERS, /* unknown, but a server has understood the text: every byte above ASCII is
	                   a letter, except 0xa0 outside of UTF-8, which latin1 takes for a space */
	MI_LEX_OTHER,   /* not known here: cannot be taken apart */
};

/* The class of a character_set_client. */
enum mi_lex_charset mi_lex_charset(struct mi_span name);

enum mi_lex_kind {
	MI_LEX_END,    /* after the last token; text is empty, at the end */
	MI_LEX_WORD,   /* keyword or unquoted name; _utf8mb4 (an introducer) too */
	MI_LEX_NUMBER, /* 1, 1.5, .5e-3, 0x1F, 0b1 */
	MI_LEX_NAME,   /* `name`, under ANSI_QUOTES "name" */
	MI_LEX_STRING, /* 'text' or "text", with the N, B or X before it */
	MI_LEX_PUNCT,  /* one character: ( ) , ; . @ ? = ... */
	MI_LEX_OPEN, /* begins an executable comment: slash star !, with M before the ! too, and the
	                digits of a version */
	MI_LEX_CLOSE, /* ends it */
	MI_LEX_HINT,  /* a whole comment that begins with slash star + */
	MI_LEX_BAD,   /* a quote or comment without end, a NUL byte, a letter that is none: nothing
	                 after it can be trusted; the lexer stays here */
};

struct mi_lexeme {
	enum mi_lex_kind kind;
	bool spaced;         /* white space or a comment before it */
	struct mi_span text; /* as it stands, quotes included */
};

struct mi_lexer {
	struct mi_span left; /* what was not taken yet */
	unsigned modes;      /* enum mi_lex_mode */
	enum mi_lex_charset charset;
	bool in_executable;
	bool met_executable; /* there was an executable comment, whether its text counts or not */
	bool mariadb;        /* the server that will read the text, and... */
	unsigned version;    /* ... its version as 80036 or 101106; 0: not known */
	/* In db.2024 the point is no number's, and what follows it is a name: 5, 5e3, 0x1F and x
	 * before a quote, too. */
	enum {
		MI_LEX_ANYWHERE,
		MI_LEX_AT_POINT,     /* a word has ended right before a point and a letter */
		MI_LEX_BEHIND_POINT, /* ... and that point was taken */
	} place;
};

static inline struct mi_lexer mi_lexer(struct mi_span text, unsigned modes,
                                       enum mi_lex_charset charset)
{
	return (struct mi_lexer){.left = mi_span(text.data ? text.data : "", text.len),
	                         .modes = modes,
	                         .charset = charset};
}

/* For text that a server of that flavour and version will read. */
static inline struct mi_lexer mi_lexer_for(struct mi_span text, unsigned modes,
                                           enum mi_lex_charset charset, bool mariadb,
                                           unsigned version)
{
	struct mi_lexer lexer = mi_lexer(text, modes, charset);

	lexer.mariadb = mariadb;
	lexer.version = version;
	return lexer;
}

/* The lexer before it took token, which must be no mark of an executable comment. */
static inline struct mi_lexer mi_lexer_before(const struct mi_lexer *lexer,
                                              const struct mi_lexeme *token)
{
	struct mi_lexer before = *lexer;

	before.left.len += (size_t)(before.left.data - token->text.data);
	before.left.data = token->text.data;
	before.place = MI_LEX_ANYWHERE;
	return before;
}

/* The next token; plain comments and white space lie between tokens. An executable comment inside
 * another whose text counts is MI_LEX_BAD. A copy of the lexer looks ahead. */
struct mi_lexeme mi_lex_next(struct mi_lexer *lexer);

/* Is the text this word, without case? */
bool mi_lex_says(struct mi_span text, const char *word);

/* Without case. Only a WORD is a word. */
static inline bool mi_lexeme_is_word(const struct mi_lexeme *token, const char *word)
{
	/* most are told apart by their first letters, and every word of a statement is asked */
	return token->kind == MI_LEX_WORD && ((*token->text.data ^ *word) & ~0x20) == 0 &&
	       mi_lex_says(token->text, word);
}

/* words ends with NULL. */
static inline bool mi_lexeme_is_one_of(const struct mi_lexeme *token, const char *const *words)
{
	for (; *words; words++)
		if (mi_lexeme_is_word(token, *words))
			return true;
	return false;
}

static inline bool mi_lexeme_is_punct(const struct mi_lexeme *token, char punct)
{
	return token->kind == MI_LEX_PUNCT && *token->text.data == punct;
}

/* Appends what a WORD, a NAME or a STRING says: without quotes, escapes resolved (a string's under
 * modes; LIKE's own escapes stay). Anything else as it stands. A string with a prefix (x'00', b'1',
 * n'..') is appended as it stands. */
void mi_lexeme_value(const struct mi_lexeme *token, unsigned modes, struct mi_buf *out);

#endif
