// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The controller and keeper of the tests, in a process of their own with an event loop.
 */
#include "sidecar_pair.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"
#include "capakit/keeper/v1/keeper.pb-c.h"
#include "capakit/sidecar/v1/sidecar.pb-c.h"
#include "certs/authority.h"
#include "certs/tls.h"
#include "http_workload.h"
#include "proto/channel.h"

enum {
	EDGE,
	A,
	B,
	SIDECARS,
	OTHER_USER = 61234,
	WAIT_MS = 5000,
	CERTIFICATE_S = 3600,
	START_TOKEN = 7
};

static const char *const NAMES[] = {"edge", "a", "b"};
static const char *const IDENTITIES[] = {"spiffe://t.capakit/edge", "spiffe://t.capakit/workload/a",
					 "spiffe://t.capakit/workload/b"};

struct process {
	struct channel *control;
	struct channel *keeper;
	int index;
};

static struct {
	struct process processes[SIDECARS];
	struct authority *authority;
	struct loop *loop;
	struct loop_io orders;
	int order_fd;
	int event_fd;
	int hostile_caller[PAIR_HOSTILE_CALLERS]; // our ends, and how many were given away
	int hostile_callee[PAIR_HOSTILE_CALLEES];
	size_t n_callers, n_callees;
	struct sidecar_pair_options options;
} c; // of the controller process

typedef Capakit__Sidecar__V1__Command command_t;

static void fatal(const char *what, const struct err *err)
{
	fprintf(stderr, "sidecar_pair: %s: %s\n", what, err ? err->text : strerror(errno));
	_exit(1);
}

static void say(const struct process *process, const char *what, const char *more)
{
	dprintf(c.event_fd, "%s %s%s\n", NAMES[process->index], what, more);
}

static void on_event(void *owner, const ProtobufCMessage *message, int *fds, size_t n_fds)
{
	const struct process *process = owner;
	const Capakit__Sidecar__V1__Event *event = (const Capakit__Sidecar__V1__Event *)message;
	char text[256];

	if (event->kind_case == CAPAKIT__SIDECAR__V1__EVENT__KIND_CONFIGURED)
		say(process, "configured", "");
	else if (event->kind_case == CAPAKIT__SIDECAR__V1__EVENT__KIND_DRAINED)
		say(process, "drained", "");
	else if (event->kind_case == CAPAKIT__SIDECAR__V1__EVENT__KIND_WORKLOAD_READY)
		say(process, "ready ", event->workload_ready->by_bridge ? "bridge" : "socket");
	else if (event->kind_case == CAPAKIT__SIDECAR__V1__EVENT__KIND_WORKLOAD_PAUSED)
		say(process,
		    event->workload_paused->token == START_TOKEN ? "paused" : "wrong token", "");
	else if (event->kind_case == CAPAKIT__SIDECAR__V1__EVENT__KIND_FAULTS_SET)
		say(process, "faults set", "");
	else if (event->kind_case == CAPAKIT__SIDECAR__V1__EVENT__KIND_FAULT_REACHED)
		say(process, "fault reached ", event->fault_reached->link);
	else if (event->kind_case == CAPAKIT__SIDECAR__V1__EVENT__KIND_LINK_STATE) {
		snprintf(text, sizeof(text), "%s %s%s", event->link_state->link,
			 event->link_state->up ? "up" : "down",
			 event->link_state->replaced ? " replaced" : "");
		say(process, "link ", text);
	}
}

static void on_gone(void *owner, const struct err *why)
{
	say(owner, "gone: ", why->text);
}

static void answer_sign(struct process *process, const Capakit__Keeper__V1__Request *request)
{
	Capakit__Keeper__V1__Certificate certificate = CAPAKIT__KEEPER__V1__CERTIFICATE__INIT;
	Capakit__Keeper__V1__Reply reply = CAPAKIT__KEEPER__V1__REPLY__INIT;
	auto_buf struct buf der;
	time_t not_after;
	struct err err;

	buf_init(&der, 64 * 1024);
	if (!authority_issue(c.authority, request->sign_certificate->request.data,
			     request->sign_certificate->request.len, IDENTITIES[process->index],
			     time(NULL), CERTIFICATE_S, &der, &not_after, &err))
		fatal("issuing", &err);
	certificate.certificate = (ProtobufCBinaryData){buf_len(&der), buf_bytes(&der)};
	certificate.authority.data = (uint8_t *)(uintptr_t)authority_certificate(
		c.authority, &certificate.authority.len);
	certificate.not_after = not_after;
	reply.id = request->id;
	reply.kind_case = CAPAKIT__KEEPER__V1__REPLY__KIND_CERTIFICATE;
	reply.certificate = &certificate;
	if (!channel_send(process->keeper, &reply.base, NULL, 0, &err))
		fatal("answering", &err);
}

static void answer_secret(struct process *process, const Capakit__Keeper__V1__Request *request)
{
	Capakit__Keeper__V1__Secret secret = CAPAKIT__KEEPER__V1__SECRET__INIT;
	Capakit__Keeper__V1__Error error = CAPAKIT__KEEPER__V1__ERROR__INIT;
	Capakit__Keeper__V1__Reply reply = CAPAKIT__KEEPER__V1__REPLY__INIT;
	struct err err;

	reply.id = request->id;
	if (str_eq(request->resolve_secret->name, "model_key")) {
		secret.value.data = (uint8_t *)(uintptr_t)PAIR_SECRET;
		secret.value.len = strlen(PAIR_SECRET);
		reply.kind_case = CAPAKIT__KEEPER__V1__REPLY__KIND_SECRET;
		reply.secret = &secret;
	} else {
		error.code = (char *)(uintptr_t) "NotGranted";
		error.message = (char *)(uintptr_t) "not granted to this workload";
		reply.kind_case = CAPAKIT__KEEPER__V1__REPLY__KIND_ERROR;
		reply.error = &error;
	}
	if (!channel_send(process->keeper, &reply.base, NULL, 0, &err))
		fatal("answering", &err);
}

static void on_keeper_request(void *owner, const ProtobufCMessage *message, int *fds, size_t n_fds)
{
	const Capakit__Keeper__V1__Request *request = (const Capakit__Keeper__V1__Request *)message;

	if (request->kind_case == CAPAKIT__KEEPER__V1__REQUEST__KIND_SIGN_CERTIFICATE)
		answer_sign(owner, request);
	else if (!str_eq(request->resolve_secret->name, "late"))
		answer_secret(owner, request);
}

static void send_command(int index, const command_t *command, int fd)
{
	struct err err;

	if (!channel_send(c.processes[index].control, &command->base, &fd, fd >= 0 ? 1 : 0, &err))
		fatal("commanding", &err);
}

static void exec_sidecar(const char *program, const char *log, int control, int keeper, int view)
{
	char *const none[] = {NULL};
	char *const argv[] = {(char *)(uintptr_t) "capakit-sidecar", NULL};
	int log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0666);
	int null = open("/dev/null", O_RDWR);
	int from[] = {null, log_fd, log_fd, control, keeper, view};

	for (size_t i = 0; i < array_len(from); i++)
		from[i] = fcntl(from[i], F_DUPFD, 20);
	for (size_t i = 0; i < array_len(from); i++)
		dup2(from[i], (int)i);
	close_range(6, ~0u, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (geteuid() == 0 &&
	    (setgroups(0, NULL) != 0 || setresgid(OTHER_USER, OTHER_USER, OTHER_USER) != 0 ||
	     setresuid(OTHER_USER, OTHER_USER, OTHER_USER) != 0))
		_exit(1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execve(program, argv, none);
	_exit(1);
}

static pid_t spawn(int index)
{
	struct process *process = &c.processes[index];
	Capakit__Sidecar__V1__Configure configure = CAPAKIT__SIDECAR__V1__CONFIGURE__INIT;
	command_t command = CAPAKIT__SIDECAR__V1__COMMAND__INIT;
	int control[2], keeper[2];
	int view = open(NAMES[index], O_PATH | O_DIRECTORY);
	char log[32], name[32];
	struct err err;
	pid_t pid;

	snprintf(log, sizeof(log), "%s.log", NAMES[index]);
	snprintf(name, sizeof(name), "sidecar %s", NAMES[index]);
	if (!fd_socket_pair(SOCK_SEQPACKET, control, &err) ||
	    !fd_socket_pair(SOCK_SEQPACKET, keeper, &err))
		fatal("spawning", &err);
	pid = fork();
	if (pid == 0)
		exec_sidecar(c.options.program, log, control[1], keeper[1], view);
	close(control[1]);
	close(keeper[1]);
	close(view);
	process->index = index;
	process->control = channel_new(c.loop, control[0], &capakit__sidecar__v1__event__descriptor,
				       on_event, on_gone, process);
	process->keeper = channel_new(c.loop, keeper[0], &capakit__keeper__v1__request__descriptor,
				      on_keeper_request, on_gone, process);
	configure.role = index == EDGE ? CAPAKIT__SIDECAR__V1__ROLE__EDGE
				       : CAPAKIT__SIDECAR__V1__ROLE__WORKLOAD;
	configure.identity = (char *)(uintptr_t)IDENTITIES[index];
	configure.name = name;
	configure.test_run = c.options.test_run && index == A;
	command.kind_case = CAPAKIT__SIDECAR__V1__COMMAND__KIND_CONFIGURE;
	command.configure = &configure;
	send_command(index, &command, -1);
	return pid;
}

/* The paths of b that a link grants: those nobody calls, and behind them the one that is called. */
static char **granted_paths(void)
{
	static char **paths;

	if (paths)
		return paths;
	paths = xcalloc(c.options.more_routes + 1, sizeof(*paths));
	for (size_t i = 0; i < c.options.more_routes; i++)
		paths[i] = xasprintf("/route-%zu", i);
	paths[c.options.more_routes] = xstrdup("/w");
	return paths;
}

static void add_link(int caller, const char *name)
{
	Capakit__Sidecar__V1__AddLink link = CAPAKIT__SIDECAR__V1__ADD_LINK__INIT;
	command_t command = CAPAKIT__SIDECAR__V1__COMMAND__INIT;
	int ends[2];
	struct err err;

	if (!fd_socket_pair(SOCK_STREAM, ends, &err))
		fatal("linking", &err);
	command.kind_case = CAPAKIT__SIDECAR__V1__COMMAND__KIND_ADD_LINK;
	command.add_link = &link;
	link.link = (char *)(uintptr_t)name;
	link.side = CAPAKIT__SIDECAR__V1__ADD_LINK__SIDE__CALLER;
	link.peer = (char *)(uintptr_t)IDENTITIES[B];
	send_command(caller, &command, ends[0]);
	link.side = CAPAKIT__SIDECAR__V1__ADD_LINK__SIDE__CALLEE;
	link.peer =
		(char *)(uintptr_t)IDENTITIES[c.options.wrong_peer ? EDGE + A - caller : caller];
	link.paths = granted_paths();
	link.n_paths = c.options.more_routes + 1;
	send_command(B, &command, ends[1]);
	close(ends[0]);
	close(ends[1]);
}

/* The other end is the test's. */
static void add_hostile_link(bool calls)
{
	static char *paths[] = {(char *)(uintptr_t) "/w"};
	Capakit__Sidecar__V1__AddLink link = CAPAKIT__SIDECAR__V1__ADD_LINK__INIT;
	command_t command = CAPAKIT__SIDECAR__V1__COMMAND__INIT;
	size_t *n = calls ? &c.n_callers : &c.n_callees;
	int *fd = &(calls ? c.hostile_caller : c.hostile_callee)[(*n)++];

	link.link = (char *)(uintptr_t)(calls ? "evil>b" : "a>evil");
	link.peer = (char *)(uintptr_t)PAIR_HOSTILE_NAME;
	link.side = calls ? CAPAKIT__SIDECAR__V1__ADD_LINK__SIDE__CALLEE
			  : CAPAKIT__SIDECAR__V1__ADD_LINK__SIDE__CALLER;
	link.paths = paths;
	link.n_paths = calls ? 1 : 0;
	command.kind_case = CAPAKIT__SIDECAR__V1__COMMAND__KIND_ADD_LINK;
	command.add_link = &link;
	send_command(calls ? B : A, &command, *fd);
	fd_close(fd);
}

static void add_more_links(void)
{
	for (size_t i = 0; i < c.options.more_links; i++) {
		auto_free char *name = xasprintf("a>b %zu", i);

		add_link(A, name);
	}
}

static void serve_b(void)
{
	Capakit__Sidecar__V1__ServeWorkload serve = CAPAKIT__SIDECAR__V1__SERVE_WORKLOAD__INIT;
	command_t command = CAPAKIT__SIDECAR__V1__COMMAND__INIT;
	size_t n = c.options.more_routes + 2;
	auto_free Capakit__Sidecar__V1__Endpoint *endpoints = xcalloc(n, sizeof(*endpoints));
	auto_free Capakit__Sidecar__V1__Endpoint **pointers = xcalloc(n, sizeof(*pointers));

	for (size_t i = 0; i < n; i++) {
		capakit__sidecar__v1__endpoint__init(&endpoints[i]);
		endpoints[i].path = i + 1 < n ? granted_paths()[i] : (char *)(uintptr_t) "/other";
		pointers[i] = &endpoints[i];
	}
	endpoints[n - 2].max_body = c.options.max_body;
	endpoints[n - 2].http2 = c.options.http2;
	serve.workload = (char *)(uintptr_t) "b";
	serve.endpoints = pointers;
	serve.n_endpoints = n;
	command.kind_case = CAPAKIT__SIDECAR__V1__COMMAND__KIND_SERVE_WORKLOAD;
	command.serve_workload = &serve;
	send_command(B, &command, -1);
}

static int listen_in(const char *folder, const char *name)
{
	auto_fd int dir = open(folder, O_PATH | O_DIRECTORY);
	struct err err;
	int fd = fd_listen_unix(dir, name, 0777, 128, &err);

	if (fd < 0)
		fatal("listening", &err);
	return fd;
}

static void connect_a(const char *workload, const char *socket, const char *link)
{
	Capakit__Sidecar__V1__AddConnection add = CAPAKIT__SIDECAR__V1__ADD_CONNECTION__INIT;
	Capakit__Sidecar__V1__Endpoint endpoint = CAPAKIT__SIDECAR__V1__ENDPOINT__INIT;
	command_t command = CAPAKIT__SIDECAR__V1__COMMAND__INIT;
	auto_fd int fd = listen_in("a/connect", socket);

	endpoint.path = (char *)(uintptr_t) "/w";
	endpoint.max_body = c.options.max_body;
	add.workload = (char *)(uintptr_t)workload;
	add.endpoint = &endpoint;
	add.link = (char *)(uintptr_t)link;
	add.timeout_ms = c.options.timeout_ms;
	add.retries = c.options.retries;
	command.kind_case = CAPAKIT__SIDECAR__V1__COMMAND__KIND_ADD_CONNECTION;
	command.add_connection = &add;
	send_command(A, &command, fd);
}

static void serve_a(void)
{
	Capakit__Sidecar__V1__ServeBridge bridge = CAPAKIT__SIDECAR__V1__SERVE_BRIDGE__INIT;
	command_t command = CAPAKIT__SIDECAR__V1__COMMAND__INIT;
	auto_fd int fd = listen_in("a", "bridge.sock");

	connect_a("b", "b.sock", "a>b");
	if (c.options.hostile)
		connect_a("evil", "evil.sock", "a>evil");
	command.kind_case = CAPAKIT__SIDECAR__V1__COMMAND__KIND_SERVE_BRIDGE;
	command.serve_bridge = &bridge;
	send_command(A, &command, fd);
}

static uint16_t serve_edge(void)
{
	Capakit__Sidecar__V1__Expose expose = CAPAKIT__SIDECAR__V1__EXPOSE__INIT;
	Capakit__Sidecar__V1__Expose *exposes[] = {&expose};
	Capakit__Sidecar__V1__ServeEdge serve = CAPAKIT__SIDECAR__V1__SERVE_EDGE__INIT;
	command_t command = CAPAKIT__SIDECAR__V1__COMMAND__INIT;
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(name);
	uint32_t uids[] = {geteuid()};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&name, len) != 0 || listen(fd, 128) != 0 ||
	    getsockname(fd, (struct sockaddr *)&name, &len) != 0)
		fatal("listening", NULL);
	expose.public_path = (char *)(uintptr_t) "/";
	expose.endpoint_path = (char *)(uintptr_t) "/w";
	expose.link = (char *)(uintptr_t) "edge>b";
	expose.workload = (char *)(uintptr_t) "b";
	serve.exposes = exposes;
	serve.n_exposes = 1;
	serve.address = (char *)(uintptr_t) "127.0.0.1";
	serve.port = ntohs(name.sin_port);
	serve.allow_uids = uids;
	serve.n_allow_uids = 1;
	command.kind_case = CAPAKIT__SIDECAR__V1__COMMAND__KIND_SERVE_EDGE;
	command.serve_edge = &serve;
	send_command(EDGE, &command, fd);
	close(fd);
	return ntohs(name.sin_port);
}

static void drain_all(void)
{
	Capakit__Sidecar__V1__Drain drain = CAPAKIT__SIDECAR__V1__DRAIN__INIT;
	command_t command = CAPAKIT__SIDECAR__V1__COMMAND__INIT;

	command.kind_case = CAPAKIT__SIDECAR__V1__COMMAND__KIND_DRAIN;
	command.drain = &drain;
	for (int i = 0; i < SIDECARS; i++)
		send_command(i, &command, -1);
}

static void watch_ready(int index)
{
	Capakit__Sidecar__V1__WatchReady watch = CAPAKIT__SIDECAR__V1__WATCH_READY__INIT;
	command_t command = CAPAKIT__SIDECAR__V1__COMMAND__INIT;

	watch.token = START_TOKEN;
	command.kind_case = CAPAKIT__SIDECAR__V1__COMMAND__KIND_WATCH_READY;
	command.watch_ready = &watch;
	send_command(index, &command, -1);
}

static void pause_workload(void)
{
	Capakit__Sidecar__V1__PauseWorkload pause = CAPAKIT__SIDECAR__V1__PAUSE_WORKLOAD__INIT;
	command_t command = CAPAKIT__SIDECAR__V1__COMMAND__INIT;

	pause.token = START_TOKEN;
	command.kind_case = CAPAKIT__SIDECAR__V1__COMMAND__KIND_PAUSE_WORKLOAD;
	command.pause_workload = &pause;
	send_command(B, &command, -1);
}

static void set_fault(void)
{
	Capakit__Sidecar__V1__SetFaults set = CAPAKIT__SIDECAR__V1__SET_FAULTS__INIT;
	Capakit__Sidecar__V1__Fault fault = CAPAKIT__SIDECAR__V1__FAULT__INIT;
	Capakit__Sidecar__V1__Fault *faults[] = {&fault};
	command_t command = CAPAKIT__SIDECAR__V1__COMMAND__INIT;
	struct pair_fault wanted;

	if (read(c.order_fd, &wanted, sizeof(wanted)) != sizeof(wanted))
		fatal("reading a fault", NULL);
	fault.link = (char *)(uintptr_t) "a>b";
	fault.kind = wanted.kind;
	fault.mid_stream = wanted.mid_stream;
	fault.latency_ms = wanted.latency_ms;
	fault.status = wanted.status;
	set.faults = faults;
	set.n_faults = wanted.kind ? 1 : 0;
	command.kind_case = CAPAKIT__SIDECAR__V1__COMMAND__KIND_SET_FAULTS;
	command.set_faults = &set;
	send_command(A, &command, -1);
}

static void on_order(struct loop_io *io, int events)
{
	char order = 0;

	if (read(c.order_fd, &order, 1) <= 0)
		_exit(0); // the test is over: the sidecars die with this process
	if (order == PAIR_RENEW)
		add_link(A, "a>b");
	else if (order == PAIR_DRAIN)
		drain_all();
	else if (order == PAIR_PAUSE)
		pause_workload();
	else if (order == PAIR_WATCH_READY) {
		watch_ready(A);
		watch_ready(B);
	} else if (order == PAIR_HOSTILE_CALLER || order == PAIR_HOSTILE_CALLEE)
		add_hostile_link(order == PAIR_HOSTILE_CALLER);
	else if (order == PAIR_FAULT)
		set_fault();
}

static void run_controller(int events, int orders)
{
	pid_t pids[SIDECARS];
	struct err err;
	uint16_t port;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	c.event_fd = events;
	c.order_fd = orders;
	c.loop = loop_new(&err);
	if (!c.loop)
		fatal("starting", &err);
	for (int i = 0; i < SIDECARS; i++)
		pids[i] = spawn(i);
	port = serve_edge();
	serve_a();
	serve_b();
	add_link(EDGE, "edge>b");
	add_link(A, "a>b");
	add_more_links();
	dprintf(events, "port %u pids %d %d %d\n", port, pids[0], pids[1], pids[2]);
	loop_io_init(&c.orders, c.loop, orders, on_order);
	loop_io_want(&c.orders, LOOP_READ);
	loop_run(c.loop);
	_exit(0);
}

static bool read_line(struct sidecar_pair *pair, char *line, size_t size)
{
	size_t len = 0;

	while (len + 1 < size) {
		struct pollfd wait = {.fd = pair->events, .events = POLLIN};

		if (poll(&wait, 1, WAIT_MS) <= 0 || read(pair->events, &line[len], 1) <= 0)
			return false;
		if (line[len] == '\n')
			break;
		len++;
	}
	line[len] = '\0';
	return true;
}

bool pair_event(struct sidecar_pair *pair, const char *text)
{
	char line[1024];

	while (read_line(pair, line, sizeof(line)))
		if (strstr(line, text))
			return true;
	return false;
}

static void make_folders(struct sidecar_pair *pair)
{
	static const char *const folders[] = {"edge", "a",	   "a/ingress", "a/connect",
					      "b",    "b/ingress", "b/connect"};

	snprintf(pair->dir, sizeof(pair->dir), "/tmp/capakit-pair-XXXXXX");
	if (!mkdtemp(pair->dir) || chmod(pair->dir, 0777) != 0 || chdir(pair->dir) != 0)
		fatal("making a folder", NULL);
	for (size_t i = 0; i < array_len(folders); i++)
		if (mkdir(folders[i], 0777) != 0 || chmod(folders[i], 0777) != 0)
			fatal("making a folder", NULL);
}

static bool wait_for_links(struct sidecar_pair *pair, const struct sidecar_pair_options *options)
{
	char line[1024];
	bool edge = false, a = false;

	if (options->wrong_peer)
		return pair_event(pair, "down");
	while ((!edge || !a) && read_line(pair, line, sizeof(line))) {
		edge |= str_eq(line, "edge link edge>b up");
		a |= str_eq(line, "a link a>b up");
	}
	return edge && a;
}

static void make_authority(struct sidecar_pair *pair)
{
	struct err err;

	if (!tls_init(&err) || !(c.authority = authority_new("t.capakit", time(NULL), &err)))
		fatal("making an authority", &err);
	pair->authority = c.authority;
}

static void make_ends(int *ours, int *theirs, size_t n)
{
	int ends[2];
	struct err err;

	for (size_t i = 0; i < n; i++) {
		if (!fd_socket_pair(SOCK_STREAM, ends, &err))
			fatal("making links", &err);
		ours[i] = ends[0];
		theirs[i] = ends[1];
	}
}

static void make_hostile_ends(struct sidecar_pair *pair)
{
	make_ends(pair->hostile_caller, c.hostile_caller, PAIR_HOSTILE_CALLERS);
	make_ends(pair->hostile_callee, c.hostile_callee, PAIR_HOSTILE_CALLEES);
}

/* Each process keeps its own ends only, so that it sees when the other goes. */
static void close_hostile_ends(int *callers, int *callees)
{
	for (size_t i = 0; i < PAIR_HOSTILE_CALLERS; i++)
		fd_close(&callers[i]);
	for (size_t i = 0; i < PAIR_HOSTILE_CALLEES; i++)
		fd_close(&callees[i]);
}

bool sidecar_pair_start(struct sidecar_pair *pair, const struct sidecar_pair_options *options)
{
	int events[2], orders[2];
	char line[1024];
	unsigned port;

	memset(pair, 0, sizeof(*pair));
	make_folders(pair);
	if (!options->no_workload)
		pair->workload = http_workload_start("b/ingress/http.sock");
	if (pipe2(events, O_CLOEXEC) != 0 || pipe2(orders, O_CLOEXEC) != 0)
		return false;
	c.options = *options; // the caller may forget them
	make_authority(pair);
	if (options->hostile)
		make_hostile_ends(pair);
	pair->controller = fork();
	if (pair->controller == 0) {
		close(orders[1]);
		if (options->hostile)
			close_hostile_ends(pair->hostile_caller, pair->hostile_callee);
		run_controller(events[1], orders[0]);
	}
	if (options->hostile)
		close_hostile_ends(c.hostile_caller, c.hostile_callee);
	close(events[1]);
	close(orders[0]);
	pair->events = events[0];
	pair->orders = orders[1];
	if (!read_line(pair, line, sizeof(line)) ||
	    sscanf(line, "port %u pids %d %d %d", &port, &pair->sidecars[0], &pair->sidecars[1],
		   &pair->sidecars[2]) != 4)
		return false;
	pair->edge_port = (uint16_t)port;
	return wait_for_links(pair, options);
}

static void print_log(const char *name)
{
	char path[32], line[1024];
	FILE *log;

	snprintf(path, sizeof(path), "%s.log", name);
	log = fopen(path, "r");
	while (log && fgets(line, sizeof(line), log))
		if (strstr(line, "Sanitizer") || strstr(line, "runtime error") ||
		    getenv("PAIR_LOGS"))
			fprintf(stderr, "%s: %s", name, line);
	if (log)
		fclose(log);
}

void sidecar_pair_stop(struct sidecar_pair *pair)
{
	auto_fd int tmp = open("/tmp", O_PATH | O_DIRECTORY);
	struct err err;

	close(pair->orders);
	close(pair->events);
	waitpid(pair->controller, NULL, 0);
	authority_free(&pair->authority);
	if (c.options.hostile)
		close_hostile_ends(pair->hostile_caller, pair->hostile_callee);
	if (pair->workload > 0) {
		kill(pair->workload, SIGKILL);
		waitpid(pair->workload, NULL, 0);
	}
	for (int i = 0; i < SIDECARS; i++)
		print_log(NAMES[i]);
	if (chdir("/") != 0 || !path_remove_tree(tmp, pair->dir + strlen("/tmp/"), &err))
		fprintf(stderr, "removing %s failed\n", pair->dir);
}

void pair_set_fault(struct sidecar_pair *pair, const struct pair_fault *fault)
{
	pair_order(pair, PAIR_FAULT);
	if (write(pair->orders, fault, sizeof(*fault)) != sizeof(*fault))
		fatal("ordering a fault", NULL);
}

void pair_order(struct sidecar_pair *pair, enum pair_order order)
{
	char byte = (char)order;

	if (write(pair->orders, &byte, 1) != 1)
		fatal("ordering", NULL);
}

static int connect_unix(const char *path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0)
		return fd;
	close(fd);
	return -1;
}

int pair_call(const struct sidecar_pair *pair)
{
	return connect_unix("a/connect/b.sock");
}

int pair_call_hostile(const struct sidecar_pair *pair)
{
	return connect_unix("a/connect/evil.sock");
}

int pair_bridge(const struct sidecar_pair *pair)
{
	return connect_unix("a/bridge.sock");
}

int pair_edge(const struct sidecar_pair *pair)
{
	struct sockaddr_in name = {.sin_family = AF_INET,
				   .sin_addr = {htonl(INADDR_LOOPBACK)},
				   .sin_port = htons(pair->edge_port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0)
		return fd;
	close(fd);
	return -1;
}

long pair_private_kb(pid_t pid)
{
	auto_free char *path = xasprintf("/proc/%d/smaps_rollup", (int)pid);
	FILE *file = fopen(path, "r");
	char line[256];
	long sum = 0, kb;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Private_Clean: %ld", &kb) == 1 ||
		    sscanf(line, "Private_Dirty: %ld", &kb) == 1)
			sum += kb;
	if (file)
		fclose(file);
	return sum;
}
