/* The checkpoint file: one GTID set in text, which a person can read and mi-gtid(1) can compare.
 * mi-checkpoint(5) is its page. The truth is the table _mi_checkpoint on the server that is written
 * to; the file is a copy of it that may lag but never lead, so it is stored after the COMMIT. */
#ifndef MI_GTID_FILE_H
#define MI_GTID_FILE_H

#include "base/err.h"
#include "gtid/gtid.h"

enum mi_checkpoint_absent {
	MI_CHECKPOINT_MUST_BE, /* no file is MI_CONFIG: a position must not be made up */
	MI_CHECKPOINT_MAY_LACK /* no file is the empty set */
};

enum { MI_CHECKPOINT_MAX = 64 << 20 }; /* a larger file is refused, bytes */

/* Reads path. *set is new on success. MI_CONFIG: the file has no byte at all (the empty set is
 * stored as a line feed), its text is no GTID set, or it must be there and is not. MI_DATA: it is
 * larger than MI_CHECKPOINT_MAX. MI_IO: it cannot be read. */
MI_MUST int mi_checkpoint_file_load(const char *path, enum mi_checkpoint_absent absent,
                                    struct mi_gtid_set **set, struct mi_err *err);

/* Replaces path by the set and a line feed, mode 0644: a temporary file beside path, fsync, rename,
 * fsync of the directory. Readers see the old text or the new, also after a crash. */
MI_MUST int mi_checkpoint_file_store(const char *path, const struct mi_gtid_set *set,
                                     struct mi_err *err);

#endif
