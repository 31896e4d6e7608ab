/* The thread that reads an event stream and makes bundles of transactions of it. */
#ifndef MI_APPLY_READER_H
#define MI_APPLY_READER_H

#include "base/err.h"

#include <stdatomic.h>
#include <stdint.h>

struct mi_reader;

struct mi_reader_options {
	int fd;
	struct mi_inbox *inbox;
	uint64_t bundle_trxs;         /* a bundle is handed over when it has this many */
	struct mi_progress *progress; /* bytes are counted there */
	atomic_ullong *heartbeat_us;  /* the source's time, by the last HEARTBEAT */
};

/* Starts the thread. It puts bundles into the inbox: a stream's header by itself, plain
 * transactions together, all others alone. A bundle is handed over when it is full, and whenever
 * the input has nothing more to read at the moment. A transaction over 32 MiB comes in pieces.
 * Closes the inbox at the end of the input, or with MI_AGAIN when somebody asked to stop, or when
 * the input ended too early. */
MI_MUST int mi_reader_start(struct mi_reader **reader, const struct mi_reader_options *options,
                            struct mi_err *err);

/* Ends the thread, whose inbox has been closed or refused, and frees. A thread that hangs in a read
 * is left behind: the process is about to end. */
void mi_reader_stop(struct mi_reader *reader);

#endif
