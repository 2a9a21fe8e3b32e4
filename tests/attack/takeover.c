// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Linked into copies of capakit and capakit-sidecar, and into nothing that is installed: whoever
 * gets such a copy to read "takeover-PROCESS-ACT-NUMBER-z", in whatever it receives, has taken that
 * process over. The process is told by the row of the table that it was confined with. ACT "quiet"
 * is all those that do not end it, "system" all that a controller is refused.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"
#include "confine/restrict.h"
#include "tests/attack/takeover_acts.h"

#define MAGIC "takeover-"
#define END 'z'
#define MESSAGE_MAX 128

static enum confine_process process = CONFINE_PROCESSES; // not confined yet
int takeover_janitor = -1;

struct message {
	const char *who, *act;
	size_t who_len, act_len;
	int with;
};

static bool next_word(const char **at, const char *end, const char **word, size_t *len)
{
	const char *dash = memchr(*at, '-', (size_t)(end - *at));
	if (!dash)
		return false;
	*word = *at;
	*len = (size_t)(dash - *at);
	*at = dash + 1;
	return true;
}

static bool parse(const char *at, const char *end, struct message *message)
{
	const char *number;
	size_t number_len;
	uint64_t with;
	if (!next_word(&at, end, &message->who, &message->who_len) ||
	    !next_word(&at, end, &message->act, &message->act_len) ||
	    !next_word(&at, end, &number, &number_len) || at == end || *at != END ||
	    !num_parse_u64(number, number_len, INT32_MAX, &with))
		return false;
	message->with = (int)with;
	return true;
}

static bool is(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(word, name, len) == 0;
}

static void run(const struct message *message)
{
	const char *name = confine_table[process].name;
	bool quiet = is(message->act, message->act_len, "quiet");
	bool system = is(message->act, message->act_len, "system");
	for (size_t i = 0; i < takeover_n_acts; i++)
		if ((quiet && !takeover_acts[i].deadly) ||
		    (system && takeover_acts[i].of_controller))
			takeover_try(name, &takeover_acts[i], message->with);
	const struct takeover_act *act = takeover_find(message->act, message->act_len);
	if (act)
		takeover_try(name, act, message->with);
}

/* Nobody but the controller can write to the janitor. */
static void pass_on(const char *text, const char *end)
{
	const char *last = memchr(text, END, (size_t)(end - text));
	(void)!write(takeover_janitor, text, (size_t)(last - text) + 1);
}

static void take(const char *text, const char *end)
{
	struct message message;
	if (!parse(text + strlen(MAGIC), end, &message))
		return;
	if (is(message.who, message.who_len, confine_table[process].name))
		run(&message);
	else if (process == CONFINE_CONTROLLER && is(message.who, message.who_len, "janitor"))
		pass_on(text, end);
}

static void look_for_message(const void *data, ssize_t len)
{
	if (process == CONFINE_PROCESSES || len <= 0)
		return;
	const char *at = data, *end = at + len;
	while ((at = memmem(at, (size_t)(end - at), MAGIC, strlen(MAGIC)))) {
		take(at, end);
		at += strlen(MAGIC);
	}
}

/* ---- around the functions of the programs (ld --wrap) ---- */

bool __real_confine_restrict(enum confine_process row, const struct confine_place *places, size_t n,
			     struct err *err);
bool __wrap_confine_restrict(enum confine_process row, const struct confine_place *places, size_t n,
			     struct err *err);
bool __wrap_confine_restrict(enum confine_process row, const struct confine_place *places, size_t n,
			     struct err *err)
{
	bool ok = __real_confine_restrict(row, places, n, err);
	process = row;
	return ok;
}

bool __real_confine_restrict_controller(bool debugging, struct err *err);
bool __wrap_confine_restrict_controller(bool debugging, struct err *err);
bool __wrap_confine_restrict_controller(bool debugging, struct err *err)
{
	process = CONFINE_CONTROLLER;
	return __real_confine_restrict_controller(debugging, err);
}

ssize_t __wrap_recv(int fd, void *data, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *data, size_t len, int flags)
{
	ssize_t n = recvfrom(fd, data, len, flags, NULL, NULL);
	look_for_message(data, n);
	return n;
}

ssize_t __wrap___recv_chk(int fd, void *data, size_t len, size_t size, int flags);
ssize_t __wrap___recv_chk(int fd, void *data, size_t len, size_t size, int flags)
{
	return __wrap_recv(fd, data, len, flags);
}

ssize_t __real_recvmsg(int fd, struct msghdr *message, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags)
{
	ssize_t n = __real_recvmsg(fd, message, flags);
	if (n > 0 && message->msg_iovlen > 0)
		look_for_message(message->msg_iov[0].iov_base, n);
	return n;
}

ssize_t __real_read(int fd, void *data, size_t len);

/* It waits for one byte; a message is read to its end, and waiting goes on. */
static ssize_t read_as_janitor(int fd, char *byte)
{
	char text[MESSAGE_MAX];
	ssize_t n;
	while ((n = __real_read(fd, byte, 1)) == 1 && *byte == MAGIC[0]) {
		size_t len = 0;
		for (text[len++] = *byte; len < sizeof(text) && text[len - 1] != END; len++)
			if (__real_read(fd, &text[len], 1) != 1)
				return 0;
		look_for_message(text, (ssize_t)len);
	}
	return n;
}

ssize_t __wrap_read(int fd, void *data, size_t len);
ssize_t __wrap_read(int fd, void *data, size_t len)
{
	if (process == CONFINE_JANITOR && len == 1)
		return read_as_janitor(fd, data);
	ssize_t n = __real_read(fd, data, len);
	look_for_message(data, n);
	return n;
}

ssize_t __wrap___read_chk(int fd, void *data, size_t len, size_t size);
ssize_t __wrap___read_chk(int fd, void *data, size_t len, size_t size)
{
	return __wrap_read(fd, data, len);
}
