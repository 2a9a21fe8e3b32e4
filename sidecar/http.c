// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The head of a message as both versions of HTTP fill it: which fields matter to a proxy, and which
 * belong to one connection only. Every request passes here twice, so names are recognised by
 * length first, then by one comparison.
 */
#include "sidecar/http.h"

#include <string.h>

#include "base/mem.h"

enum { CONNECTION_TOKENS_MAX = 32 }; // each is looked for among all fields

struct http_text http_text_of(const char *text)
{
	return (struct http_text){text, strlen(text)};
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool http_text_is_nocase(struct http_text text, const char *other)
{
	if (strlen(other) != text.len)
		return false;
	if (memcmp(text.data, other, text.len) == 0)
		return true;
	for (size_t i = 0; i < text.len; i++)
		if (lower(text.data[i]) != other[i])
			return false;
	return true;
}

struct known_field {
	const char *name; // NULL: no more
	enum http_field_id id;
};

enum { KNOWN_LEN_MAX = 17, KNOWN_OF_ONE_LEN = 6 };

/* By their length, the last of each row stays empty; also names that nearly every message has. */
static const struct known_field known_fields[KNOWN_LEN_MAX + 1][KNOWN_OF_ONE_LEN] = {
	[2] = {{"te", HTTP_FIELD_HOP}},
	[4] = {{"host", HTTP_FIELD_HOST}, {"date"}, {"etag"}, {"vary"}},
	[6] = {{"expect", HTTP_FIELD_EXPECT},
	       {"cookie", HTTP_FIELD_COOKIE},
	       {"accept"},
	       {"server"},
	       {"origin"}},
	[7] = {{"trailer", HTTP_FIELD_HOP}, {"upgrade", HTTP_FIELD_HOP}, {"referer"}},
	[8] = {{"location", HTTP_FIELD_LOCATION}},
	[9] = {{"forwarded", HTTP_FIELD_FORWARDED}, {"x-real-ip", HTTP_FIELD_FORWARDED}},
	[10] = {{"connection", HTTP_FIELD_CONNECTION},
		{"keep-alive", HTTP_FIELD_HOP},
		{"set-cookie", HTTP_FIELD_SET_COOKIE},
		{"tracestate", HTTP_FIELD_TRACESTATE},
		{"user-agent"}},
	[11] = {{"traceparent", HTTP_FIELD_TRACEPARENT}},
	[12] = {{"content-type"}},
	[13] = {{"cache-control"}, {"last-modified"}, {"authorization"}},
	[14] = {{"content-length", HTTP_FIELD_CONTENT_LENGTH},
		{"http2-settings", HTTP_FIELD_HOP},
		{"x-capakit-hops", HTTP_FIELD_HOPS}},
	[15] = {{"accept-encoding"}, {"accept-language"}},
	[16] = {{"content-location", HTTP_FIELD_CONTENT_LOCATION},
		{"proxy-connection", HTTP_FIELD_HOP}},
	[17] = {{"transfer-encoding", HTTP_FIELD_TRANSFER_ENCODING}},
};

/* NULL: not known. */
static const struct known_field *find_known(const char *name, size_t len)
{
	const struct known_field *known;

	if (len > KNOWN_LEN_MAX)
		return NULL;
	known = known_fields[len];
	while (known->name && (known->name[0] != name[0] || memcmp(known->name, name, len) != 0))
		known++;
	return known->name ? known : NULL;
}

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/*
 * Workloads behind CGI, WSGI and the like see `x_forwarded_for` and `x-forwarded-for` as one name:
 * anything that is no letter or digit counts as a dash.
 */
static bool reads_like(const char *name, size_t len, const char *prefix, size_t prefix_len)
{
	if (len < prefix_len)
		return false;
	for (size_t i = 0; i < prefix_len; i++)
		if (prefix[i] == '-' ? is_alnum(name[i]) : name[i] != prefix[i])
			return false;
	return true;
}

/* Of a name that is not known. */
static enum http_field_id id_of_family(const char *name, size_t len)
{
	if (len < 2 || name[0] != 'x' || is_alnum(name[1]))
		return HTTP_FIELD_OTHER;
	if (reads_like(name, len, "x-capakit-", 10))
		return HTTP_FIELD_CAPAKIT;
	if (reads_like(name, len, "x-forwarded-", 12) ||
	    (len == 9 && reads_like(name, len, "x-real-ip", 9)))
		return HTTP_FIELD_FORWARDED;
	return HTTP_FIELD_OTHER;
}

enum http_field_id http_field_id(const char *name, size_t len)
{
	const struct known_field *known = find_known(name, len);

	return known ? known->id : id_of_family(name, len);
}

void http_head_reset(struct http_head *head)
{
	memset(head, 0, offsetof(struct http_head, fields));
}

bool http_head_add(struct http_head *head, struct http_text name, struct http_text value)
{
	const struct known_field *known = find_known(name.data, name.len);
	struct http_field *field;

	if (head->n_fields == HTTP_HEADERS_MAX)
		return false;
	field = &head->fields[head->n_fields++];
	field->name = (struct http_text){known ? known->name : name.data, name.len};
	field->value = value;
	field->constant = known != NULL;
	field->id = known ? known->id : id_of_family(name.data, name.len);
	field->hop = field->id == HTTP_FIELD_HOP || field->id == HTTP_FIELD_CONNECTION ||
		     field->id == HTTP_FIELD_TRANSFER_ENCODING;
	return true;
}

const struct http_field *http_head_find(const struct http_head *head, const char *name)
{
	for (size_t i = 0; i < head->n_fields; i++)
		if (http_text_is(head->fields[i].name, name))
			return &head->fields[i];
	return NULL;
}

/* Fields that say who speaks and how the message ends are not dropped on a peer's word. */
static bool may_be_hop(enum http_field_id id)
{
	return id != HTTP_FIELD_HOST && id != HTTP_FIELD_CONTENT_LENGTH && id != HTTP_FIELD_HOPS &&
	       id != HTTP_FIELD_CAPAKIT;
}

static void mark_token(struct http_head *head, struct http_text token)
{
	for (size_t i = 0; i < head->n_fields; i++) {
		struct http_field *field = &head->fields[i];

		if (field->name.len != token.len || !may_be_hop(field->id))
			continue;
		for (size_t k = 0; k < token.len; k++)
			if (lower(token.data[k]) != field->name.data[k])
				goto next;
		field->hop = true;
	next:;
	}
}

/* Takes the next element off a comma-separated list; false at its end. Elements may be empty. */
static bool next_token(struct http_text *list, struct http_text *token)
{
	const char *comma;

	if (!list->data)
		return false;
	comma = memchr(list->data, ',', list->len);
	token->data = list->data;
	token->len = comma ? (size_t)(comma - list->data) : list->len;
	list->len -= token->len + (comma ? 1 : 0);
	list->data = comma ? comma + 1 : NULL;
	while (token->len && (token->data[0] == ' ' || token->data[0] == '\t')) {
		token->data++;
		token->len--;
	}
	while (token->len &&
	       (token->data[token->len - 1] == ' ' || token->data[token->len - 1] == '\t'))
		token->len--;
	return true;
}

bool http_head_mark_hops(struct http_head *head)
{
	size_t tokens = 0;

	for (size_t i = 0; i < head->n_fields; i++) {
		struct http_text list = head->fields[i].value;
		struct http_text token;

		if (head->fields[i].id != HTTP_FIELD_CONNECTION)
			continue;
		while (next_token(&list, &token)) {
			if (++tokens > CONNECTION_TOKENS_MAX)
				return false;
			if (http_text_is_nocase(token, "close"))
				head->keep_alive = false;
			else if (!http_text_is_nocase(token, "keep-alive"))
				mark_token(head, token);
			if (http_text_is_nocase(token, "upgrade"))
				head->upgrade = true;
		}
	}
	return true;
}

bool http_head_is_websocket(const struct http_head *head)
{
	const struct http_field *upgrade = NULL;

	for (size_t i = 0; i < head->n_fields; i++) {
		if (!http_text_is(head->fields[i].name, "upgrade"))
			continue;
		if (upgrade)
			return false;
		upgrade = &head->fields[i];
	}
	return upgrade && head->upgrade && head->minor >= 1 &&
	       http_text_is_nocase(upgrade->value, "websocket") &&
	       (head->status == 101 || http_text_is(head->method, "GET"));
}

bool http_method_idempotent(struct http_text method)
{
	static const char *const methods[] = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"};

	for (size_t i = 0; i < array_len(methods); i++)
		if (http_text_is(method, methods[i]))
			return true;
	return false;
}

const char *http_reason(unsigned status)
{
	static const struct {
		unsigned status;
		const char *reason;
	} reasons[] = {
		{100, "Continue"},
		{101, "Switching Protocols"},
		{103, "Early Hints"},
		{200, "OK"},
		{201, "Created"},
		{202, "Accepted"},
		{204, "No Content"},
		{206, "Partial Content"},
		{301, "Moved Permanently"},
		{302, "Found"},
		{303, "See Other"},
		{304, "Not Modified"},
		{307, "Temporary Redirect"},
		{308, "Permanent Redirect"},
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{406, "Not Acceptable"},
		{408, "Request Timeout"},
		{409, "Conflict"},
		{410, "Gone"},
		{411, "Length Required"},
		{412, "Precondition Failed"},
		{413, "Content Too Large"},
		{414, "URI Too Long"},
		{415, "Unsupported Media Type"},
		{416, "Range Not Satisfiable"},
		{417, "Expectation Failed"},
		{421, "Misdirected Request"},
		{422, "Unprocessable Content"},
		{426, "Upgrade Required"},
		{429, "Too Many Requests"},
		{431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"},
		{501, "Not Implemented"},
		{502, "Bad Gateway"},
		{503, "Service Unavailable"},
		{504, "Gateway Timeout"},
		{505, "HTTP Version Not Supported"},
		{508, "Loop Detected"},
	};

	for (size_t i = 0; i < array_len(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Unnamed";
}

bool http_response_has_body(unsigned status, bool to_head)
{
	return !to_head && status >= 200 && status != 204 && status != 304;
}

bool http_text_is_host(struct http_text text)
{
	static const char others[] = "-._~:[]%!$&'()*+;="; // RFC 3986, section 3.2.2, and the port

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!letter && !(c >= '0' && c <= '9') && !memchr(others, c, sizeof(others) - 1))
			return false;
	}
	return true;
}
