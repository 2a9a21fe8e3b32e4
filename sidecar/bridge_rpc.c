// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reading and writing the bridge's lines. Requests go through jansson, after a look at how much it
 * would have to allocate; answers are written here, since a secret must not pass through memory
 * that nobody wipes.
 */
#include "sidecar/bridge_rpc.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 16, NODES_MAX = 1024 };

/* Few values and little nesting: four megabytes of brackets would become hundreds in memory. */
static bool is_modest(const char *line, size_t len)
{
	size_t depth = 0, nodes = 0;
	bool in_string = false;

	for (size_t i = 0; i < len; i++) {
		char c = line[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
			continue;
		}
		in_string = c == '"';
		if (c == '[' || c == '{')
			depth++;
		else if ((c == ']' || c == '}') && depth)
			depth--;
		nodes += c == ',' || c == '[' || c == '{';
		if (depth > DEPTH_MAX || nodes > NODES_MAX)
			return false;
	}
	return true;
}

static void invalid(struct bridge_request *request, const char *code, const char *message)
{
	request->op = BRIDGE_INVALID;
	request->code = code;
	request->message = message;
}

static bool copy_string(const json_t *value, char *to, size_t max)
{
	size_t len = json_string_length(value);

	if (!json_is_string(value) || len > max || strlen(json_string_value(value)) != len)
		return false;
	memcpy(to, json_string_value(value), len + 1);
	return true;
}

static bool take_id(const json_t *id, struct bridge_request *request)
{
	if (!json_is_integer(id))
		return copy_string(id, request->id, BRIDGE_ID_MAX);
	snprintf(request->id, sizeof(request->id), "%lld", (long long)json_integer_value(id));
	return true;
}

static void take_secret(const json_t *params, struct bridge_request *request)
{
	const json_t *name = json_object_get(params, "secret_mid");

	if (!name)
		name = json_object_get(params, "secret_key");
	if (!name || !copy_string(name, request->secret, SECRET_NAME_MAX) || !request->secret[0])
		invalid(request, "InvalidRequest",
			"resolve_secret needs params.secret_mid, the name of a secret");
	else
		request->op = BRIDGE_RESOLVE_SECRET;
}

static void take_request(const json_t *root, struct bridge_request *request)
{
	const char *op = json_string_value(json_object_get(root, "op"));

	if (!take_id(json_object_get(root, "id"), request))
		invalid(request, "InvalidRequest", "a request needs an id: a string");
	else if (!op)
		invalid(request, "InvalidRequest", "a request needs an op: a string");
	else if (strcmp(op, "resolve_secret") == 0)
		take_secret(json_object_get(root, "params"), request);
	else if (strcmp(op, "workload_ready") == 0)
		request->op = BRIDGE_WORKLOAD_READY;
	else
		invalid(request, "UnknownOperation",
			"this bridge knows resolve_secret and workload_ready");
}

void bridge_parse(const char *line, size_t len, struct bridge_request *request)
{
	json_error_t error;
	json_t *root;

	memset(request, 0, sizeof(*request));
	if (!is_modest(line, len)) {
		invalid(request, "InvalidRequest", "a request with too many values");
		return;
	}
	root = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	if (json_is_object(root))
		take_request(root, request);
	else
		invalid(request, "InvalidRequest", "each line must be one JSON object");
	json_decref(root);
}

/* The length of the UTF-8 character that begins here, or 0 (Unicode 15, table 3-7). */
static size_t utf8_length(const uint8_t *text, size_t len)
{
	uint8_t first = text[0];
	size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	if ((first >= 0x80 && first < 0xc2) || first > 0xf4 || size > len)
		return 0;
	for (size_t i = 1; i < size; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	if ((first == 0xe0 && text[1] < 0xa0) || (first == 0xed && text[1] > 0x9f) ||
	    (first == 0xf0 && text[1] < 0x90) || (first == 0xf4 && text[1] > 0x8f))
		return 0;
	return size;
}

static bool put_char(struct buf *out, const uint8_t *text, size_t size)
{
	static const char hex[] = "0123456789abcdef";
	char escaped[] = {'\\', 'u', '0', '0', hex[text[0] >> 4], hex[text[0] & 15]};

	if (size == 1 && (text[0] == '"' || text[0] == '\\'))
		return buf_append(out, "\\", 1) && buf_append(out, text, 1);
	if (size == 1 && (text[0] < 0x20 || text[0] == 0x7f))
		return buf_append(out, escaped, sizeof(escaped));
	return buf_append(out, text, size);
}

static bool put_string(struct buf *out, const void *data, size_t len)
{
	const uint8_t *text = data;
	size_t size;

	if (!buf_append(out, "\"", 1))
		return false;
	for (size_t i = 0; i < len; i += size) {
		size = utf8_length(text + i, len - i);
		if (!size || !put_char(out, text + i, size))
			return false;
	}
	return buf_append(out, "\"", 1);
}

static bool put_id(struct buf *out, const char *id)
{
	return buf_append_str(out, "{\"id\":") && put_string(out, id, strlen(id));
}

bool bridge_put_done(struct buf *out, const char *id)
{
	return put_id(out, id) && buf_append_str(out, ",\"ok\":{}}\n");
}

bool bridge_put_value(struct buf *out, const char *id, const void *value, size_t len)
{
	return put_id(out, id) && buf_append_str(out, ",\"ok\":{\"value\":") &&
	       put_string(out, value, len) && buf_append_str(out, "}}\n");
}

bool bridge_put_error(struct buf *out, const char *id, const char *code, const char *message,
		      bool retryable)
{
	return put_id(out, id) && buf_append_str(out, ",\"error\":{\"code\":") &&
	       put_string(out, code, strlen(code)) && buf_append_str(out, ",\"message\":") &&
	       put_string(out, message, strlen(message)) &&
	       buf_append_str(out, retryable ? ",\"options\":{\"retryable\":true}}}\n"
					     : ",\"options\":{\"retryable\":false}}}\n");
}

size_t bridge_value_size(const char *id, size_t len)
{
	return 64 + 6 * (strlen(id) + len);
}
