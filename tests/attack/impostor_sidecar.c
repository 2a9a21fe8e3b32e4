// SPDX-License-Identifier: GPL-3.0-or-later
/* The other ends of one sidecar: controller, keeper, and a workload in a thread. */
#include "impostor_sidecar.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "capakit/keeper/v1/keeper.pb-c.h"
#include "capakit/sidecar/v1/sidecar.pb-c.h"
#include "controller/app/spawn.h"

enum { OTHER_USER = 61235, MESSAGE_MAX = 64 * 1024, REQUEST_MAX = 16 * 1024 };

typedef Capakit__Sidecar__V1__Command command_t;

static struct {
	struct authority *authority;
	int control;
	int keeper;
	atomic_uint requests;
} s;

_Noreturn void give_up(const char *what)
{
	printf("not ok impostor: %s: %s\n", what, strerror(errno));
	exit(1);
}

static char *text(const char *constant)
{
	return (char *)(uintptr_t)constant;
}

/* ---- the workload */

static void answer(int connection)
{
	char request[REQUEST_MAX], path[256], body[300], response[512];
	size_t len = 0;

	while (len < sizeof(request) - 1) {
		ssize_t got = recv(connection, request + len, sizeof(request) - 1 - len, 0);
		if (got <= 0)
			return;
		len += (size_t)got;
		request[len] = '\0';
		if (!strstr(request, "\r\n\r\n"))
			continue;
		len = 0;
		atomic_fetch_add(&s.requests, 1);
		if (sscanf(request, "%*15s %255s", path) != 1)
			return;
		int n = snprintf(body, sizeof(body), "reached %s", path);
		n = snprintf(response, sizeof(response),
			     "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", n, body);
		if (send(connection, response, (size_t)n, MSG_NOSIGNAL) != n)
			return;
	}
}

static void *serve(void *listener)
{
	for (;;) {
		struct pollfd wait = {.fd = *(int *)listener, .events = POLLIN};
		poll(&wait, 1, -1);
		auto_fd int connection = accept4(wait.fd, NULL, NULL, SOCK_CLOEXEC);
		if (connection >= 0)
			answer(connection);
	}
	return NULL;
}

unsigned workload_requests(void)
{
	return atomic_load(&s.requests);
}

static void start_workload(void)
{
	static int listener;
	auto_fd int ingress = open("ingress", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct err err;
	pthread_t thread;

	listener = fd_listen_unix(ingress, "http.sock", 0777, 16, &err);
	if (listener < 0 || pthread_create(&thread, NULL, serve, &listener) != 0)
		give_up("starting the workload");
}

/* ---- messages, each a packet */

static void send_message(int socket, const ProtobufCMessage *message, int fd)
{
	static uint8_t data[MESSAGE_MAX];
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec block = {.iov_base = data, .iov_len = protobuf_c_message_pack(message, data)};
	struct msghdr header = {.msg_iov = &block, .msg_iovlen = 1};

	if (fd >= 0) {
		header.msg_control = &control;
		header.msg_controllen = sizeof(control.space);
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.align), &fd, sizeof(fd));
	}
	if (sendmsg(socket, &header, MSG_NOSIGNAL) < 0)
		give_up("sending to the sidecar");
}

static void *receive_message(int socket, const ProtobufCMessageDescriptor *type)
{
	static uint8_t data[MESSAGE_MAX];
	struct pollfd wait = {.fd = socket, .events = POLLIN};

	if (poll(&wait, 1, PATIENCE_MS) != 1)
		give_up("waiting for the sidecar");
	ssize_t len = recv(socket, data, sizeof(data), 0);
	void *message = len > 0 ? protobuf_c_message_unpack(type, NULL, (size_t)len, data) : NULL;
	if (!message)
		give_up("the sidecar is gone");
	return message;
}

static void command(command_t *command, int fd)
{
	send_message(s.control, &command->base, fd);
}

/* ---- keeper */

static void sign_certificate(void)
{
	Capakit__Keeper__V1__Request *request =
		receive_message(s.keeper, &capakit__keeper__v1__request__descriptor);
	Capakit__Keeper__V1__Certificate certificate = CAPAKIT__KEEPER__V1__CERTIFICATE__INIT;
	Capakit__Keeper__V1__Reply reply = CAPAKIT__KEEPER__V1__REPLY__INIT;
	auto_buf struct buf der;
	time_t not_after;
	struct err err;

	buf_init(&der, MESSAGE_MAX / 2);
	if (request->kind_case != CAPAKIT__KEEPER__V1__REQUEST__KIND_SIGN_CERTIFICATE ||
	    !authority_issue(s.authority, request->sign_certificate->request.data,
			     request->sign_certificate->request.len, URI_B, time(NULL), 3600, &der,
			     &not_after, &err))
		give_up("issuing the sidecar's certificate");
	certificate.certificate = (ProtobufCBinaryData){buf_len(&der), buf_bytes(&der)};
	certificate.authority.data = (uint8_t *)(uintptr_t)authority_certificate(
		s.authority, &certificate.authority.len);
	certificate.not_after = not_after;
	reply.id = request->id;
	reply.kind_case = CAPAKIT__KEEPER__V1__REPLY__KIND_CERTIFICATE;
	reply.certificate = &certificate;
	send_message(s.keeper, &reply.base, -1);
	capakit__keeper__v1__request__free_unpacked(request, NULL);
}

/* ---- controller */

static void configure(void)
{
	Capakit__Sidecar__V1__Configure configure = CAPAKIT__SIDECAR__V1__CONFIGURE__INIT;
	command_t message = CAPAKIT__SIDECAR__V1__COMMAND__INIT;

	configure.role = CAPAKIT__SIDECAR__V1__ROLE__WORKLOAD;
	configure.identity = text(URI_B);
	configure.name = text("sidecar b");
	message.kind_case = CAPAKIT__SIDECAR__V1__COMMAND__KIND_CONFIGURE;
	message.configure = &configure;
	command(&message, -1);
}

static void serve_workload(void)
{
	Capakit__Sidecar__V1__ServeWorkload serve = CAPAKIT__SIDECAR__V1__SERVE_WORKLOAD__INIT;
	Capakit__Sidecar__V1__Endpoint endpoint = CAPAKIT__SIDECAR__V1__ENDPOINT__INIT;
	Capakit__Sidecar__V1__Endpoint other = CAPAKIT__SIDECAR__V1__ENDPOINT__INIT;
	Capakit__Sidecar__V1__Endpoint *endpoints[] = {&endpoint, &other};
	command_t message = CAPAKIT__SIDECAR__V1__COMMAND__INIT;

	endpoint.path = text("/w");
	other.path = text("/other");
	serve.workload = text("b");
	serve.endpoints = endpoints;
	serve.n_endpoints = array_len(endpoints);
	message.kind_case = CAPAKIT__SIDECAR__V1__COMMAND__KIND_SERVE_WORKLOAD;
	message.serve_workload = &serve;
	command(&message, -1);
}

static void add_connection(void)
{
	Capakit__Sidecar__V1__AddConnection add = CAPAKIT__SIDECAR__V1__ADD_CONNECTION__INIT;
	Capakit__Sidecar__V1__Endpoint endpoint = CAPAKIT__SIDECAR__V1__ENDPOINT__INIT;
	command_t message = CAPAKIT__SIDECAR__V1__COMMAND__INIT;
	auto_fd int connect = open("connect", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct err err;
	auto_fd int listener = fd_listen_unix(connect, "c.sock", 0777, 16, &err);

	if (listener < 0)
		give_up("making the connection's socket");
	endpoint.path = text("/w");
	add.workload = text("c");
	add.endpoint = &endpoint;
	add.link = text("b>c");
	message.kind_case = CAPAKIT__SIDECAR__V1__COMMAND__KIND_ADD_CONNECTION;
	message.add_connection = &add;
	command(&message, listener);
}

static void add_link(const char *name, bool called, int fd)
{
	static char *paths[] = {(char *)(uintptr_t) "/w"};
	Capakit__Sidecar__V1__AddLink link = CAPAKIT__SIDECAR__V1__ADD_LINK__INIT;
	command_t message = CAPAKIT__SIDECAR__V1__COMMAND__INIT;

	link.link = text(name);
	link.side = called ? CAPAKIT__SIDECAR__V1__ADD_LINK__SIDE__CALLEE
			   : CAPAKIT__SIDECAR__V1__ADD_LINK__SIDE__CALLER;
	link.peer = text(called ? URI_A : URI_C);
	link.paths = paths;
	link.n_paths = called ? 1 : 0;
	message.kind_case = CAPAKIT__SIDECAR__V1__COMMAND__KIND_ADD_LINK;
	message.add_link = &link;
	command(&message, fd);
}

static int new_link(const char *name, bool called)
{
	int ends[2];
	struct err err;

	if (!fd_socket_pair(SOCK_STREAM, ends, &err))
		give_up("making a link");
	add_link(name, called, ends[1]);
	close(ends[1]);
	return ends[0];
}

int sidecar_link_from_a(const char *name)
{
	return new_link(name, true);
}

int sidecar_link_to_c(void)
{
	return new_link("b>c", false);
}

void sidecar_give_link_from_a(const char *name, int fd)
{
	add_link(name, true, fd);
}

bool sidecar_says_up(const char *link, char *reason, size_t size)
{
	for (;;) {
		Capakit__Sidecar__V1__Event *event =
			receive_message(s.control, &capakit__sidecar__v1__event__descriptor);
		bool mine = event->kind_case == CAPAKIT__SIDECAR__V1__EVENT__KIND_LINK_STATE &&
			    str_eq(event->link_state->link, link) && !event->link_state->replaced;
		bool up = mine && event->link_state->up;
		if (mine)
			snprintf(reason, size, "%s", event->link_state->reason);
		capakit__sidecar__v1__event__free_unpacked(event, NULL);
		if (mine)
			return up;
	}
}

static void wait_configured(void)
{
	Capakit__Sidecar__V1__Event *event =
		receive_message(s.control, &capakit__sidecar__v1__event__descriptor);
	bool configured = event->kind_case == CAPAKIT__SIDECAR__V1__EVENT__KIND_CONFIGURED;

	capakit__sidecar__v1__event__free_unpacked(event, NULL);
	if (!configured)
		give_up("the sidecar did not begin");
}

static void start_process(const char *program, int control, int keeper)
{
	auto_fd int view = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	uid_t user = geteuid() == 0 ? OTHER_USER : 0;
	struct spawn spawn = {
		.program = program,
		.fds = {-1, STDOUT_FILENO, STDOUT_FILENO, control, keeper, view},
		.n_fds = 6,
		.uid = user,
		.gid = user,
	};
	struct err err;

	if (spawn_program(&spawn, &err) < 0)
		give_up(err.text);
}

static void make_view(const char *view)
{
	static const char *const folders[] = {".", "ingress", "connect"};

	if (chdir(view) != 0 || mkdir("ingress", 0777) != 0 || mkdir("connect", 0777) != 0)
		give_up("making the view");
	for (size_t i = 0; i < array_len(folders); i++)
		if (chmod(folders[i], 0777) != 0)
			give_up("making the view");
}

void sidecar_begin(const char *program, const char *view)
{
	int control[2], keeper[2];
	struct err err;

	make_view(view);
	start_workload();
	s.authority = authority_new(DOMAIN, time(NULL), &err);
	if (!s.authority || !fd_socket_pair(SOCK_SEQPACKET, control, &err) ||
	    !fd_socket_pair(SOCK_SEQPACKET, keeper, &err))
		give_up("starting");
	start_process(program, control[1], keeper[1]);
	close(control[1]);
	close(keeper[1]);
	s.control = control[0];
	s.keeper = keeper[0];
	configure();
	sign_certificate();
	serve_workload();
	add_connection();
	wait_configured();
}

struct authority *sidecar_authority(void)
{
	return s.authority;
}
