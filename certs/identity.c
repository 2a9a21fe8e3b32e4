// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A sidecar's own key and certificate. What the keeper sends is checked as strictly as what a
 * peer shows: a certificate that peers would refuse is better refused here, where it is logged.
 */
#include "certs/identity.h"

#include <string.h>

#include "base/mem.h"
#include "certs/identity_parts.h"
#include "certs/request.h"
#include "certs/x509.h"

struct identity *identity_new(struct err *err)
{
	struct identity *identity = xcalloc(1, sizeof(*identity));
	identity->key = key_new(err);
	if (!identity->key)
		identity_free(&identity);
	return identity;
}

void identity_free(struct identity **identity)
{
	struct identity *gone = take_ptr(identity);
	if (!gone)
		return;
	key_free(&gone->key);
	free(gone->certificate);
	free(gone->authority);
	free(gone);
}

bool identity_request(struct identity *identity, struct buf *der, struct err *err)
{
	return request_write(identity->key, der, err);
}

/* `data` may be the old one itself. */
static void replace(uint8_t **old, size_t *old_len, const uint8_t *data, size_t len)
{
	uint8_t *copy = xmalloc(len);
	memcpy(copy, data, len);
	free(*old);
	*old = copy;
	*old_len = len;
}

bool identity_accept(struct identity *identity, const uint8_t *certificate, size_t certificate_len,
		     const uint8_t *authority, size_t authority_len, struct err *err)
{
	struct x509 own, issuer;
	if (!x509_read(authority, authority_len, &issuer, err) ||
	    !x509_read(certificate, certificate_len, &own, err) ||
	    !x509_issued_by(&own, &issuer, err))
		return err_prefix(err, "accepting a certificate");
	if (memcmp(own.public_key, key_public(identity->key), KEY_PUBLIC_SIZE) != 0)
		return err_set(err, ERR_PROTOCOL,
			       "accepting a certificate: it is for another key than this one");
	identity->not_before = own.not_before;
	identity->not_after = own.not_after;
	replace(&identity->certificate, &identity->certificate_len, certificate, certificate_len);
	replace(&identity->authority, &identity->authority_len, authority, authority_len);
	return true;
}

bool identity_validity(const struct identity *identity, time_t *not_before, time_t *not_after)
{
	*not_before = identity->not_before;
	*not_after = identity->not_after;
	return identity->certificate != NULL;
}

time_t identity_renew_at(time_t not_before, time_t not_after)
{
	return not_before + (not_after - not_before) / 2;
}
