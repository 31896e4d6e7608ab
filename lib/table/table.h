/* The noun that both sides of a pipe share: a table's definition, as far as moving rows exactly
 * needs it. Pure data: no server, no SQL text beyond what the server itself printed. */
#ifndef MI_TABLE_TABLE_H
#define MI_TABLE_TABLE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* How a column's values travel in a row record, see mi-stream(5). mi_type_name has their names in a
 * stream. */
enum mi_type {
	MI_TYPE_INT,     /* TINYINT to BIGINT: decimal digits; width in column.bytes (1,2,3,4,8) */
	MI_TYPE_DECIMAL, /* as the server prints it */
	MI_TYPE_FLOAT,   /* shortest text t with (float)strtod(t) == f */
	MI_TYPE_DOUBLE,  /* shortest text t with strtod(t) == d */
	MI_TYPE_BIT,     /* unsigned decimal */
	MI_TYPE_YEAR,    /* digits, 0 for 0000 */
	/* the four temporal types: as the server prints them in a session with time zone UTC */
	MI_TYPE_DATE,
	MI_TYPE_TIME,
	MI_TYPE_DATETIME,
	MI_TYPE_TIMESTAMP,
	MI_TYPE_CHAR,     /* CHAR, VARCHAR: the column's own bytes, not converted */
	MI_TYPE_TEXT,     /* TINYTEXT to LONGTEXT: the column's own bytes, not converted */
	MI_TYPE_BINARY,   /* BINARY (padded with zeros to its length), VARBINARY: raw bytes */
	MI_TYPE_BLOB,     /* TINYBLOB to LONGBLOB: raw bytes */
	MI_TYPE_ENUM,     /* member number, 0 for the invalid '' */
	MI_TYPE_SET,      /* bit mask as unsigned decimal */
	MI_TYPE_JSON,     /* MySQL's JSON: the server's own text, utf8mb4. MariaDB's is TEXT */
	MI_TYPE_GEOMETRY, /* the server's bytes: SRID, then WKB */
	MI_TYPE_UUID,     /* MariaDB UUID: its text */
	MI_TYPE_INET,     /* MariaDB INET4, INET6: their text */
	MI_TYPE_VECTOR,   /* raw bytes */
	MI_TYPE_COUNT
};

enum mi_generated { MI_NOT_GENERATED, MI_VIRTUAL, MI_STORED };

/* How JSON is written on the server at hand, see sql/json_value.h: MI_JSON_HERE, as text and
 * expressions for what has a code, and what is to be heeded there. */
enum mi_json_here {
	MI_JSON_HERE = 0,
	MI_JSON_INEXACT =
	    1, /* its parser rounds some doubles wrongly: these, too, as expressions */
	MI_JSON_NO_TABLE = 2,   /* no JSON_TABLE, so no bytes and no TIMESTAMP in documents */
	MI_JSON_SHORT_TIME = 4, /* a TIME of 32 hours and more is stored wrongly in documents */
	MI_JSON_HERE_TEXT = 8,  /* the column is text here, as MariaDB's: without the codes */
};

struct mi_column {
	char *name;
	enum mi_type type;
	char *type_text; /* as information_schema.COLUMNS.COLUMN_TYPE prints it; members included */
	char *charset;   /* NULL for types that have none */
	char *collation; /* NULL likewise */
	unsigned bytes;  /* INT: bytes of a value; BINARY, CHAR: most bytes; BIT: bits; else 0 */
	bool is_unsigned;
	bool nullable;
	bool auto_increment;
	bool invisible;
	bool variable; /* VARCHAR or VARBINARY rather than CHAR or BINARY */
	enum mi_generated generated;
	enum mi_json_here json_here; /* set by mi_target_compare; not part of the definition */
	bool carried; /* rows hold this column: not generated, or part of the row key */
	/* Rows of this stream hold the column, which is generated and not carried, behind the
	 * carried ones, for the proof alone. See mi_table_prove */
	bool proven;
	/* its server's index keeps it in another order than its comparisons; set where ranges are
	 * planned only (source/order.h), and not in streams */
	bool misordered;
};

enum mi_key_kind { MI_KEY_PLAIN, MI_KEY_UNIQUE, MI_KEY_PRIMARY, MI_KEY_FULLTEXT, MI_KEY_SPATIAL };

struct mi_key_part {
	int column;      /* index into columns; -1: an expression (functional key part) */
	unsigned prefix; /* 0: the whole column; else the prefix's length in characters */
	bool descending;
};

struct mi_key {
	char *name;
	enum mi_key_kind kind;
	bool ignored; /* MariaDB's IGNORED: no statement reads by it. Not in streams */
	struct mi_key_part *parts;
	size_t part_count;
};

struct mi_fkey {
	char *name;
	char *ref_db, *ref_table;
	char **columns, **ref_columns; /* pairs */
	size_t column_count;
	char *on_update, *on_delete; /* RESTRICT, NO ACTION, CASCADE, SET NULL, SET DEFAULT */
};

struct mi_table {
	uint32_t id; /* 1, 2, ...: its number within one stream */
	char *db, *name;
	char *engine;
	char *collation;           /* the table's default */
	struct mi_column *columns; /* in ordinal order, as in SELECT with invisible ones named */
	size_t column_count;
	struct mi_key *keys;
	size_t key_count;
	struct mi_fkey *fkeys;
	size_t fkey_count;
	int row_key;          /* index into keys of the key that identifies rows; -1: none */
	size_t carried_count; /* columns with carried set: the fields of a row record */
	size_t proven_count;  /* columns with proven set: so many fields follow those */
	char digest[33]; /* 32 hex digits: hash of all above but id; "" until mi_table_finish */
	/* 32 hex digits: hash of the text in which its server shows the table (mi_table_set_text),
	 * "" when nobody asked for that. It stands for what is not above: defaults, ON UPDATE,
	 * CHECKs, comments, partitions, options. Whoever decodes or writes rows goes by digest;
	 * whoever must know that a definition has stayed what it was by mi_table_same. */
	char text_digest[33];
};

struct mi_tables {
	struct mi_table **items; /* heap-allocated one by one: their addresses stay */
	size_t count;
};

void mi_table_free(struct mi_table *table); /* harmless on NULL */
/* Free what an element holds, for whoever takes one out of its table. */
void mi_column_release(struct mi_column *column);
void mi_key_release(struct mi_key *key);
void mi_fkey_release(struct mi_fkey *fkey);
void mi_tables_release(struct mi_tables *tables);

/* True when servers compute values of the table's rows: generated columns, keys on expressions. */
bool mi_table_computes(const struct mi_table *table);

/* True when a key has that column, by its index. */
bool mi_table_in_key(const struct mi_table *table, size_t column);

/* NULL when absent. Names are compared byte by byte. */
struct mi_table *mi_tables_find(const struct mi_tables *tables, const char *db, const char *name);
struct mi_table *mi_tables_by_id(const struct mi_tables *tables, uint32_t id);

/* Index of the column, or -1. */
int mi_table_column(const struct mi_table *table, const char *name);

/* The place of a carried column in a row record: how many carried columns come before it. */
size_t mi_table_place(const struct mi_table *table, int column);

/* To be called when columns and keys are complete. Chooses the row key among the primary and UNIQUE
 * keys that consist of whole, NOT NULL columns: the primary key, else the one with the fewest
 * columns, then the narrowest, then the first by name. Sets carried, carried_count and digest. */
void mi_table_finish(struct mi_table *table);

/* Sets proven for the generated columns that are to travel with a finished table's rows, so that it
 * shows whether the other side computes the same. Left out are VIRTUAL columns without a key when
 * virtual_in_keys: MariaDB takes NOW() and RAND() in these, and neither side stores them. */
void mi_table_prove(struct mi_table *table, bool virtual_in_keys);

/* The same for a finished table of an event stream: the STORED columns, which a server logs. */
void mi_table_prove_stored(struct mi_table *table);

/* Fields of a row record, or of one image in a change: carried columns, then proven ones. */
size_t mi_table_fields(const struct mi_table *table);

/* Sets text_digest from the server's SHOW CREATE TABLE, without the counter AUTO_INCREMENT=n, which
 * moves by itself. */
void mi_table_set_text(struct mi_table *table, struct mi_span show_create);

/* True when two finished tables of one server have the same definition: digest and, when both have
 * one, text_digest. */
bool mi_table_same(const struct mi_table *a, const struct mi_table *b);

/* The row key of a finished table; NULL: it has none. */
const struct mi_key *mi_table_row_key(const struct mi_table *table);

/* True for names that belong to this project's own bookkeeping ("_mi_..."): never dumped. */
bool mi_table_is_ours(const char *name);
bool mi_table_span_is_ours(struct mi_span name);

const char *mi_type_name(enum mi_type type);                 /* "int", "decimal", ... */
bool mi_type_parse(struct mi_span name, enum mi_type *type); /* false: unknown */

/* True for types whose fields are written without quotes in a record, because their text has
 * digits, sign, point and e only. */
bool mi_type_is_number(enum mi_type type);

#endif
