// SPDX-License-Identifier: GPL-3.0-or-later
// What a workload says in Location, Content-Location and Set-Cookie; the first byte picks the
// mapping.
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sidecar/edge_map.h"

#define OWN "127.83.1.2:50958"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An absolute path of the workload's must not become a reference to another host. */
static void check_path(const char *value, size_t len, const struct buf *out)
{
	const char *mapped = (const char *)buf_bytes(out);
	bool path = len > 0 && value[0] == '/' && !(len > 1 && strchr("/\\", value[1]));
	bool network =
		buf_len(out) > 1 && mapped[0] == '/' && (mapped[1] == '/' || mapped[1] == '\\');
	if (path && (network || !buf_len(out)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct edge_expose exposes[] = {
		{"/", "/http"}, {"/v1", "/oaic"}, {"/", "/"}, {"/app", "/"}};
	auto_buf struct buf out;
	buf_init(&out, 64 * KIB);
	if (size < 1)
		return 0;
	const struct edge_expose *expose = &exposes[data[0] % array_len(exposes)];
	auto_free char *value = xmalloc(size); // so that every byte beyond it is seen
	size_t len = size - 1;
	memcpy(value, data + 1, len);
	if (edge_map_location(expose, OWN, value, len, &out))
		check_path(value, len, &out);
	buf_clear(&out);
	(void)edge_map_cookie(expose, value, len, &out);
	buf_clear(&out);
	size_t prefix = strlen(expose->public_path) == 1 ? 0 : strlen(expose->public_path);
	if (len > 0 && value[0] == '/' && len >= prefix &&
	    memcmp(value, expose->public_path, prefix) == 0)
		(void)edge_map_target(expose, value, len, &out);
	return 0;
}
