// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Debian's wolfSSL has no AES instructions: 0.18 GB/s where libgcrypt does 6.9 on the same CPU.
 * So records are sealed and opened here (certs/device.c is how wolfSSL gets to it).
 */
#include "certs/record_cipher.h"

#include "base/mem.h"

static uint64_t records;

static void drop(struct record_key *key)
{
	gcry_cipher_close(key->handle); // wipes its key schedule; NULL is fine
	wipe(key, sizeof(*key));
}

static bool use_key(struct record_key *key, const void *bytes)
{
	if (key->set && memcmp(key->key, bytes, sizeof(key->key)) == 0)
		return true;
	drop(key);
	if (gcry_cipher_open(&key->handle, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_GCM, 0) ||
	    gcry_cipher_setkey(key->handle, bytes, sizeof(key->key))) {
		drop(key);
		return false;
	}
	memcpy(key->key, bytes, sizeof(key->key));
	key->set = true;
	return true;
}

static bool begin(struct record_key *key, const struct record_job *job)
{
	return use_key(key, job->key) &&
	       !gcry_cipher_setiv(key->handle, job->nonce, RECORD_NONCE_SIZE) &&
	       !gcry_cipher_authenticate(key->handle, job->header, job->header_len);
}

bool record_seal(struct record_cipher *cipher, const struct record_job *job)
{
	gcry_cipher_hd_t *handle = &cipher->sealing.handle;
	if (!begin(&cipher->sealing, job) ||
	    gcry_cipher_encrypt(*handle, job->out, job->len, job->in, job->len) ||
	    gcry_cipher_gettag(*handle, job->tag, RECORD_TAG_SIZE))
		return false;
	records++;
	return true;
}

bool record_open(struct record_cipher *cipher, const struct record_job *job)
{
	gcry_cipher_hd_t *handle = &cipher->opening.handle;
	if (!begin(&cipher->opening, job) ||
	    gcry_cipher_decrypt(*handle, job->out, job->len, job->in, job->len))
		return false;
	if (gcry_cipher_checktag(*handle, job->tag, RECORD_TAG_SIZE)) {
		wipe(job->out, job->len);
		return false;
	}
	records++;
	return true;
}

void record_cipher_clear(struct record_cipher *cipher)
{
	drop(&cipher->sealing);
	drop(&cipher->opening);
}

uint64_t record_cipher_count(void)
{
	return records;
}
