// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The certificate authority of one app run: an Ed25519 key that lives in the keeper's memory
 * alone and ends with it. It signs for the identity that a channel stands for, never for a name
 * that a request carries.
 */
#include <stdint.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"

struct authority;

/* `trust_domain` is "<app-run>.capakit"; the authority's own name is spiffe://<trust_domain>. */
struct authority *authority_new(const char *trust_domain, time_t now, struct err *err);
void authority_free(struct authority **authority); // wipes the key

/* The authority's certificate, DER, owned by it. */
const uint8_t *authority_certificate(const struct authority *authority, size_t *len);

/*
 * Verifies the request's own signature (proof of possession) and issues a certificate, DER, for
 * `uri`, valid from `now` (less 60 s for clocks) for lifetime_s seconds, for TLS client and server.
 */
must_check bool authority_issue(struct authority *authority, const uint8_t *request,
				size_t request_len, const char *uri, time_t now,
				uint32_t lifetime_s, struct buf *certificate, time_t *not_after,
				struct err *err);
