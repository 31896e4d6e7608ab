/* The thread that reads event streams and puts their transactions, in bundles, into an inbox. */
#ifndef MI_APPLY_READER_H
#define MI_APPLY_READER_H

#include "base/err.h"

#include <stdint.h>

struct mi_reader;

struct mi_reader_options {
	int fd;
	struct mi_inbox *inbox;
	uint64_t bundle_trxs;         /* a bundle of so many transactions is full */
	struct mi_progress *progress; /* counts the bytes read */
};

/* Starts the thread. A stream's header is a bundle by itself; transactions of all kinds go
 * together. A bundle is put into the inbox when it is full (bundle_trxs, or 1 MiB), and whenever
 * the input has nothing to read at the moment. A transaction over 32 MiB comes in pieces, each the
 * last of its bundle. Before a further stream's header the thread waits until all bundles are done,
 * because their tables are freed then. It closes the inbox at the end of the input; with MI_AGAIN
 * when somebody asks to stop or the input ends too early; and with MI_DATA for a bad stream. What
 * options points to must outlive the thread. */
MI_MUST int mi_reader_start(struct mi_reader **reader, const struct mi_reader_options *options,
                            struct mi_err *err);

/* Waits for the end of the thread, whose inbox has been closed or refused, and frees reader. A
 * thread that still hangs in a read after two seconds is left behind, and nothing is freed: the
 * process is about to end. Harmless on NULL. */
void mi_reader_stop(struct mi_reader *reader);

#endif
