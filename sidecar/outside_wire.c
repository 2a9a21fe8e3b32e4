// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * TLS stands between two sockets here, so that whatever speaks HTTP/1.1 to a workload speaks it to
 * a host outside as well, and knows nothing of certificates. Each direction has a bounded buffer; a
 * reader that does not read stops its writer.
 */
#include "sidecar/outside_wire.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "sidecar/http.h"

enum { STEP = 16 * 1024 }; // at most one record

struct wire {
	const struct outside_wires *wires;
	const char *name;
	struct egress_reach reach;
	struct tls_session *tls; // NULL: not connected yet
	int plain, server;
	struct loop_io plain_io, server_io;
	struct deadline due; // the handshake, or the end
	struct buf to_plain; // decrypted
	bool established;
	bool plain_eof, server_eof;
	bool drained; // nothing is left to decrypt for now
	bool ended;   // is buried
	uint64_t up, down, started;
	struct turn_item grave;
};

static void on_grave(struct turn_item *item)
{
	struct wire *wire = container_of(item, struct wire, grave);
	tls_session_free(&wire->tls);
	buf_free(&wire->to_plain);
	free(wire);
}

static void end(struct wire *wire, const char *how)
{
	if (wire->ended)
		return;
	wire->ended = true;
	log_info("connection to %s: %s, %llu bytes up, %llu down, %llu ms", wire->name, how,
		 (unsigned long long)wire->up, (unsigned long long)wire->down,
		 (unsigned long long)(loop_now(wire->wires->turn->loop) - wire->started));
	egress_reach_stop(&wire->reach);
	deadline_clear(&wire->due);
	loop_io_stop(&wire->plain_io);
	loop_io_stop(&wire->server_io);
	fd_close(&wire->plain);
	fd_close(&wire->server);
	turn_bury(wire->wires->turn, &wire->grave, on_grave);
}

/* Before anything was sent there: the other end reads it as the host's answer. */
static void fail(struct wire *wire, unsigned status, const char *why)
{
	char text[512], head[160];
	int len = snprintf(text, sizeof(text), "%u %s: %s: %s\n", status, http_reason(status),
			   wire->name, why);
	if (len >= (int)sizeof(text))
		len = sizeof(text) - 1;
	int head_len = snprintf(head, sizeof(head),
				"HTTP/1.1 %u %s\r\ncontent-type: text/plain; charset=utf-8\r\n"
				"content-length: %d\r\nconnection: close\r\n\r\n",
				status, http_reason(status), len);
	log_warn("%s: %s", wire->name, why);
	if (send(wire->plain, head, (size_t)head_len, MSG_NOSIGNAL | MSG_MORE) == head_len)
		(void)!send(wire->plain, text, (size_t)len, MSG_NOSIGNAL);
	end(wire, "failed");
}

static void tls_failed(struct wire *wire, const struct err *err)
{
	if (wire->established)
		end(wire, err->text);
	else
		fail(wire, 502, err->text);
}

/* False: it has ended. */
static bool send_encrypted(struct wire *wire)
{
	struct buf *out = tls_out(wire->tls);
	while (buf_len(out) > 0) {
		ssize_t len = send(wire->server, buf_bytes(out), buf_len(out), MSG_NOSIGNAL);
		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			return true;
		if (len < 0) {
			end(wire, "cut by the host");
			return false;
		}
		buf_consume(out, (size_t)len);
	}
	return true;
}

static bool send_decrypted(struct wire *wire)
{
	while (buf_len(&wire->to_plain) > 0) {
		ssize_t len = send(wire->plain, buf_bytes(&wire->to_plain),
				   buf_len(&wire->to_plain), MSG_NOSIGNAL);
		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			return true;
		if (len < 0) {
			end(wire, "done");
			return false;
		}
		buf_consume(&wire->to_plain, (size_t)len);
	}
	return true;
}

static bool shake_hands(struct wire *wire)
{
	struct err err;
	if (wire->established)
		return true;
	switch (tls_handshake(wire->tls, &err)) {
	case TLS_OK:
		wire->established = true;
		deadline_clear(&wire->due);
		return true;
	case TLS_AGAIN:
		return true;
	default:
		(void)send_encrypted(wire); // the alert
		if (!wire->ended)
			tls_failed(wire, &err);
		return false;
	}
}

/* From the host's records to to_plain, as far as that has room. */
static bool decrypt(struct wire *wire)
{
	struct err err;
	wire->drained = !wire->established;
	while (wire->established && buf_room(&wire->to_plain) >= STEP) {
		size_t got;
		enum tls_status status =
			tls_read(wire->tls, buf_reserve(&wire->to_plain, STEP), STEP, &got, &err);
		wire->drained = status == TLS_AGAIN || status == TLS_CLOSED;
		wire->server_eof |= status == TLS_CLOSED;
		if (wire->drained)
			return true;
		if (status != TLS_OK) {
			tls_failed(wire, &err);
			return false;
		}
		buf_commit(&wire->to_plain, got);
		wire->down += got;
	}
	return true;
}

static void want(struct wire *wire)
{
	bool room = buf_room(tls_in(wire->tls)) > 0 && buf_room(&wire->to_plain) >= STEP;
	bool out = buf_len(tls_out(wire->tls)) > 0;
	bool take = wire->established && !wire->plain_eof && !wire->server_eof &&
		    tls_sealed_size(STEP) + buf_len(tls_out(wire->tls)) <= OUTSIDE_BUFFER_MAX;
	loop_io_want(&wire->server_io,
		     (room && !wire->server_eof ? LOOP_READ : 0) | (out ? LOOP_WRITE : 0));
	loop_io_want(&wire->plain_io,
		     (take ? LOOP_READ : 0) | (buf_len(&wire->to_plain) ? LOOP_WRITE : 0));
}

/* All that can be done now, after whatever has moved. */
static void go_on(struct wire *wire)
{
	if (!shake_hands(wire))
		return;
	do
		if (!decrypt(wire) || !send_decrypted(wire))
			return;
	while (!wire->drained && buf_len(&wire->to_plain) == 0);
	if (!send_encrypted(wire))
		return;
	if (!wire->server_eof || buf_len(&wire->to_plain) > 0)
		want(wire);
	else if (wire->established)
		end(wire, "done");
	else
		fail(wire, 502, "it closed the connection in the middle of the handshake");
}

static void on_server(struct loop_io *io, int events)
{
	struct wire *wire = container_of(io, struct wire, server_io);
	size_t room = buf_room(tls_in(wire->tls));
	if ((events & LOOP_READ) && room > 0) {
		ssize_t len = recv(wire->server, buf_reserve(tls_in(wire->tls), room), room, 0);
		if (len > 0)
			buf_commit(tls_in(wire->tls), (size_t)len);
		else if (len == 0 || (errno != EAGAIN && errno != EINTR))
			wire->server_eof = true;
	}
	go_on(wire);
}

static void encrypt(struct wire *wire)
{
	static uint8_t data[STEP]; // of a request: may hold what was injected
	struct err err;
	ssize_t len = recv(wire->plain, data, sizeof(data), 0);
	if (len > 0) {
		wire->up += (uint64_t)len;
		if (tls_write(wire->tls, data, (size_t)len, &err) != TLS_OK)
			tls_failed(wire, &err);
		wipe(data, (size_t)len);
	} else if (len == 0 || (errno != EAGAIN && errno != EINTR)) {
		wire->plain_eof = true;
		tls_close(wire->tls);
		deadline_set(wire->wires->turn, &wire->due, OUTSIDE_LINGER_MS);
	}
}

static void on_plain(struct loop_io *io, int events)
{
	struct wire *wire = container_of(io, struct wire, plain_io);
	if ((events & LOOP_READ) && !wire->plain_eof)
		encrypt(wire);
	if (!wire->ended)
		go_on(wire);
}

static void on_due(struct deadline *deadline)
{
	struct wire *wire = container_of(deadline, struct wire, due);
	if (wire->established)
		end(wire, "done");
	else
		fail(wire, 504, "it does not answer the handshake");
}

static void on_reached(void *owner, const struct egress_reached *reached)
{
	struct wire *wire = owner;
	struct err err;
	wire->server = reached->fd;
	if (reached->address_refusal) {
		char why[160];
		snprintf(why, sizeof(why), "its name leads to %s", reached->address_refusal);
		fail(wire, 403, why);
		return;
	}
	if (reached->fd < 0) {
		fail(wire, reached->status, reached->failure);
		return;
	}
	wire->tls = tls_session_new_outside(wire->wires->tls, wire->reach.goal.target->name,
					    OUTSIDE_BUFFER_MAX, &err);
	if (!wire->tls || (reached->early_len > 0 &&
			   !buf_append(tls_in(wire->tls), reached->early, reached->early_len))) {
		fail(wire, 502, wire->tls ? "the proxy said too much" : err.text);
		return;
	}
	loop_io_init(&wire->server_io, wire->wires->turn->loop, wire->server, on_server);
	loop_io_init(&wire->plain_io, wire->wires->turn->loop, wire->plain, on_plain);
	deadline_set(wire->wires->turn, &wire->due, OUTSIDE_HANDSHAKE_MS);
	go_on(wire);
}

int outside_wire_open(const struct outside_wires *wires, const struct egress_goal *goal,
		      const char *name)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return -1;
	struct wire *wire = xcalloc(1, sizeof(*wire));
	wire->wires = wires;
	wire->name = name;
	wire->plain = pair[1];
	wire->server = -1;
	wire->due.fn = on_due;
	wire->started = loop_now(wires->turn->loop);
	buf_init(&wire->to_plain, OUTSIDE_BUFFER_MAX);
	egress_reach_start(&wire->reach, wires->turn->loop, wires->resolver, goal, on_reached,
			   wire);
	return pair[0];
}
