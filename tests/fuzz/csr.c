// SPDX-License-Identifier: GPL-3.0-or-later
/* Signing requests (sidecar to keeper) and certificates (peer to peer, keeper to sidecar). */
#include <stdlib.h>

#include "certs/request.h"
#include "certs/x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err;
	struct x509 certificate;
	const uint8_t *public_key;
	if (request_read(data, size, &public_key, &err) &&
	    (public_key < data || public_key + KEY_PUBLIC_SIZE > data + size))
		abort();
	if (!x509_read(data, size, &certificate, &err))
		return 0;
	if (!x509_uri_is_valid(certificate.uri.at, certificate.uri.left) ||
	    certificate.signature + KEY_SIGNATURE_SIZE > data + size)
		abort();
	if (x509_issued_by(&certificate, &certificate, &err))
		abort(); // nothing is both in the authority's place and in a workload's
	return 0;
}
