/* Raw deflate (RFC 1951) and CRC-32, by libdeflate where the build found it, else by zlib. Both
 * make one format; libdeflate is three to five times as fast. */
#ifndef MI_STREAM_DEFLATE_H
#define MI_STREAM_DEFLATE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_deflate;
struct mi_deflate *mi_deflate_new(int level);     /* 0..9; 0 stores */
void mi_deflate_free(struct mi_deflate *deflate); /* harmless on NULL */

/* Compresses in into out, which has room bytes. Returns the size; 0 when room is too small. */
size_t mi_deflate_run(struct mi_deflate *deflate, struct mi_span in, char *out, size_t room);

struct mi_inflate;
struct mi_inflate *mi_inflate_new(void);
void mi_inflate_free(struct mi_inflate *inflate); /* harmless on NULL */

/* Inflates in into out. True when in is exactly one deflate stream, of exactly size bytes
 * inflated. */
bool mi_inflate_run(struct mi_inflate *inflate, struct mi_span in, char *out, size_t size);

/* CRC-32 as gzip has it. seed: 0, or the CRC of the bytes before data. */
uint32_t mi_crc32(uint32_t seed, const void *data, size_t len);

#endif
