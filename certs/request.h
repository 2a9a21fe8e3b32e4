// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* Signing requests: PKCS #10 (RFC 2986) with an Ed25519 key. */
#include "base/buf.h"
#include "base/err.h"
#include "certs/key.h"

must_check bool request_write(struct key *key, struct buf *der, struct err *err);

/*
 * The public key of a request that is signed with the private one. Subject and attributes are
 * skipped unread: who asks is known from the channel. `public_key` points into `der`.
 */
must_check bool request_read(const uint8_t *der, size_t len, const uint8_t **public_key,
			     struct err *err);
