// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Public paths and endpoint paths. The workload knows only the paths of its endpoint; the host's
 * client only the public ones. This is where the two meet, both ways, as text: nothing is decoded
 * or normalised here, since the parser has refused every target that could be read in two ways.
 */
#include "sidecar/edge_map.h"

#include <string.h>
#include <strings.h>

#define OWN_ORIGIN "http://capakit.local"
#define OWN_DOMAIN "capakit.local"

struct span {
	const char *text;
	size_t len;
};

static struct span span_of(const char *text)
{
	return (struct span){text, strlen(text)};
}

static struct span span_from(struct span whole, size_t offset)
{
	return (struct span){whole.text + offset, whole.len - offset};
}

static bool span_starts_nocase(struct span span, struct span prefix)
{
	return span.len >= prefix.len && strncasecmp(span.text, prefix.text, prefix.len) == 0;
}

static bool span_is_nocase(struct span span, const char *text)
{
	return span.len == strlen(text) && strncasecmp(span.text, text, span.len) == 0;
}

static struct span trim(struct span span)
{
	while (span.len && (span.text[0] == ' ' || span.text[0] == '\t'))
		span = span_from(span, 1);
	while (span.len && (span.text[span.len - 1] == ' ' || span.text[span.len - 1] == '\t'))
		span.len--;
	return span;
}

/* Without the slash of "/", so that a prefix never ends in one. */
static struct span prefix_of(const char *path)
{
	struct span prefix = span_of(path);
	if (prefix.len == 1)
		prefix.len = 0;
	return prefix;
}

static bool ends_segment(char c)
{
	return c == '/' || c == '?' || c == '#';
}

/* Does `path` lie at or below `prefix`, by whole segments? */
static bool lies_below(struct span path, struct span prefix)
{
	if (path.len < prefix.len || memcmp(path.text, prefix.text, prefix.len) != 0)
		return false;
	return path.len == prefix.len || ends_segment(path.text[prefix.len]);
}

static bool append(struct buf *out, struct span span)
{
	return buf_append(out, span.text, span.len);
}

/*
 * `prefix` and `rest` ("", "/x", "?q", "/x?q") as one path. The root of one side is the root of the
 * other: "/" below an empty prefix is the prefix itself.
 */
static bool append_path(struct buf *out, struct span prefix, struct span rest)
{
	if (prefix.len == 0 && (rest.len == 0 || rest.text[0] != '/') && !buf_append(out, "/", 1))
		return false;
	return append(out, prefix) && append(out, rest);
}

/* What follows the slash of a path that is the root itself ("/" or "/?q"), else all of it. */
static struct span without_root(struct span rest)
{
	if (rest.len && rest.text[0] == '/' &&
	    (rest.len == 1 || rest.text[1] == '?' || rest.text[1] == '#'))
		return span_from(rest, 1);
	return rest;
}

bool edge_map_target(const struct edge_expose *expose, const char *target, size_t len,
		     struct buf *out)
{
	struct span prefix = prefix_of(expose->public_path);
	struct span rest = span_from((struct span){target, len}, prefix.len);
	if (prefix.len == 0)
		rest = without_root(rest);
	return append_path(out, prefix_of(expose->endpoint_path), rest);
}

/* What a path of the workload's puts behind the public path. */
static struct span public_rest(const struct edge_expose *expose, struct span path)
{
	struct span prefix = prefix_of(expose->endpoint_path);
	if (!lies_below(path, prefix)) // relative to the endpoint
		return without_root(path);
	struct span rest = span_from(path, prefix.len);
	return prefix.len == 0 ? without_root(rest) : rest;
}

/* Takes the origin off when `url` has it: what is left begins with "/", "?", "#" or is empty. */
static bool strip_origin(struct span *url, struct span origin)
{
	if (!span_starts_nocase(*url, origin))
		return false;
	struct span rest = span_from(*url, origin.len);
	if (rest.len >= 3 && memcmp(rest.text, ":80", 3) == 0)
		rest = span_from(rest, 3);
	if (rest.len && !ends_segment(rest.text[0]))
		return false;
	*url = rest;
	return true;
}

/* Without ":80", which strip_origin() lets be there or not. */
static struct span host_of(const char *authority)
{
	struct span host = span_of(authority);
	if (host.len > 3 && memcmp(host.text + host.len - 3, ":80", 3) == 0)
		host.len -= 3;
	return host;
}

static bool strip_own_origin(struct span *url, const char *authority)
{
	struct span scheme = span_of("http://");
	if (strip_origin(url, span_of(OWN_ORIGIN)))
		return true;
	if (!span_starts_nocase(*url, scheme))
		return false;
	struct span without_scheme = span_from(*url, scheme.len);
	if (!strip_origin(&without_scheme, host_of(authority)))
		return false;
	*url = without_scheme;
	return true;
}

/* "//host": a browser reads a backslash there as a slash. */
static bool names_host(struct span url)
{
	return url.len >= 2 && url.text[0] == '/' && (url.text[1] == '/' || url.text[1] == '\\');
}

bool edge_map_location(const struct edge_expose *expose, const char *authority, const char *value,
		       size_t len, struct buf *out)
{
	struct span url = {value, len};
	bool absolute = strip_own_origin(&url, authority);
	if (!absolute && (url.len == 0 || url.text[0] != '/' || names_host(url)))
		return append(out, url);
	struct span prefix = prefix_of(expose->public_path);
	struct span rest = public_rest(expose, url);
	bool ambiguous = prefix.len == 0 && names_host(rest); // it is a path: say whose
	if (ambiguous && !(buf_append_str(out, "http://") && buf_append_str(out, authority)))
		return false;
	return append_path(out, prefix, rest);
}

/* One attribute of a cookie, with the "; " before it. */
static bool append_attribute(const struct edge_expose *expose, struct span attribute,
			     struct buf *out)
{
	const char *equals = memchr(attribute.text, '=', attribute.len);
	size_t name_len = equals ? (size_t)(equals - attribute.text) : attribute.len;
	struct span name = trim((struct span){attribute.text, name_len});
	struct span value = {attribute.text + attribute.len, 0};
	if (equals)
		value = trim(span_from(attribute, name_len + 1));
	if (span_is_nocase(name, "domain") &&
	    (span_is_nocase(value, OWN_DOMAIN) || span_is_nocase(value, "." OWN_DOMAIN)))
		return true;
	if (!buf_append(out, ";", 1))
		return false;
	if (!span_is_nocase(name, "path") || value.len == 0 || value.text[0] != '/')
		return append(out, attribute);
	return buf_append_str(out, " Path=") &&
	       append_path(out, prefix_of(expose->public_path), public_rest(expose, value));
}

bool edge_map_cookie(const struct edge_expose *expose, const char *value, size_t len,
		     struct buf *out)
{
	struct span left = {value, len};
	for (bool first = true;; first = false) {
		const char *semicolon = memchr(left.text, ';', left.len);
		struct span part = left;
		if (semicolon)
			part.len = (size_t)(semicolon - left.text);
		if (!(first ? append(out, part) : append_attribute(expose, part, out)))
			return false;
		if (!semicolon)
			return true;
		left = span_from(left, part.len + 1);
	}
}

bool edge_map_names_path(const struct http_field *field)
{
	return field->id == HTTP_FIELD_LOCATION || field->id == HTTP_FIELD_CONTENT_LOCATION ||
	       field->id == HTTP_FIELD_SET_COOKIE;
}

bool edge_map_field(const struct edge_expose *expose, const char *authority,
		    const struct http_field *field, struct buf *out)
{
	bool cookie = field->id == HTTP_FIELD_SET_COOKIE;

	return buf_append(out, field->name.data, field->name.len) && buf_append(out, ": ", 2) &&
	       (cookie ? edge_map_cookie(expose, field->value.data, field->value.len, out)
		       : edge_map_location(expose, authority, field->value.data, field->value.len,
					   out)) &&
	       buf_append(out, "\r\n", 2);
}
