// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * SHA-256 through libgcrypt. gcry_check_version is all the initialisation that a digest needs; it
 * may be repeated, and leaves the process free to set up libgcrypt's secure memory later.
 */
#include "base/sha256.h"

#include <gcrypt.h>

#include "base/mem.h"
#include "base/text.h"

struct sha256 {
	gcry_md_hd_t handle;
};

struct sha256 *sha256_new(void)
{
	struct sha256 *hash = xcalloc(1, sizeof(*hash));

	gcry_check_version(NULL);
	if (gcry_md_open(&hash->handle, GCRY_MD_SHA256, 0))
		abort(); // the algorithm is part of every libgcrypt, so memory ran out
	return hash;
}

void sha256_add(struct sha256 *hash, const void *data, size_t len)
{
	if (len)
		gcry_md_write(hash->handle, data, len);
}

void sha256_add_field(struct sha256 *hash, const char *text)
{
	uint64_t len = text ? strlen(text) : 0;
	uint8_t prefix[sizeof(len)];

	for (size_t i = 0; i < sizeof(prefix); i++)
		prefix[i] = (uint8_t)(len >> (8 * (sizeof(prefix) - 1 - i)));
	sha256_add(hash, prefix, sizeof(prefix));
	sha256_add(hash, text, len);
}

void sha256_finish(struct sha256 **hash, uint8_t digest[SHA256_SIZE])
{
	struct sha256 *done = take_ptr(hash);

	memcpy(digest, gcry_md_read(done->handle, GCRY_MD_SHA256), SHA256_SIZE);
	gcry_md_close(done->handle);
	free(done);
}

void sha256_finish_hex(struct sha256 **hash, char hex[SHA256_HEX])
{
	uint8_t digest[SHA256_SIZE];

	sha256_finish(hash, digest);
	text_hex(hex, digest, sizeof(digest));
}
