// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A client of hosts that are not ours. The chain is wolfSSL's to verify, against what this host
 * trusts; the callback sees to it that it did, since its default is to verify nothing.
 */
#include <string.h>

#include "base/mem.h"
#include "certs/tls_parts.h"

/* Forward secrecy and authenticated encryption only (RFC 9325, section 4.2). */
#define SUITES                                                                                     \
	"TLS13-AES256-GCM-SHA384:TLS13-CHACHA20-POLY1305-SHA256:TLS13-AES128-GCM-SHA256:"          \
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"                               \
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"                               \
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"
#define PROTOCOL "http/1.1"

int tls_verify_outside(int preverified, WOLFSSL_X509_STORE_CTX *store)
{
	struct tls_session *session = store->userCtx;
	session->peer_verified = preverified == 1;
	if (preverified != 1 && session->reason.code == ERR_NONE)
		err_set(&session->reason, ERR_DENIED, "the certificate of %s does not verify: %s",
			session->peer_uri,
			wolfSSL_ERR_reason_error_string((unsigned long)store->error));
	return preverified == 1;
}

bool tls_session_set_host(struct tls_session *session)
{
	WOLFSSL *ssl = session->ssl;
	const char *host = session->peer_uri;
	char protocol[] = PROTOCOL;
	return wolfSSL_check_domain_name(ssl, host) == WOLFSSL_SUCCESS &&
	       wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, host, (unsigned short)strlen(host)) ==
		       WOLFSSL_SUCCESS &&
	       wolfSSL_UseALPN(ssl, protocol, sizeof(protocol) - 1,
			       WOLFSSL_ALPN_CONTINUE_ON_MISMATCH) == WOLFSSL_SUCCESS;
}

/* A list of hundreds has one or another that wolfSSL does not take; what it is for then fails. */
static bool load(WOLFSSL_CTX *ctx, const char *pem, size_t len)
{
	return wolfSSL_CTX_load_verify_buffer_ex(
		       ctx, (const unsigned char *)pem, (long)len, WOLFSSL_FILETYPE_PEM, 0,
		       WOLFSSL_LOAD_FLAG_IGNORE_ERR | WOLFSSL_LOAD_FLAG_DATE_ERR_OKAY) ==
	       WOLFSSL_SUCCESS;
}

static WOLFSSL_CTX *make(void)
{
	WOLFSSL_CTX *ctx = wolfSSL_CTX_new(wolfSSLv23_client_method());
	if (!ctx)
		return NULL;
	wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_PEER, tls_verify_outside);
	if (wolfSSL_CTX_SetMinVersion(ctx, WOLFSSL_TLSV1_2) == WOLFSSL_SUCCESS &&
	    wolfSSL_CTX_set_cipher_list(ctx, SUITES) == WOLFSSL_SUCCESS &&
	    wolfSSL_CTX_set_session_cache_mode(ctx, WOLFSSL_SESS_CACHE_OFF) == WOLFSSL_SUCCESS &&
	    wolfSSL_CTX_SetDevId(ctx, DEVICE_ID) == WOLFSSL_SUCCESS)
		return ctx;
	wolfSSL_CTX_free(ctx);
	return NULL;
}

struct tls_context *tls_context_new_outside(const char *pem, size_t len, struct err *err)
{
	WOLFSSL_CTX *ctx = make();
	if (!ctx) {
		err_set(err, ERR_UNSUPPORTED,
			"setting up TLS to hosts outside: wolfSSL refused the settings");
		return NULL;
	}
	if (!load(ctx, pem, len)) {
		wolfSSL_CTX_free(ctx);
		err_set(err, ERR_MISSING,
			"setting up TLS to hosts outside: this host trusts no certificate "
			"authority; install the package ca-certificates");
		return NULL;
	}
	struct tls_context *context = xcalloc(1, sizeof(*context));
	context->ctx = ctx;
	context->owners = 1;
	context->outside = true;
	return context;
}
