// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which fields may stand behind a body. A receiver may merge trailers into the head, so a field
 * that decided anything there is no trailer: it would arrive after the checks.
 */
#include "sidecar/trailers.h"

#include <string.h>

#include "base/mem.h"

static bool may_be_trailer(struct http_text name)
{
	static const char *const heads_only[] = {
		"authorization",
		"proxy-authorization",
		"www-authenticate",
		"proxy-authenticate",
		"content-encoding",
		"content-type",
		"content-range",
		"cache-control",
		"max-forwards",
		"range",
		"age",
		"expires",
		"date",
		"vary",
		"retry-after",
		"origin",
	};

	if (http_field_id(name.data, name.len) != HTTP_FIELD_OTHER ||
	    (name.len > 3 && memcmp(name.data, "if-", 3) == 0) ||
	    (name.len > 4 && memcmp(name.data, "sec-", 4) == 0))
		return false;
	for (size_t i = 0; i < array_len(heads_only); i++)
		if (http_text_is(name, heads_only[i]))
			return false;
	return name.len > 0;
}

bool trailers_add(struct buf *lines, struct http_text name, struct http_text value)
{
	if (!may_be_trailer(name))
		return true;
	return buf_append(lines, name.data, name.len) && buf_append(lines, ": ", 2) &&
	       buf_append(lines, value.data, value.len) && buf_append(lines, "\r\n", 2);
}

static struct http_text trim(struct http_text text)
{
	while (text.len && (text.data[0] == ' ' || text.data[0] == '\t')) {
		text.data++;
		text.len--;
	}
	while (text.len && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
		text.len--;
	return text;
}

bool trailers_next(struct http_text *lines, struct http_text *name, struct http_text *value)
{
	const char *end = lines->len ? memchr(lines->data, '\r', lines->len) : NULL;
	const char *colon = end ? memchr(lines->data, ':', (size_t)(end - lines->data)) : NULL;

	if (!colon)
		return false;
	*name = (struct http_text){lines->data, (size_t)(colon - lines->data)};
	*value = trim((struct http_text){colon + 1, (size_t)(end - colon) - 1});
	lines->len -= (size_t)(end - lines->data) + 2;
	lines->data = end + 2;
	return true;
}

void trailers_filter(struct buf *lines)
{
	char copy[HTTP_TRAILER_BYTES_MAX];
	struct http_text rest = {copy, buf_len(lines)};
	struct http_text name, value;

	if (!rest.len || rest.len > sizeof(copy))
		return;
	memcpy(copy, buf_bytes(lines), rest.len);
	buf_clear(lines);
	while (trailers_next(&rest, &name, &value)) {
		char *lower = copy + (name.data - copy);

		for (size_t i = 0; i < name.len; i++)
			if (lower[i] >= 'A' && lower[i] <= 'Z')
				lower[i] = (char)(lower[i] + 32);
		if (!trailers_add(lines, name, value))
			return;
	}
}
