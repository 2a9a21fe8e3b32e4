// SPDX-License-Identifier: GPL-3.0-or-later
/* Key files, as somebody else gave them. */
#include <stdlib.h>

#include "certs/key_pem.h"
#include "certs/tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t public[KEY_PUBLIC_SIZE];
	struct err err;

	if (!tls_init(&err))
		abort();
	struct key *key = key_read_pem((const char *)data, size, &err);

	key_free(&key);
	if (key_read_public_pem((const char *)data, size, public, &err) && size < KEY_PUBLIC_SIZE)
		abort();
	return 0;
}
