/* The inside of a GTID set: for the files of lib/gtid, and for binlog/gtid.c, which checks tags and
 * numbers. */
#ifndef MI_GTID_SET_H
#define MI_GTID_SET_H

#include "base/buf.h"
#include "gtid/gtid.h"

#include <stdbool.h>
#include <stdint.h>

/* Transaction numbers run from 1 to 2^63 - 2: "GTID Format and Storage" in the MySQL manual. */
#define MI_GTID_MAX_NUMBER ((uint64_t)INT64_MAX - 1)

struct mi_gtid_interval {
	uint64_t first, last; /* both belong to it; first <= last */
};

/* One source: a UUID, and the tag behind it ("" for none). */
struct mi_gtid_source {
	unsigned char uuid[MI_GTID_UUID];
	char tag[MI_GTID_TAG + 1];
	struct mi_gtid_interval *intervals; /* sorted, with gaps between; at least one in a set */
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

/* True for a tag in normal form: up to 32 of a-z, _ and, not first, 0-9; "" stands for no tag. */
bool mi_gtid_tag_is_valid(struct mi_span tag);

/* Frees what the set holds, and makes it the empty set. */
void mi_gtid_set_clear(struct mi_gtid_set *set);

/* Less than, equal to or greater than 0, as for qsort: by uuid, then tag; by domain. */
int mi_gtid_source_order(const struct mi_gtid_source *a, const struct mi_gtid_source *b);
int mi_gtid_position_order(const struct mi_gtid_position *a, const struct mi_gtid_position *b);

/* Appends a source with the uuid and tag of like, without intervals. Good until the next call. */
struct mi_gtid_source *mi_gtid_set_append(struct mi_gtid_set *set,
                                          const struct mi_gtid_source *like);
void mi_gtid_set_append_position(struct mi_gtid_set *set, struct mi_gtid_position position);

/* Appends an interval that does not begin before the last one; merges it with that one when they
 * touch or overlap. */
void mi_gtid_source_append(struct mi_gtid_source *source, uint64_t first, uint64_t last);

/* Appends an interval that may begin anywhere: mi_gtid_set_normalize must follow. */
void mi_gtid_source_append_raw(struct mi_gtid_source *source, uint64_t first, uint64_t last);

/* The source, or the position, that a transaction belongs to; NULL: the set has none such, or the
 * transaction is of the other family. */
struct mi_gtid_source *mi_gtid_set_source(const struct mi_gtid_set *set,
                                          const struct mi_gtid *gtid);
struct mi_gtid_position *mi_gtid_set_position(const struct mi_gtid_set *set,
                                              const struct mi_gtid *gtid);

/* Sorts and merges what was appended in any order. False: a MariaDB domain is there twice. */
bool mi_gtid_set_normalize(struct mi_gtid_set *raw);

#endif
