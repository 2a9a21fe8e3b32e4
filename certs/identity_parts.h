// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What an identity is made of, for certs/ alone. */
#include "certs/identity.h"
#include "certs/key.h"

struct identity {
	struct key *key;
	uint8_t *certificate; // DER; NULL until it was accepted
	size_t certificate_len;
	uint8_t *authority;
	size_t authority_len;
	time_t not_before;
	time_t not_after;
};
