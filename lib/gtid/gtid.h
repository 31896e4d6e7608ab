/* GTID sets as values, for both families.
 *
 * MySQL: a set of intervals per source id ("uuid:1-5:7") or per source id and tag
 * ("uuid:tag:1-3", 8.3 and later). See "GTID Format and Storage" in the MySQL manual.
 * MariaDB: a position, at most one "domain-server-seq" per domain, which stands for everything in
 * that domain up to seq. See "Global Transaction ID" in the MariaDB knowledge base.
 *
 * The empty set belongs to both families. Printed text is the normal form: lower-case ids, sorted
 * by id, then tag (or by domain), intervals merged, no blanks, no newlines. */
#ifndef MI_GTID_GTID_H
#define MI_GTID_GTID_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum mi_gtid_family { MI_GTID_NONE, MI_GTID_MYSQL, MI_GTID_MARIADB };

enum { MI_GTID_UUID = 16, MI_GTID_TAG = 32 }; /* bytes of an id; most characters of a tag */

struct mi_gtid_set; /* opaque */

struct mi_gtid_set *mi_gtid_new(void); /* the empty set */
struct mi_gtid_set *mi_gtid_copy(const struct mi_gtid_set *set);
void mi_gtid_free(struct mi_gtid_set *set); /* harmless on NULL */

/* Parses text, which may have what servers print or accept: blanks and newlines, upper case, a tag
 * written once or before each interval, a comma at the end. Empty text is the empty set. Fails with
 * MI_USAGE, naming the place in text. *set is new on success. */
MI_MUST int mi_gtid_parse(struct mi_span text, struct mi_gtid_set **set, struct mi_err *err);

void mi_gtid_print(const struct mi_gtid_set *set, struct mi_buf *out); /* appends */
enum mi_gtid_family mi_gtid_family(const struct mi_gtid_set *set);     /* NONE when empty */
bool mi_gtid_is_empty(const struct mi_gtid_set *set);

/* Relations. Sets of different families have nothing in common: equal is false, and contains too.
 * In MariaDB's positions the server ids do not count. */
bool mi_gtid_equal(const struct mi_gtid_set *a, const struct mi_gtid_set *b);
bool mi_gtid_contains(const struct mi_gtid_set *a, const struct mi_gtid_set *b); /* a ⊇ b */

/* a becomes the result. MariaDB: union takes the greater seq of each domain, intersect the lesser
 * seq of each domain that both have; subtract is not defined. MI_USAGE for sets of different
 * families, and for subtract of positions; a is unchanged then. */
MI_MUST int mi_gtid_union(struct mi_gtid_set *a, const struct mi_gtid_set *b, struct mi_err *err);
MI_MUST int mi_gtid_intersect(struct mi_gtid_set *a, const struct mi_gtid_set *b,
                              struct mi_err *err);
MI_MUST int mi_gtid_subtract(struct mi_gtid_set *a, const struct mi_gtid_set *b,
                             struct mi_err *err);

/* Sets *count to the number of transactions. MI_USAGE: a MariaDB position, which does not tell it,
 * or a sum past 2^64 - 1. */
MI_MUST int mi_gtid_count(const struct mi_gtid_set *set, uint64_t *count, struct mi_err *err);

/* ---- One transaction ---- */

struct mi_gtid {
	enum mi_gtid_family family;
	unsigned char uuid[MI_GTID_UUID]; /* MySQL */
	char tag[MI_GTID_TAG + 1];        /* MySQL; "" for none */
	uint32_t domain, server;          /* MariaDB */
	uint64_t number;                  /* both: from 1 on */
};

/* Parses "uuid:7", "uuid:tag:7" or "0-1-100". Fails with MI_USAGE, also when text is a set of
 * several. */
MI_MUST int mi_gtid_parse_one(struct mi_span text, struct mi_gtid *gtid, struct mi_err *err);
void mi_gtid_print_one(const struct mi_gtid *gtid, struct mi_buf *out); /* appends */

/* Reads the usual forms in which a server reports one commit's transactions, "uuid:7", "uuid:7-9"
 * and "0-1-100", without allocation: *gtid is the first of them, *last the number of the last one.
 * False: text has another form, which mi_gtid_parse may be able to read. */
bool mi_gtid_read_run(struct mi_span text, struct mi_gtid *gtid, uint64_t *last);

/* True when both are one transaction. */
bool mi_gtid_same(const struct mi_gtid *a, const struct mi_gtid *b);

/* True when gtid is in the set. MariaDB: its domain is in the set, with the same or a greater
 * seq. */
bool mi_gtid_has(const struct mi_gtid_set *set, const struct mi_gtid *gtid);

/* Adds gtid: a binary search, and in the usual case (the next number) nothing is moved or
 * allocated. Adding what a MySQL set has already changes nothing. MI_DATA: gtid is of the other
 * family, or its number is out of MySQL's range, or its seq is not greater than that of its MariaDB
 * domain (the position could not tell it from transactions that have been seen). */
MI_MUST int mi_gtid_add(struct mi_gtid_set *set, const struct mi_gtid *gtid, struct mi_err *err);

/* ---- A set in rows, one per source, as _mi_checkpoint keeps it ----
 * MySQL: sid "uuid" or "uuid:tag", intervals "1-5:7". MariaDB: sid "domain", intervals
 * "server-seq". */

/* Calls row with user for each source (or domain) in order; a result other than 0 ends the walk and
 * is returned. The spans are good during the call. */
typedef int mi_gtid_row(void *user, struct mi_span sid, struct mi_span intervals,
                        struct mi_err *err);
MI_MUST int mi_gtid_each(const struct mi_gtid_set *set, mi_gtid_row *row, void *user,
                         struct mi_err *err);

/* Appends a row to the text of a set, which mi_gtid_parse reads when all rows are in it. */
void mi_gtid_join_row(struct mi_buf *text, struct mi_span sid, struct mi_span intervals);

/* ---- MySQL's binary form, in PREVIOUS_GTIDS events and COM_BINLOG_DUMP_GTID ----
 * The one without tags is in "COM_BINLOG_DUMP_GTID" of the MySQL source documentation; the one
 * with tags (8.3) marks itself in the first and the last byte of the count. */

/* Appends the binary form; the one with tags only when the set has tags. MI_USAGE for a MariaDB
 * position. */
MI_MUST int mi_gtid_encode(const struct mi_gtid_set *set, struct mi_buf *out, struct mi_err *err);

/* Reads all of bytes, in either form. MI_PROTOCOL: they are malformed. *set is new on success. */
MI_MUST int mi_gtid_decode(struct mi_span bytes, struct mi_gtid_set **set, struct mi_err *err);

#endif
