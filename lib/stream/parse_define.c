/* Handlers of the records that define: a stream's header, tables, statements. */
#include "base/buf.h"
#include "base/words.h"
#include "stream/field.h"
#include "stream/parse.h"
#include "stream/parse_parts.h"
#include "stream/words.h"
#include "stream/write.h"
#include "table/table.h"

#include <ctype.h>
#include <stdlib.h>

enum { MAX_COLUMNS = 4096, MAX_PARTS = 64 };

static char *dup_field(struct mi_span field)
{
	return field.data ? mi_strndup(field.data, field.len) : NULL;
}

int mi_on_header(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	struct mi_stream_header header = {0};
	const char *texts[10];
	int kind;

	if (count != 11 || !mi_field_number(fields[0], &header.format) ||
	    !mi_field_number(fields[10], &header.time_us) ||
	    !mi_field_strings(parser, fields, 10, texts))
		return mi_parser_bad(parser, "its MI record is malformed");
	if (header.format != 1)
		return mi_parser_bad(parser, "the format version in its MI record is not 1");
	if ((kind = mi_word_index(fields[1], mi_stream_kind_words)) < 0)
		return mi_parser_bad(parser, "its MI record names an unknown kind of stream");
	for (size_t i = 2; i < 10; i++)
		if (!texts[i])
			return mi_parser_bad(parser, "its MI record lacks a value");
	if (*texts[2])
		return mi_parser_bad(parser,
		                     "it requires features that this version does not know");
	header.kind = parser->kind = (enum mi_stream_kind)kind;
	header.features = texts[2];
	header.tool = texts[3];
	header.import_id = texts[4];
	header.flavour = texts[5];
	header.version = texts[6];
	header.server = texts[7];
	header.low = texts[8];
	header.high = texts[9];
	if (!parser->ops->header)
		return 0;
	return mi_parser_told(parser->ops->header(parser->user, &header, parser->err));
}

/* Proven may be what is computed and not carried. */
static bool is_provable(const struct mi_table *table)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].proven && table->columns[i].carried)
			return false;
	return true;
}

static int finish_table(struct mi_parser *parser)
{
	struct mi_table *table = parser->building;

	if (parser->columns_due || parser->keys_due || parser->fkeys_due)
		return 0;
	parser->building = NULL;
	*(struct mi_table **)mi_array_add(&parser->tables.items, &parser->tables.count,
	                                  sizeof table) = table;
	mi_table_finish(table);
	if (!is_provable(table))
		return mi_parser_bad(parser, "a COLUMN record is proven that cannot be");
	if (strcmp(table->digest, parser->digest) != 0)
		return mi_parser_bad(parser,
		                     "a TABLE record's digest does not match its definition");
	parser->totals.tables++;
	if (!parser->ops->table)
		return mi_parser_bad(parser, "a TABLE record does not belong here");
	return mi_parser_told(parser->ops->table(parser->user, table, parser->err));
}

static bool is_digest(struct mi_span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!isxdigit((unsigned char)text.data[i]))
			return false;
	return text.len == 32;
}

int mi_on_table(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	struct mi_table *table;
	uint64_t id;
	uint64_t columns, keys, fkeys;

	if ((count != 9 && count != 10) || !mi_field_number(fields[0], &id) || !fields[1].len ||
	    !fields[2].len || !mi_field_number(fields[5], &columns) ||
	    !mi_field_number(fields[6], &keys) || !mi_field_number(fields[7], &fkeys) ||
	    fields[8].len != 32 || (count == 10 && !is_digest(fields[9])))
		return mi_parser_bad(parser, "a TABLE record is malformed");
	if (id == 0 || id > UINT32_MAX || mi_tables_by_id(&parser->tables, (uint32_t)id))
		return mi_parser_bad(parser, "a TABLE record's number is not new");
	if (columns == 0 || columns > MAX_COLUMNS || keys > MAX_COLUMNS || fkeys > MAX_COLUMNS)
		return mi_parser_bad(parser, "a TABLE record claims impossible counts");
	table = mi_alloc(sizeof *table);
	table->id = (uint32_t)id;
	table->db = dup_field(fields[1]);
	table->name = dup_field(fields[2]);
	table->engine = dup_field(fields[3]);
	table->collation = dup_field(fields[4]);
	memcpy(parser->digest, fields[8].data, 32);
	if (count == 10)
		memcpy(table->text_digest, fields[9].data, 32);
	parser->columns_due = columns;
	parser->keys_due = keys;
	parser->fkeys_due = fkeys;
	parser->building = table;
	return 0;
}

static bool take_words(struct mi_column *column, struct mi_span words)
{
	while (words.len > 0) {
		const char *blank = memchr(words.data, ' ', words.len);
		size_t len = blank ? (size_t)(blank - words.data) : words.len;
		struct mi_span word = mi_span(words.data, len);

		if (mi_span_is(word, MI_WORD_UNSIGNED))
			column->is_unsigned = true;
		else if (mi_span_is(word, MI_WORD_NULLABLE))
			column->nullable = true;
		else if (mi_span_is(word, MI_WORD_AUTO_INCREMENT))
			column->auto_increment = true;
		else if (mi_span_is(word, MI_WORD_INVISIBLE))
			column->invisible = true;
		else if (mi_span_is(word, MI_WORD_VARIABLE))
			column->variable = true;
		else if (mi_span_is(word, MI_WORD_PROVEN))
			column->proven = true;
		else
			return false;
		len += blank != NULL;
		words = mi_span(words.data + len, words.len - len);
	}
	return true;
}

/* The table that a COLUMN, KEY or FKEY record belongs to; NULL when id_field names another one, or
 * when no record of the kind is due. */
static struct mi_table *table_being_built(struct mi_parser *parser, struct mi_span id_field,
                                          size_t due)
{
	uint64_t id;

	if (!parser->building || due == 0 || !mi_field_number(id_field, &id) ||
	    id != parser->building->id)
		return NULL;
	return parser->building;
}

int mi_on_column(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	struct mi_table *table;
	struct mi_column *column;
	uint64_t bytes;
	int generated;

	if (count != 9 || !(table = table_being_built(parser, fields[0], parser->columns_due)) ||
	    !fields[1].len || !mi_field_number(fields[6], &bytes) || bytes > UINT32_MAX ||
	    (generated = mi_word_index(fields[8], mi_generated_words)) < 0)
		return mi_parser_bad(parser, "a COLUMN record is malformed or misplaced");
	column = mi_array_add(&table->columns, &table->column_count, sizeof *column);
	column->name = dup_field(fields[1]);
	column->type_text = dup_field(fields[3]);
	column->charset = dup_field(fields[4]);
	column->collation = dup_field(fields[5]);
	column->bytes = (unsigned)bytes;
	column->generated = (enum mi_generated)generated;
	if (!mi_type_parse(fields[2], &column->type))
		return mi_parser_bad(parser, "a COLUMN record names an unknown type");
	if (!column->type_text || !take_words(column, fields[7]))
		return mi_parser_bad(parser, "a COLUMN record has an unknown attribute");
	parser->columns_due--;
	return finish_table(parser);
}

int mi_on_key(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	struct mi_table *table;
	struct mi_key *key;
	int kind;

	if (count < 6 || count % 3 != 0 || count > 3 + 3 * MAX_PARTS || parser->columns_due ||
	    !(table = table_being_built(parser, fields[0], parser->keys_due)) || !fields[1].len ||
	    (kind = mi_word_index(fields[2], mi_key_kind_words)) < 0)
		return mi_parser_bad(parser, "a KEY record is malformed or misplaced");
	key = mi_array_add(&table->keys, &table->key_count, sizeof *key);
	key->name = dup_field(fields[1]);
	key->kind = (enum mi_key_kind)kind;
	for (size_t i = 3; i < count; i += 3) {
		struct mi_key_part *part;
		uint64_t column, prefix, descending;

		if (!mi_field_number(fields[i], &column) || column > table->column_count ||
		    !mi_field_number(fields[i + 1], &prefix) || prefix > UINT32_MAX ||
		    !mi_field_number(fields[i + 2], &descending) || descending > 1)
			return mi_parser_bad(parser, "a KEY record's part is malformed");
		part = mi_array_add(&key->parts, &key->part_count, sizeof *part);
		*part = (struct mi_key_part){(int)column - 1, (unsigned)prefix, descending == 1};
	}
	parser->keys_due--;
	return finish_table(parser);
}

int mi_on_fkey(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	struct mi_table *table;
	struct mi_fkey *fkey;

	if (count < 8 || count % 2 != 0 || count > 6 + 2 * MAX_PARTS || parser->columns_due ||
	    parser->keys_due || !(table = table_being_built(parser, fields[0], parser->fkeys_due)))
		return mi_parser_bad(parser, "an FKEY record is malformed or misplaced");
	for (size_t i = 1; i < count; i++)
		if (!fields[i].len)
			return mi_parser_bad(parser, "an FKEY record lacks a value");
	fkey = mi_array_add(&table->fkeys, &table->fkey_count, sizeof *fkey);
	fkey->name = dup_field(fields[1]);
	fkey->ref_db = dup_field(fields[2]);
	fkey->ref_table = dup_field(fields[3]);
	fkey->on_update = dup_field(fields[4]);
	fkey->on_delete = dup_field(fields[5]);
	fkey->column_count = (count - 6) / 2;
	fkey->columns = mi_alloc(fkey->column_count * sizeof(char *));
	fkey->ref_columns = mi_alloc(fkey->column_count * sizeof(char *));
	for (size_t i = 0; i < fkey->column_count; i++) {
		fkey->columns[i] = dup_field(fields[6 + 2 * i]);
		fkey->ref_columns[i] = dup_field(fields[7 + 2 * i]);
	}
	parser->fkeys_due--;
	return finish_table(parser);
}

int mi_on_expect(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	const char *texts[2];

	if (count != 2 || !fields[0].len || !fields[1].len ||
	    !mi_field_strings(parser, fields, 2, texts))
		return mi_parser_bad(parser, "an EXPECT record is malformed");
	if (!parser->ops->expect)
		return mi_parser_bad(parser, "an EXPECT record does not belong here");
	return mi_parser_told(parser->ops->expect(parser->user, texts[0], texts[1], parser->err));
}

int mi_on_ddl(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	struct mi_ddl ddl;

	if (!mi_field_ddl(parser, fields, count, &ddl))
		return mi_parser_bad(parser, "a DDL record is malformed");
	if (!parser->ops->ddl)
		return mi_parser_bad(parser, "a DDL record does not belong here");
	return mi_parser_told(parser->ops->ddl(parser->user, &ddl, parser->err));
}

int mi_on_table_end(struct mi_parser *parser, const struct mi_span *fields, size_t count)
{
	const struct mi_table *table;
	uint64_t id, rows;

	if (count != 2 || !mi_field_number(fields[0], &id) || id > UINT32_MAX ||
	    !mi_field_number(fields[1], &rows) ||
	    !(table = mi_tables_by_id(&parser->tables, (uint32_t)id)))
		return mi_parser_bad(parser, "a TABLEEND record is malformed");
	if (!parser->ops->table_end)
		return mi_parser_bad(parser, "a TABLEEND record does not belong here");
	return mi_parser_told(parser->ops->table_end(parser->user, table, rows, parser->err));
}
