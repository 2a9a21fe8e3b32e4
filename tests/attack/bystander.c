// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The bystander of attacks on sidecars, and the figures of /proc about their victims.
 */
#include "bystander.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

enum { PATIENCE_S = 5, PAUSE_MS = 2 };

int64_t bystander_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* The whole answer; empty: none came. */
static void ask(const struct sidecar_pair *pair, enum bystander_way way, char *answer, size_t size)
{
	bool edge = way == BYSTANDER_AT_EDGE;
	auto_free char *request = xasprintf("GET %s/bytes?3 HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
					    "Connection: close\r\n\r\n",
					    edge ? "" : "/w", pair->edge_port);
	struct timeval patience = {.tv_sec = PATIENCE_S};
	size_t len = 0;
	ssize_t got;
	int fd = edge ? pair_edge(pair) : pair_call(pair);

	answer[0] = '\0';
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (fd < 0)
		return;
	if (send(fd, request, strlen(request), MSG_NOSIGNAL) > 0)
		while ((got = recv(fd, answer + len, size - 1 - len, 0)) > 0)
			len += (size_t)got;
	answer[len] = '\0';
	close(fd);
}

static bool is_answer(const char *answer)
{
	return strstr(answer, "\r\n\r\nabc") != NULL;
}

static bool is_refusal(const char *answer)
{
	return str_starts(answer, "HTTP/1.1 503 ");
}

bool bystander_ask(const struct sidecar_pair *pair, enum bystander_way way)
{
	char answer[1024];

	ask(pair, way, answer, sizeof(answer));
	return is_answer(answer);
}

static void watch(const struct sidecar_pair *pair, enum bystander_way way, int stop, int report)
{
	struct pollfd stopped = {.fd = stop, .events = POLLIN};
	struct bystander_saw saw = {0};
	char answer[1024];

	while (poll(&stopped, 1, PAUSE_MS) == 0) {
		int64_t began = bystander_now_us();

		ask(pair, way, answer, sizeof(answer));
		if (is_answer(answer))
			saw.answered++;
		else if (is_refusal(answer))
			saw.refused++;
		else
			saw.failed++;
		if (bystander_now_us() - began > saw.worst_us)
			saw.worst_us = bystander_now_us() - began;
	}
	_exit(write(report, &saw, sizeof(saw)) == sizeof(saw) ? 0 : 1);
}

void bystander_start(struct bystander *bystander, const struct sidecar_pair *pair,
		     enum bystander_way way)
{
	int stop[2], report[2];

	if (pipe(stop) != 0 || pipe(report) != 0)
		_exit(1);
	bystander->pid = fork();
	if (bystander->pid == 0) {
		close(stop[1]);
		watch(pair, way, stop[0], report[1]);
	}
	close(stop[0]);
	close(report[1]);
	bystander->stop = stop[1];
	bystander->report = report[0];
}

struct bystander_saw bystander_end(struct bystander *bystander)
{
	struct bystander_saw saw;

	close(bystander->stop);
	if (read(bystander->report, &saw, sizeof(saw)) != sizeof(saw))
		saw = (struct bystander_saw){.failed = 9999};
	close(bystander->report);
	waitpid(bystander->pid, NULL, 0);
	return saw;
}

long bystander_cpu_ms(pid_t pid)
{
	auto_free char *path = xasprintf("/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "r");
	unsigned long user = 0, system = 0;

	if (file) {
		if (fscanf(file, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			   &user, &system) != 2)
			user = system = 0;
		fclose(file);
	}
	return (long)((user + system) * 1000 / (unsigned long)sysconf(_SC_CLK_TCK));
}
