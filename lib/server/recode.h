/* Text in a character set of a server, which alone knows what its bytes are. */
#ifndef MI_SERVER_RECODE_H
#define MI_SERVER_RECODE_H

#include "base/buf.h"
#include "base/err.h"

/* A mi_recode_fn (schema/text.h); conn is a struct mi_conn. Errors: mi_conn_fail's. */
MI_MUST int mi_recode(void *conn, struct mi_span charset, struct mi_span bytes, struct mi_buf *text,
                      struct mi_err *err);

#endif
