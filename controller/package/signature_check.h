// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* Packages by their paths, and whether one is from whom it should be from. */
#include "controller/package/signature.h"

/* The open file; -1 when it is no package. */
int package_open(const char *path, struct package_signatures *signatures, struct err *err);

/* NULL: it has none of this key. */
const struct package_signature *package_find_signature(const struct package_signatures *signatures,
						       const uint8_t key[KEY_PUBLIC_SIZE]);

/*
 * Has the package at `path` a signature of this key over what it holds, or, when `known` is not
 * NULL, over what has this digest and was read from there before? `digest` is of that. ERR_DENIED
 * says what is wrong. tls_init first.
 */
must_check bool package_check_signature(const char *path, const uint8_t key[KEY_PUBLIC_SIZE],
					const char *known, char digest[SHA256_HEX],
					struct err *err);
