// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Who gets in through the edge. A page on another site can make its visitor's browser send requests
 * to loopback; it cannot choose Host, Origin or Sec-Fetch-* of them. So a request that names
 * another host (DNS rebinding), comes from another origin, or is said by the browser to be
 * cross-site is refused, before the workload sees a byte of it.
 */
#include "sidecar/admission.h"

#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

static const char *const field_names[ADMISSION_FIELDS] = {
	[ADMISSION_HOST] = "host",
	[ADMISSION_ORIGIN] = "origin",
	[ADMISSION_FETCH_SITE] = "sec-fetch-site",
	[ADMISSION_FETCH_MODE] = "sec-fetch-mode",
	[ADMISSION_FETCH_DEST] = "sec-fetch-dest",
	[ADMISSION_CORS_METHOD] = "access-control-request-method",
	[ADMISSION_CORS_HEADERS] = "access-control-request-headers",
	[ADMISSION_CORS_PRIVATE] = "access-control-request-private-network",
};

void admission_request_init(struct admission_request *request, const char *method,
			    size_t method_len)
{
	*request = (struct admission_request){.method = method, .method_len = method_len};
}

void admission_request_header(struct admission_request *request, const char *name, size_t name_len,
			      const char *value, size_t value_len)
{
	for (size_t i = 0; i < ADMISSION_FIELDS; i++) {
		if (strlen(field_names[i]) != name_len ||
		    strncasecmp(field_names[i], name, name_len) != 0)
			continue;
		request->fields[i].text = value;
		request->fields[i].len = value_len;
		request->fields[i].count++;
		return;
	}
}

static bool value_is(const struct admission_value *value, const char *text)
{
	return value->text && value->len == strlen(text) &&
	       memcmp(value->text, text, value->len) == 0;
}

static bool value_is_nocase(const struct admission_value *value, const char *text)
{
	return value->text && value->len == strlen(text) &&
	       strncasecmp(value->text, text, value->len) == 0;
}

static bool method_is(const struct admission_request *request, const char *method)
{
	return request->method_len == strlen(method) &&
	       memcmp(request->method, method, request->method_len) == 0;
}

/* "address:port" with brackets around IPv6, and without ":80" when `shortest`. */
static void own_authority(const struct admission_rules *rules, bool shortest, char *out,
			  size_t size)
{
	bool v6 = strchr(rules->address, ':') != NULL;
	int len = snprintf(out, size, "%s%s%s", v6 ? "[" : "", rules->address, v6 ? "]" : "");
	if (len > 0 && (size_t)len < size && !(shortest && rules->port == 80))
		snprintf(out + len, size - (size_t)len, ":%u", rules->port);
}

static bool host_is_own(const struct admission_rules *rules, const struct admission_value *host)
{
	char own[INET6_ADDRSTRLEN + 16];
	own_authority(rules, false, own, sizeof(own));
	if (value_is_nocase(host, own)) // an IPv6 address has letters
		return true;
	own_authority(rules, true, own, sizeof(own));
	return value_is_nocase(host, own);
}

static bool origin_is_own(const struct admission_rules *rules, const struct admission_value *origin)
{
	char own[INET6_ADDRSTRLEN + 32] = "http://";
	own_authority(rules, true, own + strlen("http://"), sizeof(own) - strlen("http://"));
	return value_is_nocase(origin, own);
}

static bool origin_is_allowed(const struct admission_rules *rules,
			      const struct admission_value *origin)
{
	if (value_is_nocase(origin, "null")) // any sandboxed frame has it
		return false;
	for (size_t i = 0; i < rules->n_allow_origins; i++) {
		size_t len = strlen(rules->allow_origins[i]);
		if (len > 0 && rules->allow_origins[i][len - 1] == '/')
			len--;
		if (len > 0 && origin->len == len &&
		    strncasecmp(origin->text, rules->allow_origins[i], len) == 0)
			return true;
	}
	return false;
}

/* A person follows a link to the app: the other site learns nothing of the answer. */
static bool is_top_level_navigation(const struct admission_request *request)
{
	return value_is(&request->fields[ADMISSION_FETCH_MODE], "navigate") &&
	       value_is(&request->fields[ADMISSION_FETCH_DEST], "document") &&
	       (method_is(request, "GET") || method_is(request, "HEAD"));
}

static const char *refuse_site(const struct admission_request *request)
{
	const struct admission_value *site = &request->fields[ADMISSION_FETCH_SITE];
	if (site->count == 0 || value_is(site, "same-origin") || value_is(site, "none"))
		return NULL;
	if (!value_is(site, "cross-site") && !value_is(site, "same-site"))
		return "Sec-Fetch-Site has a value that this server does not know\n";
	if (is_top_level_navigation(request))
		return NULL;
	return "a page of another site made this request (Sec-Fetch-Site); allow_origins of the "
	       "exposed path can let its origin in\n";
}

static const char *refuse_shape(const struct admission_rules *rules,
				const struct admission_request *request)
{
	for (size_t i = 0; i < ADMISSION_FIELDS; i++)
		if (request->fields[i].count > 1)
			return "a header field that may be there once is there several times\n";
	if (request->fields[ADMISSION_HOST].count == 0)
		return "the request has no Host\n";
	if (!host_is_own(rules, &request->fields[ADMISSION_HOST]))
		return "Host must be this app's own address and port, as capakit status shows it\n";
	return NULL;
}

static bool is_preflight(const struct admission_request *request)
{
	return method_is(request, "OPTIONS") && request->fields[ADMISSION_CORS_METHOD].count == 1;
}

void admission_decide(const struct admission_rules *rules, const struct admission_request *request,
		      struct admission_decision *decision)
{
	const struct admission_value *origin = &request->fields[ADMISSION_ORIGIN];
	*decision = (struct admission_decision){.verdict = ADMISSION_REFUSE};
	decision->reason = refuse_shape(rules, request);
	if (decision->reason)
		return;
	if (origin->count && !origin_is_own(rules, origin)) {
		if (!origin_is_allowed(rules, origin)) {
			decision->reason = "this Origin is not among allow_origins of the exposed "
					   "path\n";
			return;
		}
		decision->cors = true;
		decision->verdict = is_preflight(request) ? ADMISSION_PREFLIGHT : ADMISSION_PASS;
		return;
	}
	decision->reason = refuse_site(request);
	if (!decision->reason)
		decision->verdict = ADMISSION_PASS;
}

bool admission_uid(const uint32_t *allow_uids, size_t n_allow_uids, uint32_t uid)
{
	for (size_t i = 0; i < n_allow_uids; i++)
		if (allow_uids[i] == uid)
			return true;
	return false;
}

static bool put(struct buf *out, const char *name, const struct admission_value *value)
{
	return buf_append_str(out, name) && buf_append_str(out, ": ") &&
	       buf_append(out, value->text, value->len) && buf_append_str(out, "\r\n");
}

bool admission_preflight_headers(const struct admission_request *request, struct buf *out)
{
	const struct admission_value *fields = request->fields;
	bool done = put(out, "access-control-allow-origin", &fields[ADMISSION_ORIGIN]) &&
		    put(out, "access-control-allow-methods", &fields[ADMISSION_CORS_METHOD]) &&
		    buf_append_str(out, "access-control-max-age: 600\r\n"
					"vary: origin, access-control-request-method, "
					"access-control-request-headers\r\n");
	if (done && fields[ADMISSION_CORS_HEADERS].count)
		done = put(out, "access-control-allow-headers", &fields[ADMISSION_CORS_HEADERS]);
	if (done && value_is(&fields[ADMISSION_CORS_PRIVATE], "true"))
		done = buf_append_str(out, "access-control-allow-private-network: true\r\n");
	return done;
}

bool admission_cors_headers(const struct admission_request *request, bool has_allow_origin,
			    bool has_expose_headers, struct buf *out)
{
	bool done = buf_append_str(out, "vary: origin\r\n");
	if (done && !has_allow_origin)
		done = put(out, "access-control-allow-origin", &request->fields[ADMISSION_ORIGIN]);
	if (done && !has_expose_headers)
		done = buf_append_str(out, "access-control-expose-headers: *\r\n");
	return done;
}
