// SPDX-License-Identifier: GPL-3.0-or-later
/* Request targets: what passes must be what any server reads below the endpoint. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "sidecar/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Decodes once; %2f stays. */
static size_t decode(char *path, size_t len)
{
	size_t out = 0;

	for (size_t i = 0; i < len; i++) {
		uint64_t value;

		if (path[i] == '%' && i + 2 < len && num_parse_hex(path + i + 1, 2, 255, &value) &&
		    value != '/') {
			path[out++] = (char)value;
			i += 2;
		} else {
			path[out++] = path[i];
		}
	}
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = {"/oaic"};
	static struct http_head head;
	struct route_decision decision;
	struct route_table table;
	auto_free char *copy = xmalloc(size + 1);
	struct http_text path;
	size_t len;

	head.form = size && data[0] == '/' ? HTTP_TARGET_ORIGIN : HTTP_TARGET_ABSOLUTE;
	head.target = (struct http_text){(const char *)data, size};
	route_table_init(&table, paths, 1);
	route_decide(&table, &head, &decision);
	route_table_free(&table);
	if (decision.verdict != ROUTE_PASS)
		return 0;
	path = route_path(head.target);
	memcpy(copy, path.data, path.len);
	len = path.len;
	for (int times = 0; times < 3; times++)
		len = decode(copy, len);
	copy[len] = '\0';
	if (strlen(copy) != len || strncmp(copy, "/oaic", 5) != 0 || strchr(copy, '\\') ||
	    strstr(copy, "/../") || strstr(copy, "//") ||
	    (len >= 3 && !strcmp(copy + len - 3, "/..")))
		abort();
	return 0;
}
