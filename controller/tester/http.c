// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * libcurl and not a client of our own: what a workload sends is hostile, and this parser has been
 * attacked for decades. The only file that includes it, in the only program that links it.
 */
#include "controller/tester/http.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"
#include "controller/tester/value.h"

enum { POLL_MS = 1000 }; // nothing depends on it: events wake it

struct http_client {
	CURLM *multi; // made here, since curl_easy_perform would want sockets for it later
	CURL *curl;
	char *socket;
	char error[CURL_ERROR_SIZE];
};

struct transfer {
	const struct http_request *request;
	struct http_reply *reply;
	size_t received;
	size_t head_bytes;
	bool too_large; // more than TEST_REPLY_MAX, or twice HTTP_HEADER_BYTES_MAX of heads
	bool stopped;	// on_events has enough
};

struct http_client *http_client_new(const char *socket)
{
	struct http_client *client = xcalloc(1, sizeof(*client));

	client->curl = curl_easy_init();
	client->multi = curl_multi_init();
	if (!client->curl || !client->multi)
		abort();
	client->socket = xstrdup(socket);
	return client;
}

void http_client_free(struct http_client **pointer)
{
	struct http_client *client = take_ptr(pointer);

	if (!client)
		return;
	curl_easy_cleanup(client->curl);
	curl_multi_cleanup(client->multi);
	free(client->socket);
	free(client);
}

/* ---- the reply ---- */

static void add_header(json_t *headers, const char *name, json_t *value)
{
	json_t *before = json_object_get(headers, name);

	if (before) {
		auto_free char *both =
			xasprintf("%s, %s", json_string_value(before), json_string_value(value));
		json_object_set_new(headers, name, value_from_bytes(both, strlen(both)));
		json_decref(value);
	} else {
		json_object_set_new(headers, name, value);
	}
}

static size_t trimmed(const char **text, size_t len)
{
	while (len && strchr(" \t\r\n", **text)) {
		++*text;
		len--;
	}
	while (len && strchr(" \t\r\n", (*text)[len - 1]))
		len--;
	return len;
}

/* A status line begins a new head: what came before was an interim response. */
static size_t on_header(char *line, size_t size, size_t count, void *owner)
{
	struct transfer *transfer = owner;
	size_t len = size * count;
	const char *colon = memchr(line, ':', len);

	transfer->head_bytes += len;
	transfer->too_large = transfer->head_bytes > 2 * HTTP_HEADER_BYTES_MAX;
	if (transfer->too_large)
		return CURL_WRITEFUNC_ERROR;
	if (len >= 5 && memcmp(line, "HTTP/", 5) == 0)
		json_object_clear(transfer->reply->headers);
	else if (colon && !memchr(line, '\0', len)) {
		const char *value = colon + 1;
		size_t value_len = trimmed(&value, len - (size_t)(value - line));
		auto_free char *name = xstrndup(line, (size_t)(colon - line));

		for (char *c = name; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		add_header(transfer->reply->headers, name, value_from_bytes(value, value_len));
	}
	return len;
}

static bool says_event_stream(const struct http_reply *reply)
{
	const char *type = json_string_value(json_object_get(reply->headers, "content-type"));

	return type && strncasecmp(type, "text/event-stream", 17) == 0;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *owner)
{
	struct transfer *transfer = owner;
	struct http_reply *reply = transfer->reply;
	size_t len = size * count;

	transfer->received += len;
	transfer->too_large = transfer->received > TEST_REPLY_MAX;
	if (transfer->too_large)
		return CURL_WRITEFUNC_ERROR;
	reply->is_event_stream = transfer->request->on_events && says_event_stream(reply);
	if (!reply->is_event_stream)
		return buf_append(&reply->body, bytes, len) ? len : CURL_WRITEFUNC_ERROR;
	transfer->stopped = !transfer->request->on_events(transfer->request->owner, bytes, len);
	return transfer->stopped ? CURL_WRITEFUNC_ERROR : len;
}

/* ---- the request ---- */

static struct curl_slist *header_list(const char *const *headers)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:"); // curl's own is not wanted

	for (size_t i = 0; headers && headers[i]; i++) {
		/* "Name;" is how curl is told of a header without a value. */
		size_t len = strlen(headers[i]);
		bool empty = len >= 2 && strcmp(headers[i] + len - 2, ": ") == 0;
		auto_free char *line =
			empty ? xasprintf("%.*s;", (int)len - 2, headers[i]) : xstrdup(headers[i]);
		list = curl_slist_append(list, line);
	}
	if (!list)
		abort();
	return list;
}

static void set_request(CURL *curl, const struct http_request *request)
{
	bool is_head = str_eq(request->method, "HEAD");

	curl_easy_setopt(curl, CURLOPT_URL, request->url);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, is_head ? NULL : request->method);
	curl_easy_setopt(curl, CURLOPT_NOBODY, is_head ? 1L : 0L);
	if (!request->body)
		return;
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
}

static void set_manners(struct http_client *client)
{
	CURL *curl = client->curl;

	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "capakit-test");
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, client->error);
	if (client->socket)
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, client->socket);
	else // an app has no other address
		curl_easy_setopt(curl, CURLOPT_IPRESOLVE, (long)CURL_IPRESOLVE_V4);
}

static bool explain(const struct http_client *client, const struct transfer *transfer,
		    CURLcode code, struct err *err)
{
	if (code == CURLE_OK || transfer->stopped)
		return true;
	if (transfer->too_large)
		return err_set(err, ERR_LIMIT, "the reply is larger than %zu bytes",
			       TEST_REPLY_MAX);
	return err_set(err, ERR_PROTOCOL, "there is no whole reply: %s",
		       *client->error ? client->error : curl_easy_strerror(code));
}

static CURLcode perform(struct http_client *client)
{
	CURLMcode code = curl_multi_add_handle(client->multi, client->curl);
	CURLcode result = CURLE_FAILED_INIT;
	int running = 1, left;

	while (code == CURLM_OK && running) {
		code = curl_multi_perform(client->multi, &running);
		if (code == CURLM_OK && running)
			code = curl_multi_poll(client->multi, NULL, 0, POLL_MS, NULL);
	}
	for (CURLMsg *message; (message = curl_multi_info_read(client->multi, &left));)
		if (message->msg == CURLMSG_DONE)
			result = message->data.result;
	curl_multi_remove_handle(client->multi, client->curl);
	return result;
}

bool http_send(struct http_client *client, const struct http_request *request,
	       struct http_reply *reply, struct err *err)
{
	struct transfer transfer = {.request = request, .reply = reply};
	struct curl_slist *headers = header_list(request->headers);
	CURL *curl = client->curl;

	*reply = (struct http_reply){.headers = json_object()};
	buf_init(&reply->body, TEST_REPLY_MAX);
	*client->error = '\0';
	curl_easy_reset(curl); // keeps its connections
	set_manners(client);
	set_request(curl, request);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
	CURLcode code = perform(client);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply->status);
	curl_slist_free_all(headers);
	return explain(client, &transfer, code, err);
}

void http_reply_clear(struct http_reply *reply)
{
	json_decref(reply->headers);
	buf_free(&reply->body);
	reply->headers = NULL;
}
