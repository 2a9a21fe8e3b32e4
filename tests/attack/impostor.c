// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * impostor SIDECAR FOLDER: takes part in links of a real sidecar with every kind of certificate but
 * the right one, and, with the right one, asks for what is not its to ask. Prints a case for each.
 * After each attack the peer that the link is for is served as before.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "impostor_peer.h"
#include "impostor_sidecar.h"

/* ---- cases */

static unsigned n_links;
static unsigned n_failed;
static struct tls_context *good;

static const char *next_link(void)
{
	static char name[16];

	snprintf(name, sizeof(name), "a>b %u", ++n_links);
	return name;
}

static void result(const char *name, bool passed, const char *got)
{
	n_failed += !passed;
	if (passed)
		printf("ok %s\n", name);
	else
		printf("not ok %s: %s\n", name, got);
}

static bool good_peer_is_served(char text[TEXT])
{
	call(sidecar_link_from_a(next_link()), good, "/w/x", text);
	return str_eq(text, "reached /w/x");
}

/* The link was refused: nothing came back, nothing reached the workload, others are served. */
static void check_refused(const char *name, const char *link, const char *why,
			  const char *came_back, unsigned requests)
{
	char text[TEXT], reason[256];
	bool up = sidecar_says_up(link, reason, sizeof(reason));

	printf("# %s: %s\n", name, up ? "up" : reason);
	if (up)
		result(name, false, "the sidecar says that the link is up");
	else if (!strstr(reason, why))
		result(name, false, reason);
	else if (!str_eq(came_back, "refused"))
		result(name, false, came_back);
	else if (workload_requests() != requests)
		result(name, false, "the workload was reached");
	else
		result(name, good_peer_is_served(text), "the right peer is not served any more");
}

static void impostor_calls(const char *name, const char *why, struct tls_context *context)
{
	char text[TEXT], link[16];
	unsigned requests = workload_requests();

	snprintf(link, sizeof(link), "%s", next_link());
	call(sidecar_link_from_a(link), context, "/w/x", text);
	check_refused(name, link, why, text, requests);
	tls_context_free(&context);
}

/* The right peer asks for `path`: it gets a text that begins so, and the workload nothing. */
static void right_peer_asks(const char *name, const char *path, const char *wanted)
{
	char text[TEXT], link[16], reason[256];
	unsigned requests = workload_requests();

	snprintf(link, sizeof(link), "%s", next_link());
	call(sidecar_link_from_a(link), good, path, text);
	if (!sidecar_says_up(link, reason, sizeof(reason)))
		result(name, false, reason);
	else
		result(name,
		       strncmp(text, wanted, strlen(wanted)) == 0 &&
			       workload_requests() == requests,
		       text);
}

static void impostors_call(void)
{
	struct authority *own = sidecar_authority();
	struct err err;
	time_t now = time(NULL);
	struct authority *other = authority_new(DOMAIN, now, &err);

	if (!other)
		give_up(err.text);
	impostor_calls("a-workload-that-may-not-call", "it is the one of",
		       context_of(own, URI_C, now, HOUR));
	impostor_calls("the-callee-itself", "it is the one of", context_of(own, URI_B, now, HOUR));
	impostor_calls("the-edge", "it is the one of",
		       context_of(own, "spiffe://" DOMAIN "/edge", now, HOUR));
	impostor_calls("the-same-name-of-another-app", "another authority",
		       trusting_context(new_identity(other, URI_A, now, HOUR)));
	impostor_calls("the-same-name-signed-by-itself", "another authority",
		       self_signed_context(URI_A));
	impostor_calls("a-certificate-that-has-expired", "it has expired",
		       context_of(own, URI_A, now - 2 * HOUR, HOUR));
	impostor_calls("a-certificate-of-the-future", "it is not valid yet",
		       context_of(own, URI_A, now + 2 * HOUR, HOUR));
	authority_free(&other);
}

static void right_peer_oversteps(void)
{
	right_peer_asks("an-endpoint-it-may-not-call", "/other/x", "403");
	right_peer_asks("a-path-that-only-begins-like-it", "/wx", "403");
	right_peer_asks("the-root", "/", "403");
	right_peer_asks("dot-segments", "/w/../other", "400");
	right_peer_asks("dot-segments-in-disguise", "/w/%2e%2E/other", "400");
	right_peer_asks("a-double-slash", "//other", "400");
	right_peer_asks("a-backslash", "/w\\..\\other", "400");
}

/* ---- callers that do not speak this project's TLS */

static int listen_here(const char *name)
{
	auto_fd int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct err err;
	int fd = fd_listen_unix(here, name, 0777, 1, &err);

	if (fd < 0)
		give_up(err.text);
	return fd;
}

static pid_t start_openssl(const char *const *extra, int in, int out)
{
	const char *argv[24] = {"openssl", "s_client", "-unix", "openssl.sock", "-quiet"};
	size_t n = 5;
	pid_t pid;

	while (*extra)
		argv[n++] = *extra++;
	pid = fork();
	if (pid != 0)
		return pid;
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

static void stranger_calls(const char *name, const char *why, const char *const *extra)
{
	auto_fd int listener = listen_here("openssl.sock");
	auto_buf struct buf request;
	char link[16], said[TEXT] = "";
	struct err err;
	unsigned requests = workload_requests();
	struct pollfd wait = {.fd = listener, .events = POLLIN};

	buf_init(&request, BUFFER);
	put_request(&request, "/w/x");
	auto_fd int in = fd_sealed("request", buf_bytes(&request), buf_len(&request), &err);
	auto_fd int out = open("openssl.log", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	pid_t pid = start_openssl(extra, in, out);
	if (poll(&wait, 1, PATIENCE_MS) != 1)
		give_up("openssl does not connect");
	auto_fd int end = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	snprintf(link, sizeof(link), "%s", next_link());
	sidecar_give_link_from_a(link, end);
	fd_close(&end);
	waitpid(pid, NULL, 0); // it ends when the sidecar closes
	if (pread(out, said, sizeof(said) - 1, 0) < 0)
		give_up("reading what openssl said");
	unlink("openssl.sock");
	check_refused(name, link, why, strstr(said, "reached") ? said : "refused", requests);
}

static void stranger_says(const char *name, const char *why, const void *data, size_t len)
{
	char link[16], back[512];
	unsigned requests = workload_requests();
	const char *came_back = "refused";

	snprintf(link, sizeof(link), "%s", next_link());
	auto_fd int fd = sidecar_link_from_a(link);
	if (send(fd, data, len, MSG_NOSIGNAL) != (ssize_t)len)
		give_up("sending");
	for (ssize_t got = 1; got > 0;) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		if (poll(&wait, 1, PATIENCE_MS) != 1)
			give_up("the sidecar does not end the link");
		got = recv(fd, back, sizeof(back) - 1, 0);
		if (got > 0 && memmem(back, (size_t)got, "HTTP", 4))
			came_back = "an answer in plain text";
	}
	check_refused(name, link, why, came_back, requests);
}

#define TLS13 "-tls1_3", "-groups", "X25519"
#define SUITE "-ciphersuites", "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
#define FORGED "-cert", "forged.pem", "-key", "forged.pem"

static void strangers_call(void)
{
	auto_buf struct buf plain;

	buf_init(&plain, BUFFER);
	put_request(&plain, "/w/x");
	stranger_says("no-tls-at-all", "handshake:", buf_bytes(&plain), buf_len(&plain));
	stranger_says("http-1", "handshake:", "GET /w/x HTTP/1.1\r\nHost: b\r\n\r\n", 31);
	stranger_calls("no-certificate", "did not return a certificate",
		       (const char *const[]){TLS13, SUITE, NULL});
	stranger_calls("a-certificate-of-openssl", "basic constraints",
		       (const char *const[]){TLS13, SUITE, FORGED, NULL});
	stranger_calls(
		"a-server-name-of-somebody-else", "basic constraints",
		(const char *const[]){TLS13, SUITE, FORGED, "-servername", "c.capakit", NULL});
	stranger_calls(
		"an-oversized-chain", "",
		(const char *const[]){TLS13, SUITE, FORGED, "-cert_chain", "chain.pem", NULL});
	stranger_calls("tls-1.2", "version", (const char *const[]){"-tls1_2", FORGED, NULL});
	stranger_calls("a-weaker-suite", "cipher suite",
		       (const char *const[]){TLS13, "-ciphersuites", "TLS_AES_128_GCM_SHA256",
					     FORGED, NULL});
}

/* ---- callees that are not the one: the caller's sidecar must not tell them anything */

static int begin_request(void)
{
	static const char request[] =
		"GET /w/private HTTP/1.1\r\nHost: c\r\nConnection: close\r\n\r\n";
	auto_fd int connect = open("connect", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct err err;
	int fd = fd_connect_unix(connect, "c.sock", &err);

	if (fd < 0 || send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
		give_up("calling c");
	return fd;
}

static void read_response(int fd, char text[TEXT])
{
	size_t len = 0;

	for (ssize_t got = 1; got > 0 && len<TEXT - 1; len += got> 0 ? (size_t)got : 0) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		if (poll(&wait, 1, PATIENCE_MS) != 1)
			give_up("a call to c gets no answer");
		got = recv(fd, text + len, TEXT - 1 - len, 0);
	}
	text[len] = '\0';
}

/* What the callee at the other end learns: 0 bytes when it is refused. */
static size_t serve_once(struct tls_context *context, uint8_t *data, size_t size)
{
	struct peer peer;
	size_t got = 0;

	peer_begin(&peer, sidecar_link_to_c(), context, TLS_SERVER, URI_B);
	if (shake_hands(&peer))
		got = read_plain(&peer, data, size);
	peer_end(&peer);
	return got;
}

static void impostor_is_called(const char *name, const char *why, struct tls_context *context)
{
	char text[TEXT], reason[256];
	uint8_t data[4096];
	auto_fd int request = begin_request();
	size_t got = serve_once(context, data, sizeof(data));
	bool up = sidecar_says_up("b>c", reason, sizeof(reason));

	read_response(request, text);
	printf("# %s: %s\n", name, up ? "up" : reason);
	if (got || up)
		result(name, false, "it was sent something");
	else if (!strstr(reason, why))
		result(name, false, reason);
	else
		result(name, strncmp(text, "HTTP/1.1 503", 12) == 0, text);
	tls_context_free(&context);
}

static void right_callee_is_called(void)
{
	uint8_t data[4096] = {0};
	auto_fd int request = begin_request();
	struct tls_context *context = context_of(sidecar_authority(), URI_C, time(NULL), HOUR);
	size_t got = serve_once(context, data, sizeof(data));

	result("the-right-callee-is-called", got > 24 && memcmp(data, "PRI * HTTP/2.0", 14) == 0,
	       "it got nothing");
	tls_context_free(&context);
}

static void impostors_are_called(void)
{
	struct authority *own = sidecar_authority();
	struct err err;
	time_t now = time(NULL);
	struct authority *other = authority_new(DOMAIN, now, &err);

	impostor_is_called("a-callee-that-is-another-workload", "it is the one of",
			   context_of(own, URI_D, now, HOUR));
	impostor_is_called("the-caller-itself", "it is the one of",
			   context_of(own, URI_B, now, HOUR));
	impostor_is_called("a-callee-of-another-app", "another authority",
			   context_of(other, URI_C, now, HOUR));
	impostor_is_called("a-callee-whose-certificate-has-expired", "it has expired",
			   context_of(own, URI_C, now - 2 * HOUR, HOUR));
	right_callee_is_called();
	authority_free(&other);
}

int main(int argc, char **argv)
{
	char text[TEXT];
	struct err err;

	if (argc != 3)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	if (!tls_init(&err))
		give_up(err.text);
	sidecar_begin(argv[1], argv[2]);
	good = context_of(sidecar_authority(), URI_A, time(NULL), HOUR);
	result("the-right-peer-is-served", good_peer_is_served(text), text);
	impostors_call();
	strangers_call();
	right_peer_oversteps();
	impostors_are_called();
	result("the-right-peer-is-served-to-the-end", good_peer_is_served(text), text);
	tls_context_free(&good);
	return n_failed > 0;
}
