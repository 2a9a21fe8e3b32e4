// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The peer of floods.c and conformance.c: TLS by the product's own certs/, frames by hand, since a
 * library would refuse to write most of them.
 */
#include "floods_peer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/mem.h"
#include "certs/identity.h"
#include "certs/tls.h"

enum { BUFFER = 256 * 1024, CERTIFICATE_S = 600, PREFACE = 24 };

static size_t used[2]; // of the pair's hostile ends

static struct tls_context *make_context(struct sidecar_pair *pair)
{
	struct identity *identity;
	struct tls_context *context = NULL;
	const uint8_t *root;
	size_t root_len;
	auto_buf struct buf request;
	auto_buf struct buf der;
	time_t after;
	struct err err;

	buf_init(&request, 8192);
	buf_init(&der, 8192);
	identity = identity_new(&err);
	root = authority_certificate(pair->authority, &root_len);
	if (identity && identity_request(identity, &request, &err) &&
	    authority_issue(pair->authority, buf_bytes(&request), buf_len(&request),
			    PAIR_HOSTILE_NAME, time(NULL), CERTIFICATE_S, &der, &after, &err) &&
	    identity_accept(identity, buf_bytes(&der), buf_len(&der), root, root_len, &err))
		context = tls_context_new(identity, &err);
	if (!context)
		fprintf(stderr, "making a certificate: %s\n", err.text);
	identity_free(&identity);
	return context;
}

static uint32_t number(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static void remember_frame(struct peer *peer)
{
	struct peer_seen *seen = &peer->seen[peer->n_seen];

	if (peer->n_seen == PEER_SEEN)
		return;
	seen->type = peer->header[3];
	seen->flags = peer->header[4];
	seen->stream = number(peer->header + 5) & INT32_MAX;
	seen->length = number(peer->header) >> 8;
	memcpy(seen->head, peer->head, peer->n_head);
	peer->n_seen++;
}

static void count_frame(struct peer *peer)
{
	uint8_t type = peer->header[3], flags = peer->header[4];

	remember_frame(peer);
	if (type < FRAME_TYPES)
		peer->counts[type]++;
	if ((type == FRAME_DATA || type == FRAME_HEADERS) && (flags & END_STREAM))
		peer->ended++;
	if (type == FRAME_DATA && peer->n_head) {
		memcpy(peer->last_text, peer->head, peer->n_head);
		peer->last_text[peer->n_head] = '\0';
	}
	if (type == FRAME_HEADERS)
		peer->status_byte = peer->head[0];
	if (type == FRAME_RST_STREAM) {
		peer->resets++;
		peer->last_reset = number(peer->head);
	}
	if (type == FRAME_GOAWAY)
		peer->goaway_error = number(peer->head + 4);
}

static void take_byte(struct peer *peer, uint8_t byte)
{
	if (peer->preface) {
		peer->preface--;
		return;
	}
	if (peer->n_header < sizeof(peer->header)) {
		peer->header[peer->n_header++] = byte;
		if (peer->n_header < sizeof(peer->header))
			return;
		peer->left = number(peer->header) >> 8;
		peer->n_head = 0;
		if (peer->header[3] == FRAME_DATA)
			peer->data += peer->left;
	} else {
		if (peer->n_head < sizeof(peer->head))
			peer->head[peer->n_head++] = byte;
		peer->left--;
	}
	if (!peer->left) {
		count_frame(peer);
		peer->n_header = 0;
	}
}

static uint8_t data[BUFFER];

static void receive_plain(struct peer *peer)
{
	ssize_t got = recv(peer->fd, data, sizeof(data), MSG_DONTWAIT);

	for (ssize_t i = 0; i < got; i++)
		take_byte(peer, data[i]);
	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		peer->closed = true;
}

static void decrypt(struct peer *peer)
{
	struct err err;
	size_t got;
	enum tls_status status;

	while ((status = tls_read(peer->tls, data, sizeof(data), &got, &err)) == TLS_OK)
		for (size_t i = 0; i < got; i++)
			take_byte(peer, data[i]);
	if (status != TLS_AGAIN)
		peer->closed = true;
}

static void receive(struct peer *peer, bool open)
{
	struct buf *in;
	size_t room;
	ssize_t got;

	if (!peer->tls) {
		receive_plain(peer);
		return;
	}
	in = tls_in(peer->tls);
	room = buf_room(in);
	if (!room)
		return;
	got = recv(peer->fd, buf_reserve(in, room), room, MSG_DONTWAIT);
	if (got > 0)
		buf_commit(in, (size_t)got);
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		peer->closed = true;
	if (got > 0 && open)
		decrypt(peer);
}

/* Sends what is sealed, and takes what comes, so that neither side waits for the other. */
static bool push(struct peer *peer, struct buf *out, bool open)
{
	while (buf_len(out) && !peer->closed) {
		struct pollfd wait = {.fd = peer->fd, .events = POLLIN | POLLOUT};
		ssize_t sent;

		if (poll(&wait, 1, PEER_PATIENCE_MS) <= 0)
			return false;
		if (wait.revents & (POLLIN | POLLHUP))
			receive(peer, open);
		sent = send(peer->fd, buf_bytes(out), buf_len(out), MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent > 0)
			buf_consume(out, (size_t)sent);
		else if (errno != EAGAIN && errno != EINTR)
			peer->closed = true;
	}
	return !peer->closed;
}

static bool shake_hands(struct peer *peer)
{
	struct err err;
	enum tls_status status;

	while ((status = tls_handshake(peer->tls, &err)) == TLS_AGAIN) {
		struct pollfd wait = {.fd = peer->fd, .events = POLLIN};

		if (!push(peer, tls_out(peer->tls), false) || poll(&wait, 1, PEER_PATIENCE_MS) <= 0)
			return false;
		receive(peer, false);
		if (peer->closed)
			return false;
	}
	return status == TLS_OK && push(peer, tls_out(peer->tls), false);
}

bool peer_put(struct peer *peer, const void *from, size_t len)
{
	const uint8_t *bytes = from;

	while (len) {
		size_t room = sizeof(peer->out) - peer->n_out;
		size_t part = len < room ? len : room;

		memcpy(peer->out + peer->n_out, bytes, part);
		peer->n_out += part;
		bytes += part;
		len -= part;
		if (peer->n_out == sizeof(peer->out) && !peer_flush(peer))
			return false;
	}
	return !peer->closed;
}

static bool flush_plain(struct peer *peer)
{
	struct buf out = {
		.data = peer->out, .end = peer->n_out, .cap = sizeof(peer->out), .max = BUFFER};

	peer->n_out = 0;
	return push(peer, &out, true);
}

bool peer_flush(struct peer *peer)
{
	struct err err;
	bool sealed;

	if (!peer->tls)
		return flush_plain(peer);
	sealed = !peer->n_out || tls_write(peer->tls, peer->out, peer->n_out, &err) == TLS_OK;

	peer->n_out = 0;
	return sealed && push(peer, tls_out(peer->tls), true);
}

bool peer_frame(struct peer *peer, enum frame_type type, uint8_t flags, uint32_t stream,
		const void *payload, size_t len)
{
	const uint8_t header[9] = {(uint8_t)(len >> 16),
				   (uint8_t)(len >> 8),
				   (uint8_t)len,
				   (uint8_t)type,
				   flags,
				   (uint8_t)(stream >> 24),
				   (uint8_t)(stream >> 16),
				   (uint8_t)(stream >> 8),
				   (uint8_t)stream};

	return peer_put(peer, header, sizeof(header)) && peer_put(peer, payload, len);
}

void peer_read(struct peer *peer, int ms)
{
	struct timespec now;
	int64_t end, at;

	clock_gettime(CLOCK_MONOTONIC, &now);
	end = now.tv_sec * 1000 + now.tv_nsec / 1000000 + ms;
	while (!peer->closed) {
		struct pollfd wait = {.fd = peer->fd, .events = POLLIN};

		clock_gettime(CLOCK_MONOTONIC, &now);
		at = now.tv_sec * 1000 + now.tv_nsec / 1000000;
		if (at >= end || poll(&wait, 1, (int)(end - at)) <= 0)
			return;
		receive(peer, true);
	}
}

/* What both sides say first. */
static bool begin(struct peer *peer)
{
	if (!peer->server)
		peer_put(peer, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", PREFACE);
	peer_frame(peer, FRAME_SETTINGS, 0, 0, NULL, 0);
	peer_flush(peer);
	for (int ms = 0; ms < PEER_PATIENCE_MS && !peer->closed && !peer->counts[FRAME_SETTINGS];
	     ms += 10)
		peer_read(peer, 10);
	return !peer->closed && peer->counts[FRAME_SETTINGS];
}

bool peer_open_plain(struct peer *peer, int fd, bool silent)
{
	*peer = (struct peer){.fd = fd, .authority = "b", .goaway_error = UINT32_MAX};
	return fd >= 0 && (silent || begin(peer));
}

bool peer_open_edge(struct peer *peer, const struct sidecar_pair *pair)
{
	if (!peer_open_plain(peer, pair_edge(pair), false))
		return false;
	snprintf(peer->own_authority, sizeof(peer->own_authority), "127.0.0.1:%u", pair->edge_port);
	peer->authority = peer->own_authority;
	return true;
}

bool peer_open(struct peer *peer, struct sidecar_pair *pair, bool server)
{
	int *fd = &(server ? pair->hostile_callee : pair->hostile_caller)[used[server]++];
	struct err err;

	*peer = (struct peer){
		.fd = *fd, .server = server, .authority = "b", .goaway_error = UINT32_MAX};
	peer->preface = server ? PREFACE : 0;
	*fd = -1;
	peer->context = make_context(pair);
	if (!peer->context)
		return false;
	peer->tls = tls_session_new(peer->context, server ? TLS_SERVER : TLS_CLIENT,
				    server ? "spiffe://t.capakit/workload/a"
					   : "spiffe://t.capakit/workload/b",
				    BUFFER, &err);
	pair_order(pair, server ? PAIR_HOSTILE_CALLEE : PAIR_HOSTILE_CALLER);
	return shake_hands(peer) && begin(peer);
}

void peer_close(struct peer *peer)
{
	fd_close(&peer->fd);
	tls_session_free(&peer->tls);
	tls_context_free(&peer->context);
}

size_t peer_block(uint8_t *to, const char *const *fields)
{
	size_t at = 0;

	for (size_t i = 0; fields[i]; i++) {
		size_t len = strlen(fields[i]);

		if (i % 2 == 0)
			to[at++] = 0; // a literal that is not indexed, its name written out
		to[at++] = (uint8_t)len;
		for (const char *c = fields[i]; *c; c++)
			to[at++] = *c == '\1' ? 0 : (uint8_t)*c;
	}
	return at;
}

bool peer_get(struct peer *peer, uint32_t stream, const char *path)
{
	const char *const fields[] = {":method", "GET",	       ":scheme",	"http", ":path",
				      path,	 ":authority", peer->authority, NULL};
	uint8_t block[512];

	return peer_frame(peer, FRAME_HEADERS, END_HEADERS | END_STREAM, stream, block,
			  peer_block(block, fields));
}

uint32_t peer_setting(const struct peer *peer, uint16_t id)
{
	uint32_t value = 0;

	for (size_t i = 0; i < peer->n_seen; i++) {
		const struct peer_seen *seen = &peer->seen[i];

		if (seen->type != FRAME_SETTINGS || (seen->flags & ACK))
			continue;
		for (size_t at = 0; at + 6 <= seen->length && at + 6 <= PEER_HEAD; at += 6)
			if ((seen->head[at] << 8 | seen->head[at + 1]) == id)
				value = number(seen->head + at + 2);
	}
	return value;
}
