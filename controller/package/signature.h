// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Signatures of a package, at its end (docs/package.md): each is a zstd frame that decompressors
 * skip (RFC 8878, section 3.1.2), so a signed package is read like any other, and what is signed
 * are all bytes before the first of them.
 */
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "certs/key.h"

struct package_signature {
	uint8_t key[KEY_PUBLIC_SIZE];
	uint8_t signature[KEY_SIGNATURE_SIZE];
};

struct package_signatures {
	uint64_t signed_bytes;				       // what is before the first of them
	struct package_signature list[PACKAGE_SIGNATURES_MAX]; // the last one first
	size_t count;
};

/*
 * Finds the signatures at the end of the open file; none is no error. ERR_LIMIT when it has more
 * than PACKAGE_SIGNATURES_MAX. `name` is for messages.
 */
must_check bool package_signatures_read(int file, const char *name,
					struct package_signatures *signatures, struct err *err);

/* ERR_USAGE when the file does not begin as a package does. */
must_check bool package_check(int file, const char *name,
			      const struct package_signatures *signatures, struct err *err);

/* The SHA-256 digest of the first `bytes` bytes; these go to `copy` too, unless that is -1. */
must_check bool package_digest(int file, const char *name, uint64_t bytes, int copy,
			       uint8_t digest[SHA256_SIZE], struct err *err);

must_check bool package_signature_make(struct key *key, const uint8_t digest[SHA256_SIZE],
				       struct package_signature *signature, struct err *err);

/* Appends it to the file `out`. */
must_check bool package_signature_put(int out, const struct package_signature *signature,
				      struct err *err);

/* Pure: is it one of its key over this digest? */
bool package_signature_fits(const struct package_signature *signature,
			    const uint8_t digest[SHA256_SIZE]);
