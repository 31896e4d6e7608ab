#include "value/json_diff.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/hex.h"
#include "value/json.h"

#include <stdlib.h>

/* Values stay as they are in their binary documents; only the containers that a path goes through
 * are opened into nodes. */
struct node {
	struct mi_json value; /* the value, while the node is not opened */
	bool opened, object;
	struct member *members;
	size_t count;
};

struct member {
	struct mi_span key; /* in an object: inside the document, or own_key */
	char *own_key;      /* the key of a member that was inserted; else NULL */
	struct node *node;
};

enum operation { REPLACE, INSERT, REMOVE }; /* enum_json_diff_operation */

static void free_node(struct node *node)
{
	for (size_t i = 0; node && i < node->count; i++) {
		free_node(node->members[i].node);
		free(node->members[i].own_key);
	}
	if (node)
		free(node->members);
	free(node);
}

static struct node *new_node(const struct mi_json *value)
{
	struct node *node = mi_alloc(sizeof *node);

	node->value = *value;
	return node;
}

/* Makes nodes of a container's elements. False: malformed, or no container. */
static bool open_node(struct node *node)
{
	size_t count;

	if (node->opened)
		return true;
	node->object = mi_json_is_object(&node->value);
	if ((!node->object && !mi_json_is_array(&node->value)) ||
	    !mi_json_count(&node->value, &count))
		return false;
	node->opened = true;
	for (size_t i = 0; i < count; i++) {
		struct mi_json value;
		struct member member = {0};

		if (!mi_json_element(&node->value, i, &value) ||
		    (node->object && !mi_json_key(&node->value, i, &member.key)))
			return false;
		member.node = new_node(&value);
		*(struct member *)mi_array_add(&node->members, &node->count, sizeof member) =
		    member;
	}
	return true;
}

static bool print_node(struct mi_json_printer *printer, const struct node *node)
{
	bool ok = true;

	if (!node->opened)
		return mi_json_print(printer, &node->value);
	if (++printer->depth > MI_JSON_DEPTH)
		return false;
	mi_buf_add_char(printer->out, node->object ? '{' : '[');
	for (size_t i = 0; i < node->count && ok; i++) {
		if (i > 0)
			mi_buf_add(printer->out, ", ", 2);
		if (node->object) {
			mi_json_print_string(printer->out, node->members[i].key);
			mi_buf_add(printer->out, ": ", 2);
		}
		ok = print_node(printer, node->members[i].node);
	}
	mi_buf_add_char(printer->out, node->object ? '}' : ']');
	printer->depth--;
	return ok;
}

/* ---- Paths: $, .key, ."quoted key", [number], [last], [last-number] ---- */

/* One step of a path. */
struct leg {
	bool is_key, from_end;
	struct mi_span key; /* lies in the path's buffer, until the next step is taken */
	size_t index;       /* from the front, or from the last element */
};

struct path {
	struct mi_bytes in;
	struct mi_buf key;
};

static void put_utf8(struct mi_buf *out, uint32_t c)
{
	if (c < 0x80) {
		mi_buf_add_char(out, (char)c);
	} else if (c < 0x800) {
		mi_buf_add_char(out, (char)(0xc0 | c >> 6));
		mi_buf_add_char(out, (char)(0x80 | (c & 63)));
	} else if (c < 0x10000) {
		mi_buf_add_char(out, (char)(0xe0 | c >> 12));
		mi_buf_add_char(out, (char)(0x80 | (c >> 6 & 63)));
		mi_buf_add_char(out, (char)(0x80 | (c & 63)));
	} else {
		mi_buf_add_char(out, (char)(0xf0 | c >> 18));
		mi_buf_add_char(out, (char)(0x80 | (c >> 12 & 63)));
		mi_buf_add_char(out, (char)(0x80 | (c >> 6 & 63)));
		mi_buf_add_char(out, (char)(0x80 | (c & 63)));
	}
}

static bool take_hex4(struct mi_bytes *in, uint32_t *value)
{
	*value = 0;
	for (int i = 0; i < 4; i++) {
		int digit = mi_hex_digit((char)mi_take_u8(in));

		if (digit < 0)
			return false;
		*value = *value << 4 | (uint32_t)digit;
	}
	return true;
}

static bool take_unicode(struct mi_bytes *in, struct mi_buf *out)
{
	uint32_t c, low;

	if (!take_hex4(in, &c))
		return false;
	if (c >= 0xd800 && c < 0xdc00) {
		if (mi_take_u8(in) != '\\' || mi_take_u8(in) != 'u' || !take_hex4(in, &low) ||
		    low < 0xdc00 || low > 0xdfff)
			return false;
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	put_utf8(out, c);
	return true;
}

static bool take_escape(struct mi_bytes *in, struct mi_buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	unsigned char c = mi_take_u8(in);
	const char *at = c ? strchr(from, c) : NULL;

	if (c == 'u')
		return take_unicode(in, out);
	if (at)
		mi_buf_add_char(out, to[at - from]);
	return at != NULL;
}

static bool take_quoted(struct mi_bytes *in, struct mi_buf *out)
{
	while (!in->bad) {
		unsigned char c = mi_take_u8(in);

		if (c == '"' && !in->bad)
			return true;
		if (c == '\\') {
			if (!take_escape(in, out))
				return false;
		} else {
			mi_buf_add_char(out, (char)c);
		}
	}
	return false;
}

static bool take_key(struct path *path, struct leg *leg)
{
	struct mi_bytes *in = &path->in;

	mi_buf_reset(&path->key);
	leg->is_key = true;
	if (in->len > 0 && *in->at == '"') {
		(void)mi_take_u8(in);
		if (!take_quoted(in, &path->key))
			return false;
	} else {
		while (in->len > 0 && *in->at != '.' && *in->at != '[')
			mi_buf_add_char(&path->key, (char)mi_take_u8(in));
		if (path->key.len == 0)
			return false;
	}
	mi_buf_reserve(&path->key, 1); /* an address for the empty key */
	leg->key = mi_buf_span(&path->key);
	return true;
}

static void skip_blanks(struct mi_bytes *in)
{
	while (in->len > 0 && *in->at == ' ')
		(void)mi_take_u8(in);
}

static bool take_number(struct mi_bytes *in, size_t *number)
{
	size_t digits = 0;

	*number = 0;
	while (in->len > 0 && *in->at >= '0' && *in->at <= '9' && digits++ < 10)
		*number = *number * 10 + (size_t)(mi_take_u8(in) - '0');
	return digits > 0;
}

static bool take_index(struct path *path, struct leg *leg)
{
	struct mi_bytes *in = &path->in;
	bool ok = true;

	leg->is_key = false;
	leg->index = 0;
	leg->from_end = in->len >= 4 && memcmp(in->at, "last", 4) == 0;
	if (leg->from_end) {
		(void)mi_take(in, 4);
		skip_blanks(in);
		if (in->len > 0 && *in->at == '-') {
			(void)mi_take_u8(in);
			skip_blanks(in);
			ok = take_number(in, &leg->index);
		}
	} else {
		ok = take_number(in, &leg->index);
	}
	return ok && mi_take_u8(in) == ']';
}

static bool take_leg(struct path *path, struct leg *leg)
{
	unsigned char c = mi_take_u8(&path->in);

	return (c == '.' && take_key(path, leg)) || (c == '[' && take_index(path, leg));
}

/* ---- Applying ---- */

/* Finds the member with this key; members are sorted by length of key, then bytes. False: there is
 * none. *place is the member's index, or the one that it would have. */
static bool find_member(const struct node *object, struct mi_span key, size_t *place)
{
	size_t low = 0, high = object->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct mi_span at = object->members[middle].key;
		int order = at.len < key.len   ? -1
		            : at.len > key.len ? 1
		            : key.len          ? memcmp(at.data, key.data, key.len)
		                               : 0;

		if (order == 0) {
			*place = middle;
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*place = low;
	return false;
}

/* Finds the member that a step names. False: there is none. *place is its index, or, in a container
 * of the right kind, the one that an inserted member gets. */
static bool find_leg(const struct node *node, const struct leg *leg, size_t *place)
{
	if (leg->is_key != node->object)
		return false;
	if (leg->is_key)
		return find_member(node, leg->key, place);
	if (leg->from_end)
		*place = leg->index < node->count ? node->count - 1 - leg->index : 0;
	else
		*place = leg->index < node->count ? leg->index : node->count;
	return leg->index < node->count;
}

static void insert_member(struct node *node, size_t place, const struct leg *leg,
                          const struct mi_json *value)
{
	struct member member = {.node = new_node(value)};

	if (leg->is_key) {
		member.own_key = mi_strndup(leg->key.data, leg->key.len);
		member.key = mi_span(member.own_key, leg->key.len);
	}
	(void)mi_array_add(&node->members, &node->count, sizeof member);
	memmove(&node->members[place + 1], &node->members[place],
	        (node->count - 1 - place) * sizeof member);
	node->members[place] = member;
}

static void remove_member(struct node *node, size_t place)
{
	free_node(node->members[place].node);
	free(node->members[place].own_key);
	node->count--;
	memmove(&node->members[place], &node->members[place + 1],
	        (node->count - place) * sizeof *node->members);
}

static void replace_node(struct node **node, const struct mi_json *value)
{
	free_node(*node);
	*node = new_node(value);
}

/* Makes one change at the place in parent that the path's last step names. False: there is no such
 * place. */
static bool change(struct node *parent, const struct leg *leg, enum operation operation,
                   const struct mi_json *value)
{
	size_t place;
	bool found;

	if (!open_node(parent) || leg->is_key != parent->object)
		return false;
	found = find_leg(parent, leg, &place);
	if (operation == INSERT) {
		if (found && leg->is_key)
			return false;
		insert_member(parent, place, leg, value);
		return true;
	}
	if (!found)
		return false;
	if (operation == REMOVE)
		remove_member(parent, place);
	else
		replace_node(&parent->members[place].node, value);
	return true;
}

static bool apply_path(struct node **root, struct path *path, enum operation operation,
                       const struct mi_json *value)
{
	struct node *node = *root;
	struct leg leg = {0};
	unsigned depth = 0;
	size_t place;

	if (mi_take_u8(&path->in) != '$')
		return false;
	if (path->in.len == 0) {
		if (operation == REPLACE)
			replace_node(root, value);
		return operation == REPLACE;
	}
	while (depth++ < MI_JSON_DEPTH && take_leg(path, &leg)) {
		if (path->in.len == 0)
			return change(node, &leg, operation, value);
		if (!open_node(node) || !find_leg(node, &leg, &place))
			return false;
		node = node->members[place].node;
	}
	return false;
}

static int apply_one(struct node **root, struct mi_bytes *in, struct mi_err *err)
{
	unsigned operation = mi_take_u8(in);
	struct mi_span text = mi_take(in, mi_take_lenenc(in)), document = {0};
	struct path path = {.in = mi_bytes(text)};
	struct mi_json value = {0};
	bool ok;

	if (operation != REMOVE)
		document = mi_take(in, mi_take_lenenc(in));
	if (in->bad || operation > REMOVE ||
	    (operation != REMOVE && !mi_json_open(document, &value)))
		return mi_fail(err, MI_PROTOCOL, "malformed JSON diff");
	ok = apply_path(root, &path, (enum operation)operation, &value);
	mi_buf_release(&path.key);
	return ok ? 0
	          : mi_fail(err, MI_DATA, "the document has no place for the JSON diff at '%.*s'",
	                    text.len < 200 ? (int)text.len : 200, text.data);
}

int mi_json_apply(struct mi_span before, struct mi_span diffs, bool text_only, struct mi_buf *out,
                  struct mi_err *err)
{
	struct mi_buf codes = {0};
	struct mi_json_printer printer = {
	    .out = out, .budget = before.len + diffs.len + 1, .codes = text_only ? NULL : &codes};
	struct mi_bytes in = mi_bytes(diffs);
	struct mi_json value;
	struct node *root;
	int ret = 0;

	if (!mi_json_open(before, &value))
		return mi_fail(err, MI_PROTOCOL, "malformed binary JSON (%zu bytes)", before.len);
	root = new_node(&value);
	while (in.len > 0 && ret == 0)
		ret = apply_one(&root, &in, err);
	if (ret == 0 && !print_node(&printer, root))
		ret = mi_fail(err, MI_PROTOCOL, "malformed binary JSON (%zu bytes)", before.len);
	if (ret == 0)
		mi_json_add_codes(out, mi_buf_span(&codes));
	free_node(root);
	mi_buf_release(&codes);
	return ret;
}
