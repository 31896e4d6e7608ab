/* The lines that mi-fence(1) speaks: a command each on the way in; on the way out data lines, then
 * one that begins with "ok" or "error". */
#ifndef MI_FENCE_TALK_H
#define MI_FENCE_TALK_H

#include "base/err.h"
#include "fence/fence.h"

/* Answers commands from `in` on `out` until the end of input, or until somebody asks to stop. A
 * command that fails is answered, and others may follow; *code becomes the exit code of the last
 * that failed, 0 for none. Fails when it cannot read or write. */
MI_MUST int mi_fence_talk(struct mi_fence *fence, int in, int out, int *code, struct mi_err *err);

#endif
