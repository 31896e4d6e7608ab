/* A small stream of every kind of record, for tests. */
#ifndef MI_TESTS_SAMPLE_H
#define MI_TESTS_SAMPLE_H

#include "stream/proof.h"
#include "stream/write.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static inline struct mi_column *sample_column(struct mi_table *table, const char *name,
                                              enum mi_type type, const char *type_text)
{
	struct mi_column *column =
	    mi_array_add(&table->columns, &table->column_count, sizeof *column);

	column->name = mi_strdup(name);
	column->type = type;
	column->type_text = mi_strdup(type_text);
	return column;
}

/* shop.goods (id int unsigned primary key, name varchar(80), data blob, half double generated) */
static inline struct mi_table *sample_table(uint32_t id)
{
	struct mi_table *table = mi_alloc(sizeof *table);
	struct mi_column *column;
	struct mi_key *key;

	table->id = id;
	table->db = mi_strdup("shop");
	table->name = mi_strdup("goods");
	table->engine = mi_strdup("InnoDB");
	table->collation = mi_strdup("utf8mb4_0900_ai_ci");
	column = sample_column(table, "id", MI_TYPE_INT, "int unsigned");
	column->bytes = 4;
	column->is_unsigned = true;
	column->auto_increment = true;
	column = sample_column(table, "name", MI_TYPE_CHAR, "varchar(80)");
	column->charset = mi_strdup("utf8mb4");
	column->collation = mi_strdup("utf8mb4_0900_ai_ci");
	column->nullable = true;
	column->variable = true;
	column = sample_column(table, "data", MI_TYPE_BLOB, "blob");
	column->nullable = true;
	column = sample_column(table, "half", MI_TYPE_DOUBLE, "double");
	column->generated = MI_VIRTUAL;
	key = mi_array_add(&table->keys, &table->key_count, sizeof *key);
	key->name = mi_strdup("PRIMARY");
	key->kind = MI_KEY_PRIMARY;
	key->parts = mi_alloc(sizeof *key->parts);
	key->part_count = 1;
	mi_table_finish(table);
	return table;
}

static inline int sample_rows(struct mi_writer *writer, const struct mi_table *table, uint64_t rows,
                              size_t blob, struct mi_proof *proof, struct mi_err *err)
{
	char *data = mi_alloc(blob + 1);
	char id[24];
	struct mi_span values[3];
	int ret = -1;

	for (size_t i = 0; i < blob; i++)
		data[i] = (char)(i % 7 == 0 ? '"' : i * 31 % 256);
	for (uint64_t n = 1; n <= rows; n++) {
		int len = snprintf(id, sizeof id, "%llu", (unsigned long long)n);

		values[0] = mi_span(id, (size_t)len);
		values[1] = n % 3 == 0
		                ? mi_span(NULL, 0)
		                : mi_span_str(n % 3 == 1 ? "" : "a \"q\",\r\n\xf0\x9f\x99\x82 ");
		values[2] = mi_span(data, blob);
		if (mi_record_row(writer, table, values, err) != 0)
			goto out;
		mi_proof_add(proof, values, 3);
	}
	ret = 0;
out:
	free(data);
	return ret;
}

/* A rows stream of one table in two chunks, complete with END. skew: by how much the first chunk's
 * proof is wrong. */
static inline int sample_rows_stream(int fd, int level, uint64_t rows, size_t blob, unsigned skew,
                                     struct mi_err *err)
{
	struct mi_stream *stream = mi_stream_new(fd, level);
	struct mi_writer *control = mi_writer_new(stream, MI_FRAME_CONTROL);
	struct mi_writer *writer = mi_writer_new(stream, MI_FRAME_ROWS);
	struct mi_table *table = sample_table(1);
	const struct mi_stream_header header = {.kind = MI_STREAM_ROWS,
	                                        .import_id = "test",
	                                        .flavour = "mysql",
	                                        .version = "9.7.4",
	                                        .server = "s",
	                                        .low = "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5",
	                                        .high = "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5",
	                                        .time_us = 1700000000123456};
	struct mi_proof sum = {.sum = skew};
	char proof[MI_PROOF_ROOM];
	const struct mi_chunk first = {.lo = "", .hi = "1000000", .proof = proof};
	const struct mi_chunk second = {.lo = "1000000", .hi = ""};
	int ret = -1;

	if (mi_stream_begin(stream, &header, err) == 0 &&
	    mi_record_table(control, table, err) == 0 && mi_writer_flush(control, err) == 0 &&
	    mi_record_chunk_begin(writer, table, err) == 0 &&
	    sample_rows(writer, table, rows, blob, &sum, err) == 0 &&
	    (mi_proof_text(&sum, proof), true) && mi_record_chunk_end(writer, &first, err) == 0 &&
	    mi_record_chunk_begin(writer, table, err) == 0 &&
	    mi_record_chunk_end(writer, &second, err) == 0 &&
	    mi_record_table_end(control, table, rows, err) == 0 &&
	    mi_writer_flush(control, err) == 0)
		ret = mi_stream_end(stream, err);
	mi_table_free(table);
	mi_writer_free(writer);
	mi_writer_free(control);
	mi_stream_free(stream);
	return ret;
}

#endif
