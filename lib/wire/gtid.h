/* GTID sets as values, for both families.
 *
 * MySQL: a set of intervals per source id ("uuid:1-5:7") or per source id and tag
 * ("uuid:tag:1-3", 8.3 and later). See "GTID Format and Storage" in the MySQL manual.
 * MariaDB: a position, at most one "domain-server-seq" per domain, which stands for everything in
 * that domain up to seq. See "Global Transaction ID" in the MariaDB knowledge base.
 *
 * The empty set belongs to both. Printed text is the normal form: lower-case ids, sorted by id,
 * then tag (or by domain), intervals merged, no blanks, no newlines. */
#ifndef MI_WIRE_GTID_H
#define MI_WIRE_GTID_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum mi_gtid_family { MI_GTID_NONE, MI_GTID_MYSQL, MI_GTID_MARIADB };

struct mi_gtid_set; /* opaque */

struct mi_gtid_set *mi_gtid_new(void); /* the empty set */
struct mi_gtid_set *mi_gtid_copy(const struct mi_gtid_set *set);
void mi_gtid_free(struct mi_gtid_set *set);

/* Parses text (blanks and newlines allowed where servers print them; upper case; tags written once
 * or repeated). Fails with MI_USAGE naming the place. *set is new on success. */
MI_MUST int mi_gtid_parse(struct mi_span text, struct mi_gtid_set **set, struct mi_err *err);

void mi_gtid_print(const struct mi_gtid_set *set, struct mi_buf *out); /* appends */
enum mi_gtid_family mi_gtid_family(const struct mi_gtid_set *set);     /* NONE when empty */
bool mi_gtid_is_empty(const struct mi_gtid_set *set);

/* Relations. Sets of different families: union, intersect, subtract fail with MI_USAGE; contains
 * and equal answer as if nothing were shared. */
bool mi_gtid_equal(const struct mi_gtid_set *a, const struct mi_gtid_set *b);
bool mi_gtid_contains(const struct mi_gtid_set *a, const struct mi_gtid_set *b); /* a ⊇ b */

/* a becomes the result. MariaDB: union takes the greater seq per domain, intersect the lesser of
 * domains in both; subtract is undefined and fails with MI_USAGE. */
MI_MUST int mi_gtid_union(struct mi_gtid_set *a, const struct mi_gtid_set *b, struct mi_err *err);
MI_MUST int mi_gtid_intersect(struct mi_gtid_set *a, const struct mi_gtid_set *b,
                              struct mi_err *err);
MI_MUST int mi_gtid_subtract(struct mi_gtid_set *a, const struct mi_gtid_set *b,
                             struct mi_err *err);

/* How many transactions. MySQL only: MariaDB has no count and fails with MI_USAGE. A sum past
 * 2^64-1 fails too. */
MI_MUST int mi_gtid_count(const struct mi_gtid_set *set, uint64_t *count, struct mi_err *err);

#endif
