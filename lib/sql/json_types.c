#include "sql/json_types.h"
#include "base/buf.h"
#include "sql/literal.h"
#include "table/json.h"

#include <stdlib.h>
#include <string.h>

/* What the server's letters say beside the codes: the kind of a container; of 5.7, that a number is
 * a double. */
enum { IS_OBJECT = '{', IS_ARRAY = '[', IS_DOUBLE = 'f' };

/* 1 GiB: a packet, and so a document, is never longer. */
const char mi_json_types_hint[] = "/*+ SET_VAR(group_concat_max_len=1073741824) */ ";

/* ---- The question ---- */

/* Appends the letter of a JSON_TYPE: the frequent ones stand first. SQL's NULL is JSON's null, of
 * which JSON_TABLE makes it. */
static void add_letter(struct mi_buf *sql, const char *type, bool is_57)
{
	mi_buf_addf(
	    sql,
	    "CASE IFNULL(%s,'NULL') WHEN 'STRING' THEN '.' WHEN 'INTEGER' THEN 'I' WHEN 'BOOLEAN' "
	    "THEN '.'"
	    " WHEN 'DOUBLE' THEN '%c' WHEN 'OBJECT' THEN '{' WHEN 'ARRAY' THEN '['"
	    " WHEN 'DECIMAL' THEN 'D' WHEN 'UNSIGNED INTEGER' THEN 'U'"
	    " WHEN 'DATETIME' THEN 'c' WHEN 'DATE' THEN 'd' WHEN 'TIME' THEN 't'"
	    " WHEN 'TIMESTAMP' THEN 's' WHEN 'BLOB' THEN 'o' WHEN 'BIT' THEN 'o'"
	    " WHEN 'OPAQUE' THEN 'o' WHEN 'GEOMETRY' THEN 'o' WHEN 'NULL' THEN '.' ELSE '?' END",
	    type, is_57 ? IS_DOUBLE : MI_JSON_IS_PLAIN);
}

/* All values of the document, as an array: the members of all objects, then the elements of all
 * arrays, each walk from the outside to the inside (see mi_json_types_codes). */
static void add_all(struct mi_buf *sql, struct mi_span column)
{
	mi_buf_add_str(sql, "JSON_EXTRACT(");
	mi_buf_add_span(sql, column);
	mi_buf_add_str(sql, ",'$**.*','$**[*]')");
}

/* The names are no column's of a user: theirs would win. (Both walks as NESTED PATHs of one
 * JSON_TABLE would do without the array, but kill MySQL 8.0.15: values that are NULL.) */
static void add_from_table(struct mi_buf *sql, struct mi_span column)
{
	mi_buf_add_str(sql, "(SELECT GROUP_CONCAT(");
	add_letter(sql, "JSON_TYPE(_mi_j._mi_v)", false);
	mi_buf_add_str(sql, " ORDER BY _mi_j._mi_n SEPARATOR '') FROM JSON_TABLE(");
	add_all(sql, column);
	mi_buf_add_str(sql, ",'$[*]' COLUMNS(_mi_n FOR ORDINALITY,_mi_v JSON PATH '$')) AS _mi_j)");
}

/* The array's elements are taken one by one, by numbers from three digits. */
static void add_from_numbers(struct mi_buf *sql, struct mi_span column)
{
	static const char digits[] =
	    "(SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL "
	    "SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 "
	    "UNION ALL SELECT 9)";
	struct mi_buf all = {0}, type = {0};

	add_all(&all, column);
	mi_buf_addf(&type,
	            "JSON_TYPE(JSON_EXTRACT(%s,CONCAT('$[',_mi_c.n*100+_mi_b.n*10+_mi_a.n,']')))",
	            mi_buf_cstr(&all));
	mi_buf_add_str(sql, "(SELECT GROUP_CONCAT(");
	add_letter(sql, mi_buf_cstr(&type), true);
	mi_buf_addf(
	    sql,
	    " ORDER BY _mi_c.n,_mi_b.n,_mi_a.n SEPARATOR '') FROM %s AS _mi_c STRAIGHT_JOIN %s "
	    "AS _mi_b STRAIGHT_JOIN %s AS _mi_a WHERE _mi_c.n*100<JSON_LENGTH(%s) AND "
	    "_mi_c.n*100+_mi_b.n*10<JSON_LENGTH(%s) AND "
	    "_mi_c.n*100+_mi_b.n*10+_mi_a.n<JSON_LENGTH(%s))",
	    digits, digits, digits, mi_buf_cstr(&all), mi_buf_cstr(&all), mi_buf_cstr(&all));
	mi_buf_release(&all);
	mi_buf_release(&type);
}

/* Is there a value at path that makes a code? Costs half of the whole list, and most documents have
 * none. Compared with the kinds that do not, so that one that nobody knows is not passed over. */
static void add_exists(struct mi_buf *sql, struct mi_span column, const char *path)
{
	mi_buf_add_str(sql, "EXISTS(SELECT 1 FROM JSON_TABLE(");
	mi_buf_add_span(sql, column);
	mi_buf_addf(sql,
	            ",'%s' COLUMNS(_mi_v JSON PATH '$')) AS _mi_j WHERE JSON_TYPE(_mi_j._mi_v) NOT "
	            "IN ('STRING','INTEGER','BOOLEAN','DOUBLE','OBJECT','ARRAY','NULL') OR "
	            "(JSON_TYPE(_mi_j._mi_v)='INTEGER' AND _mi_j._mi_v>4294967295))",
	            path);
}

void mi_json_types_select(struct mi_buf *sql, const char *column, bool is_57)
{
	struct mi_buf name = {0}, type = {0};

	mi_sql_ident(&name, column);
	mi_buf_addf(&type, "JSON_TYPE(%s)", mi_buf_cstr(&name));
	mi_buf_addf(sql,
	            "CASE WHEN %s IS NULL THEN NULL WHEN JSON_LENGTH(%s)=0 THEN '' WHEN %s NOT IN "
	            "('OBJECT','ARRAY') THEN ",
	            mi_buf_cstr(&name), mi_buf_cstr(&name), mi_buf_cstr(&type));
	add_letter(sql, mi_buf_cstr(&type), is_57);
	if (is_57) {
		mi_buf_add_str(sql, " ELSE ");
		add_from_numbers(sql, mi_buf_span(&name));
	} else {
		mi_buf_add_str(sql, " WHEN ");
		add_exists(sql, mi_buf_span(&name), "$**.*");
		mi_buf_add_str(sql, " OR ");
		add_exists(sql, mi_buf_span(&name), "$**[*]");
		mi_buf_add_str(sql, " THEN ");
		add_from_table(sql, mi_buf_span(&name));
		mi_buf_add_str(sql, " ELSE ''");
	}
	mi_buf_add_str(sql, " END");
	mi_buf_release(&name);
	mi_buf_release(&type);
}

/* ---- The answer ---- */

/* A container of the text, in the order of their beginnings. The server's walk has an object's
 * members one after another before it goes into them, objects in that same order; then arrays'
 * elements likewise. */
struct container {
	bool object;
	size_t count; /* values in it */
	size_t next;  /* where in types the next of them is */
};

struct walk {
	struct mi_json_reader reader;
	const char *copied; /* how much of the text is in fixed */
	struct container *containers;
	size_t count;
	size_t open[MI_JSON_DEPTH]; /* indexes of those that are open */
	unsigned depth;
};

static void begin_walk(struct walk *walk, struct mi_span text)
{
	mi_json_read(&walk->reader, text);
	walk->copied = text.data;
	walk->count = 0;
	walk->depth = 0;
}

/* The container around the value at hand; NULL: it is the document's own. */
static struct container *around(struct walk *walk)
{
	return walk->depth ? &walk->containers[walk->open[walk->depth - 1]] : NULL;
}

/* Follows the nesting; the container that kind opens has been added. */
static void step(struct walk *walk, enum mi_json_token kind)
{
	if (kind == MI_JSON_CLOSE)
		walk->depth--;
	else if (kind == MI_JSON_OPEN_OBJECT || kind == MI_JSON_OPEN_ARRAY)
		walk->open[walk->depth++] = walk->count++;
}

/* Finds the containers and what each has. False: no JSON. */
static bool find_containers(struct walk *walk)
{
	size_t room = 0;
	struct mi_span token;
	enum mi_json_token kind;

	while ((kind = mi_json_next(&walk->reader, &token)) > MI_JSON_END) {
		if (kind == MI_JSON_KEY)
			continue;
		if (kind != MI_JSON_CLOSE && walk->depth)
			around(walk)->count++;
		if (kind == MI_JSON_OPEN_OBJECT || kind == MI_JSON_OPEN_ARRAY) {
			room = walk->count;
			*(struct container *)mi_array_add(&walk->containers, &room,
			                                  sizeof *walk->containers) =
			    (struct container){.object = kind == MI_JSON_OPEN_OBJECT};
		}
		step(walk, kind);
	}
	return kind == MI_JSON_END;
}

/* Says where each container's values are; returns how many there are in all. */
static size_t place(struct walk *walk, bool objects, size_t at)
{
	for (size_t i = 0; i < walk->count; i++) {
		struct container *container = &walk->containers[i];

		if (container->object != objects)
			continue;
		container->next = at;
		at += container->count;
	}
	return at;
}

static bool is_integer(struct mi_span scalar)
{
	size_t sign = scalar.data[0] == '-';

	return scalar.len > sign && scalar.data[sign] >= '0' && scalar.data[sign] <= '9' &&
	       !mi_json_is_double(scalar);
}

/* The code that the server's letter makes: of integers only those have one that are not read so.
 * '?': the letter cannot be this scalar's. */
static char code_of(char type, struct mi_span scalar)
{
	if (type == MI_JSON_IS_SIGNED || type == MI_JSON_IS_UNSIGNED) {
		if (!is_integer(scalar))
			return '?';
		return (char)(mi_json_suits(type, scalar) ? type : MI_JSON_IS_PLAIN);
	}
	if (type == IS_DOUBLE)
		return (char)(is_integer(scalar) || mi_json_is_double(scalar) ? MI_JSON_IS_PLAIN
		                                                              : '?');
	return (char)(type == MI_JSON_IS_PLAIN && is_integer(scalar) ? '?' : type);
}

/* Copies the text up to at. */
static void copy_to(struct walk *walk, const char *at, struct mi_buf *fixed)
{
	mi_buf_add(fixed, walk->copied, (size_t)(at - walk->copied));
	walk->copied = at;
}

/* MySQL 5.7 prints the double 5.0 as 5, and a line's end within base64 as it is. */
static void fix(struct walk *walk, char type, struct mi_span token, struct mi_buf *fixed)
{
	const char *end = token.data + token.len;

	if (type == IS_DOUBLE && is_integer(token)) {
		copy_to(walk, end, fixed);
		mi_buf_add_str(fixed, ".0");
	}
	for (const char *at = token.data; type == MI_JSON_IS_OPAQUE && at < end; at++) {
		if (*at != '\n')
			continue;
		copy_to(walk, at, fixed);
		mi_buf_add_str(fixed, "\\n");
		walk->copied++;
	}
}

/* Goes over the text again and takes each scalar's letter. False: a letter that cannot be. */
static bool collect(struct walk *walk, struct mi_span types, struct mi_buf *codes,
                    struct mi_buf *fixed)
{
	struct mi_span token;
	enum mi_json_token kind;

	while ((kind = mi_json_next(&walk->reader, &token)) > MI_JSON_END) {
		struct container *in = around(walk);

		if (kind != MI_JSON_KEY && kind != MI_JSON_CLOSE) {
			/* the document itself has a letter only when it is a scalar */
			char type = in ? types.data[in->next++] : types.data[0];

			if (kind == MI_JSON_SCALAR) {
				fix(walk, type, token, fixed);
				type = code_of(type, token);
				if (!mi_json_suits(type, token))
					return false;
				mi_buf_add_char(codes, type);
			} else if (in &&
			           type != (kind == MI_JSON_OPEN_OBJECT ? IS_OBJECT : IS_ARRAY)) {
				return false;
			}
		}
		step(walk, kind);
	}
	if (fixed->len > 0)
		copy_to(walk, walk->reader.end, fixed);
	return true;
}

/* True when the text has an integer of ten digits, which may be one from 2^32 on. */
static bool has_long_number(struct mi_span text)
{
	unsigned digits = 0;

	for (size_t i = 0; i < text.len && digits < 10; i++)
		digits = text.data[i] >= '0' && text.data[i] <= '9' ? digits + 1 : 0;
	return digits == 10;
}

/* True when no letter can make a code. */
static bool all_plain(struct mi_span text, struct mi_span types)
{
	bool has_signed = false;

	for (size_t i = 0; i < types.len; i++) {
		has_signed |= types.data[i] == MI_JSON_IS_SIGNED;
		if (!memchr(".{[I", types.data[i], 4))
			return false;
	}
	return !has_signed || !has_long_number(text);
}

bool mi_json_types_codes(struct mi_span text, struct mi_span types, struct mi_buf *codes,
                         struct mi_buf *fixed)
{
	struct walk walk = {0};
	size_t total;
	bool ok;

	/* as many letters as 5.7 gives at most may be those of the document's beginning alone */
	if (types.len < MI_JSON_TYPES_MOST_57 && all_plain(text, types))
		return true;
	begin_walk(&walk, text);
	ok = find_containers(&walk);
	total = place(&walk, false, place(&walk, true, 0));
	ok = ok && types.len == (walk.count ? total : 1);
	begin_walk(&walk, text);
	ok = ok && collect(&walk, types, codes, fixed);
	free(walk.containers);
	return ok;
}
