// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * HTTP/2 messages that would become something else in HTTP/1.1. Each is refused, whole: by a reset
 * of its stream, by a status, or with the link; nothing of it comes out at the other end.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/mem.h"
#include "floods.h"

enum { FIELDS = 12, WAIT_MS = 2000, STEP_MS = 5, STATUS_200 = 0x88 };

int cases_failed;

void say(const char *name, const char *what, const char *wrong)
{
	if (*wrong)
		cases_failed++;
	printf(*wrong ? "not ok %s%s: %s\n" : "ok %s%s\n", name, what, wrong);
	fflush(stdout);
}

#define REQUEST(path) ":method", "GET", ":scheme", "http", ":path", path, ":authority", "b"
#define WITH(...)                                                                                  \
	{                                                                                          \
		REQUEST("/w/head"), __VA_ARGS__                                                    \
	}

static const struct request {
	const char *name;
	const char *fields[FIELDS]; // \1 stands for a NUL
	const char *body;	    // NULL: none
} REQUESTS[] = {
	{"CR LF in a value", WITH("x", "a\r\nx-injected: 1"), NULL},
	{"LF in a value", WITH("x", "a\nb"), NULL},
	{"CR in a value", WITH("x", "a\rb"), NULL},
	{"NUL in a value", WITH("x", "a\1b"), NULL},
	{"CR LF in a name", WITH("x\r\ny", "1"), NULL},
	{"a colon in a name", WITH("x:y", "1"), NULL},
	{"a colon behind a name", WITH("x:", "1"), NULL},
	{"a space in a name", WITH("content-length ", "1"), NULL},
	{"NUL in a name", WITH("x\1", "1"), NULL},
	{"an empty name", WITH("", "1"), NULL},
	{"an upper-case name", WITH("X-Upper", "1"), NULL},
	{"Connection", WITH("connection", "x-capakit-caller"), NULL},
	{"Keep-Alive", WITH("keep-alive", "1"), NULL},
	{"Proxy-Connection", WITH("proxy-connection", "close"), NULL},
	{"Transfer-Encoding", WITH("transfer-encoding", "chunked"), "0\r\n\r\n"},
	{"Upgrade", WITH("upgrade", "h2c"), NULL},
	{"TE other than trailers", WITH("te", "gzip"), NULL},
	{"another Host", WITH("host", "evil"), NULL},
	{"a length without a body", WITH("content-length", "5"), NULL},
	{"a body that is too short", WITH("content-length", "5"), "abc"},
	{"a body that is too long", WITH("content-length", "3"), "abcde"},
	{"a length with a sign", WITH("content-length", "+5"), "abcde"},
	{"a length in hexadecimal", WITH("content-length", "0x5"), "abcde"},
	{"a length that overflows", WITH("content-length", "18446744073709551621"), "abcde"},
	{"two lengths", WITH("content-length", "5", "content-length", "5"), "abcde"},
	{"a list of lengths", WITH("content-length", "5, 5"), "abcde"},
	{"no path", {":method", "GET", ":scheme", "http", ":authority", "b"}, NULL},
	{"no method", {":path", "/w/head", ":scheme", "http", ":authority", "b"}, NULL},
	{"no scheme", {":path", "/w/head", ":method", "GET", ":authority", "b"}, NULL},
	{"two paths", WITH(":path", "/w/head"), NULL},
	{"two methods", WITH(":method", "GET"), NULL},
	{"two authorities", WITH(":authority", "b"), NULL},
	{"a late pseudo field",
	 {":method", "GET", ":scheme", "http", "x", "1", ":path", "/w/head"},
	 NULL},
	{"an unknown pseudo field", WITH(":x", "1"), NULL},
	{"a status in a request", WITH(":status", "200"), NULL},
	{"a space in the path", {REQUEST("/w/head x")}, NULL},
	{"a request in the path", {REQUEST("/w/head HTTP/1.1\r\nx: y")}, NULL},
	{"an empty path", {REQUEST("")}, NULL},
	{"a star as the path", {REQUEST("*")}, NULL},
	{"a whole URL as the path", {REQUEST("http://b/w/head")}, NULL},
	{"a path that is not granted", {REQUEST("/other")}, NULL},
	{"a path that only begins as it", {REQUEST("/whead")}, NULL},
	{"a path that climbs", {REQUEST("/w/../other")}, NULL},
	{"a path that climbs, encoded", {REQUEST("/w/%2e%2e/other")}, NULL},
	{"a path with a backslash", {REQUEST("/w/..\\other")}, NULL},
	{"a fragment", {REQUEST("/w/head#x")}, NULL},
	{"a method that is a request",
	 {":method", "GET /w/head HTTP/1.1\r\nx: y", ":scheme", "http", ":path", "/w/head",
	  ":authority", "b"},
	 NULL},
	{"an authority with CR LF",
	 {":method", "GET", ":scheme", "http", ":path", "/w/head", ":authority", "b\r\nx: 1"},
	 NULL},
	{"an authority with a path",
	 {":method", "GET", ":scheme", "http", ":path", "/w/head", ":authority", "b/x"},
	 NULL},
	{"CONNECT", {":method", "CONNECT", ":authority", "b:80"}, NULL},
	{"CONNECT with a path",
	 {":method", "CONNECT", ":scheme", "http", ":path", "/w/head", ":authority", "b"},
	 NULL},
};

static void send_request(struct peer *peer, uint32_t id, const struct request *request)
{
	uint8_t block[1024];
	size_t len = peer_block(block, request->fields);
	uint8_t end = request->body ? 0 : END_STREAM;

	peer_frame(peer, FRAME_HEADERS, END_HEADERS | end, id, block, len);
	if (request->body)
		peer_frame(peer, FRAME_DATA, END_STREAM, id, request->body, strlen(request->body));
	peer_flush(peer);
}

/* What became of one request: 'r' reset or the link closed, 'a' answered 200, 's' another status,
 * 0 nothing. */
static char outcome(struct peer *peer, uint32_t id, const struct request *request)
{
	unsigned resets = peer->resets, ended = peer->ended;

	peer->status_byte = 0;
	send_request(peer, id, request);
	for (int ms = 0; ms < WAIT_MS && !peer->closed && peer->goaway_error == UINT32_MAX &&
			 peer->resets == resets && peer->ended == ended;
	     ms += STEP_MS)
		peer_read(peer, STEP_MS);
	if (peer->status_byte == STATUS_200)
		return 'a';
	if (peer->closed || peer->goaway_error != UINT32_MAX || peer->resets != resets)
		return 'r';
	return peer->ended != ended ? 's' : 0;
}

void hostile_requests(struct sidecar_pair *pair)
{
	static const struct request good = {"a good one", {REQUEST("/w/head"), "x", "1"}, NULL};
	struct peer peer = {.closed = true, .fd = -1};
	uint32_t id = 1;

	for (size_t i = 0; i < 2 * array_len(REQUESTS); i++) {
		const struct request *request = i % 2 ? &REQUESTS[i / 2] : &good;
		char got;

		if (peer.closed || peer.goaway_error != UINT32_MAX) {
			peer_close(&peer);
			if (!peer_open(&peer, pair, false)) {
				say("request: ", request->name, "the link was not taken up");
				continue;
			}
			id = 1;
		}
		got = outcome(&peer, id, request);
		id += 2;
		if (request == &good && got != 'a')
			say("a good request before: ", REQUESTS[i / 2].name, "not answered");
		if (request != &good)
			say("request: ", request->name,
			    got == 'a' ? "it was answered" : (got ? "" : "nothing happened"));
	}
	peer_close(&peer);
}

static const struct response {
	const char *name;
	const char *fields[FIELDS];
	const char *body;
	const char *wanted; // in what the client gets
} RESPONSES[] = {
	{"a good one", {":status", "200", "x", "1"}, "abc", "x: 1\r\n"},
	{"CR LF in a value", {":status", "200", "x", "a\r\nx-injected: 1"}, "abc", " 502 "},
	{"LF in a value", {":status", "200", "x", "a\nx-injected: 1"}, "abc", " 502 "},
	{"NUL in a value", {":status", "200", "x", "a\1"}, "abc", " 502 "},
	{"a colon in a name", {":status", "200", "x-injected: 1", "1"}, "abc", " 502 "},
	{"Transfer-Encoding", {":status", "200", "transfer-encoding", "chunked"}, "abc", " 502 "},
	{"Connection", {":status", "200", "connection", "close"}, "abc", " 502 "},
	{"two lengths",
	 {":status", "200", "content-length", "3", "content-length", "4"},
	 "abc",
	 " 502 "},
	{"a length with a sign", {":status", "200", "content-length", "+3"}, "abc", " 502 "},
	{"no status", {"x", "1"}, "abc", " 502 "},
	{"two statuses", {":status", "200", ":status", "200"}, "abc", " 502 "},
	{"a status that is none", {":status", "2x0"}, "abc", " 502 "},
	{"a status of four digits", {":status", "2000"}, "abc", " 502 "},
	{"a status below all", {":status", "099"}, "abc", " 502 "},
	{"switching protocols", {":status", "101"}, "abc", " 502 "},
	{"a path in a response", {":status", "200", ":path", "/"}, "abc", " 502 "},
	{"trailers first", {":status", "200", "x", "1", ":status", "200"}, "abc", " 502 "},
};

static void read_answer(int fd, char *to, size_t size)
{
	size_t len = 0;
	ssize_t got;

	while (len + 1 < size && (got = recv(fd, to + len, size - 1 - len, 0)) > 0)
		len += (size_t)got;
	to[len] = '\0';
}

static void send_response(struct peer *peer, uint32_t id, const struct response *response)
{
	uint8_t block[1024];
	size_t len = peer_block(block, response->fields);

	peer_frame(peer, FRAME_HEADERS, END_HEADERS, id, block, len);
	peer_frame(peer, FRAME_DATA, END_STREAM, id, response->body, strlen(response->body));
	peer_flush(peer);
}

/* False: the client did not get what it should. What it got is in `wrong`. */
static bool answer_with(struct sidecar_pair *pair, struct peer *peer, uint32_t id,
			const struct response *response, char *wrong, size_t size)
{
	static const char request[] =
		"GET /w/x HTTP/1.1\r\nHost: evil\r\nConnection: close\r\n\r\n";
	struct timeval patience = {.tv_sec = 3};
	unsigned asked = peer->counts[FRAME_HEADERS];
	char answer[4096];
	int fd = pair_call_hostile(pair);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	(void)!send(fd, request, strlen(request), MSG_NOSIGNAL); // else there is no answer
	for (int ms = 0; ms < WAIT_MS && peer->counts[FRAME_HEADERS] == asked; ms += STEP_MS)
		peer_read(peer, STEP_MS);
	send_response(peer, id, response);
	read_answer(fd, answer, sizeof(answer));
	close(fd);
	snprintf(wrong, size, "the client got: %.150s", answer);
	return strstr(answer, response->wanted) && !strstr(answer, "\nx-injected");
}

/* The link is up; a new one when the last response ended it. */
static bool link_up(struct sidecar_pair *pair, struct peer *peer, uint32_t *id)
{
	if (!peer->closed && peer->goaway_error == UINT32_MAX)
		return true;
	peer_close(peer);
	*id = 1;
	return peer_open(peer, pair, true);
}

/* A good one before each: else the circuit opens, and the caller's sidecar asks no more. */
static void try_response(struct sidecar_pair *pair, struct peer *peer, uint32_t *id,
			 const struct response *response)
{
	const struct response *both[] = {&RESPONSES[0], response};
	char wrong[256] = "the link was not taken up";
	bool right = true;

	for (size_t i = 0; right && i < array_len(both); i++) {
		right = link_up(pair, peer, id) &&
			answer_with(pair, peer, *id, both[i], wrong, sizeof(wrong));
		peer_read(peer, STEP_MS);
		*id += 2;
	}
	say("response: ", response->name, right ? "" : wrong);
}

void hostile_responses(struct sidecar_pair *pair)
{
	struct peer peer = {.closed = true, .fd = -1};
	uint32_t id = 1;

	for (size_t i = 0; i < array_len(RESPONSES); i++)
		try_response(pair, &peer, &id, &RESPONSES[i]);
	peer_close(&peer);
}
