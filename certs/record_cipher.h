// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * AES-256-GCM of TLS records through libgcrypt, which uses the CPU's vector AES. One for each
 * session and freed with it, so that no key outlives its session.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gcrypt.h>

#define RECORD_KEY_SIZE 32
#define RECORD_NONCE_SIZE 12
#define RECORD_TAG_SIZE 16

/*
 * wolfSSL says neither when it has a new key nor when one ends: each use brings its key, which is
 * compared with the last one of that direction.
 */
struct record_key {
	gcry_cipher_hd_t handle;
	uint8_t key[RECORD_KEY_SIZE];
	bool set;
};

struct record_cipher {
	struct record_key sealing;
	struct record_key opening;
};

struct record_job {
	const void *key; // RECORD_KEY_SIZE bytes
	const void *nonce;
	const void *header; // authenticated only
	size_t header_len;
	const void *in;
	void *out; // may be `in`
	size_t len;
	uint8_t *tag; // written when sealing, only read when opening
};

bool record_seal(struct record_cipher *cipher, const struct record_job *job);
/* False: forged (or no memory); nothing of the content is then in `out`. */
bool record_open(struct record_cipher *cipher, const struct record_job *job);
void record_cipher_clear(struct record_cipher *cipher); // wipes; may be called twice

uint64_t record_cipher_count(void); // records of this process that went through
