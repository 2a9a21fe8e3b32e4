// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The state machine of one client: its request is read, judged by name, resolved, judged by
 * address, dialled, and then it is a tunnel; or it is refused with a text that a person
 * understands. However it ends, one line says so in the log.
 */
#include "sidecar/egress_connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "sidecar/egress_reach.h"
#include "sidecar/egress_refusal.h"
#include "sidecar/egress_request.h"
#include "sidecar/egress_tunnel.h"
#include "sidecar/http1.h"

struct egress_connection {
	const struct egress_setup *setup;
	int fd; // the client, until the tunnel has it
	struct loop_io io;
	struct loop_timer timer;
	struct buf in; // the request head and what came after it
	size_t scanned;
	size_t head_len;
	struct http_head *head; // points into `in`; freed when the request has been written
	struct egress_request request;
	struct http1_body body;			// of a plain request
	const struct egress_upstream *upstream; // NULL: it is dialled directly
	struct egress_reach reach;
	struct egress_tunnel tunnel;
	const char *outcome; // for the log; NULL as long as it is not known
	uint64_t started;
	egress_connection_ended_fn *on_ended;
	void *owner;
};

void egress_connection_count(const struct egress_connection *connection, struct egress_tally *tally)
{
	tally->bytes_up += connection->tunnel.server.sent;
	tally->bytes_down += connection->tunnel.client.sent;
}

static void write_log(const struct egress_connection *connection)
{
	const struct egress_target *target = &connection->request.target;
	uint64_t lasted = loop_now(connection->setup->loop) - connection->started;
	egress_connection_count(connection, connection->setup->tally);
	if (!target->name[0]) // nobody asked for anything
		return;
	log_info("%s %s port %u%s: %s, %llu bytes up, %llu down, %llu ms",
		 connection->request.connect ? "tunnel to" : "request to", target->name,
		 target->port, connection->upstream ? " through the host's proxy" : "",
		 connection->outcome, (unsigned long long)connection->tunnel.server.sent,
		 (unsigned long long)connection->tunnel.client.sent, (unsigned long long)lasted);
}

static void end(struct egress_connection *connection, const char *outcome)
{
	if (outcome)
		connection->outcome = outcome;
	write_log(connection);
	connection->on_ended(connection->owner, connection);
}

static bool send_refusal(struct egress_connection *connection)
{
	struct buf *out = &connection->tunnel.client.out;
	ssize_t len = send(connection->fd, buf_bytes(out), buf_len(out), MSG_NOSIGNAL);
	if (len < 0)
		return errno == EAGAIN;
	buf_consume(out, (size_t)len);
	if (buf_len(out) == 0) {
		loop_io_want(&connection->io, LOOP_READ);
		return shutdown(connection->fd, SHUT_WR) == 0;
	}
	return true;
}

/* Closing at once would reset the connection, and the client might never read the refusal. */
static void on_refusal(struct loop_io *io, int events)
{
	struct egress_connection *connection = container_of(io, struct egress_connection, io);
	char dropped[4096];
	if (events & LOOP_WRITE) {
		if (!send_refusal(connection))
			end(connection, NULL);
		return;
	}
	ssize_t len = recv(connection->fd, dropped, sizeof(dropped), 0);
	if (len == 0 || (len < 0 && errno != EAGAIN))
		end(connection, NULL);
}

static void on_timer(struct loop_timer *timer)
{
	struct egress_connection *connection = container_of(timer, struct egress_connection, timer);
	end(connection, connection->outcome ? NULL : "no request came");
}

/* `outcome` is static; the client gets `text`, or the outcome. */
static void refuse(struct egress_connection *connection, unsigned status, const char *outcome,
		   const char *text)
{
	struct buf *out = &connection->tunnel.client.out;
	const char *body = text ? text : outcome;
	const char *newline = text ? "" : "\n";
	connection->outcome = outcome;
	loop_io_stop(&connection->io);
	bool fits = http1_put_status_line(out, status, http_text_of(http_reason(status))) &&
		    http1_put_field(out, HTTP_TEXT("content-type"),
				    HTTP_TEXT("text/plain; charset=utf-8")) &&
		    http1_put_field(out, HTTP_TEXT("connection"), HTTP_TEXT("close")) &&
		    http1_put_length(out, strlen(body) + strlen(newline)) && http1_put_end(out) &&
		    buf_append_str(out, body) && buf_append_str(out, newline);
	if (!fits)
		buf_clear(out);
	loop_io_init(&connection->io, connection->setup->loop, connection->fd, on_refusal);
	loop_io_want(&connection->io, LOOP_WRITE);
	loop_timer_start(&connection->timer, EGRESS_REFUSAL_MS);
}

/* Clients seldom show the answer to a CONNECT, so our log says the same, once for each target. */
static void log_refusal(const struct egress_setup *setup, const struct egress_target *target,
			char *text)
{
	if (!egress_tally_first_refusal(setup->tally, target))
		return;
	for (char *newline = strchr(text, '\n'); newline; newline = strchr(newline, '\n'))
		*newline = newline[1] ? ' ' : '\0';
	log_warn("%s", text);
}

static void refuse_target(struct egress_connection *connection, const char *address_refusal)
{
	const struct egress_setup *setup = connection->setup;
	const struct egress_target *target = &connection->request.target;
	auto_buf struct buf text;
	buf_init(&text, 4 * KIB);
	bool fits = egress_refusal_text(target, &setup->policy, address_refusal, &text) &&
		    buf_append(&text, "", 1);
	setup->tally->refused++;
	refuse(connection, 403, address_refusal ? address_refusal : "not allowed",
	       fits ? (char *)buf_bytes(&text) : NULL);
	if (fits)
		log_refusal(setup, target, (char *)buf_bytes(&text));
}

static void on_tunnel_ended(void *owner, enum egress_tunnel_end how)
{
	static const char *const outcomes[] = {
		[TUNNEL_DONE] = "done",
		[TUNNEL_CLIENT_FAILED] = "cut by the client",
		[TUNNEL_SERVER_FAILED] = "cut by the server",
		[TUNNEL_IDLE] = "idle for too long",
	};
	end(owner, outcomes[how]);
}

/* Nothing that follows the one request goes to the server. */
static bool inspect_body(void *owner, const uint8_t *data, size_t len, size_t *used)
{
	struct egress_connection *connection = owner;
	struct http1_body *body = &connection->body;
	struct http1_error error;
	*used = 0;
	while (!body->ended && *used < len) {
		auto_buf struct buf decoded; // only its end matters
		buf_init(&decoded, EGRESS_BUFFER_MAX);
		size_t taken = 0;
		enum http1_result result = http1_body_decode(body, (const char *)data + *used,
							     len - *used, &decoded, &taken, &error);
		*used += taken;
		if (result == HTTP1_BAD)
			return false;
		if (result == HTTP1_OK || taken == 0)
			break;
	}
	return len > 0 || body->ended;
}

/* The first bytes each way: the answer to CONNECT, or the request; and what the client sent early.
 */
static bool fill_tunnel(struct egress_connection *connection)
{
	const struct egress_upstream *upstream = connection->upstream;
	struct egress_tunnel *tunnel = &connection->tunnel;
	const uint8_t *early = buf_bytes(&connection->in) + connection->head_len;
	size_t early_len = buf_len(&connection->in) - connection->head_len;
	if (connection->request.connect)
		return buf_append_str(&tunnel->client.out, "HTTP/1.1 200 connected\r\n\r\n") &&
		       buf_append(&tunnel->server.out, early, early_len);
	http1_body_start(&connection->body, connection->head);
	if (!egress_request_write(connection->head, &connection->request, upstream,
				  &tunnel->server.out))
		return false;
	if (early_len == 0)
		return true;
	return inspect_body(connection, early, early_len, &early_len) &&
	       buf_append(&tunnel->server.out, early, early_len);
}

/* `early`: what the server has said already. */
static void start_tunnel(struct egress_connection *connection, int *server, const uint8_t *early,
			 size_t early_len)
{
	if (!fill_tunnel(connection) ||
	    (early_len > 0 && !buf_append(&connection->tunnel.client.out, early, early_len))) {
		refuse(connection, 400, "a malformed body", NULL);
		return;
	}
	free(take_ptr(&connection->head));
	buf_free(&connection->in);
	egress_tunnel_start(&connection->tunnel, connection->setup->loop, &connection->fd, server,
			    connection->request.connect ? NULL : inspect_body, on_tunnel_ended,
			    connection);
}

static void on_reached(void *owner, const struct egress_reached *reached)
{
	struct egress_connection *connection = owner;
	auto_fd int server = reached->fd;
	if (server >= 0) {
		start_tunnel(connection, &server, reached->early, reached->early_len);
	} else if (reached->address_refusal) {
		refuse_target(connection, reached->address_refusal);
	} else {
		connection->setup->tally->failed++;
		refuse(connection, reached->status, reached->failure, NULL);
	}
}

static void reach(struct egress_connection *connection, const struct egress_rule *rule)
{
	const struct egress_setup *setup = connection->setup;
	const struct egress_request *request = &connection->request;
	struct egress_goal goal = {
		.target = &request->target,
		.exempt = rule->exempt,
		.tunnel = request->connect,
		.address = rule->is_service ? &rule->address : NULL,
	};
	if (!rule->is_service)
		goal.by =
			egress_upstream_for(&setup->upstreams, request->connect, &request->target);
	connection->upstream = goal.by;
	egress_reach_start(&connection->reach, setup->loop, setup->resolver, &goal, on_reached,
			   connection);
}

static void on_request(struct egress_connection *connection)
{
	const struct egress_setup *setup = connection->setup;
	const struct egress_target *target = &connection->request.target;
	struct err err;
	loop_io_stop(&connection->io);
	loop_timer_stop(&connection->timer);
	setup->tally->connections++;
	if (!egress_request_read(connection->head, &connection->request, &err)) {
		connection->request.target.name[0] = '\0';
		setup->tally->refused++;
		refuse(connection, err.code == ERR_UNSUPPORTED ? 501 : 400, "no proper request",
		       err.text);
		return;
	}
	const struct egress_rule *rule = egress_rule_find(&setup->policy, target);
	bool is_service = egress_target_is_service(target, setup->policy.service_domain);
	if (!rule || (is_service && !rule->is_service))
		refuse_target(connection, NULL);
	else
		reach(connection, rule);
}

static void parse(struct egress_connection *connection)
{
	struct http1_error error;
	enum http1_result result = http1_parse_request(
		(char *)buf_bytes(&connection->in), buf_len(&connection->in), &connection->scanned,
		connection->head, &connection->head_len, &error);
	if (result == HTTP1_OK)
		on_request(connection);
	else if (result == HTTP1_BAD)
		refuse(connection, error.status, error.reason, NULL);
	else if (buf_room(&connection->in) == 0)
		refuse(connection, 431, "the request head is too long", NULL);
}

static void on_readable(struct loop_io *io, int events)
{
	struct egress_connection *connection = container_of(io, struct egress_connection, io);
	size_t room = buf_room(&connection->in);
	if (room > 4 * KIB)
		room = 4 * KIB;
	ssize_t len = recv(connection->fd, buf_reserve(&connection->in, room), room, 0);
	if (len > 0) {
		buf_commit(&connection->in, (size_t)len);
		parse(connection);
	} else if (len == 0 || errno != EAGAIN) {
		end(connection, "no request came");
	}
}

struct egress_connection *egress_connection_new(const struct egress_setup *setup, int *fd,
						egress_connection_ended_fn *on_ended, void *owner)
{
	struct egress_connection *connection = xcalloc(1, sizeof(*connection));
	connection->setup = setup;
	connection->fd = take_fd(fd);
	connection->head = xcalloc(1, sizeof(*connection->head));
	connection->started = loop_now(setup->loop);
	connection->on_ended = on_ended;
	connection->owner = owner;
	buf_init(&connection->in, HTTP_HEADER_BYTES_MAX);
	egress_tunnel_init(&connection->tunnel);
	loop_io_init(&connection->io, setup->loop, connection->fd, on_readable);
	loop_io_want(&connection->io, LOOP_READ);
	loop_timer_init(&connection->timer, setup->loop, on_timer);
	loop_timer_start(&connection->timer, EGRESS_HEAD_MS);
	return connection;
}

void egress_connection_free(struct egress_connection **connection)
{
	struct egress_connection *done = take_ptr(connection);
	if (!done)
		return;
	loop_io_stop(&done->io);
	loop_timer_stop(&done->timer);
	egress_reach_stop(&done->reach);
	egress_tunnel_free(&done->tunnel);
	fd_close(&done->fd);
	buf_free(&done->in);
	free(done->head);
	free(done);
}
