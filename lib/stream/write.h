/* Writing streams. There is one struct mi_stream per output, and any number of threads, each with a
 * struct mi_writer of its own. A writer collects records into frames and hands whole frames over to
 * the stream; the frames of a chunk of rows are handed over together.
 *
 * Functions that return int fail with MI_IO when the output cannot be written, or with MI_BUG.
 * After a failure the output is incomplete, and good for nothing but to be freed. */
#ifndef MI_STREAM_WRITE_H
#define MI_STREAM_WRITE_H

#include "base/buf.h"
#include "base/err.h"
#include "stream/frame.h"
#include "stream/parse.h"
#include "table/table.h"

#include <stdint.h>

struct mi_stream;

/* fd stays the caller's. level: compression, 0 (store) to 9. */
struct mi_stream *mi_stream_new(int fd, int level);
void mi_stream_free(struct mi_stream *stream); /* harmless on NULL; after its writers */
/* Microseconds that writing to fd has taken since the last call: the time for which a pipe was
 * full. */
uint64_t mi_stream_take_waited_us(struct mi_stream *stream);

/* Writes the HEADER frame, before all others. header's format and tool are set by this function; a
 * string that is NULL is written as "". */
MI_MUST int mi_stream_begin(struct mi_stream *stream, const struct mi_stream_header *header,
                            struct mi_err *err);

/* Writes the END frame with the totals of all writers, which must have been flushed. */
MI_MUST int mi_stream_end(struct mi_stream *stream, struct mi_err *err);

struct mi_writer;
struct mi_writer *mi_writer_new(struct mi_stream *stream, enum mi_frame_kind kind);
void mi_writer_free(struct mi_writer *writer); /* harmless on NULL; what is not flushed is lost */

/* Hands over the records that are collected. Not needed after mi_record_chunk_end. */
MI_MUST int mi_writer_flush(struct mi_writer *writer, struct mi_err *err);

/* ---- Control records (kind MI_FRAME_CONTROL) ---- */
MI_MUST int mi_record_table(struct mi_writer *writer, const struct mi_table *table,
                            struct mi_err *err);
MI_MUST int mi_record_expect(struct mi_writer *writer, const char *db, const char *name,
                             struct mi_err *err);
MI_MUST int mi_record_ddl(struct mi_writer *writer, const struct mi_ddl *ddl, struct mi_err *err);
MI_MUST int mi_record_table_end(struct mi_writer *writer, const struct mi_table *table,
                                uint64_t rows, struct mi_err *err);

/* ---- Rows (kind MI_FRAME_ROWS) ----
 * A chunk's frames are kept until mi_record_chunk_end and then written together, after a frame with
 * the CHUNK record. The fields of that record are given at the chunk's end, because hi and rows are
 * known only then (a chunk is cut when it has become large). */
MI_MUST int mi_record_chunk_begin(struct mi_writer *writer, const struct mi_table *table,
                                  struct mi_err *err);
/* values: mi_table_fields of them, in their stream form (see enum mi_type); data NULL is SQL
 * NULL. */
MI_MUST int mi_record_row(struct mi_writer *writer, const struct mi_table *table,
                          const struct mi_span *values, struct mi_err *err);
MI_MUST int mi_record_chunk_end(struct mi_writer *writer, const struct mi_chunk *chunk,
                                struct mi_err *err);
/* Payload bytes and rows of the chunk at hand, so far. */
size_t mi_writer_chunk_bytes(const struct mi_writer *writer);
uint64_t mi_writer_chunk_rows(const struct mi_writer *writer);

/* ---- Events (kind MI_FRAME_EVENTS) ---- */
/* xa: the transaction may end as a prepared one. */
MI_MUST int mi_record_begin(struct mi_writer *writer, const char *gtid, uint64_t commit_us, bool xa,
                            struct mi_err *err);
/* A change with before only is written as D, with after only as I, with both as U. */
MI_MUST int mi_record_change(struct mi_writer *writer, const struct mi_change *change,
                             struct mi_err *err);
MI_MUST int mi_record_commit(struct mi_writer *writer, struct mi_err *err);
MI_MUST int mi_record_abort(struct mi_writer *writer, struct mi_err *err);
MI_MUST int mi_record_xa(struct mi_writer *writer, enum mi_xa_step step, struct mi_span xid,
                         struct mi_err *err);
MI_MUST int mi_record_statement(struct mi_writer *writer, const struct mi_ddl *ddl,
                                struct mi_err *err);
MI_MUST int mi_record_skip(struct mi_writer *writer, const char *gtid_set, struct mi_err *err);
/* Transactions that are passed undecoded. what: what is known of their changes, for people. */
MI_MUST int mi_record_past(struct mi_writer *writer, const char *gtid_set, const char *what,
                           struct mi_err *err);
MI_MUST int mi_record_heartbeat(struct mi_writer *writer, uint64_t time_us, struct mi_err *err);

#endif
