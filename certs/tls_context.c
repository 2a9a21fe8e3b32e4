// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What all sessions of one identity share. Everything that wolfSSL would choose by itself is said
 * here, because its defaults verify nothing, prefer AES-128 and issue tickets.
 */
#include <string.h>
#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#include "base/mem.h"
#include "certs/identity_parts.h"
#include "certs/tls_parts.h"

/*
 * wolfSSL gets no private key: it asks for the one signature of a handshake here, so that the key
 * stays in its locked memory.
 */
static int sign(WOLFSSL *ssl, const unsigned char *data, unsigned int len, unsigned char *signature,
		unsigned int *size, const unsigned char *no_key, unsigned int no_key_size,
		void *user)
{
	struct tls_session *session = user;
	struct err err;
	if (*size < KEY_SIGNATURE_SIZE)
		return BUFFER_E;
	if (!key_sign(session->context->key, data, len, signature, &err))
		return WC_HW_E;
	*size = KEY_SIGNATURE_SIZE;
	return 0;
}

static bool set_protocol(WOLFSSL_CTX *ctx)
{
	int groups[] = {WOLFSSL_ECC_X25519};
	return wolfSSL_CTX_SetMinVersion(ctx, WOLFSSL_TLSV1_3) == WOLFSSL_SUCCESS &&
	       wolfSSL_CTX_set_cipher_list(ctx, tls_suites(tls_cpu_has_aes())) == WOLFSSL_SUCCESS &&
	       wolfSSL_CTX_set1_sigalgs_list(ctx, "ED25519") == WOLFSSL_SUCCESS &&
	       wolfSSL_CTX_set_groups(ctx, groups, 1) == WOLFSSL_SUCCESS &&
	       wolfSSL_CTX_UseSupportedCurve(ctx, WOLFSSL_ECC_X25519) == WOLFSSL_SUCCESS;
}

static bool forbid_resumption(WOLFSSL_CTX *ctx)
{
#ifdef WOLFSSL_EARLY_DATA
	if (wolfSSL_CTX_set_max_early_data(ctx, 0) != WOLFSSL_SUCCESS)
		return false;
#endif
	return wolfSSL_CTX_set_session_cache_mode(ctx, WOLFSSL_SESS_CACHE_OFF) == WOLFSSL_SUCCESS &&
	       wolfSSL_CTX_no_ticket_TLSv13(ctx) == 0 && wolfSSL_CTX_no_dhe_psk(ctx) == 0;
}

static bool set_identity(WOLFSSL_CTX *ctx, const struct identity *identity)
{
	return wolfSSL_CTX_SetDevId(ctx, DEVICE_ID) == WOLFSSL_SUCCESS &&
	       wolfSSL_CTX_use_certificate_buffer(ctx, identity->certificate,
						  (long)identity->certificate_len,
						  WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS &&
	       wolfSSL_CTX_load_verify_buffer(ctx, identity->authority,
					      (long)identity->authority_len,
					      WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS;
}

static WOLFSSL_CTX *make(const struct identity *identity)
{
	WOLFSSL_CTX *ctx = wolfSSL_CTX_new(wolfTLSv1_3_method());
	if (!ctx)
		return NULL;
	wolfSSL_CTX_SetEd25519SignCb(ctx, sign);
	wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT,
			       tls_verify_peer);
	if (set_protocol(ctx) && forbid_resumption(ctx) && set_identity(ctx, identity))
		return ctx;
	wolfSSL_CTX_free(ctx);
	return NULL;
}

struct tls_context *tls_context_new(const struct identity *identity, struct err *err)
{
	if (!identity->certificate) {
		err_set(err, ERR_MISSING, "setting up TLS: the identity has no certificate yet");
		return NULL;
	}
	WOLFSSL_CTX *ctx = make(identity);
	if (!ctx) {
		err_set(err, ERR_UNSUPPORTED,
			"setting up TLS: wolfSSL refused the settings of a "
			"link or its certificate");
		return NULL;
	}
	struct tls_context *context = xcalloc(1, sizeof(*context));
	context->ctx = ctx;
	context->owners = 1;
	context->key = key_share(identity->key);
	context->authority_len = identity->authority_len;
	context->authority = xmalloc(identity->authority_len);
	memcpy(context->authority, identity->authority, identity->authority_len);
	return context;
}

void tls_context_free(struct tls_context **context)
{
	struct tls_context *gone = take_ptr(context);
	if (!gone || --gone->owners > 0)
		return;
	wolfSSL_CTX_free(gone->ctx);
	key_free(&gone->key);
	free(gone->authority);
	free(gone);
}
