// SPDX-License-Identifier: GPL-3.0-or-later
/* What a stranger may send to the callee's end of a link: no input without our keys gets through.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "tls_name.h"

#define NAME "spiffe://fuzz.capakit/workload/a"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tls_context *context;
	struct err err;
	if (!context)
		context = tls_name_context(NAME);
	struct tls_session *session = tls_session_new(context, TLS_SERVER, NAME, 64 * KIB, &err);
	if (!session || !buf_append(tls_in(session), data, size < 64 * KIB ? size : 64 * KIB))
		abort();
	for (int i = 0; i < 3; i++)
		if (tls_handshake(session, &err) == TLS_OK)
			abort();
	tls_session_free(&session);
	return 0;
}
