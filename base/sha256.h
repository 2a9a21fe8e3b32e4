// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* SHA-256 (FIPS 180-4) through libgcrypt, for digests of content and short hashed names. */
#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE 32
#define SHA256_HEX (2 * SHA256_SIZE + 1)

struct sha256; // opaque

struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *hash, const void *data, size_t len);
/* As sha256_add, with the length put before, so that "ab","c" and "a","bc" differ. NULL is "". */
void sha256_add_field(struct sha256 *hash, const char *text);
void sha256_finish(struct sha256 **hash, uint8_t digest[SHA256_SIZE]); // frees it
void sha256_finish_hex(struct sha256 **hash, char hex[SHA256_HEX]);
