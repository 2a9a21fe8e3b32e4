// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A record of the secret store: AES-256-GCM (NIST SP 800-38D) with a random nonce, bound to its
 * place, so that a record that was changed or moved to another place does not open.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "secrets/locked.h"

#define SEAL_OVERHEAD (12 + 16) // the nonce before, the tag behind

struct seal_place { // what a record is bound to
	const char *kit;
	const char *name;
	int64_t version;
};

/* Appends nonce, ciphertext and tag to `record`, whose maximum must allow it. */
must_check bool seal_close(const struct locked *key, const struct seal_place *place,
			   const void *value, size_t len, struct buf *record, struct err *err);

/* ERR_DENIED when the record is not what was sealed at this place with this key. */
must_check bool seal_open(const struct locked *key, const struct seal_place *place,
			  const uint8_t *record, size_t len, struct locked *value, struct err *err);
