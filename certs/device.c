// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The bridge from wolfSSL to libgcrypt's cipher and to getrandom(2): a sidecar has no /dev/urandom.
 * Everything else that wolfSSL asks for is "unavailable": then it does the work itself.
 */
#include "certs/device.h"

#include <sys/random.h>
#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/cryptocb.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

static struct record_cipher *current;

void device_enter(struct record_cipher *cipher)
{
	current = cipher;
}

void device_leave(void)
{
	current = NULL;
}

static bool fits(const Aes *aes, word32 nonce, word32 tag)
{
	return current && aes->keylen == RECORD_KEY_SIZE && nonce == RECORD_NONCE_SIZE &&
	       tag == RECORD_TAG_SIZE;
}

static int seal(wc_CryptoInfo *info)
{
	__typeof__(info->cipher.aesgcm_enc) *ask = &info->cipher.aesgcm_enc;
	if (!fits(ask->aes, ask->ivSz, ask->authTagSz))
		return CRYPTOCB_UNAVAILABLE;
	const struct record_job job = {
		.key = ask->aes->devKey,
		.nonce = ask->iv,
		.header = ask->authIn,
		.header_len = ask->authInSz,
		.in = ask->in,
		.out = ask->out,
		.len = ask->sz,
		.tag = ask->authTag,
	};
	return record_seal(current, &job) ? 0 : MEMORY_E;
}

static int unseal(wc_CryptoInfo *info)
{
	__typeof__(info->cipher.aesgcm_dec) *ask = &info->cipher.aesgcm_dec;
	uint8_t tag[RECORD_TAG_SIZE];
	if (!fits(ask->aes, ask->ivSz, ask->authTagSz))
		return CRYPTOCB_UNAVAILABLE;
	memcpy(tag, ask->authTag, sizeof(tag));
	const struct record_job job = {
		.key = ask->aes->devKey,
		.nonce = ask->iv,
		.header = ask->authIn,
		.header_len = ask->authInSz,
		.in = ask->in,
		.out = ask->out,
		.len = ask->sz,
		.tag = tag,
	};
	return record_open(current, &job) ? 0 : AES_GCM_AUTH_E;
}

static int seed(wc_CryptoInfo *info)
{
	ssize_t got = getrandom(info->seed.seed, info->seed.sz, 0);
	return got == (ssize_t)info->seed.sz ? 0 : RNG_FAILURE_E;
}

static int device(int id, wc_CryptoInfo *info, void *unused)
{
	if (info->algo_type == WC_ALGO_TYPE_CIPHER && info->cipher.type == WC_CIPHER_AES_GCM)
		return info->cipher.enc ? seal(info) : unseal(info);
	if (info->algo_type == WC_ALGO_TYPE_SEED)
		return seed(info);
	return CRYPTOCB_UNAVAILABLE;
}

bool device_register(struct err *err)
{
	if (wc_CryptoCb_RegisterDevice(DEVICE_ID, device, NULL) != 0)
		return err_set(err, ERR_SYSTEM,
			       "setting up TLS: wolfSSL has no slot left for the "
			       "record cipher");
	return true;
}
