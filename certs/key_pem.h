// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Ed25519 keys as text files, as OpenSSL writes them: PKCS #8 and SubjectPublicKeyInfo (RFC 8410)
 * in PEM (RFC 7468). Whoever holds such a text of a private key keeps it in locked memory.
 */
#include "certs/key.h"

#define KEY_PEM_MAX 160 // bytes of either text as it is written here, with a NUL

/* tls_init first. ERR_USAGE says what the text is instead, as far as can be seen. */
struct key *key_read_pem(const char *text, size_t len, struct err *err);
must_check bool key_read_public_pem(const char *text, size_t len, uint8_t public[KEY_PUBLIC_SIZE],
				    struct err *err);

/* A new pair. The caller wipes `private`, also after an error. */
must_check bool key_make_pem(char private[KEY_PEM_MAX], char public[KEY_PEM_MAX], struct err *err);
