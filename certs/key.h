// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * An Ed25519 private key (RFC 8032) in locked memory: it is made there, signs there, and is never
 * copied out; there is no function that returns it. Counted, since a TLS context may outlive the
 * identity that it was made of.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define KEY_SEED_SIZE 32
#define KEY_PUBLIC_SIZE 32
#define KEY_SIGNATURE_SIZE 64
#define KEY_ID_SIZE 20

struct key;

struct key *key_new(struct err *err);
struct key *key_of_seed(const uint8_t seed[KEY_SEED_SIZE], struct err *err); // of a file
struct key *key_share(struct key *key);					     // one more owner
void key_free(struct key **key); // the last owner's call wipes it

const uint8_t *key_public(const struct key *key);
must_check bool key_sign(struct key *key, const void *data, size_t len,
			 uint8_t signature[KEY_SIGNATURE_SIZE], struct err *err);

bool key_verify(const uint8_t public[KEY_PUBLIC_SIZE], const void *data, size_t len,
		const uint8_t signature[KEY_SIGNATURE_SIZE]);

/* RFC 7093, section 2, method 1: the first 160 bits of the SHA-256 digest of the public key. */
void key_id(const uint8_t public[KEY_PUBLIC_SIZE], uint8_t id[KEY_ID_SIZE]);
