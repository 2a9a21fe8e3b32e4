// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A sidecar's own identity: an Ed25519 key that never leaves the process, and the short-lived
 * certificate that the keeper issued for it. Its only name is one SAN of type URI, a SPIFFE ID
 * (https://github.com/spiffe/spiffe/blob/main/standards/X509-SVID.md).
 */
#include <stdint.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"

struct identity;

struct identity *identity_new(struct err *err); // makes the key
void identity_free(struct identity **identity);

/* A PKCS #10 request (RFC 2986) in DER, signed with the key. */
must_check bool identity_request(struct identity *identity, struct buf *der, struct err *err);

/* Takes the certificate and the authority's, both DER, after checking that they fit the key. */
must_check bool identity_accept(struct identity *identity, const uint8_t *certificate,
				size_t certificate_len, const uint8_t *authority,
				size_t authority_len, struct err *err);

/* Of the certificate that was accepted last; false when there is none yet. */
bool identity_validity(const struct identity *identity, time_t *not_before, time_t *not_after);

/* From what moment a certificate should be renewed: half of its life. Pure. */
time_t identity_renew_at(time_t not_before, time_t not_after);
