// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Private keys. wolfCrypt's whole key object lies in libgcrypt's locked pool, so that neither
 * swap nor a core file gets it; wolfSSL's TLS code never holds the key, it asks for signatures
 * (certs/tls_context.c). Randomness comes straight from the kernel: a sidecar has no /dev/urandom.
 */
#include "certs/key.h"

#include <errno.h>
#include <gcrypt.h>
#include <string.h>
#include <sys/random.h>
#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/ed25519.h>

#include "base/mem.h"
#include "base/sha256.h"

struct key {
	ed25519_key wolf;
	size_t owners;
};

static bool make_seed(uint8_t *seed, struct err *err)
{
	if (getrandom(seed, ED25519_KEY_SIZE, 0) != ED25519_KEY_SIZE)
		return err_sys(err, errno, "making a key: reading random bytes from the kernel");
	return true;
}

/* The private half is written to where it stays: first the seed, then what import makes of it. */
static bool make_pair(struct key *key, const uint8_t *seed, struct err *err)
{
	uint8_t public[KEY_PUBLIC_SIZE];
	if (wc_ed25519_init(&key->wolf) != 0)
		return err_set(err, ERR_SYSTEM, "making a key: wolfSSL's set-up failed");
	if (seed)
		memcpy(key->wolf.k, seed, ED25519_KEY_SIZE);
	else if (!make_seed(key->wolf.k, err))
		return false;
	key->wolf.privKeySet = 1;
	if (wc_ed25519_make_public(&key->wolf, public, sizeof(public)) != 0 ||
	    wc_ed25519_import_public(public, sizeof(public), &key->wolf) != 0)
		return err_set(err, ERR_SYSTEM, "making a key: deriving its public half failed");
	memcpy(key->wolf.k + ED25519_KEY_SIZE, public, sizeof(public));
	return true;
}

/* A seed that is NULL is drawn. */
static struct key *make_key(const uint8_t *seed, struct err *err)
{
	struct key *key = gcry_calloc_secure(1, sizeof(*key));
	if (!key) {
		err_set(err, ERR_LIMIT,
			"making a key: no locked memory is left; raise the limit "
			"of locked memory (ulimit -l)");
		return NULL;
	}
	key->owners = 1;
	if (!make_pair(key, seed, err))
		key_free(&key);
	return key;
}

struct key *key_new(struct err *err)
{
	return make_key(NULL, err);
}

struct key *key_of_seed(const uint8_t seed[KEY_SEED_SIZE], struct err *err)
{
	return make_key(seed, err);
}

struct key *key_share(struct key *key)
{
	key->owners++;
	return key;
}

void key_free(struct key **key)
{
	struct key *gone = take_ptr(key);
	if (!gone || --gone->owners > 0)
		return;
	wc_ed25519_free(&gone->wolf);
	wipe(gone, sizeof(*gone));
	gcry_free(gone);
}

const uint8_t *key_public(const struct key *key)
{
	return key->wolf.p;
}

bool key_sign(struct key *key, const void *data, size_t len, uint8_t signature[KEY_SIGNATURE_SIZE],
	      struct err *err)
{
	word32 size = KEY_SIGNATURE_SIZE;
	if (wc_ed25519_sign_msg(data, (word32)len, signature, &size, &key->wolf) != 0)
		return err_set(err, ERR_SYSTEM, "signing: wolfSSL refused");
	return true;
}

bool key_verify(const uint8_t public[KEY_PUBLIC_SIZE], const void *data, size_t len,
		const uint8_t signature[KEY_SIGNATURE_SIZE])
{
	ed25519_key wolf;
	int good = 0;
	if (wc_ed25519_init(&wolf) != 0)
		return false;
	bool done = wc_ed25519_import_public(public, KEY_PUBLIC_SIZE, &wolf) == 0 &&
		    wc_ed25519_verify_msg(signature, KEY_SIGNATURE_SIZE, data, (word32)len, &good,
					  &wolf) == 0;
	wc_ed25519_free(&wolf);
	return done && good == 1;
}

void key_id(const uint8_t public[KEY_PUBLIC_SIZE], uint8_t id[KEY_ID_SIZE])
{
	uint8_t digest[SHA256_SIZE];
	struct sha256 *hash = sha256_new();
	sha256_add(hash, public, KEY_PUBLIC_SIZE);
	sha256_finish(&hash, digest);
	memcpy(id, digest, KEY_ID_SIZE);
}
