// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * How long a workload goes on for a client who has gone: client and backend in one process, with
 * what tests/bench/run measures between them. The backend never answers; the client goes away, and
 * what counts is when the backend's connection is cut.
 *
 *   bench_cancel BACKEND    for each line `SOCKET COUNT` it prints the median and the 99th
 *                           percentile in microseconds
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "times.h"

enum { PATIENCE_MS = 1000, SETTLED_NS = 2000000, COUNT_MAX = 10000 };

__attribute__((noreturn)) static void die(const char *what)
{
	fprintf(stderr, "bench_cancel: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int unix_socket(const char *path, bool listens)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	if (listens) {
		if (bind(fd, (struct sockaddr *)&name, sizeof(name)) != 0 ||
		    chmod(path, 0777) != 0 || listen(fd, 128) != 0)
			die(path);
	} else if (connect(fd, (struct sockaddr *)&name, sizeof(name)) != 0) {
		die(path);
	}
	return fd;
}

static void wait_readable(int fd, const char *what)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	if (poll(&ready, 1, PATIENCE_MS) != 1)
		die(what);
}

/* Reads to the end of a head; false when the other side has gone before. */
static bool read_head(int fd)
{
	char head[16384];
	size_t len = 0;

	while (len < sizeof(head) - 1) {
		wait_readable(fd, "waiting for a request");
		ssize_t got = recv(fd, head + len, sizeof(head) - 1 - len, 0);
		if (got <= 0)
			return false;
		len += (size_t)got;
		head[len] = '\0';
		if (strstr(head, "\r\n\r\n"))
			return true;
	}
	return false;
}

static int take_request(int listener)
{
	for (;;) {
		wait_readable(listener, "waiting for a connection");
		int fd = accept(listener, NULL, NULL);
		if (fd >= 0 && read_head(fd))
			return fd;
		fd_close(&fd);
	}
}

/* PATIENCE_MS when it is not cut at all. */
static double time_of_one(int listener, const char *path)
{
	static const char request[] = "GET /w HTTP/1.1\r\nhost: localhost\r\n\r\n";
	const struct timespec settled = {.tv_nsec = SETTLED_NS};
	auto_fd int client = unix_socket(path, false);
	if (send(client, request, strlen(request), MSG_NOSIGNAL) < 0)
		die(path);
	auto_fd int backend = take_request(listener);
	struct pollfd cut = {.fd = backend, .events = POLLIN};

	nanosleep(&settled, NULL);
	double gone = now_us();
	fd_close(&client);
	(void)poll(&cut, 1, PATIENCE_MS);
	return now_us() - gone;
}

static void measure(int listener, const char *path, unsigned count)
{
	auto_free double *times = xcalloc(count, sizeof(*times));

	for (unsigned i = 0; i < count; i++)
		times[i] = time_of_one(listener, path);
	print_times(times, count);
}

int main(int argc, char **argv)
{
	char line[256], path[200];
	unsigned count;
	int listener;

	if (argc != 2) {
		fprintf(stderr, "usage: bench_cancel BACKEND\n");
		return 2;
	}
	listener = unix_socket(argv[1], true);
	while (fgets(line, sizeof(line), stdin))
		if (sscanf(line, "%199s %u", path, &count) == 2 && count && count <= COUNT_MAX)
			measure(listener, path, count);
	return 0;
}
