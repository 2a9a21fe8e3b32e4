// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What nginx cannot be as a backend of tests/bench/run: a server of events that carry the time they
 * were sent at, and one that reads a whole request before it answers; and the client of the events,
 * which prints the median and the 99th percentile of how old they were, in microseconds.
 *
 *   bench_events serve SOCKET
 *   bench_events read SOCKET PATH COUNT
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"
#include "times.h"

enum { EVERY_US = 2000, HEAD_MAX = 16384, BULK = 256 * 1024, EVENTS_MAX = 100000 };

static struct sockaddr_un address(const char *path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	return name;
}

__attribute__((noreturn)) static void die(const char *what)
{
	fprintf(stderr, "bench_events: %s: %s\n", what, strerror(errno));
	exit(1);
}

static bool send_text(int fd, const char *text)
{
	return send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text);
}

/* Reads a head; returns how many bytes are behind it, or -1. */
static ssize_t read_head(int fd, char *head)
{
	size_t len = 0;

	while (len < HEAD_MAX - 1) {
		ssize_t got = recv(fd, head + len, HEAD_MAX - 1 - len, 0);
		char *end;

		if (got <= 0)
			return -1;
		len += (size_t)got;
		head[len] = '\0';
		end = strstr(head, "\r\n\r\n");
		if (end)
			return (ssize_t)(len - (size_t)(end + 4 - head));
	}
	return -1;
}

static void send_events(int fd)
{
	char event[64];
	bool sent = send_text(fd, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
				  "connection: close\r\n\r\n");

	while (sent) {
		struct timespec pause = {.tv_nsec = EVERY_US * 1000};

		nanosleep(&pause, NULL);
		snprintf(event, sizeof(event), "data: %.1f\n\n", now_us());
		sent = send_text(fd, event);
	}
}

static uint64_t body_length(char *head)
{
	char *field = strcasestr(head, "\r\ncontent-length:");
	uint64_t length = 0;

	if (!field)
		return 0;
	field += strlen("\r\ncontent-length:");
	field += strspn(field, " ");
	return num_parse_u64(field, strcspn(field, "\r"), UINT64_MAX, &length) ? length : 0;
}

static bool swallow(int fd, uint64_t left)
{
	static _Thread_local char bulk[BULK];

	while (left) {
		ssize_t got = recv(fd, bulk, left < BULK ? (size_t)left : BULK, 0);

		if (got <= 0)
			return false;
		left -= (uint64_t)got;
	}
	return true;
}

static void *serve_one(void *data)
{
	int fd = (int)(intptr_t)data;
	char head[HEAD_MAX];
	ssize_t behind;

	while ((behind = read_head(fd, head)) >= 0) {
		uint64_t length = body_length(head);

		if (strncmp(head, "GET", 3) == 0) {
			send_events(fd);
			break;
		}
		if (length < (uint64_t)behind || !swallow(fd, length - (uint64_t)behind) ||
		    !send_text(fd, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"))
			break;
	}
	close(fd);
	return NULL;
}

__attribute__((noreturn)) static void serve(const char *path)
{
	struct sockaddr_un name = address(path);
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	signal(SIGPIPE, SIG_IGN);
	if (bind(listener, (struct sockaddr *)&name, sizeof(name)) != 0 || chmod(path, 0777) != 0 ||
	    listen(listener, 128) != 0)
		die(path);
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		pthread_t thread;

		if (fd < 0 || pthread_create(&thread, NULL, serve_one, (void *)(intptr_t)fd) != 0)
			die("accepting");
		pthread_detach(thread);
	}
}

/* One line of the stream: its age is added if it is an event. */
static size_t take_line(const char *line, double *ages, size_t n)
{
	double sent;

	if (sscanf(line, "data: %lf", &sent) == 1)
		ages[n++] = now_us() - sent;
	return n;
}

static int read_events(const char *path, const char *target, size_t count)
{
	auto_free double *ages = xcalloc(count, sizeof(*ages));
	auto_free char *request = xasprintf("GET %s HTTP/1.1\r\nhost: localhost\r\n\r\n", target);
	struct sockaddr_un name = address(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char *line = NULL;
	size_t size = 0, n = 0;
	FILE *stream;

	if (connect(fd, (struct sockaddr *)&name, sizeof(name)) != 0 || !send_text(fd, request))
		die(path);
	stream = fdopen(fd, "r");
	while (n < count && getline(&line, &size, stream) >= 0)
		n = take_line(line, ages, n);
	fclose(stream);
	free(line);
	if (n < count)
		die("the events ended too early");
	print_times(ages, n);
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t count;

	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		serve(argv[2]);
	if (argc == 5 && strcmp(argv[1], "read") == 0 &&
	    num_parse_u64(argv[4], strlen(argv[4]), EVENTS_MAX, &count) && count)
		return read_events(argv[2], argv[3], (size_t)count);
	fprintf(stderr, "usage: bench_events serve SOCKET | read SOCKET PATH COUNT\n");
	return 2;
}
