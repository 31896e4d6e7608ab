#include "stream/deflate.h"
#include "base/buf.h"

#include <stdlib.h>

#ifdef MI_HAVE_LIBDEFLATE

#include <libdeflate.h>

struct mi_deflate {
	struct libdeflate_compressor *codec;
};

struct mi_inflate {
	struct libdeflate_decompressor *codec;
};

struct mi_deflate *mi_deflate_new(int level)
{
	struct mi_deflate *deflate = mi_alloc(sizeof *deflate);

	deflate->codec = libdeflate_alloc_compressor(level);
	if (!deflate->codec)
		abort(); /* out of memory, or a level that mi_opt_parse let through */
	return deflate;
}

void mi_deflate_free(struct mi_deflate *deflate)
{
	if (!deflate)
		return;
	libdeflate_free_compressor(deflate->codec);
	free(deflate);
}

size_t mi_deflate_run(struct mi_deflate *deflate, struct mi_span in, char *out, size_t room)
{
	return libdeflate_deflate_compress(deflate->codec, in.data ? in.data : "", in.len, out,
	                                   room);
}

struct mi_inflate *mi_inflate_new(void)
{
	struct mi_inflate *inflate = mi_alloc(sizeof *inflate);

	inflate->codec = libdeflate_alloc_decompressor();
	if (!inflate->codec)
		abort();
	return inflate;
}

void mi_inflate_free(struct mi_inflate *inflate)
{
	if (!inflate)
		return;
	libdeflate_free_decompressor(inflate->codec);
	free(inflate);
}

bool mi_inflate_run(struct mi_inflate *inflate, struct mi_span in, char *out, size_t size)
{
	size_t used, made;
	char nothing; /* libdeflate wants an address even for no bytes */

	return libdeflate_deflate_decompress_ex(inflate->codec, in.data, in.len,
	                                        size ? out : &nothing, size, &used,
	                                        &made) == LIBDEFLATE_SUCCESS &&
	       used == in.len && made == size;
}

uint32_t mi_crc32(uint32_t seed, const void *data, size_t len)
{
	return len ? libdeflate_crc32(seed, data, len) : seed;
}

#else

#define ZLIB_CONST
#include <zlib.h>

enum { RAW = -15 }; /* window bits of raw deflate, see zlib.h */

struct mi_deflate {
	z_stream z;
};

struct mi_inflate {
	z_stream z;
};

struct mi_deflate *mi_deflate_new(int level)
{
	struct mi_deflate *deflate = mi_alloc(sizeof *deflate);

	if (deflateInit2(&deflate->z, level, Z_DEFLATED, RAW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	return deflate;
}

void mi_deflate_free(struct mi_deflate *deflate)
{
	if (!deflate)
		return;
	(void)deflateEnd(&deflate->z);
	free(deflate);
}

size_t mi_deflate_run(struct mi_deflate *state, struct mi_span in, char *out, size_t room)
{
	z_stream *z = &state->z;

	if (deflateReset(z) != Z_OK)
		return 0;
	z->next_in = (z_const Bytef *)(in.data ? in.data : "");
	z->avail_in = (uInt)in.len;
	z->next_out = (Bytef *)out;
	z->avail_out = (uInt)room;
	return deflate(z, Z_FINISH) == Z_STREAM_END ? room - z->avail_out : 0;
}

struct mi_inflate *mi_inflate_new(void)
{
	struct mi_inflate *inflate = mi_alloc(sizeof *inflate);

	if (inflateInit2(&inflate->z, RAW) != Z_OK)
		abort();
	return inflate;
}

void mi_inflate_free(struct mi_inflate *inflate)
{
	if (!inflate)
		return;
	(void)inflateEnd(&inflate->z);
	free(inflate);
}

bool mi_inflate_run(struct mi_inflate *state, struct mi_span in, char *out, size_t size)
{
	z_stream *z = &state->z;
	char nothing;

	if (inflateReset(z) != Z_OK)
		return false;
	z->next_in = (z_const Bytef *)in.data;
	z->avail_in = (uInt)in.len;
	z->next_out = (Bytef *)(size ? out : &nothing);
	z->avail_out = (uInt)size;
	return inflate(z, Z_FINISH) == Z_STREAM_END && z->avail_in == 0 && z->avail_out == 0;
}

uint32_t mi_crc32(uint32_t seed, const void *data, size_t len)
{
	return len ? (uint32_t)crc32_z(seed, data, len) : seed;
}

#endif
