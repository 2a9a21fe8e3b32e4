// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A request carries a public key and the proof that its sender has the private one, and nothing
 * else that anybody would read: it comes from a sidecar, which may be taken over, to the keeper,
 * which may not.
 */
#include "certs/request.h"

#include "base/limits.h"
#include "certs/profile.h"

static bool put_content(struct buf *out, const uint8_t *public_key)
{
	size_t content = der_open(out, DER_SEQUENCE);
	return der_put(out, DER_INTEGER, &(uint8_t){0}, 1) && der_put(out, DER_SEQUENCE, "", 0) &&
	       profile_put_public_key(out, public_key) &&
	       der_put(out, DER_CONTEXT_CONSTRUCTED(0), "", 0) && der_close(out, content);
}

bool request_write(struct key *key, struct buf *der, struct err *err)
{
	auto_buf struct buf content;
	buf_init(&content, X509_SIZE_MAX);
	if (!put_content(&content, key_public(key)))
		return err_set(err, ERR_LIMIT, "writing a signing request: too large");
	return profile_put_signed(der, &content, key, err);
}

static bool take_content(struct der in, const uint8_t **public_key)
{
	struct der content, version;
	return der_take(&in, DER_SEQUENCE, &content) && der_take(&content, DER_INTEGER, &version) &&
	       der_equal(&version, "\0", 1) && der_take(&content, DER_SEQUENCE, NULL) &&
	       profile_take_public_key(&content, public_key) &&
	       der_take(&content, DER_CONTEXT_CONSTRUCTED(0), NULL) && content.left == 0;
}

bool request_read(const uint8_t *der, size_t len, const uint8_t **public_key, struct err *err)
{
	struct der content;
	const uint8_t *signature;
	if (len > X509_SIZE_MAX)
		return err_set(err, ERR_PROTOCOL, "reading a signing request: it is too large");
	if (!profile_take_signed(der, len, &content, &signature) ||
	    !take_content(content, public_key))
		return err_set(err, ERR_PROTOCOL,
			       "reading a signing request: it is not PKCS #10 with Ed25519");
	if (!key_verify(*public_key, content.at, content.left, signature))
		return err_set(err, ERR_DENIED,
			       "reading a signing request: it is not signed with the key in it");
	return true;
}
