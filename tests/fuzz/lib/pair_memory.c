// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One loop serves both sidecars, the client and the workload, so that a run is a matter of turns of
 * that loop and of no clock: sidecar A (a view, the caller's end of a link), sidecar B (the
 * callee's end, an ingress). Two functions are replaced when this is linked (--wrap): how B reaches
 * its workload, and what time it is.
 */
#include "pair_memory.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "sidecar/http1.h"
#include "sidecar/ingress.h"
#include "sidecar/links.h"
#include "sidecar/view.h"
#include "tls_name.h"

#define NAME_B "spiffe://fuzz.capakit/workload/b"

enum {
	QUIET_TURNS = 12, // more than a message needs from one end to the other
	TURNS_MAX = 5000,
	WORKLOAD_CONNECTIONS_MAX = 64,
	HEARD_MAX = 256 * 1024,
	ENDPOINTS = 2,
};

const char *const pair_memory_paths[ENDPOINTS] = {"/one", "/two"};

struct heard { // a connection of the workload
	int fd;
	struct loop_io io;
	struct buf in;
	size_t scanned; // of a head
	struct http1_body body;
	bool in_body, tunnel;
	bool asked; // over HTTP/2: it has answered once
};

struct client {
	int fd;
	struct loop_io io;
	struct buf *answer;
};

static struct {
	struct loop *loop;
	struct turn turn;
	struct links a, b;
	struct view *views[ENDPOINTS];
	struct sockaddr_un addresses[ENDPOINTS];
	socklen_t address_len[ENDPOINTS];
	struct ingress *ingress;
	pair_memory_head_fn *on_head;
	const struct pair_memory_call *call;
	struct heard heard[WORKLOAD_CONNECTIONS_MAX];
	size_t n_heard;
	struct client client;
	struct loop_timer turns;
	unsigned quiet, total;
	unsigned links_up;
	uint64_t skew;
} p;

/* ---- what --wrap replaces ---- */

uint64_t __real_loop_now(const struct loop *loop);
uint64_t __wrap_loop_now(const struct loop *loop);
int __wrap_ingress_connect(void);

uint64_t __wrap_loop_now(const struct loop *loop)
{
	static uint64_t began;

	if (!began)
		began = __real_loop_now(loop);
	return began + p.skew;
}

void pair_memory_later(uint64_t ms)
{
	p.skew += ms;
}

/* ---- the workload ---- */

static void say(struct heard *heard)
{
	heard->asked = true;
	if (send(heard->fd, p.call->response, p.call->response_len, MSG_NOSIGNAL) < 0 &&
	    errno != EPIPE && errno != ECONNRESET)
		abort();
}

/* True: a head is complete, and what follows is its body. */
static bool take_head(struct heard *heard)
{
	static struct http_head head;
	struct http1_error error;
	size_t used;
	enum http1_result result;
	const char *bytes = (const char *)buf_bytes(&heard->in);
	const char *end = memmem(bytes, buf_len(&heard->in), "\r\n\r\n", 4);

	if (!end)
		return false;
	p.on_head(bytes, (size_t)(end - bytes) + 4);
	result = http1_parse_request((char *)buf_bytes(&heard->in), buf_len(&heard->in),
				     &heard->scanned, &head, &used, &error);
	if (result != HTTP1_OK)
		abort();
	heard->tunnel = http_head_is_websocket(&head);
	http1_body_start(&heard->body, &head);
	heard->in_body = true;
	heard->scanned = 0;
	buf_consume(&heard->in, used);
	say(heard);
	return true;
}

/* True: the body is complete, and what follows is the next head. */
static bool take_body(struct heard *heard)
{
	auto_buf struct buf out = {.max = HEARD_MAX};
	struct http1_error error;
	size_t used;
	enum http1_result result =
		http1_body_decode(&heard->body, (const char *)buf_bytes(&heard->in),
				  buf_len(&heard->in), &out, &used, &error);

	if (result == HTTP1_BAD)
		abort(); // whatever the client said, a sidecar frames properly
	buf_consume(&heard->in, used);
	heard->in_body = result != HTTP1_OK;
	return !heard->in_body;
}

static void take_messages(struct heard *heard)
{
	while (!heard->tunnel && (heard->in_body ? take_body(heard) : take_head(heard)))
		;
}

static void on_heard(struct loop_io *io, int events)
{
	struct heard *heard = container_of(io, struct heard, io);
	uint8_t bytes[16384];
	ssize_t got = recv(heard->fd, bytes, sizeof(bytes), 0);

	p.quiet = 0;
	if (got <= 0) {
		if (got == 0 || errno != EAGAIN)
			loop_io_stop(io);
		return;
	}
	buf_append(&heard->in, bytes, (size_t)got);
	if (p.call->endpoint == PAIR_MEMORY_HTTP1)
		take_messages(heard);
	else if (!heard->asked)
		say(heard);
}

int __wrap_ingress_connect(void)
{
	int pair[2];
	struct heard *heard;
	struct err err;

	if (p.n_heard == WORKLOAD_CONNECTIONS_MAX) {
		errno = EAGAIN;
		return -1;
	}
	if (!fd_socket_pair(SOCK_STREAM, pair, &err))
		abort();
	heard = &p.heard[p.n_heard++];
	*heard = (struct heard){.fd = pair[0]};
	buf_init(&heard->in, HEARD_MAX);
	loop_io_init(&heard->io, p.loop, heard->fd, on_heard);
	loop_io_want(&heard->io, LOOP_READ);
	p.quiet = 0;
	return pair[1];
}

static void hang_up_workload(void)
{
	for (size_t i = 0; i < p.n_heard; i++) {
		loop_io_stop(&p.heard[i].io);
		fd_close(&p.heard[i].fd);
		buf_free(&p.heard[i].in);
	}
	p.n_heard = 0;
}

/* ---- the two sidecars ---- */

static void on_state(void *owner, const char *link, bool up, const char *reason, bool replaced)
{
	if (!up)
		abort(); // nothing that a client or a workload says may cost others the link
	p.links_up++;
}

static void add_link(struct links *links, int side, const char *peer, int *fd)
{
	static char *paths[] = {(char *)(uintptr_t) "/one", (char *)(uintptr_t) "/two"};
	Capakit__Sidecar__V1__AddLink add = CAPAKIT__SIDECAR__V1__ADD_LINK__INIT;
	bool caller = side == CAPAKIT__SIDECAR__V1__ADD_LINK__SIDE__CALLER;
	struct err err;

	add.link = (char *)(uintptr_t) "a>b";
	add.side = side;
	add.peer = (char *)(uintptr_t)peer;
	add.paths = paths;
	add.n_paths = caller ? 0 : ENDPOINTS;
	if (!links_add(links, &add, tls_name_context(caller ? PAIR_MEMORY_CALLER : NAME_B), fd,
		       &err))
		abort();
}

static void link_them(void)
{
	static const struct links_owner ops = {.state = on_state};
	struct err err;
	int pair[2];

	links_init(&p.a, &p.turn, &ops, NULL);
	links_init(&p.b, &p.turn, &ops, NULL);
	p.b.ingress = p.ingress;
	if (!fd_socket_pair(SOCK_STREAM, pair, &err))
		abort();
	add_link(&p.a, CAPAKIT__SIDECAR__V1__ADD_LINK__SIDE__CALLER, NAME_B, &pair[0]);
	add_link(&p.b, CAPAKIT__SIDECAR__V1__ADD_LINK__SIDE__CALLEE, PAIR_MEMORY_CALLER, &pair[1]);
}

static int connect_workload(struct ingress *ingress)
{
	return __wrap_ingress_connect(); // which --wrap does not put in where it is defined
}

static void serve(void)
{
	Capakit__Sidecar__V1__ServeWorkload workload = CAPAKIT__SIDECAR__V1__SERVE_WORKLOAD__INIT;
	Capakit__Sidecar__V1__Endpoint endpoints[ENDPOINTS], *list[ENDPOINTS];

	for (size_t i = 0; i < ENDPOINTS; i++) {
		capakit__sidecar__v1__endpoint__init(&endpoints[i]);
		endpoints[i].path = (char *)(uintptr_t)pair_memory_paths[i];
		endpoints[i].http2 = i == PAIR_MEMORY_HTTP2;
		list[i] = &endpoints[i];
	}
	workload.workload = (char *)(uintptr_t) "b";
	workload.endpoints = list;
	workload.n_endpoints = ENDPOINTS;
	p.ingress = ingress_new(&p.turn, &workload);
	p.ingress->connect = connect_workload;
}

/* An address that the kernel chooses (unix(7), autobind): no file is left behind. */
static int listen_unnamed(size_t i)
{
	sa_family_t family = AF_UNIX;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	p.address_len[i] = sizeof(p.addresses[i]);
	if (fd < 0 || bind(fd, (struct sockaddr *)&family, sizeof(family)) != 0 ||
	    listen(fd, 16) != 0 ||
	    getsockname(fd, (struct sockaddr *)&p.addresses[i], &p.address_len[i]) != 0)
		abort();
	return fd;
}

static void add_connection(size_t i)
{
	Capakit__Sidecar__V1__AddConnection add = CAPAKIT__SIDECAR__V1__ADD_CONNECTION__INIT;
	Capakit__Sidecar__V1__Endpoint endpoint = CAPAKIT__SIDECAR__V1__ENDPOINT__INIT;
	int fd = listen_unnamed(i);
	struct err err;

	endpoint.path = (char *)(uintptr_t)pair_memory_paths[i];
	add.workload = (char *)(uintptr_t) "b";
	add.endpoint = &endpoint;
	add.link = (char *)(uintptr_t) "a>b";
	p.views[i] = view_new(&p.turn, &p.a, &add, &fd, &err);
	if (!p.views[i])
		abort();
}

/* ---- turns of the loop ---- */

static void on_turn(struct loop_timer *timer)
{
	if (++p.quiet > QUIET_TURNS || ++p.total > TURNS_MAX)
		loop_stop(p.loop);
	else
		loop_timer_start(timer, 0);
}

static void run_until_quiet(void)
{
	p.quiet = p.total = 0;
	loop_timer_start(&p.turns, 0);
	loop_run(p.loop);
	loop_timer_stop(&p.turns);
}

void pair_memory_start(pair_memory_head_fn *on_head)
{
	struct err err;

	log_open("fuzz", LOG_LEVEL_ERROR);
	p.on_head = on_head;
	p.loop = loop_new(&err);
	if (!p.loop)
		abort();
	turn_start(&p.turn, p.loop);
	loop_timer_init(&p.turns, p.loop, on_turn);
	serve();
	link_them();
	for (size_t i = 0; i < ENDPOINTS; i++)
		add_connection(i);
	for (int i = 0; i < 100 && p.links_up < 2; i++)
		run_until_quiet();
	if (p.links_up != 2)
		abort();
}

/* ---- the client ---- */

static void on_answer(struct loop_io *io, int events)
{
	struct client *client = container_of(io, struct client, io);
	uint8_t bytes[16384];
	ssize_t got = recv(client->fd, bytes, sizeof(bytes), 0);

	p.quiet = 0;
	if (got > 0)
		buf_append(client->answer, bytes, (size_t)got);
	else if (got == 0 || errno != EAGAIN)
		loop_io_stop(io);
}

static void connect_client(enum pair_memory_endpoint endpoint, struct buf *answer)
{
	p.client.answer = answer;
	p.client.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (p.client.fd < 0 || connect(p.client.fd, (struct sockaddr *)&p.addresses[endpoint],
				       p.address_len[endpoint]) != 0)
		abort();
	loop_io_init(&p.client.io, p.loop, p.client.fd, on_answer);
	loop_io_want(&p.client.io, LOOP_READ);
}

static void write_client(const uint8_t *data, size_t len)
{
	if (len && send(p.client.fd, data, len, MSG_NOSIGNAL) < 0 && errno != EPIPE &&
	    errno != ECONNRESET)
		abort();
	run_until_quiet();
}

static void check_nothing_is_left(void)
{
	for (size_t i = 0; i < ENDPOINTS; i++)
		if (listener_busy(view_listener(p.views[i])))
			abort();
	if (p.ingress->n_clients || p.ingress->h2)
		abort();
}

void pair_memory_call(const struct pair_memory_call *call, struct buf *answer)
{
	size_t cut = call->cut < call->request_len ? call->cut : call->request_len;

	p.call = call;
	connect_client(call->endpoint, answer);
	write_client(call->request, cut);
	write_client(call->request + cut, call->request_len - cut);
	loop_io_stop(&p.client.io);
	fd_close(&p.client.fd);
	run_until_quiet();
	hang_up_workload();
	run_until_quiet();
	check_nothing_is_left();
}
