// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The ways: answers that nobody takes, bodies that a workload does not take, heads without an end;
 * over links, and of clients of both versions of HTTP.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "hoards.h"

enum {
	BODY = 60 * 1024, // within the window that a stream begins with
	HEAD = 60 * 1000, // just not too long
	FRAME = 16000,
	LINE = 100 * 1024,
	FIELD_NAMES = 100,
	SETTLE_MS = 50, // so that the workload accepts all that comes
	EDGE_STREAMS = HOARD_CLIENTS / HOARD_LINKS,
};

static char filler[128 * 1024];

static struct peer *more_links(struct hoarders *h)
{
	struct peer *peer = &h->peers[h->n_peers];

	if (h->n_peers == HOARD_LINKS || !peer_open(peer, h->pair, false))
		return NULL;
	h->n_peers++;
	h->look(h);
	return peer;
}

static bool edge_peer_open(struct hoarders *h)
{
	if (h->n_peers == HOARD_LINKS ||
	    !peer_open_plain(&h->peers[h->n_peers], pair_edge(h->pair), false))
		return false;
	h->n_peers++;
	return true;
}

static void no_window(struct peer *peer)
{
	static const uint8_t setting[] = {0, 4, 0, 0, 0, 0};

	peer_frame(peer, FRAME_SETTINGS, 0, 0, setting, sizeof(setting));
}

static void ask_many(struct peer *peer, uint32_t n, const char *path)
{
	for (uint32_t i = 0; i < n && !peer->closed; i++)
		peer_get(peer, 1 + 2 * i, path);
	peer_flush(peer);
	peer_read(peer, SETTLE_MS);
}

static void link_answers(struct hoarders *h)
{
	struct peer *peer;

	while ((peer = more_links(h))) {
		no_window(peer);
		ask_many(peer, HOARD_MANY, "/w/bytes?100000000");
	}
}

static void link_answer_heads(struct hoarders *h)
{
	struct peer *peer;

	while ((peer = more_links(h)))
		ask_many(peer, HOARD_MANY, "/w/large-head?60000");
}

static void workload_heads(struct hoarders *h)
{
	struct peer *peer;

	while ((peer = more_links(h)))
		ask_many(peer, HOARD_FEW, "/w/endless-head?60000");
}

static void send_data(struct peer *peer, uint32_t stream, size_t len)
{
	for (size_t at = 0; at < len; at += FRAME)
		peer_frame(peer, FRAME_DATA, 0, stream, filler,
			   len - at < FRAME ? len - at : FRAME);
}

static void link_bodies(struct hoarders *h)
{
	const char *const fields[] = {":method", "POST",       ":scheme", "http", ":path",
				      "/w/deaf", ":authority", "b",	  NULL};
	uint8_t block[256];
	size_t len = peer_block(block, fields);
	struct peer *peer;

	while ((peer = more_links(h)))
		for (uint32_t id = 1; id < 2 * HOARD_FEW && !peer->closed; id += 2) {
			peer_frame(peer, FRAME_HEADERS, END_HEADERS, id, block, len);
			send_data(peer, id, BODY);
			peer_read(peer, 2);
			h->look(h);
		}
}

/* The head of a GET with fields of so many bytes, in frames; without its end when it has none. */
static void send_large_head(struct peer *peer, uint32_t stream, const char *const *fields,
			    bool ends)
{
	static uint8_t block[HEAD + 4096];
	size_t at = peer_block(block, fields);

	for (int i = 0; i < FIELD_NAMES && at < HEAD; i++) {
		block[at++] = 0;
		block[at++] = 6;
		at += (size_t)snprintf((char *)block + at, 8, "x-%04d", i);
		memcpy(block + at, "\x7f\xd9\x03", 3); // 127 + 0x59 + 3 * 128 = 600 bytes
		at += 3;
		memset(block + at, 'v', 600);
		at += 600;
	}
	for (size_t sent = 0; sent < at; sent += FRAME) {
		size_t part = at - sent < FRAME ? at - sent : FRAME;
		bool last = ends && sent + part == at;

		peer_frame(peer, sent ? FRAME_CONTINUATION : FRAME_HEADERS,
			   (last ? END_HEADERS : 0) | (sent ? 0 : END_STREAM), stream, block + sent,
			   part);
	}
}

static void link_heads(struct hoarders *h)
{
	const char *const fields[] = {":method", "GET",	       ":scheme", "http", ":path",
				      "/w/deaf", ":authority", "b",	  NULL};
	struct peer *peer;

	while ((peer = more_links(h))) {
		for (uint32_t id = 1; id < 2 * HOARD_FEW && !peer->closed; id += 2)
			send_large_head(peer, id, fields, true);
		peer_flush(peer);
	}
}

/* A client of HTTP/1.1: sends as much of this, again and again, as is taken at once, up to `most`.
 */
static void client(struct hoarders *h, int fd, const char *head, size_t most)
{
	if (fd < 0)
		return;
	h->fds[h->n_fds++] = fd;
	send(fd, head, strlen(head), MSG_NOSIGNAL);
	for (size_t at = 0; at < most;) {
		size_t left = most - at;
		ssize_t sent = send(fd, filler, left < sizeof(filler) ? left : sizeof(filler),
				    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent <= 0)
			break;
		at += (size_t)sent;
	}
	if (h->n_fds % 50 == 0)
		h->look(h);
}

static void calls(struct hoarders *h, size_t n, const char *head, size_t most)
{
	while (h->n_fds < n) {
		int fd = pair_call(h->pair);

		client(h, fd, head, most);
		if (fd < 0)
			return;
	}
}

static void client_answers(struct hoarders *h)
{
	calls(h, HOARD_CLIENTS, "GET /w/bytes?100000000 HTTP/1.1\r\nHost: b\r\n\r\n", 0);
}

static void client_bodies(struct hoarders *h)
{
	calls(h, HOARD_CLIENTS,
	      "POST /w/deaf HTTP/1.1\r\nHost: b\r\nContent-Length: 10000000\r\n\r\n", 10000000);
}

static void client_heads(struct hoarders *h)
{
	calls(h, HOARD_SOCKETS, "GET /w/deaf HTTP/1.1\r\nHost: b\r\nX-Long: ", HEAD);
}

static void client_pipelines(struct hoarders *h)
{
	calls(h, HOARD_CLIENTS, "GET /w/hang HTTP/1.1\r\nHost: b\r\n\r\n", 10000000);
}

static void bridge_lines(struct hoarders *h)
{
	static const char head[] =
		"POST /rpc HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n"
		"Content-Type: application/x-capakit-workload-bridge-jsonl\r\n\r\n";

	while (h->n_fds < HOARD_SOCKETS) {
		int fd = pair_bridge(h->pair);

		client(h, fd, head, LINE);
		if (fd < 0)
			return;
		if (h->n_fds % 20 == 0)
			usleep(1000); // it reads meanwhile
	}
}

static void edge_answers(struct hoarders *h)
{
	auto_free char *head = xasprintf(
		"GET /bytes?100000000 HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", h->pair->edge_port);

	while (h->n_fds < HOARD_CLIENTS)
		client(h, pair_edge(h->pair), head, 0);
}

static void edge_streams(struct hoarders *h)
{
	auto_free char *authority = xasprintf("127.0.0.1:%u", h->pair->edge_port);
	const char *const fields[] = {":method",	  "GET",	":scheme", "http", ":path",
				      "/bytes?100000000", ":authority", authority, NULL};
	uint8_t block[256];
	size_t len = peer_block(block, fields);

	while (edge_peer_open(h)) {
		struct peer *peer = &h->peers[h->n_peers - 1];

		no_window(peer);
		for (uint32_t id = 1; id < 2 * EDGE_STREAMS && !peer->closed; id += 2)
			peer_frame(peer, FRAME_HEADERS, END_HEADERS | END_STREAM, id, block, len);
		peer_flush(peer);
		h->look(h);
	}
}

static void edge_heads(struct hoarders *h)
{
	auto_free char *authority = xasprintf("127.0.0.1:%u", h->pair->edge_port);
	const char *const fields[] = {":method", "GET",	       ":scheme", "http", ":path",
				      "/deaf",	 ":authority", authority, NULL};

	while (h->n_fds < HOARD_SOCKETS) {
		struct peer peer;

		if (!peer_open_plain(&peer, pair_edge(h->pair), false))
			return;
		send_large_head(&peer, 1, fields, false);
		peer_flush(&peer);
		h->fds[h->n_fds++] = peer.fd;
		if (h->n_fds % 50 == 0)
			h->look(h);
	}
}

const struct hoard HOARDS[] = {
	{"answers over many links", link_answers, B, BYSTANDER_CALLS},
	{"bodies over many links", link_bodies, B, BYSTANDER_CALLS},
	{"heads over many links", link_heads, B, BYSTANDER_CALLS},
	{"heads of answers over many links", link_answer_heads, B, BYSTANDER_CALLS},
	{"a workload's heads without an end", workload_heads, B, BYSTANDER_CALLS},
	{"answers to a workload's clients", client_answers, A, BYSTANDER_CALLS},
	{"bodies of a workload's clients", client_bodies, A, BYSTANDER_CALLS},
	{"heads of a workload's clients", client_heads, A, BYSTANDER_CALLS},
	{"pipelines of a workload's clients", client_pipelines, A, BYSTANDER_CALLS},
	{"lines of the bridge", bridge_lines, A, BYSTANDER_CALLS},
	{"answers at the edge", edge_answers, EDGE, BYSTANDER_AT_EDGE},
	{"streams of HTTP/2 at the edge", edge_streams, EDGE, BYSTANDER_AT_EDGE},
	{"heads of HTTP/2 at the edge", edge_heads, EDGE, BYSTANDER_AT_EDGE},
};
const size_t N_HOARDS = array_len(HOARDS);
