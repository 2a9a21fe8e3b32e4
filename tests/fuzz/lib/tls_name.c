// SPDX-License-Identifier: GPL-3.0-or-later
#include "tls_name.h"

#include <stdlib.h>

#include "base/limits.h"
#include "certs/authority.h"

enum { VALID_S = 86400 };

static struct authority *authority_once(void)
{
	static struct authority *authority;
	struct err err;

	if (!authority &&
	    (!tls_init(&err) || !(authority = authority_new("fuzz.capakit", time(NULL), &err))))
		abort();
	return authority;
}

struct tls_context *tls_name_context(const char *name)
{
	struct authority *authority = authority_once();
	auto_buf struct buf request = {.max = X509_SIZE_MAX};
	auto_buf struct buf certificate = {.max = X509_SIZE_MAX};
	struct err err;
	struct identity *identity = identity_new(&err);
	struct tls_context *context;
	const uint8_t *root;
	time_t not_after;
	size_t len;

	if (!identity || !identity_request(identity, &request, &err) ||
	    !authority_issue(authority, buf_bytes(&request), buf_len(&request), name, time(NULL),
			     VALID_S, &certificate, &not_after, &err))
		abort();
	root = authority_certificate(authority, &len);
	if (!identity_accept(identity, buf_bytes(&certificate), buf_len(&certificate), root, len,
			     &err))
		abort();
	context = tls_context_new(identity, &err);
	if (!context)
		abort();
	identity_free(&identity);
	return context;
}
