/* A snapshot's rows into a stream, by several threads. */
#ifndef MI_SOURCE_DUMP_H
#define MI_SOURCE_DUMP_H

#include "base/err.h"
#include "chunk/done.h"
#include "source/snapshot.h"
#include "source/where.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_dump_options {
	const char *import_id; /* for the header; "" for none */
	uint64_t chunk_bytes;
	const struct mi_done *skip; /* NULL: nothing */
	const struct mi_wheres *where;
	bool json_as_text;
	int level; /* of compression */
	struct mi_progress *progress;
};

/* Writes the whole stream to fd: header, tables, rows by one thread per reader of the snapshot,
 * END. Definitions are compared at the end: END is written only when nothing has changed. The first
 * error of any thread ends all of them and is the one reported. */
MI_MUST int mi_src_dump(struct mi_snapshot *snapshot, int fd, const struct mi_dump_options *options,
                        struct mi_err *err);

#endif
