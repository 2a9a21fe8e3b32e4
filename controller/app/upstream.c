// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reads the proxy variables. A proxy that cannot be used is an error and not left out: going past
 * it would reach what the host's owner keeps behind it, or nothing at all.
 */
#include "controller/app/upstream.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"

#define SCHEME "http://"
#define UPSTREAM_HOST_MAX 255

struct span {
	const char *text;
	size_t len;
};

static char *base64(const uint8_t *data, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *text = xcalloc((len + 2) / 3 * 4 + 1, 1);
	char *out = text;
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t bits = (uint32_t)data[i] << 16 |
				(left > 1 ? (uint32_t)data[i + 1] << 8 : 0) |
				(left > 2 ? data[i + 2] : 0);
		*out++ = digits[bits >> 18];
		*out++ = digits[bits >> 12 & 63];
		*out++ = left > 1 ? digits[bits >> 6 & 63] : '=';
		*out++ = left > 2 ? digits[bits & 63] : '=';
	}
	return text;
}

/* "user:password", each percent-encoded, as the value of Proxy-Authorization (RFC 7617). */
static char *authorization_of(struct span user)
{
	auto_free char *plain = xcalloc(user.len + 2, 1);
	size_t len = 0;
	for (size_t i = 0; i < user.len; i++) {
		uint64_t byte;
		if (user.text[i] == '%' && i + 2 < user.len &&
		    num_parse_hex(user.text + i + 1, 2, UINT8_MAX, &byte)) {
			plain[len++] = (char)byte;
			i += 2;
		} else {
			plain[len++] = user.text[i];
		}
	}
	if (!memchr(user.text, ':', user.len))
		plain[len++] = ':'; // no password
	auto_free char *encoded = base64((const uint8_t *)plain, len);
	explicit_bzero(plain, len);
	return xasprintf("Basic %s", encoded);
}

/* A name or IPv4, or IPv6 in brackets. */
static bool is_host(struct span host)
{
	if (host.len > 2 && host.text[0] == '[' && host.text[host.len - 1] == ']') {
		for (size_t i = 1; i + 1 < host.len; i++)
			if (!isxdigit((unsigned char)host.text[i]) && !strchr(":.", host.text[i]))
				return false;
		return host.len <= UPSTREAM_HOST_MAX;
	}
	for (size_t i = 0; i < host.len; i++)
		if (!isalnum((unsigned char)host.text[i]) && !strchr(".-_", host.text[i]))
			return false;
	return host.len > 0 && host.len <= UPSTREAM_HOST_MAX;
}

/* Without a scheme it is http. */
static bool parse_url(const char *variable, const char *url, struct upstream *upstream,
		      struct err *err)
{
	const char *scheme_end = strstr(url, "://");
	if (scheme_end && strncasecmp(url, SCHEME, strlen(SCHEME)) != 0)
		return err_set(err, ERR_UNSUPPORTED,
			       "%s names a proxy that is not http://; phases with network can go "
			       "through an HTTP proxy only",
			       variable);
	struct span rest = {scheme_end ? scheme_end + 3 : url, 0};
	rest.len = strcspn(rest.text, "/?#");
	const char *at = memrchr(rest.text, '@', rest.len);
	if (at) {
		upstream->authorization =
			authorization_of((struct span){rest.text, (size_t)(at - rest.text)});
		rest.len -= (size_t)(at + 1 - rest.text);
		rest.text = at + 1;
	}
	const char *close = memchr(rest.text, ']', rest.len);
	size_t bracketed = close ? (size_t)(close - rest.text) : 0;
	const char *colon = memchr(rest.text + bracketed, ':', rest.len - bracketed);
	struct span host = {rest.text, colon ? (size_t)(colon - rest.text) : rest.len};
	uint64_t port = 80;
	if (!is_host(host) ||
	    (colon &&
	     (!num_parse_u64(colon + 1, rest.len - host.len - 1, UINT16_MAX, &port) || port == 0)))
		return err_set(err, ERR_USAGE,
			       "%s is no URL of the form http://[USER:PASSWORD@]HOST[:PORT]",
			       variable);
	upstream->host = xstrndup(host.text, host.len);
	upstream->port = (uint16_t)port;
	return true;
}

/* What an entry means is the egress sidecar's to say. */
static bool parse_direct(const char *list, struct upstreams *upstreams, struct err *err)
{
	for (const char *at = list; *at;) {
		size_t len = strcspn(at, ", ");
		if (len > 0 && upstreams->n_direct == EGRESS_UPSTREAM_DIRECT_MAX)
			return err_set(err, ERR_LIMIT, "NO_PROXY has more than %d entries",
				       EGRESS_UPSTREAM_DIRECT_MAX);
		if (len > 0) {
			upstreams->direct = xreallocarray(upstreams->direct,
							  upstreams->n_direct + 1, sizeof(char *));
			upstreams->direct[upstreams->n_direct++] = xstrndup(at, len);
		}
		at += len;
		at += strspn(at, ", ");
	}
	return true;
}

static bool is_set(const char *value)
{
	return value && *value;
}

bool upstreams_parse(const struct upstream_variables *variables, struct upstreams *upstreams,
		     struct err *err)
{
	*upstreams = (struct upstreams){0};
	const char *http = is_set(variables->http) ? variables->http : variables->all;
	const char *https = is_set(variables->https) ? variables->https : variables->all;
	if (is_set(http) && !parse_url("HTTP_PROXY", http, &upstreams->http, err))
		return false;
	if (is_set(https) && !parse_url("HTTPS_PROXY", https, &upstreams->https, err))
		return false;
	return !is_set(variables->no) || parse_direct(variables->no, upstreams, err);
}

static const char *variable(const char *lower, const char *upper)
{
	const char *value = getenv(lower);
	return is_set(value) ? value : getenv(upper);
}

bool upstreams_from_environment(struct upstreams *upstreams, struct err *err)
{
	const struct upstream_variables variables = {
		.http = variable("http_proxy", "HTTP_PROXY"),
		.https = variable("https_proxy", "HTTPS_PROXY"),
		.all = variable("all_proxy", "ALL_PROXY"),
		.no = variable("no_proxy", "NO_PROXY"),
	};
	return upstreams_parse(&variables, upstreams, err);
}

static void free_one(struct upstream *upstream)
{
	free(upstream->host);
	if (upstream->authorization)
		explicit_bzero(upstream->authorization, strlen(upstream->authorization));
	free(upstream->authorization);
}

void upstreams_free(struct upstreams *upstreams)
{
	free_one(&upstreams->http);
	free_one(&upstreams->https);
	for (size_t i = 0; i < upstreams->n_direct; i++)
		free(upstreams->direct[i]);
	free(upstreams->direct);
	*upstreams = (struct upstreams){0};
}
