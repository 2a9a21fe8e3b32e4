// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * How MCP's messages are carried: each of ours is a POST; the answer is its body, or comes in an
 * event stream, among the server's own requests and notifications. A stream that ends before the
 * answer is taken up again with a GET, from the last event that had an id.
 */
#include "controller/tester/mcp.h"

#include <time.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/tester/mcp_message.h"
#include "controller/tester/sse.h"
#include "controller/tester/value.h"

enum { INITIALIZE_ID = 1, CALL_ID = 2 };

#define RESUME_DEFAULT_MS 1000 // when the server does not say

struct session {
	struct http_client *client;
	struct http_client *second; // for what is said while a stream is being read
	const char *url;
	char *id;      // Mcp-Session-Id, as the header line
	char *version; // MCP-Protocol-Version, as the header line
};

/* One request of ours until its answer. */
struct wait {
	struct session *session;
	int id;
	json_t *answer;
	struct sse events;
};

static bool is_good(long status)
{
	return status >= 200 && status < 300;
}

static bool explain_status(const struct session *session, const struct http_reply *reply,
			   struct err *err)
{
	json_t *body = value_from_bytes(buf_bytes(&reply->body), buf_len(&reply->body));
	auto_free char *text = value_text(body, 200);

	json_decref(body);
	return err_set(err, ERR_PROTOCOL, "status %ld%s: %s", reply->status,
		       reply->status == 404 && session->id ? ", which ends the session" : "", text);
}

/* Lines that every request has after the first one; `lines` has room for 6. */
static void put_headers(const struct session *session, const char **lines, const char *last_event)
{
	size_t n = 0;

	lines[n++] = "Accept: application/json, text/event-stream";
	if (!last_event)
		lines[n++] = "Content-Type: application/json";
	else
		lines[n++] = last_event;
	if (session->id)
		lines[n++] = session->id;
	if (session->version)
		lines[n++] = session->version;
	lines[n] = NULL;
}

/* ---- what comes ---- */

/* The server wants to know something in the middle of a stream; whether it takes our answer is its
 * own concern. */
static void answer_request(struct session *session, const json_t *request)
{
	json_t *answer = mcp_answer(request);
	auto_free char *body = json_dumps(answer, JSON_COMPACT);
	const char *headers[6];
	struct http_request post = {.method = "POST", .url = session->url, .headers = headers};
	struct http_reply reply;
	struct err ignored;

	json_decref(answer);
	put_headers(session, headers, NULL);
	post.body = body;
	post.body_len = strlen(body);
	(void)!http_send(session->second, &post, &reply, &ignored);
	http_reply_clear(&reply);
}

static void take_message(struct wait *wait, json_t *message)
{
	switch (mcp_kind_of(message, wait->id)) {
	case MCP_ANSWER:
		if (!wait->answer)
			wait->answer = json_incref(message);
		break;
	case MCP_REQUEST:
		answer_request(wait->session, message);
		break;
	case MCP_OTHER:
		break;
	}
}

/* A message, or, as 2025-03-26 has it, a list of them. */
static void take_bytes(struct wait *wait, const char *bytes, size_t len)
{
	json_t *value = value_from_json(bytes, len);

	if (json_is_object(value))
		take_message(wait, value);
	for (size_t i = 0; i < json_array_size(value) && !wait->answer; i++)
		take_message(wait, json_array_get(value, i));
	json_decref(value);
}

static bool on_event(void *owner, const char *data, size_t len)
{
	struct wait *wait = owner;

	take_bytes(wait, data, len);
	return !wait->answer;
}

static bool on_events(void *owner, const char *bytes, size_t len)
{
	struct wait *wait = owner;

	return sse_feed(&wait->events, bytes, len, on_event, wait);
}

/* ---- what goes ---- */

static void pause_ms(uint64_t ms)
{
	nanosleep(&(struct timespec){.tv_sec = (time_t)(ms / 1000),
				     .tv_nsec = (long)(ms % 1000) * 1000000},
		  NULL);
}

/* Takes a stream up where it ended. */
static bool resume(struct wait *wait, struct err *err)
{
	auto_free char *last = xasprintf("Last-Event-ID: %s", wait->events.last_id);
	const char *headers[6];
	struct http_request get = {.method = "GET",
				   .url = wait->session->url,
				   .headers = headers,
				   .on_events = on_events,
				   .owner = wait};
	struct http_reply reply;

	pause_ms(wait->events.retry_ms ? wait->events.retry_ms : RESUME_DEFAULT_MS);
	put_headers(wait->session, headers, last);
	bool ok = http_send(wait->session->client, &get, &reply, err) &&
		  ((is_good(reply.status) && reply.is_event_stream) ||
		   explain_status(wait->session, &reply, err));
	http_reply_clear(&reply);
	return ok;
}

static bool resume_until_answered(struct wait *wait, struct err *err)
{
	for (int i = 0; !wait->answer && i < TEST_STREAM_RESUMES_MAX; i++) {
		if (!*wait->events.last_id)
			return err_set(err, ERR_PROTOCOL,
				       "the event stream ended without the answer");
		if (!resume(wait, err))
			return err_prefix(err, "taking the event stream up again");
	}
	return wait->answer ||
	       err_set(err, ERR_LIMIT, "the event stream ended %d times without the answer",
		       TEST_STREAM_RESUMES_MAX);
}

/* Remembers the session that a server opens with its first answer. */
static void take_session(struct session *session, const struct http_reply *reply)
{
	const char *id = json_string_value(json_object_get(reply->headers, "mcp-session-id"));

	if (id && !session->id)
		session->id = xasprintf("Mcp-Session-Id: %s", id);
}

static bool take_reply(struct wait *wait, const struct http_reply *reply, struct err *err)
{
	if (!is_good(reply->status))
		return explain_status(wait->session, reply, err);
	take_session(wait->session, reply);
	if (reply->is_event_stream)
		return resume_until_answered(wait, err);
	take_bytes(wait, (const char *)buf_bytes(&reply->body), buf_len(&reply->body));
	return wait->answer ||
	       err_set(err, ERR_PROTOCOL, "its reply (status %ld) is no answer to the request",
		       reply->status);
}

/* Sends a message; takes it over. */
static bool post(struct session *session, json_t *message, struct wait *wait,
		 struct http_reply *reply, struct err *err)
{
	auto_free char *body = json_dumps(message, JSON_COMPACT);
	const char *headers[6];
	struct http_request request = {
		.method = "POST",
		.url = session->url,
		.headers = headers,
		.body = body,
		.body_len = strlen(body),
		.on_events = wait ? on_events : NULL,
		.owner = wait,
	};

	json_decref(message);
	put_headers(session, headers, NULL);
	return http_send(session->client, &request, reply, err);
}

/* The result of a request, a new reference. */
static json_t *ask(struct session *session, json_t *message, int id, struct err *err)
{
	struct wait wait = {.session = session, .id = id};
	struct http_reply reply;
	json_t *result = NULL;

	sse_init(&wait.events);
	if (post(session, message, &wait, &reply, err) && take_reply(&wait, &reply, err))
		result = json_incref((json_t *)(uintptr_t)mcp_result(wait.answer, err));
	json_decref(wait.answer);
	http_reply_clear(&reply);
	sse_free(&wait.events);
	return result;
}

static bool say(struct session *session, json_t *notification, struct err *err)
{
	struct http_reply reply;
	bool ok = post(session, notification, NULL, &reply, err) &&
		  (is_good(reply.status) || explain_status(session, &reply, err));

	http_reply_clear(&reply);
	return ok;
}

/* ---- a session ---- */

static bool begin(struct session *session, struct err *err)
{
	json_t *result = ask(session, mcp_initialize(INITIALIZE_ID), INITIALIZE_ID, err);
	const char *version = json_string_value(json_object_get(result, "protocolVersion"));
	bool ok = result && mcp_knows_version(version);

	if (ok)
		session->version = xasprintf("MCP-Protocol-Version: %s", version);
	else if (result)
		err_set(err, ERR_UNSUPPORTED,
			"the server speaks version %.40s of the protocol, this client " MCP_VERSION,
			version ? version : "(none)");
	json_decref(result);
	return ok || err_prefix(err, "initialize");
}

/* Not every server lets a client end its session (405), and none has to. */
static void end(struct session *session)
{
	const char *headers[6];
	struct http_request request = {.method = "DELETE", .url = session->url, .headers = headers};
	struct http_reply reply;
	struct err ignored;

	if (session->id) {
		put_headers(session, headers, NULL);
		(void)!http_send(session->client, &request, &reply, &ignored);
		http_reply_clear(&reply);
	}
	free(session->id);
	free(session->version);
}

static json_t *call(struct session *session, const char *tool, json_t *inputs, struct err *err)
{
	json_t *result = ask(session, mcp_call(CALL_ID, tool, inputs), CALL_ID, err);
	json_t *value = result ? mcp_value(result, err) : NULL;

	json_decref(result);
	if (!value)
		err_prefix(err, "tools/call");
	return value;
}

json_t *mcp_run(struct http_client *client, struct http_client *second, const char *url,
		const char *tool, json_t *inputs, struct err *err)
{
	struct session session = {.client = client, .second = second, .url = url};
	json_t *value = NULL;

	if (!begin(&session, err))
		json_decref(inputs);
	else if (!say(&session, mcp_initialized(), err)) {
		err_prefix(err, "notifications/initialized");
		json_decref(inputs);
	} else {
		value = call(&session, tool, inputs, err);
	}
	end(&session);
	return value;
}
