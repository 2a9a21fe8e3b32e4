// SPDX-License-Identifier: GPL-3.0-or-later
#include "pair_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

enum { ANSWER_MAX = 32 * 1024 * 1024, PATIENCE_S = 10, PART = 65536 };

void client_be_patient(int fd)
{
	struct timeval patience = {.tv_sec = PATIENCE_S};

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

int client_call(const struct sidecar_pair *pair)
{
	int fd = pair_call(pair);

	client_be_patient(fd);
	return fd;
}

int client_edge(const struct sidecar_pair *pair)
{
	int fd = pair_edge(pair);

	client_be_patient(fd);
	return fd;
}

void client_put(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

char *client_read_all(int fd)
{
	struct buf all;
	ssize_t got;

	buf_init(&all, ANSWER_MAX);
	while ((got = recv(fd, buf_reserve(&all, PART), PART, 0)) > 0)
		buf_commit(&all, (size_t)got);
	return buf_take_str(&all);
}

char *client_read_until(int fd, const char *until)
{
	size_t len = strlen(until);
	struct buf all;
	uint8_t byte;

	buf_init(&all, ANSWER_MAX);
	while (buf_len(&all) < len ||
	       memcmp(buf_bytes(&all) + buf_len(&all) - len, until, len) != 0) {
		if (recv(fd, &byte, 1, 0) != 1) {
			auto_free char *got = buf_take_str(&all);

			fail_msg("no \"%s\" in: %.2000s", until, got);
		}
		buf_append(&all, &byte, 1);
	}
	return buf_take_str(&all);
}

char *client_ask(int fd, const char *request)
{
	char *answer;

	client_put(fd, request);
	answer = client_read_all(fd);
	close(fd);
	return answer;
}

void client_expect(const char *answer, const char *part)
{
	if (!strstr(answer, part))
		fail_msg("no \"%s\" in: %.2000s", part, answer);
}

void client_expect_not(const char *answer, const char *part)
{
	if (strstr(answer, part))
		fail_msg("\"%s\" in: %.2000s", part, answer);
}

bool client_file_appears(const char *file)
{
	for (int i = 0; i < 100; i++) {
		if (access(file, F_OK) == 0)
			return unlink(file) == 0;
		usleep(20000);
	}
	return false;
}
