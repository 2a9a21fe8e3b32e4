// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The cipher of the secret store, apart from the database, so that what is bound to what can be
 * read and tested in one place. A nonce is 96 random bits: collisions are out of reach for the
 * number of times that a person sets a secret.
 */
#include "secrets/seal.h"

#include <gcrypt.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "secrets/key.h"

enum { NONCE = 12, TAG = 16 };
_Static_assert(NONCE + TAG == SEAL_OVERHEAD, "seal.h");

static bool failed(struct err *err, gcry_error_t code, const char *doing)
{
	return err_set(err, ERR_SYSTEM, "%s: %s", doing, gcry_strerror(code));
}

static void cipher_close(gcry_cipher_hd_t *cipher)
{
	gcry_cipher_close(*cipher);
}
#define auto_cipher __attribute__((cleanup(cipher_close)))

static bool library_ready(struct err *err)
{
	if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P))
		return true;
	if (!gcry_check_version("1.10.0"))
		return err_set(err, ERR_UNSUPPORTED, "libgcrypt is older than 1.10");
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	return true;
}

/* The place, as one digest of length-prefixed fields: no two places give the same. */
static void place_digest(const struct seal_place *place, uint8_t digest[SHA256_SIZE])
{
	auto_free char *version = xasprintf("%lld", (long long)place->version);
	struct sha256 *hash = sha256_new();

	sha256_add_field(hash, "capakit secret store 1");
	sha256_add_field(hash, place->kit);
	sha256_add_field(hash, place->name);
	sha256_add_field(hash, version);
	sha256_finish(&hash, digest);
}

static bool cipher_ready(gcry_cipher_hd_t *cipher, const struct locked *key,
			 const struct seal_place *place, const uint8_t *nonce, struct err *err)
{
	uint8_t digest[SHA256_SIZE];
	gcry_error_t code;

	if (!library_ready(err))
		return false;
	code = gcry_cipher_open(cipher, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_GCM,
				GCRY_CIPHER_SECURE);
	if (!code)
		code = gcry_cipher_setkey(*cipher, key->data, SECRET_KEY_SIZE);
	if (!code)
		code = gcry_cipher_setiv(*cipher, nonce, NONCE);
	place_digest(place, digest);
	if (!code)
		code = gcry_cipher_authenticate(*cipher, digest, sizeof(digest));
	return code ? failed(err, code, "preparing the secret store's cipher") : true;
}

bool seal_close(const struct locked *key, const struct seal_place *place, const void *value,
		size_t len, struct buf *record, struct err *err)
{
	auto_cipher gcry_cipher_hd_t cipher = NULL;
	uint8_t *out = buf_reserve(record, NONCE + len + TAG);
	gcry_error_t code;

	if (!out)
		return err_set(err, ERR_LIMIT, "a secret of %zu bytes is too long", len);
	gcry_create_nonce(out, NONCE);
	if (!cipher_ready(&cipher, key, place, out, err))
		return false;
	code = gcry_cipher_final(cipher);
	if (!code)
		code = gcry_cipher_encrypt(cipher, out + NONCE, len, value, len);
	if (!code)
		code = gcry_cipher_gettag(cipher, out + NONCE + len, TAG);
	if (code)
		return failed(err, code, "encrypting a secret");
	buf_commit(record, NONCE + len + TAG);
	return true;
}

bool seal_open(const struct locked *key, const struct seal_place *place, const uint8_t *record,
	       size_t len, struct locked *value, struct err *err)
{
	auto_cipher gcry_cipher_hd_t cipher = NULL;
	size_t plain = len - SEAL_OVERHEAD;
	gcry_error_t code;

	if (len < SEAL_OVERHEAD || plain > SECRET_VALUE_MAX)
		return err_set(err, ERR_DENIED, "the stored secret %s has a wrong length",
			       place->name);
	if (!cipher_ready(&cipher, key, place, record, err) || !locked_new(value, plain + 1, err))
		return false;
	code = gcry_cipher_final(cipher);
	if (!code)
		code = gcry_cipher_decrypt(cipher, value->data, plain, record + NONCE, plain);
	if (!code)
		code = gcry_cipher_checktag(cipher, record + NONCE + plain, TAG);
	if (!code) {
		value->len = plain;
		return true;
	}
	locked_free(value);
	return err_set(err, ERR_DENIED,
		       "the stored secret %s was changed by something else than capakit, or the "
		       "store's key was: set it again",
		       place->name);
}
