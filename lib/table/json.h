/* The stream form of a JSON value, see VALUES in mi-stream(5): the server's text; behind it, where
 * that text read as JSON would not give back some scalar's type, a NUL byte and a string of codes,
 * one for each scalar in the order of the text. Pure text, no server. */
#ifndef MI_TABLE_JSON_H
#define MI_TABLE_JSON_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum { MI_JSON_DEPTH = 100 }; /* containers in containers: the server's own limit */

/* What a scalar is. */
enum mi_json_code {
	MI_JSON_IS_PLAIN = '.', /* what reading the text gives */
	MI_JSON_IS_DECIMAL = 'D',
	/* servers read integers from 2^32 on as unsigned, others as signed: the other way round */
	MI_JSON_IS_UNSIGNED = 'U',
	MI_JSON_IS_SIGNED = 'I',
	MI_JSON_IS_DATE = 'd',
	MI_JSON_IS_TIME = 't',
	MI_JSON_IS_DATETIME = 'c',
	MI_JSON_IS_TIMESTAMP = 's',
	MI_JSON_IS_OPAQUE = 'o', /* bytes of a column type: the text is "base64:typeN:..." */
};

/* Takes a value in its stream form apart; codes->len is 0 where there are none. */
void mi_json_split(struct mi_span value, struct mi_span *text, struct mi_span *codes);

/* Appends NUL and codes, without the MI_JSON_IS_PLAIN at their end; nothing when no others are
 * left. */
void mi_json_add_codes(struct mi_buf *value, struct mi_span codes);

/* False: the value has codes, and they are not such as its text can have. Values without codes are
 * not looked at. */
MI_MUST bool mi_json_is_valid(struct mi_span value);

/* True when a scalar, by its text with quotes if it has them, can be of the type that code says. */
MI_MUST bool mi_json_suits(char code, struct mi_span scalar);

/* True for the text of a number that is read as a double. */
bool mi_json_is_double(struct mi_span scalar);

/* ---- Reading the text, token by token ---- */

enum mi_json_token {
	MI_JSON_BAD, /* no JSON, or deeper than MI_JSON_DEPTH; also each time after that */
	MI_JSON_END, /* after the document */
	MI_JSON_OPEN_OBJECT,
	MI_JSON_OPEN_ARRAY,
	MI_JSON_CLOSE, /* of either */
	MI_JSON_KEY,   /* with its quotes */
	MI_JSON_SCALAR /* a string with its quotes, a number, true, false, null */
};

struct mi_json_reader {
	const char *at, *end;
	unsigned depth;                /* containers that are open */
	bool in_object[MI_JSON_DEPTH]; /* what each of them is */
	unsigned state;                /* see table/json.c */
};

/* text must outlive the reader. */
void mi_json_read(struct mi_json_reader *reader, struct mi_span text);

/* The next token; *token is its text. Numbers and words are not looked into. */
MI_MUST enum mi_json_token mi_json_next(struct mi_json_reader *reader, struct mi_span *token);

#endif
