// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The one certificate profile of this project (docs/trust.md): X.509 v3 (RFC 5280), Ed25519
 * (RFC 8410), an authority directly above the leaves, exactly one name, a URI. The reader takes
 * this profile and nothing else, an extension it does not know included.
 */
#include <stdbool.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "certs/der.h"
#include "certs/key.h"

/* What was read points into the bytes that were given. */
struct x509 {
	bool authority;
	const uint8_t *public_key; // KEY_PUBLIC_SIZE bytes
	const uint8_t *key_id;	   // KEY_ID_SIZE bytes each
	const uint8_t *issuer_key_id;
	struct der issuer;
	struct der subject;
	struct der uri; // of the alphabet that x509_uri_is_valid allows
	time_t not_before;
	time_t not_after; // inclusive
	struct der signed_part;
	const uint8_t *signature; // KEY_SIGNATURE_SIZE bytes
};

must_check bool x509_read(const uint8_t *der, size_t len, struct x509 *certificate,
			  struct err *err);

/* Name and key identifier say that `authority` issued this; x509_issued_by: the signature too. */
must_check bool x509_names_issuer(const struct x509 *certificate, const struct x509 *authority,
				  struct err *err);
must_check bool x509_issued_by(const struct x509 *certificate, const struct x509 *authority,
			       struct err *err);
must_check bool x509_valid_at(const struct x509 *certificate, time_t now, struct err *err);

/* "spiffe://" and what a SPIFFE ID may have after it, within X509_URI_MAX. */
bool x509_uri_is_valid(const void *uri, size_t len);

struct x509_template {
	bool authority;		   // else a leaf
	const uint8_t *public_key; // of the subject; an authority's issuer is itself
	const uint8_t *issuer_public_key;
	struct der names; // what is inside of the subject alternative names' sequence
	time_t not_before;
	time_t not_after;
};

/* One name of type URI, for the template. */
must_check bool x509_put_uri(struct buf *names, const char *uri);

/* Signed with the issuer's key, with a random serial number. Appends to `der`. */
must_check bool x509_write(const struct x509_template *template, struct key *issuer,
			   struct buf *der, struct err *err);
