// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The host outside is somebody else: it gets what the workload says to it, and nothing of ours. A
 * path is compared byte for byte, as everywhere (route.c).
 */
#include "sidecar/outside_rules.h"

#include <string.h>

#include "sidecar/request_head.h"
#include "sidecar/route.h"

static bool method_allowed(const struct outside_rules *rules, struct http_text method)
{
	for (size_t i = 0; i < rules->n_methods; i++)
		if (http_text_is(method, rules->methods[i]))
			return true;
	return rules->n_methods == 0;
}

static bool path_fits(const char *pattern, struct http_text path)
{
	size_t len = strlen(pattern);
	if (len > 0 && pattern[len - 1] == '*')
		return path.len >= len - 1 && memcmp(path.data, pattern, len - 1) == 0;
	return http_text_is(path, pattern);
}

static bool path_allowed(const struct outside_rules *rules, struct http_text path)
{
	for (size_t i = 0; i < rules->n_paths; i++)
		if (path_fits(rules->paths[i], path))
			return true;
	return rules->n_paths == 0;
}

const char *outside_refusal(const struct outside_rules *rules, const struct http_head *head,
			    unsigned *status)
{
	const char *why;
	*status = 400;
	if (!route_target_is_plain(head, &why))
		return why;
	*status = 403;
	if (!method_allowed(rules, head->method))
		return "the manifest allows other methods only (`methods:` of the connection)";
	if (!path_allowed(rules, route_path(head->target)))
		return "the manifest allows other paths only (`paths:` of the connection)";
	return NULL;
}

static bool passes(const struct http_field *field, const char *injected)
{
	return http_field_passes(field) && field->id != HTTP_FIELD_COOKIE &&
	       !(injected && http_text_is(field->name, injected));
}

bool outside_put_head(const struct outside_rules *rules, const struct http_head *head,
		      const char *name, struct http_text value, struct buf *out,
		      enum http_framing *framing)
{
	bool cookies = !name || strcmp(name, "cookie") != 0;
	if (!http1_put_request_line(out, head->method, head->target) ||
	    !http1_put_field(out, HTTP_TEXT("host"), http_text_of(rules->authority)))
		return false;
	for (size_t i = 0; i < head->n_fields; i++)
		if (passes(&head->fields[i], name) &&
		    !http1_put_field(out, head->fields[i].name, head->fields[i].value))
			return false;
	if (name && !http1_put_field(out, http_text_of(name), value))
		return false;
	return (!cookies || request_put_cookies(head, out)) && request_put_end(head, out, framing);
}
