/* Raw deflate (RFC 1951) and CRC-32 by libdeflate where the build found it, else by zlib: the same
 * format, three to five times the speed. */
#ifndef MI_STREAM_DEFLATE_H
#define MI_STREAM_DEFLATE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_deflate;
struct mi_deflate *mi_deflate_new(int level); /* 0..9; 0 stores */
void mi_deflate_free(struct mi_deflate *deflate);

/* Compresses in into out. Returns the size, 0 when room is too small. */
size_t mi_deflate_run(struct mi_deflate *deflate, struct mi_span in, char *out, size_t room);

struct mi_inflate;
struct mi_inflate *mi_inflate_new(void);
void mi_inflate_free(struct mi_inflate *inflate);

/* True when in is exactly one deflate stream that inflates to exactly size bytes. */
bool mi_inflate_run(struct mi_inflate *inflate, struct mi_span in, char *out, size_t size);

/* CRC-32 as gzip has it. seed: 0, or the CRC of what goes before. */
uint32_t mi_crc32(uint32_t seed, const void *data, size_t len);

#endif
