/* Follows a source: its binary log since a position, as an event stream. */
#ifndef MI_FOLLOW_FOLLOW_H
#define MI_FOLLOW_FOLLOW_H

#include "base/err.h"
#include "server/conn.h"
#include "table/filter.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_follow_options {
	const struct mi_conn_options *source;
	struct mi_filter *filter;
	const char *since; /* a GTID set in text, or "now" */
	/* the file that since was read from and that grows as the stream is applied, or NULL */
	const char *since_file;
	const char *until; /* a GTID set in text, or "now"; NULL: never ends by itself */
	/* a transaction to be passed undecoded, or all that the source has purged after since:
	 * a GTID set in text; NULL: none */
	const char *past;
	const char *schema;      /* file of a schema stream as of since, or NULL */
	const char *definitions; /* folder for the definitions as of what was followed, or NULL */
	const char *import_id;   /* for the header; "" for none */
	uint32_t server_id;      /* 0: one is made */
	unsigned heartbeat_seconds;
	int level;              /* of compression */
	bool source_is_replica; /* wait for what since has and the source has not yet */
	bool json_as_text;      /* JSON is its text alone, without the types that this loses */
	struct mi_progress *progress;       /* or NULL */
	struct mi_src_retention *retention; /* never NULL */
};

/* The transaction options->past stands in the stream as a PAST record. MI_DATA: what the source has
 * purged of what is needed is another set.
 *
 * Writes the stream to fd, connecting again when the connection is lost. Returns 0 when until is
 * reached. MI_AGAIN: asked to stop, or another server answers; MI_UNAVAILABLE: the source has not
 * come back for ten minutes. In these cases the stream ends with END after a whole transaction.
 * After any other failure the stream has no END, and an unfinished transaction in it is ended by
 * ABORT (unless writing itself failed: MI_IO). What options points to is the caller's. */
MI_MUST int mi_src_follow(int fd, const struct mi_follow_options *options, struct mi_err *err);

#endif
