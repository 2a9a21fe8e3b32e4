// SPDX-License-Identifier: GPL-3.0-or-later
/* The end of a link that an impostor has: any certificate, TLS that blocks, and a little HTTP/2. */
#include "impostor_peer.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/fd.h"
#include "base/mem.h"
#include "certs/identity_parts.h"
#include "certs/x509.h"
#include "impostor_sidecar.h"

/* ---- certificates */

struct identity *new_identity(struct authority *authority, const char *uri, time_t now,
			      uint32_t lifetime_s)
{
	auto_buf struct buf request;
	auto_buf struct buf certificate;
	struct err err;
	size_t len;
	time_t not_after;
	struct identity *identity = identity_new(&err);

	buf_init(&request, BUFFER);
	buf_init(&certificate, BUFFER);
	if (!identity || !identity_request(identity, &request, &err) ||
	    !authority_issue(authority, buf_bytes(&request), buf_len(&request), uri, now,
			     lifetime_s, &certificate, &not_after, &err))
		give_up(err.text);
	const uint8_t *root = authority_certificate(authority, &len);
	if (!identity_accept(identity, buf_bytes(&certificate), buf_len(&certificate), root, len,
			     &err))
		give_up(err.text);
	return identity;
}

static struct tls_context *take_context(struct identity *identity)
{
	struct err err;
	struct tls_context *context = tls_context_new(identity, &err);

	identity_free(&identity);
	if (!context)
		give_up(err.text);
	return context;
}

struct tls_context *context_of(struct authority *authority, const char *uri, time_t now,
			       uint32_t lifetime_s)
{
	return take_context(new_identity(authority, uri, now, lifetime_s));
}

static void replace(uint8_t **old, size_t *old_len, const uint8_t *data, size_t len)
{
	free(*old);
	*old = memcpy(xmalloc(len), data, len);
	*old_len = len;
}

struct tls_context *trusting_context(struct identity *identity)
{
	size_t len;
	const uint8_t *root = authority_certificate(sidecar_authority(), &len);

	replace(&identity->authority, &identity->authority_len, root, len);
	return take_context(identity);
}

struct tls_context *self_signed_context(const char *uri)
{
	struct identity *identity = new_identity(sidecar_authority(), uri, time(NULL), HOUR);
	auto_buf struct buf names;
	auto_buf struct buf certificate;
	struct err err;

	buf_init(&names, BUFFER);
	buf_init(&certificate, BUFFER);
	if (!x509_put_uri(&names, uri))
		give_up("writing a name");
	struct x509_template template = {
		.public_key = key_public(identity->key),
		.issuer_public_key = key_public(identity->key),
		.names = {buf_bytes(&names), buf_len(&names)},
		.not_before = time(NULL) - 60,
		.not_after = time(NULL) + HOUR,
	};
	if (!x509_write(&template, identity->key, &certificate, &err))
		give_up(err.text);
	replace(&identity->certificate, &identity->certificate_len, buf_bytes(&certificate),
		buf_len(&certificate));
	return trusting_context(identity);
}

/* ---- TLS that blocks */

static void send_out(struct peer *peer)
{
	struct buf *out = tls_out(peer->tls);

	while (buf_len(out)) {
		ssize_t sent = send(peer->fd, buf_bytes(out), buf_len(out), MSG_NOSIGNAL);
		if (sent <= 0)
			return; // an end that is gone shows when it is read
		buf_consume(out, (size_t)sent);
	}
}

static bool read_in(struct peer *peer)
{
	struct pollfd wait = {.fd = peer->fd, .events = POLLIN};
	struct buf *in = tls_in(peer->tls);
	size_t room = buf_room(in) < 4096 ? buf_room(in) : 4096;

	if (poll(&wait, 1, PATIENCE_MS) != 1)
		give_up("the sidecar neither answers nor ends the link");
	ssize_t got = recv(peer->fd, buf_reserve(in, room), room, 0);
	if (got > 0)
		buf_commit(in, (size_t)got);
	return got > 0;
}

bool shake_hands(struct peer *peer)
{
	struct err err;

	for (;;) {
		enum tls_status status = tls_handshake(peer->tls, &err);
		send_out(peer);
		if (status == TLS_OK)
			return true;
		if (status != TLS_AGAIN || !read_in(peer))
			return false;
	}
}

size_t read_plain(struct peer *peer, uint8_t *data, size_t size)
{
	struct err err;
	size_t got = 0;

	for (;;) {
		enum tls_status status = tls_read(peer->tls, data, size, &got, &err);
		if (status == TLS_OK)
			return got;
		if (status != TLS_AGAIN || !read_in(peer))
			return 0;
	}
}

void peer_begin(struct peer *peer, int fd, struct tls_context *context, enum tls_side side,
		const char *expects)
{
	struct err err;

	*peer = (struct peer){.fd = fd,
			      .tls = tls_session_new(context, side, expects, BUFFER, &err)};
	if (!peer->tls)
		give_up(err.text);
}

void peer_end(struct peer *peer)
{
	tls_session_free(&peer->tls);
	fd_close(&peer->fd);
}

/* ---- as little of HTTP/2 as will do: one GET, its header fields literal (RFC 7541, 6.2.2) */

static void put(struct buf *out, const char *name, const char *value)
{
	uint8_t head[2] = {0, (uint8_t)strlen(name)};
	uint8_t len = (uint8_t)strlen(value);

	if (!buf_append(out, head, 2) || !buf_append_str(out, name) || !buf_append(out, &len, 1) ||
	    !buf_append_str(out, value))
		give_up("writing a request");
}

static void put_frame(struct buf *out, uint8_t type, uint8_t flags, uint8_t stream,
		      const struct buf *payload)
{
	size_t len = payload ? buf_len(payload) : 0;
	uint8_t head[9] = {0, (uint8_t)(len >> 8), (uint8_t)len, type, flags, 0, 0, 0, stream};

	if (!buf_append(out, head, sizeof(head)) ||
	    (len && !buf_append(out, buf_bytes(payload), len)))
		give_up("writing a request");
}

void put_request(struct buf *out, const char *path)
{
	auto_buf struct buf fields;

	buf_init(&fields, BUFFER);
	put(&fields, ":method", "GET");
	put(&fields, ":scheme", "http");
	put(&fields, ":authority", "b");
	put(&fields, ":path", path);
	if (!buf_append_str(out, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
		give_up("writing a request");
	put_frame(out, 4, 0, 0, NULL);	    // SETTINGS
	put_frame(out, 1, 0x5, 1, &fields); // HEADERS: END_STREAM, END_HEADERS
}

/* Of the first frames: the text of DATA. True when the stream has ended. */
static bool read_frames(const struct buf *in, char *text, size_t size)
{
	const uint8_t *at = buf_bytes(in);
	size_t left = buf_len(in), used = 0;

	while (left >= 9) {
		size_t len = (size_t)at[0] << 16 | (size_t)at[1] << 8 | at[2];
		uint8_t type = at[3], flags = at[4];
		if (left < 9 + len)
			break;
		if (type == 0 && used + len < size) {
			memcpy(text + used, at + 9, len);
			used += len;
		}
		if ((type == 3) || (type <= 1 && (flags & 1))) {
			text[used] = '\0';
			return true;
		}
		at += 9 + len;
		left -= 9 + len;
	}
	return false;
}

void call(int fd, struct tls_context *context, const char *path, char text[TEXT])
{
	struct peer peer;
	auto_buf struct buf request;
	auto_buf struct buf in;
	uint8_t block[4096];
	size_t got;
	struct err err;

	buf_init(&request, BUFFER);
	buf_init(&in, BUFFER);
	put_request(&request, path);
	peer_begin(&peer, fd, context, TLS_CLIENT, URI_B);
	snprintf(text, TEXT, "refused");
	if (shake_hands(&peer) &&
	    tls_write(peer.tls, buf_bytes(&request), buf_len(&request), &err) == TLS_OK) {
		send_out(&peer);
		while ((got = read_plain(&peer, block, sizeof(block)))) {
			if (!buf_append(&in, block, got))
				give_up("reading a response");
			if (read_frames(&in, text, TEXT))
				break;
		}
	}
	peer_end(&peer);
}
