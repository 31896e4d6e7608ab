/* Inside a GTID set: what the files gtid*.c share, and nobody else includes. */
#ifndef MI_GTID_SET_H
#define MI_GTID_SET_H

#include "base/buf.h"
#include "gtid/gtid.h"

#include <stdbool.h>
#include <stdint.h>

/* Transaction numbers run from 1 to 2^63 - 2: "GTID Format and Storage" in the MySQL manual. */
#define MI_GTID_MAX_NUMBER ((uint64_t)INT64_MAX - 1)

struct mi_gtid_interval {
	uint64_t first, last; /* both inside; first <= last */
};

/* One source: a UUID, and the tag behind it ("" for none). */
struct mi_gtid_source {
	unsigned char uuid[MI_GTID_UUID];
	char tag[MI_GTID_TAG + 1];
	struct mi_gtid_interval *intervals; /* sorted, gaps between them; never empty in a set */
	size_t count;
};

struct mi_gtid_position {
	uint32_t domain, server;
	uint64_t seq;
};

/* At most one of the two arrays has elements. */
struct mi_gtid_set {
	struct mi_gtid_source *sources; /* sorted by uuid, then tag */
	size_t source_count;
	struct mi_gtid_position *positions; /* sorted by domain */
	size_t position_count;
};

/* Up to 32 of a-z, _ and, not first, 0-9; "" is none. */
bool mi_gtid_tag_is_valid(struct mi_span tag);

void mi_gtid_set_clear(struct mi_gtid_set *set);

int mi_gtid_source_order(const struct mi_gtid_source *a, const struct mi_gtid_source *b);
int mi_gtid_position_order(const struct mi_gtid_position *a, const struct mi_gtid_position *b);

/* A new last source with the same name, without intervals. */
struct mi_gtid_source *mi_gtid_set_append(struct mi_gtid_set *set,
                                          const struct mi_gtid_source *like);
void mi_gtid_set_append_position(struct mi_gtid_set *set, struct mi_gtid_position position);

/* Appends an interval that does not begin before the last one; merges what touches. */
void mi_gtid_source_append(struct mi_gtid_source *source, uint64_t first, uint64_t last);

/* Appends one in any order: mi_gtid_set_normalize must follow. */
void mi_gtid_source_append_raw(struct mi_gtid_source *source, uint64_t first, uint64_t last);

/* The part that a transaction belongs to; NULL: the set has none of its source. */
struct mi_gtid_source *mi_gtid_set_source(const struct mi_gtid_set *set,
                                          const struct mi_gtid *gtid);
struct mi_gtid_position *mi_gtid_set_position(const struct mi_gtid_set *set,
                                              const struct mi_gtid *gtid);

/* Sorts and joins what was appended in any order. False: a MariaDB domain was there twice. */
bool mi_gtid_set_normalize(struct mi_gtid_set *raw);

#endif
