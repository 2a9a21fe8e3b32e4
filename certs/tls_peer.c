// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Who the peer is. wolfSSL has verified the chain when this is called; this reads the peer's
 * certificate itself and accepts exactly one: issued directly by our authority, with the one name
 * that this link was made for. (With Ed25519, wolfSSL 5.5.4 gives no certificate afterwards.)
 */
#include <string.h>
#include <time.h>

#include "certs/tls_parts.h"
#include "certs/x509.h"

static bool check_name(const struct tls_session *session, const struct x509 *peer, struct err *err)
{
	if (der_equal(&peer->uri, session->peer_uri, strlen(session->peer_uri)))
		return true;
	return err_set(err, ERR_DENIED, "it is the one of %.*s", (int)peer->uri.left,
		       (const char *)peer->uri.at);
}

/* All but the signature, which wolfSSL verified; on its way to an error that one as well. */
static bool check(const struct tls_session *session, const WOLFSSL_BUFFER_INFO *certificate,
		  bool chain_verified, struct err *err)
{
	struct x509 peer, authority;
	const struct tls_context *context = session->context;
	return x509_read(context->authority, context->authority_len, &authority, err) &&
	       x509_read(certificate->buffer, certificate->length, &peer, err) &&
	       x509_names_issuer(&peer, &authority, err) &&
	       (chain_verified || x509_issued_by(&peer, &authority, err)) &&
	       x509_valid_at(&peer, time(NULL), err) && check_name(session, &peer, err);
}

int tls_verify_peer(int preverified, WOLFSSL_X509_STORE_CTX *store)
{
	struct tls_session *session = store->userCtx;
	struct err *err = &session->reason;
	bool good = false;
	session->peer_verified = false;
	if (store->totalCerts != 1)
		err_set(err, ERR_DENIED, "it sent %d certificates and not one", store->totalCerts);
	else if (check(session, &store->certs[0], preverified == 1, err))
		good = preverified == 1 ||
		       err_set(err, ERR_DENIED, "it does not verify: %s",
			       wolfSSL_ERR_reason_error_string((unsigned long)store->error));
	if (!good) {
		err->code = ERR_DENIED;
		err_prefix(err, "verifying the certificate of %s", session->peer_uri);
	}
	session->peer_verified = good;
	return good;
}
