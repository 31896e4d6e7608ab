/* The protocol of mi-fence(1): each line read is a command; the answer is data lines, then one line
 * that begins with "ok" or "error". */
#ifndef MI_FENCE_TALK_H
#define MI_FENCE_TALK_H

#include "base/err.h"
#include "fence/fence.h"

/* Answers commands from `in` on `out` until the end of input. A command that fails is answered with
 * "error", and others may follow; *code becomes the exit code of the last one that failed, 0 for
 * none. Fails with MI_AGAIN when somebody asks to stop, MI_IO when it cannot read or write, and
 * MI_USAGE for a line that is too long, has a NUL byte, or is the last and unfinished. */
MI_MUST int mi_fence_talk(struct mi_fence *fence, int in, int out, int *code, struct mi_err *err);

#endif
