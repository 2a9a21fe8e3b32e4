// SPDX-License-Identifier: GPL-3.0-or-later
/* What a stranger may send to the callee's end of a link: no input without our keys gets through.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "certs/authority.h"
#include "certs/tls.h"

#define NAME "spiffe://fuzz.capakit/workload/a"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct tls_context *make_context(void)
{
	struct err err;
	auto_buf struct buf request, certificate;
	time_t not_after;
	size_t len;
	buf_init(&request, X509_SIZE_MAX);
	buf_init(&certificate, X509_SIZE_MAX);
	if (!tls_init(&err))
		abort();
	struct authority *authority = authority_new("fuzz.capakit", time(NULL), &err);
	struct identity *identity = identity_new(&err);
	if (!authority || !identity || !identity_request(identity, &request, &err) ||
	    !authority_issue(authority, buf_bytes(&request), buf_len(&request), NAME, time(NULL),
			     86400, &certificate, &not_after, &err))
		abort();
	const uint8_t *root = authority_certificate(authority, &len);
	if (!identity_accept(identity, buf_bytes(&certificate), buf_len(&certificate), root, len,
			     &err))
		abort();
	struct tls_context *context = tls_context_new(identity, &err);
	identity_free(&identity);
	authority_free(&authority);
	return context;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tls_context *context;
	struct err err;
	if (!context)
		context = make_context();
	struct tls_session *session = tls_session_new(context, TLS_SERVER, NAME, 64 * KIB, &err);
	if (!session || !buf_append(tls_in(session), data, size < 64 * KIB ? size : 64 * KIB))
		abort();
	for (int i = 0; i < 3; i++)
		if (tls_handshake(session, &err) == TLS_OK)
			abort();
	tls_session_free(&session);
	return 0;
}
