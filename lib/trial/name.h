/* The names of scratch databases (trial/scratch.h): mi_trial_<run>_<number>. */
#ifndef MI_TRIAL_NAME_H
#define MI_TRIAL_NAME_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

#define MI_SCRATCH_PREFIX "mi_trial_"
enum {
	MI_SCRATCH_RANDOM = 4, /* random bytes of a run */
	MI_SCRATCH_RUN = 17    /* characters of <run>: those, as many of a check, a letter */
};

/* Writes a run's part of its names, for the server of this identity. logged: the binary log has
 * what is done with its databases. */
void mi_scratch_run(const unsigned char random[MI_SCRATCH_RANDOM], const char *server_id,
                    bool logged, char run[MI_SCRATCH_RUN + 1]);

/* Is that the name of a scratch database that was made on the server of this identity? */
bool mi_scratch_is_ours(const char *name, const char *server_id);

/* The scratch database of a pair "database=scratch", whose first name may hold an equals sign. */
const char *mi_scratch_of_pair(const char *pair);

/* Appends text with the names of the pairs' scratch databases replaced by those that they stand
 * for. */
void mi_scratch_unname_pairs(char *const *pairs, size_t count, const char *text,
                             struct mi_buf *out);

#endif
