#include "chunk/done.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"

#include <ctype.h>
#include <stdlib.h>

#define VERIFIED "verified"

enum {
	FIELDS_MAX = 6,
	FILE_MAX = 1 << 30, /* some ten million chunks */
};

static void add_name(struct mi_buf *out, const char *name)
{
	for (; *name; name++) {
		switch (*name) {
		case '\\':
			mi_buf_add_str(out, "\\\\");
			break;
		case '\t':
			mi_buf_add_str(out, "\\t");
			break;
		case '\n':
			mi_buf_add_str(out, "\\n");
			break;
		case '\r':
			mi_buf_add_str(out, "\\r");
			break;
		default:
			mi_buf_add_char(out, *name);
		}
	}
}

static void add_table(struct mi_buf *out, const char *db, const char *table)
{
	add_name(out, db);
	mi_buf_add_char(out, '\t');
	add_name(out, table);
	mi_buf_add_char(out, '\t');
}

void mi_done_print_chunk(struct mi_buf *out, const char *db, const char *table, uint64_t part,
                         const char *lo, const char *hi, bool verified)
{
	add_table(out, db, table);
	mi_buf_addf(out, "%llu\t%s\t%s%s\n", (unsigned long long)part, lo, hi,
	            verified ? "\t" VERIFIED : "");
}

void mi_done_print_table(struct mi_buf *out, const char *db, const char *table, bool verified)
{
	add_table(out, db, table);
	mi_buf_addf(out, "done%s\n", verified ? "\t" VERIFIED : "");
}

/* The character that a backslash and c stand for; 0: none. */
static char unescape(char c)
{
	switch (c) {
	case '\\':
		return '\\';
	case 't':
		return '\t';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	default:
		return 0;
	}
}

/* A name without its escapes, on the heap; NULL when an escape is unknown or the name is empty. */
static char *parse_name(struct mi_span field)
{
	char *name = mi_alloc(field.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < field.len; i++) {
		char c = field.data[i];

		if (c == '\\')
			c = ++i < field.len ? unescape(field.data[i]) : 0;
		if (c == 0)
			goto bad;
		name[n++] = c;
	}
	if (n > 0)
		return name;
bad:
	free(name);
	return NULL;
}

/* True when the field has only characters that key text can have: numbers, 'x' and hex, blanks.
 * Whether it is a key shows when it is used (mi_key_predicate). */
static bool is_key_text(struct mi_span field)
{
	for (size_t i = 0; i < field.len; i++) {
		unsigned char c = (unsigned char)field.data[i];

		if (!isalnum(c) && !strchr(" +-.", c))
			return false;
		if (c == '\0')
			return false;
	}
	return true;
}

static bool parse_part(struct mi_span field, uint64_t *part)
{
	*part = 0;
	if (field.len == 0 || field.len > 19)
		return false;
	for (size_t i = 0; i < field.len; i++) {
		if (field.data[i] < '0' || field.data[i] > '9')
			return false;
		*part = *part * 10 + (uint64_t)(field.data[i] - '0');
	}
	return true;
}

/* Splits a line at its tabs. Returns how many fields there are; FIELDS_MAX + 1 for more. */
static size_t split(struct mi_span line, struct mi_span fields[FIELDS_MAX])
{
	size_t n = 0;

	for (;;) {
		const char *tab = line.len ? memchr(line.data, '\t', line.len) : NULL;
		size_t len = tab ? (size_t)(tab - line.data) : line.len;

		if (n == FIELDS_MAX)
			return n + 1;
		fields[n++] = mi_span(line.data, len);
		if (!tab)
			return n;
		line = mi_span(tab + 1, line.len - len - 1);
	}
}

/* NULL, or what is wrong with the line. */
static const char *parse_line(struct mi_done *done, struct mi_span line)
{
	struct mi_span fields[FIELDS_MAX];
	size_t n = split(line, fields);
	struct mi_done_chunk *chunk;
	uint64_t part = 0;

	if ((n == 4 || n == 6) && mi_span_is(fields[n - 1], VERIFIED))
		n--;
	if (n != 5 && !(n == 3 && mi_span_is(fields[2], "done")))
		return "neither a chunk nor a finished table";
	if (n == 5) {
		if (!parse_part(fields[2], &part))
			return "part is not a number";
		if (!is_key_text(fields[3]) || !is_key_text(fields[4]))
			return "bad key text";
		if (part > 0 && fields[3].len + fields[4].len > 0)
			return "a part has no range";
	}
	chunk = mi_array_add(&done->items, &done->count, sizeof *chunk);
	chunk->whole = n == 3;
	chunk->part = part;
	chunk->lo = n == 5 ? mi_strndup(fields[3].data, fields[3].len) : mi_strdup("");
	chunk->hi = n == 5 ? mi_strndup(fields[4].data, fields[4].len) : mi_strdup("");
	chunk->db = parse_name(fields[0]);
	chunk->table = parse_name(fields[1]);
	return chunk->db && chunk->table ? NULL : "bad name";
}

int mi_done_parse(struct mi_done *done, struct mi_span text, struct mi_err *err)
{
	for (size_t number = 1; text.len > 0; number++) {
		const char *end = memchr(text.data, '\n', text.len);
		const char *wrong;
		size_t len;

		if (!end)
			return mi_fail(err, MI_DATA, "line %zu: it is cut off", number);
		len = (size_t)(end - text.data);
		wrong = parse_line(done, mi_span(text.data, len));
		if (wrong)
			return mi_fail(err, MI_DATA, "line %zu: %s", number, wrong);
		text = mi_span(end + 1, text.len - len - 1);
	}
	return 0;
}

int mi_done_read(struct mi_done *done, const char *path, struct mi_err *err)
{
	struct mi_buf text = {0};
	int ret = -1;

	if (mi_read_file(path, FILE_MAX, &text, err) != 0)
		goto out;
	if (mi_done_parse(done, mi_buf_span(&text), err) != 0) {
		(void)mi_within(err, "cannot read list of finished chunks '%s'", path);
		goto out;
	}
	ret = 0;
out:
	mi_buf_release(&text);
	return ret;
}

void mi_done_release(struct mi_done *done)
{
	for (size_t i = 0; i < done->count; i++) {
		free(done->items[i].db);
		free(done->items[i].table);
		free(done->items[i].lo);
		free(done->items[i].hi);
	}
	free(done->items);
	*done = (struct mi_done){0};
}

bool mi_done_has_table(const struct mi_done *done, const char *db, const char *table)
{
	for (size_t i = 0; i < done->count; i++) {
		const struct mi_done_chunk *chunk = &done->items[i];

		if (chunk->whole && strcmp(chunk->db, db) == 0 && strcmp(chunk->table, table) == 0)
			return true;
	}
	return false;
}
