// SPDX-License-Identifier: GPL-3.0-or-later
// A confined egress sidecar with a name server of our own, in namespaces of the test: real sockets,
// and names that lead wherever an attacker would have them lead.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "sidecar/confine.h"
#include "sidecar/egress.h"
#include "tests/lib/dns_stub.h"

#define USER 61234
#define PUBLIC "93.184.216.34" // given to this machine

static pid_t proxy, name_server;
static uint16_t proxy_port, server_port;
static int server_fd;
static atomic_uint *questions;

static void must(bool done, const char *what)
{
	if (!done) {
		perror(what);
		exit(1);
	}
}

/* On this port, or any if it is 0. */
static int listen_on(uint16_t *port)
{
	int on = 1;
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(*port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	must(bind(fd, (struct sockaddr *)&address, len) == 0 && listen(fd, 1000) == 0 &&
		     getsockname(fd, (struct sockaddr *)&address, &len) == 0,
	     "listen");
	*port = ntohs(address.sin_port);
	return fd;
}

static void write_file(const char *path, const char *text)
{
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
}

static void replace_file(const char *path, const char *text)
{
	char copy[] = "/tmp/capakit-egress-XXXXXX";
	close(mkstemp(copy));
	write_file(copy, text);
	must(mount(copy, path, NULL, MS_BIND, NULL) == 0, path);
	unlink(copy);
}

static void set_address(const char *name, const char *address)
{
	struct ifreq request = {0};
	struct sockaddr_in *to = (struct sockaddr_in *)&request.ifr_addr;
	auto_fd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	to->sin_family = AF_INET;
	inet_pton(AF_INET, address, &to->sin_addr);
	must(ioctl(fd, SIOCSIFADDR, &request) == 0, "SIOCSIFADDR");
	request.ifr_flags = IFF_UP;
	must(ioctl(fd, SIOCSIFFLAGS, &request) == 0, "SIOCSIFFLAGS");
}

static void enter_namespaces(void)
{
	char map[48];
	if (getuid() == 0)
		must(setgroups(0, NULL) == 0 && setgid(USER) == 0 && setuid(USER) == 0, "setuid");
	uid_t uid = getuid();
	gid_t gid = getgid();
	prctl(PR_SET_DUMPABLE, 1);
	must(unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) == 0, "unshare");
	snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	write_file("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "%u %u 1", gid, gid);
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/gid_map", map);
	set_address("lo", "127.0.0.1");
	set_address("lo:1", PUBLIC);
	replace_file("/etc/resolv.conf", "nameserver 127.0.0.1\n");
	replace_file("/etc/hosts", "127.0.0.1 localhost registry.corp\n");
}

static void start_name_server(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(53),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	must(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "bind port 53");
	questions = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	name_server = fork();
	if (name_server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dns_stub_serve(fd, questions);
	}
	close(fd);
}

static struct egress *served;

static void on_drained(void *owner)
{
	loop_stop(owner);
}

static void on_signal(struct loop_signal *signal, int number)
{
	egress_drain(served, on_drained, signal->loop);
}

static int serve(int listen_fd)
{
	typedef Capakit__Sidecar__V1__EgressRule rule;
	char all[] = "*", local[] = "v4-127-0-0-1.test", corp[] = "registry.corp";
	char once[] = "v4-127-0-0-1.once.test", phase[] = "test";
	char service[] = "idle.host.test", domain[] = ".host.test";
	uint8_t address[16] = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1};
	rule rules[5], *pointers[array_len(rules)];
	for (size_t i = 0; i < array_len(rules); i++) {
		capakit__sidecar__v1__egress_rule__init(&rules[i]);
		pointers[i] = &rules[i];
	}
	rules[0].name = all;
	rules[1].name = local;
	rules[2].name = corp;
	rules[3].name = once;
	rules[4].name = service;
	rules[4].address = (ProtobufCBinaryData){sizeof(address), address};
	for (size_t i = 1; i < array_len(rules); i++) {
		rules[i].port = server_port;
		rules[i].exempt = true;
	}
	Capakit__Sidecar__V1__ServeEgress message = CAPAKIT__SIDECAR__V1__SERVE_EGRESS__INIT;
	message.rules = pointers;
	message.n_rules = array_len(pointers);
	message.phase = phase;
	message.service_domain = domain;
	struct err err;
	struct loop_signal stop;
	struct loop *loop = loop_new(&err);
	struct egress_resolver *resolver = egress_prepare(&err);
	loop_signal_start(&stop, loop, SIGTERM, on_signal);
	if (resolver && confine_self(CONFINE_EGRESS, -1, &err))
		served = egress_new(loop, &resolver, &listen_fd, &message, &err);
	if (!served) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	loop_run(loop);
	egress_free(&served);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max < 8192 ? files.rlim_max : 8192;
	setrlimit(RLIMIT_NOFILE, &files);
	enter_namespaces();
	start_name_server();
	server_fd = listen_on(&server_port);
	auto_fd int listen_fd = listen_on(&proxy_port);
	log_open("egress", LOG_LEVEL_ERROR);
	proxy = fork();
	if (proxy == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(server_fd);
		_exit(serve(take_fd(&listen_fd)));
	}
	return 0;
}

static int dial(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(proxy_port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval patience = {.tv_sec = 10};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Reads until the text has come, or the end of file with NULL; into a buffer of 8 KiB. */
static void hear(int fd, const char *until, char text[8192])
{
	size_t len = 0;
	for (text[0] = '\0'; !until || !strstr(text, until);) {
		ssize_t got = recv(fd, text + len, 8191 - len, 0);
		if (got < 0)
			fail_msg("waiting for %s: %s", until ? until : "the end", strerror(errno));
		if (got == 0)
			break;
		len += (size_t)got;
		text[len] = '\0';
	}
	if (until && !strstr(text, until))
		fail_msg("expected %s, got %s", until, text);
}

static int tunnel_to(const char *name, uint16_t port)
{
	char text[8192];
	int fd = dial();
	snprintf(text, sizeof(text), "CONNECT %s:%u HTTP/1.1\r\nHost: %s\r\n\r\n", name, port,
		 name);
	say(fd, text);
	return fd;
}

static int accept_server(void)
{
	struct timeval patience = {.tv_sec = 10};
	setsockopt(server_fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	int fd = accept(server_fd, NULL, NULL);
	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

static void a_tunnel_passes_bytes_and_half_close(void **state)
{
	(void)state;
	char text[8192];
	auto_fd int client = tunnel_to("V4-127-0-0-1.Test.", server_port);
	say(client, "early");
	auto_fd int server = accept_server();
	hear(client, "HTTP/1.1 200 ", text);
	say(client, " bird");
	hear(server, "early bird", text);
	assert_int_equal(shutdown(client, SHUT_WR), 0);
	hear(server, NULL, text);
	say(server, "answer after the end");
	fd_close(&server);
	hear(client, "answer after the end", text);
	hear(client, NULL, text);
}

static void a_name_of_the_hosts_file(void **state)
{
	(void)state;
	char text[8192];
	unsigned before = atomic_load(questions);
	auto_fd int client = tunnel_to("registry.corp", server_port);
	auto_fd int server = accept_server();
	hear(client, "HTTP/1.1 200 ", text);
	assert_int_equal(atomic_load(questions), before);
}

static void a_service_is_where_the_rule_says(void **state)
{
	(void)state;
	char text[8192];
	unsigned before = atomic_load(questions);
	auto_fd int client = tunnel_to("idle.host.test", server_port);
	auto_fd int server = accept_server();
	hear(client, "HTTP/1.1 200 ", text);
	auto_fd int port = tunnel_to("idle.host.test", 443);
	hear(port, "--allow-host-service idle=ADDRESS:443", text);
	auto_fd int unknown = tunnel_to("v4-93-184-216-34.host.test", 443); // "*" allows the name
	hear(unknown, "it is a service of the host", text);
	assert_int_equal(atomic_load(questions), before); // nobody was asked
}

static void one_request_is_rewritten_and_no_second_follows(void **state)
{
	(void)state;
	char text[8192];
	auto_fd int client = dial();
	snprintf(text, sizeof(text),
		 "POST http://v4-127-0-0-1.test:%u/x?y HTTP/1.1\r\nHost: evil.example\r\n"
		 "Transfer-Encoding: chunked\r\nProxy-Authorization: x\r\n\r\n3\r\nab",
		 server_port);
	say(client, text);
	auto_fd int server = accept_server();
	hear(server, "3\r\nab", text);
	assert_true(str_starts(text, "POST /x?y HTTP/1.1\r\nhost: v4-127-0-0-1.test:"));
	assert_non_null(strstr(text, "\r\nconnection: close\r\n"));
	assert_null(strstr(text, "evil.example"));
	assert_null(strstr(text, "proxy-"));
	say(client, "c\r\n0\r\n\r\nGET http://v4-127-0-0-1.test/second HTTP/1.1\r\n\r\n");
	hear(server, "c\r\n0\r\n\r\n", text);
	say(server, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nbody");
	assert_int_equal(shutdown(server, SHUT_WR), 0);
	hear(server, NULL, text);
	assert_null(strstr(text, "second"));
	hear(client, NULL, text);
	assert_non_null(strstr(text, "\r\n\r\nbody"));
}

static void names_may_not_lead_inside(void **state)
{
	(void)state;
	static const char *const names[] = {
		"v4-127-0-0-1.test",
		"v4-10-0-0-1.test",
		"v4-192-168-1-1.test",
		"v4-169-254-169-254.test",
		"v4-0-0-0-0.test",
		"v6-00000000000000000000000000000001.test",
		"v6-00000000000000000000ffff7f000001.test",
		"v6-0064ff9b00000000000000007f000001.test",
		"v6-20027f00000100000000000000000001.test",
		"v6-fe800000000000000000000000000001.test",
		"v6-fd000ec2000000000000000000000254.test",
		"v4-93-184-216-34.test", // public, but this machine's own
		"registry.corp",	 // on another port than the one that is exempt
		"localhost",
		"127.0.0.1",
		"[::1]",
		"[::ffff:127.0.0.1]",
		PUBLIC,
	};
	for (size_t i = 0; i < array_len(names); i++) {
		char text[8192];
		auto_fd int client = tunnel_to(names[i], 443);
		hear(client, NULL, text);
		if (!str_starts(text, "HTTP/1.1 403 ") || !strstr(text, "may not reach"))
			fail_msg("%s: %s", names[i], text);
	}
}

static void a_name_is_asked_for_once(void **state)
{
	(void)state;
	char text[8192];
	unsigned before = atomic_load(questions);
	auto_fd int client = tunnel_to("v4-127-0-0-1.once.test", server_port);
	auto_fd int server = accept_server();
	hear(client, "HTTP/1.1 200 ", text);
	assert_int_equal(atomic_load(questions) - before, 2); // A and AAAA
	auto_fd int again = tunnel_to("v4-127-0-0-1.once.test", server_port);
	auto_fd int second = accept_server();
	hear(again, "HTTP/1.1 200 ", text);
	assert_int_equal(atomic_load(questions) - before, 2); // the answer served a second time
}

static void failures_have_their_status(void **state)
{
	(void)state;
	static const struct {
		const char *request;
		const char *status;
	} cases[] = {
		{"CONNECT nowhere.test:443 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 502 "},
		{"CONNECT v4-93-184-216-34.test:8080 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 403 "},
		{"CONNECT 0x7f.1:443 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 "},
		{"CONNECT a\tb:443 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 "},
		{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 "},
		{"GET https://a.test/ HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 501 "},
		{"\x16\x03\x01 TLS at once\r\n\r\n", "HTTP/1.1 400 "},
	};
	for (size_t i = 0; i < array_len(cases); i++) {
		char text[8192];
		auto_fd int client = dial();
		say(client, cases[i].request);
		hear(client, NULL, text);
		if (!str_starts(text, cases[i].status))
			fail_msg("%s: %s", cases[i].request, text);
	}
}

static void a_server_that_is_not_there(void **state)
{
	(void)state;
	char text[8192];
	fd_close(&server_fd);
	auto_fd int client = tunnel_to("registry.corp", server_port);
	hear(client, NULL, text);
	assert_true(str_starts(text, "HTTP/1.1 502 "));
	server_fd = listen_on(&server_port);
}

static void a_reader_that_does_not_read_stops_the_writer(void **state)
{
	(void)state;
	static char block[65536];
	char text[8192];
	struct err err;
	auto_fd int client = tunnel_to("registry.corp", server_port);
	auto_fd int server = accept_server();
	hear(client, "\r\n\r\n", text);
	assert_true(fd_set_nonblocking(server, &err));
	size_t sent = 0, received = 0;
	for (int quiet = 0; quiet < 20;) {
		ssize_t len = send(server, block, sizeof(block), MSG_NOSIGNAL);
		quiet = len > 0 ? 0 : quiet + 1;
		sent += len > 0 ? (size_t)len : 0;
		if (len < 0)
			usleep(10000);
		assert_true(sent < 64 * MIB); // the kernel's own buffers take some
	}
	fd_close(&server);
	for (ssize_t len; (len = recv(client, block, sizeof(block), 0)) > 0;)
		received += (size_t)len;
	assert_int_equal(received, sent);
}

static void connections_are_counted(void **state)
{
	(void)state;
	static int clients[EGRESS_CONNECTIONS_MAX + 1];
	char text[8192];
	for (size_t i = 0; i < array_len(clients); i++)
		clients[i] = dial();
	usleep(100000);
	int *last = &clients[EGRESS_CONNECTIONS_MAX];
	struct timeval patience = {.tv_usec = 200000};
	setsockopt(*last, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	say(*last, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(recv(*last, text, 1, 0), -1); // it waits
	fd_close(&clients[0]);
	patience.tv_sec = 10;
	setsockopt(*last, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	hear(*last, "HTTP/1.1 400 ", text);
	for (size_t i = 0; i < array_len(clients); i++)
		fd_close(&clients[i]);
}

/* The last one: the proxy is gone afterwards. */
static void draining_lets_tunnels_end(void **state)
{
	(void)state;
	char text[8192];
	int status;
	auto_fd int client = tunnel_to("registry.corp", server_port);
	auto_fd int server = accept_server();
	hear(client, "\r\n\r\n", text);
	assert_int_equal(kill(proxy, SIGTERM), 0);
	usleep(50000);
	say(server, "still here");
	hear(client, "still here", text);
	assert_int_equal(waitpid(proxy, &status, WNOHANG), 0);
	fd_close(&server);
	fd_close(&client);
	assert_int_equal(waitpid(proxy, &status, 0), proxy);
	assert_int_equal(status, 0);
}

static int tear_down(void **state)
{
	(void)state;
	kill(name_server, SIGKILL);
	waitpid(name_server, NULL, 0);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tunnel_passes_bytes_and_half_close),
		cmocka_unit_test(a_name_of_the_hosts_file),
		cmocka_unit_test(a_service_is_where_the_rule_says),
		cmocka_unit_test(one_request_is_rewritten_and_no_second_follows),
		cmocka_unit_test(names_may_not_lead_inside),
		cmocka_unit_test(a_name_is_asked_for_once),
		cmocka_unit_test(failures_have_their_status),
		cmocka_unit_test(a_server_that_is_not_there),
		cmocka_unit_test(a_reader_that_does_not_read_stops_the_writer),
		cmocka_unit_test(connections_are_counted),
		cmocka_unit_test(draining_lets_tunnels_end),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
