// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The other end of the proxy in tests: simple, blocking, and as rude as real workloads are.
 */
#include "http_workload.h"

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
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"
#include "sidecar/websocket.h"

enum { BUFFER = 256 * 1024, HEAD_MAX = 128 * 1024, NAME_MAX_LEN = 32 };

struct connection {
	int fd;
	char *data; // read and not used
	size_t len;
};

struct request {
	char head[HEAD_MAX];
	size_t head_len;
	char name[NAME_MAX_LEN]; // last segment of the path
	size_t number;		 // behind the `?`
	bool chunked;
	size_t length;
	bool is_head;
};

static atomic_uint n_connections;

static bool fill(struct connection *c)
{
	ssize_t got = c->len < BUFFER ? recv(c->fd, c->data + c->len, BUFFER - c->len, 0) : 0;

	if (got <= 0)
		return false;
	c->len += (size_t)got;
	return true;
}

static void use(struct connection *c, size_t n)
{
	memmove(c->data, c->data + n, c->len - n);
	c->len -= n;
}

static bool put(struct connection *c, const void *data, size_t len)
{
	const char *from = data;

	while (len) {
		ssize_t sent = send(c->fd, from, len, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		from += sent;
		len -= (size_t)sent;
	}
	return true;
}

static bool put_text(struct connection *c, const char *text)
{
	return put(c, text, strlen(text));
}

static bool put_head(struct connection *c, const char *fields)
{
	return put_text(c, "HTTP/1.1 200 OK\r\n") && put_text(c, fields) && put_text(c, "\r\n");
}

static bool put_whole(struct connection *c, const char *data, size_t len)
{
	char fields[64];

	snprintf(fields, sizeof(fields), "Content-Length: %zu\r\n", len);
	return put_head(c, fields) && put(c, data, len);
}

static const char *field(const struct request *request, const char *name)
{
	const char *at = strcasestr(request->head, name);

	return at ? at + strlen(name) : NULL;
}

static bool read_head(struct connection *c, struct request *request)
{
	char *end, *path, *question;
	const char *length;
	uint64_t number;

	while (!(end = memmem(c->data, c->len, "\r\n\r\n", 4)))
		if (!fill(c))
			return false;
	memset(request, 0, sizeof(*request));
	request->head_len = (size_t)(end - c->data) + 4;
	if (request->head_len >= HEAD_MAX)
		return false;
	memcpy(request->head, c->data, request->head_len);
	use(c, request->head_len);
	request->is_head = str_starts(request->head, "HEAD ");
	request->chunked = field(request, "\r\ntransfer-encoding: chunked") != NULL;
	length = field(request, "\r\ncontent-length: ");
	if (length && num_parse_u64(length, strcspn(length, "\r"), SIZE_MAX, &number))
		request->length = number;
	path = strndup(request->head, strcspn(request->head, "\r"));
	*strrchr(path, ' ') = '\0';
	question = strchr(path, '?');
	if (question && num_parse_u64(question + 1, strlen(question + 1), SIZE_MAX, &number))
		request->number = number;
	if (question)
		*question = '\0';
	snprintf(request->name, sizeof(request->name), "%.31s", strrchr(path, '/') + 1);
	free(path);
	return true;
}

/* Passes n bytes of the body on, or drops them. */
static bool pass(struct connection *c, size_t n, bool on)
{
	while (n) {
		size_t part;

		if (!c->len && !fill(c))
			return false;
		part = c->len < n ? c->len : n;
		if (on && !put(c, c->data, part))
			return false;
		use(c, part);
		n -= part;
	}
	return true;
}

/* The last chunk's line, and all lines up to an empty one. */
static bool pass_trailers(struct connection *c, size_t line, bool on)
{
	for (;;) {
		char *end;
		bool last;

		if (!pass(c, line, on))
			return false;
		while (!(end = memmem(c->data, c->len, "\r\n", 2)))
			if (!fill(c))
				return false;
		last = end == c->data;
		line = (size_t)(end - c->data) + 2;
		if (last)
			return pass(c, line, on);
	}
}

/* Chunks come as they are cut; passed on as they come. */
static bool pass_chunks(struct connection *c, bool on)
{
	for (;;) {
		char *end;
		uint64_t size;
		size_t line;

		while (!(end = memmem(c->data, c->len, "\r\n", 2)))
			if (!fill(c))
				return false;
		line = (size_t)(end - c->data) + 2;
		if (!num_parse_hex(c->data, line - 2, SIZE_MAX, &size))
			return false;
		if (!size)
			return pass_trailers(c, line, on);
		if (!pass(c, line + size + 2, on))
			return false;
	}
}

static bool take_body(struct connection *c, const struct request *request, bool on)
{
	return request->chunked ? pass_chunks(c, on) : pass(c, request->length, on);
}

static bool echo(struct connection *c, const struct request *request)
{
	char fields[64];

	snprintf(fields, sizeof(fields), "Content-Length: %zu\r\n", request->length);
	return put_head(c, request->chunked ? "Transfer-Encoding: chunked\r\n" : fields) &&
	       take_body(c, request, true);
}

static bool put_pattern(struct connection *c, size_t n, bool chunked)
{
	char part[8192 + 32];

	for (size_t at = 0; at < n;) {
		size_t len = n - at < 8192 ? n - at : 8192;
		size_t head = chunked ? (size_t)snprintf(part, 32, "%zx\r\n", len) : 0;

		for (size_t i = 0; i < len; i++)
			part[head + i] = (char)('a' + (at + i) % 26);
		if (chunked)
			memcpy(part + head + len, "\r\n", 2);
		if (!put(c, part, head + len + (chunked ? 2 : 0)))
			return false;
		at += len;
	}
	return !chunked || put_text(c, "0\r\n\r\n");
}

static bool bytes(struct connection *c, const struct request *request)
{
	char fields[64];

	snprintf(fields, sizeof(fields), "Content-Length: %zu\r\n", request->number);
	return put_head(c, fields) && (request->is_head || put_pattern(c, request->number, false));
}

static bool events(struct connection *c, size_t n)
{
	char event[96], chunk[128];
	struct timespec now, pause = {.tv_nsec = 20000000};

	put_head(c, "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n");
	for (size_t i = 0; i < n; i++) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		snprintf(event, sizeof(event), "data: %lld\n\n",
			 (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
		snprintf(chunk, sizeof(chunk), "%zx\r\n%s\r\n", strlen(event), event);
		if (!put_text(c, chunk))
			return false;
		nanosleep(&pause, NULL);
	}
	return put_text(c, "0\r\n\r\n");
}

static bool large_head(struct connection *c, size_t n)
{
	auto_free char *head = xcalloc(n + 64, 1);

	snprintf(head, 64, "Content-Length: 5\r\nX-Large: ");
	memset(head + strlen(head), 'l', n);
	memcpy(head + strlen(head), "\r\n", 2);
	return put_head(c, head) && put_text(c, "large");
}

/* Waits until the client is gone; leaves word in a file beside the socket. */
static bool hang(struct connection *c)
{
	while (fill(c))
		c->len = 0;
	fclose(fopen("cancelled", "w"));
	return false;
}

/* Reads nothing of the body, until the client is gone. */
static bool deaf(struct connection *c)
{
	struct pollfd gone = {.fd = c->fd, .events = POLLRDHUP};

	poll(&gone, 1, -1);
	fclose(fopen("deaf-ended", "w"));
	return false;
}

/* A head that goes on for n bytes, and does not end. */
static bool endless_head(struct connection *c, size_t n)
{
	char line[1024];

	memset(line, 'e', sizeof(line));
	memcpy(line, "X-E: ", 5);
	memcpy(line + sizeof(line) - 2, "\r\n", 2);
	put_text(c, "HTTP/1.1 200 OK\r\n");
	for (size_t at = 0; at < n; at += sizeof(line))
		if (!put(c, line, sizeof(line)))
			return false;
	return deaf(c);
}

/* The head that opens a tunnel; with its own `accept`, or the proper one for a key. */
static void put_switching(struct connection *c, const struct request *request, const char *accept)
{
	const char *key = field(request, "\r\nsec-websocket-key: ");
	char proper[WEBSOCKET_ACCEPT + 1] = "";

	if (key && !*accept)
		websocket_accept((struct http_text){key, strcspn(key, "\r")}, proper);
	put_text(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
		    "Upgrade: websocket\r\n");
	if (key) {
		put_text(c, "Sec-WebSocket-Accept: ");
		put_text(c, *accept ? accept : proper);
		put_text(c, "\r\n");
	}
	put_text(c, "\r\n");
}

/* Switches, and then sends back what comes; a last word when the client has no more to say. */
static bool tunnel(struct connection *c, const struct request *request)
{
	if (!field(request, "\r\nconnection: upgrade\r\n") ||
	    !field(request, "\r\nupgrade: websocket\r\n"))
		return put_whole(c, "not asked", 9);
	put_switching(c, request, "");
	while (c->len || fill(c)) {
		if (!put(c, c->data, c->len))
			break;
		c->len = 0;
	}
	put_text(c, "last word");
	fclose(fopen("tunnel-ended", "w"));
	return false;
}

/* Says its last word first, and hears the client out. */
static bool tunnel_first(struct connection *c, const struct request *request)
{
	FILE *heard;

	put_switching(c, request, "");
	put_text(c, "first");
	shutdown(c->fd, SHUT_WR);
	while (fill(c))
		;
	heard = fopen("heard.part", "w");
	fwrite(c->data, c->len, 1, heard);
	fclose(heard);
	rename("heard.part", "heard");
	return false;
}

/* Takes a few bytes, then is gone with the rest unread. */
static bool tunnel_cut(struct connection *c, const struct request *request)
{
	char byte;

	put_switching(c, request, "");
	put_text(c, "cut");
	recv(c->fd, &byte, 1, 0);
	return false;
}

static bool answer(struct connection *c, const struct request *request)
{
	const char *name = request->name;
	char text[32];

	if (str_eq(name, "early"))
		return put_whole(c, "early", 5) && take_body(c, request, false);
	if (str_eq(name, "continue"))
		return field(request, "\r\nexpect: 100-continue\r\n")
			       ? put_text(c, "HTTP/1.1 100 Continue\r\nX-Own: 1\r\n\r\n") &&
					 echo(c, request)
			       : put_whole(c, "not asked", 9);
	if (str_eq(name, "echo"))
		return echo(c, request);
	if (str_eq(name, "deaf"))
		return deaf(c);
	if (!take_body(c, request, false))
		return false;
	if (str_eq(name, "head"))
		return put_whole(c, request->head, request->head_len);
	if (str_eq(name, "bytes"))
		return bytes(c, request);
	if (str_eq(name, "chunks"))
		return put_head(c, "Transfer-Encoding: chunked\r\n") &&
		       put_pattern(c, request->number, true);
	if (str_eq(name, "until-close"))
		return put_head(c, "") && put_pattern(c, request->number, false) && false;
	if (str_eq(name, "sse"))
		return events(c, request->number);
	if (str_eq(name, "forever"))
		return events(c, SIZE_MAX) || hang(c);
	if (str_eq(name, "large-head"))
		return large_head(c, request->number);
	if (str_eq(name, "endless-head"))
		return endless_head(c, request->number);
	if (str_eq(name, "hang"))
		return hang(c);
	if (str_eq(name, "half"))
		return put_head(c, "Content-Length: 100\r\n") && put_text(c, "half") && false;
	if (str_eq(name, "stale"))
		return put_whole(c, "stale", 5) && false;
	if (str_eq(name, "both"))
		return put_head(c, "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") &&
		       put_text(c, "0\r\n\r\n");
	if (str_eq(name, "redirect"))
		return put_text(c, "HTTP/1.1 302 Found\r\nLocation: /w/there\r\nSet-Cookie: a=b; "
				   "Path=/w\r\nContent-Length: 0\r\n\r\n");
	if (str_eq(name, "no-content"))
		return put_text(c, "HTTP/1.1 204 No Content\r\n\r\n");
	if (str_eq(name, "hints"))
		return put_text(c, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n") &&
		       put_whole(c, "hinted", 6);
	if (str_eq(name, "trailers"))
		return put_head(c, "Transfer-Encoding: chunked\r\nTrailer: x-sum\r\n") &&
		       put_text(c, "4\r\nbody\r\n0\r\nX-Sum:\t 12 \r\nContent-Length: 7\r\n"
				   "X-Capakit-Caller: forged\r\nSet-Cookie: a=b\r\n"
				   "Grpc-Status: 0\r\n\r\n");
	if (str_eq(name, "tunnel"))
		return tunnel(c, request);
	if (str_eq(name, "tunnel-first"))
		return tunnel_first(c, request);
	if (str_eq(name, "tunnel-cut"))
		return tunnel_cut(c, request);
	if (str_eq(name, "tunnel-false"))
		return put_switching(c, request, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), hang(c);
	if (str_eq(name, "count")) {
		snprintf(text, sizeof(text), "%u", atomic_load(&n_connections));
		return put_whole(c, text, strlen(text));
	}
	return false; // "die"
}

static void *serve(void *fd)
{
	struct connection c = {.fd = (int)(intptr_t)fd, .data = xmalloc(BUFFER)};
	struct request *request = xmalloc(sizeof(*request));

	while (read_head(&c, request) && answer(&c, request))
		;
	close(c.fd);
	free(c.data);
	free(request);
	return NULL;
}

static void run(const char *socket_path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", socket_path);
	if (bind(listening, (struct sockaddr *)&name, sizeof(name)) != 0 ||
	    listen(listening, 64) != 0)
		_exit(1);
	chmod(socket_path, 0777);
	for (;;) {
		int fd = accept(listening, NULL, NULL);
		pthread_t thread;

		if (fd < 0)
			continue;
		atomic_fetch_add(&n_connections, 1);
		pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd);
		pthread_detach(thread);
	}
}

pid_t http_workload_start(const char *socket_path)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	run(socket_path);
	_exit(0);
}
