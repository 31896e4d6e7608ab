#include "base/buf.h"
#include "sql/load_text.h"
#include "t.h"
#include "table/table.h"

#include <stdlib.h>

static struct mi_table table;
static struct mi_loadtext plan;
static struct mi_buf out;

static void add_column(const char *name, enum mi_type type, enum mi_generated generated,
                       bool carried)
{
	struct mi_column *column =
	    mi_array_add(&table.columns, &table.column_count, sizeof *column);

	column->name = mi_strdup(name);
	column->type = type;
	column->generated = generated;
	column->carried = carried;
	table.carried_count += carried;
}

static void begin(void)
{
	for (size_t i = 0; i < table.column_count; i++)
		free(table.columns[i].name);
	free(table.columns);
	table = (struct mi_table){.name = table.name};
	mi_loadtext_release(&plan);
	mi_buf_reset(&out);
}

/* The line of one text column, or NULL when the row was refused. */
static const char *line_of(enum mi_type type, struct mi_span value)
{
	begin();
	add_column("c", type, MI_NOT_GENERATED, true);
	mi_loadtext_init(&plan, &table);
	return mi_loadtext_row(&plan, &value, &out) ? mi_buf_cstr(&out) : NULL;
}

static void escapes(void)
{
	static const struct {
		const char *in;
		size_t len;
		const char *want;
	} rows[] = {
	    {"", 0, "\n"},
	    {"plain", 5, "plain\n"},
	    {"\t", 1, "\\t\n"},
	    {"\n", 1, "\\n\n"},
	    {"\\", 1, "\\\\\n"},
	    {"\0", 1, "\\0\n"},
	    {"\\N", 2, "\\\\N\n"},
	    {"\r\x1a\x1b\x1f", 4, "\r\x1a\x1b\x1f\n"},
	    {"12345678\t", 9, "12345678\\t\n"},
	    {"1234567\t9", 9, "1234567\\t9\n"},
	    {"\0\0\0\0\0\0\0\0", 8, "\\0\\0\\0\\0\\0\\0\\0\\0\n"},
	    {"\xff\xfe\x80\xdc\xff\xfe\x80\xdc", 8, "\xff\xfe\x80\xdc\xff\xfe\x80\xdc\n"},
	    {"NULL", 4, "NULL\n"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		CHECK_STR(line_of(MI_TYPE_BLOB, mi_span(rows[i].in, rows[i].len)), rows[i].want,
		          "an escaped field");
	CHECK_STR(line_of(MI_TYPE_BLOB, mi_span(NULL, 0)), "\\N\n", "NULL");
}

/* The fast path against the plain definition, at every byte and place. */
static void every_byte(void)
{
	bool right = true;

	for (int c = 0; c < 256; c++) {
		for (size_t place = 0; place < 17; place++) {
			char in[17], want[40];
			size_t len = 0;

			memset(in, 'x', sizeof in);
			in[place] = (char)c;
			for (size_t i = 0; i < sizeof in; i++) {
				const char *special = memchr("\0\t\n\\", in[i], 4);

				if (special)
					want[len++] = '\\';
				want[len++] =
				    special
					? "0tn\\"[special - (const char *)memchr("\0\t\n\\", 0, 4)]
					: in[i];
			}
			want[len++] = '\n';
			(void)line_of(MI_TYPE_BLOB, mi_span(in, sizeof in));
			right &= out.len == len && memcmp(out.data, want, len) == 0;
		}
	}
	CHECK(right, "every byte at every place is escaped as the four need it");
}

static void special_types(void)
{
	CHECK_STR(line_of(MI_TYPE_YEAR, mi_span_str("0")), "0000\n", "YEAR 0 is not 2000");
	CHECK_STR(line_of(MI_TYPE_YEAR, mi_span_str("2024")), "2024\n", "another YEAR");
	CHECK(!line_of(MI_TYPE_ENUM, mi_span_str("0")), "an ENUM's error value is refused");
	CHECK(out.len == 0, "and leaves nothing behind");
	CHECK_STR(line_of(MI_TYPE_ENUM, mi_span_str("10")), "10\n", "another ENUM");
	CHECK_STR(line_of(MI_TYPE_ENUM, mi_span(NULL, 0)), "\\N\n", "a NULL ENUM");
	CHECK_STR(line_of(MI_TYPE_FLOAT, mi_span_str("3.4028235e38")), "3.4028234663852886e38\n",
	          "the greatest FLOAT is written so that the server takes it");
	CHECK_STR(line_of(MI_TYPE_FLOAT, mi_span_str("-3.4028235e+38")), "-3.4028234663852886e38\n",
	          "and the least");
	CHECK_STR(line_of(MI_TYPE_FLOAT, mi_span_str("3.4e38")), "3.4e38\n", "a smaller one");
	CHECK_STR(line_of(MI_TYPE_FLOAT, mi_span_str("138")), "138\n", "a small one");
	CHECK_STR(line_of(MI_TYPE_DOUBLE, mi_span_str("3.4028235e38")), "3.4028235e38\n",
	          "the same number as a DOUBLE");
}

static void statement(void)
{
	struct mi_span values[] = {{"1", 1}, {"2", 1}, {"7", 1}, {"{}", 2}};
	size_t next = 0;

	begin();
	add_column("i`d", MI_TYPE_INT, MI_NOT_GENERATED, true);
	add_column("e", MI_TYPE_ENUM, MI_NOT_GENERATED, true);
	add_column("g", MI_TYPE_INT, MI_STORED, true);
	add_column("v", MI_TYPE_INT, MI_VIRTUAL, false);
	add_column("j", MI_TYPE_JSON, MI_NOT_GENERATED, true);
	mi_loadtext_init(&plan, &table);
	mi_loadtext_statement(&out, "d", &table);
	CHECK_STR(mi_buf_cstr(&out),
	          "LOAD DATA LOCAL INFILE 'chunk' REPLACE INTO TABLE `d`.`t` CHARACTER SET binary "
	          "FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' "
	          "(`i``d`,@c1,@c4) SET `e`=CAST(@c1 AS UNSIGNED),`j`=CONVERT(@c4 USING utf8mb4)",
	          "LOAD DATA");
	mi_buf_reset(&out);
	CHECK(mi_loadtext_row(&plan, values, &out), "a row");
	CHECK_STR(mi_buf_cstr(&out), "1\t2\t{}\n", "without what the server generates");
	mi_buf_reset(&out);
	mi_inserttext_head(&out, "d", &table, false);
	CHECK(mi_inserttext_row(&plan, values, &out), "an INSERT's row");
	CHECK_STR(mi_buf_cstr(&out),
	          "INSERT INTO `d`.`t` (`i``d`,`e`,`j`) VALUES (1,2,_utf8mb4 X'7b7d')", "INSERT");
	CHECK(!mi_loadtext_zero_enum(&plan, values, &next), "no error value");
	values[1] = mi_span_str("0");
	next = 0;
	CHECK_STR(mi_loadtext_zero_enum(&plan, values, &next), "e", "an error value is named");
	CHECK(!mi_loadtext_zero_enum(&plan, values, &next), "once");
}

static void numbers_only(void)
{
	static const char *const bad[] = {"", "1)", "1 or 1", "0x10", "1;", "'1'", "1,2"};
	struct mi_span value;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		value = mi_span_str(bad[i]);
		(void)line_of(MI_TYPE_INT, value);
		CHECK(!mi_inserttext_row(&plan, &value, &out), "'%s' is no number", bad[i]);
	}
	value = mi_span_str("-1.5e+10");
	CHECK(mi_inserttext_row(&plan, &value, &out), "a number is");
}

int main(void)
{
	table.name = mi_strdup("t");
	escapes();
	every_byte();
	special_types();
	statement();
	numbers_only();
	begin();
	free(table.name);
	mi_buf_release(&out);
	DONE();
}
