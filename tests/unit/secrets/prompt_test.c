// SPDX-License-Identifier: GPL-3.0-or-later
/* Standard input is a pipe or a pseudoterminal here, and is put back after each test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "secrets/prompt.h"

/* What secret_prompt makes of this on a pipe. */
static enum err_code on_pipe(const char *text, size_t len, struct locked *value)
{
	struct err err = {.code = ERR_NONE};
	int saved = dup(STDIN_FILENO), pipes[2];
	pid_t writer;
	bool read;

	assert_int_equal(pipe(pipes), 0);
	writer = fork();
	if (writer == 0)
		_exit(write(pipes[1], text, len) == (ssize_t)len ? 0 : 1);
	close(pipes[1]);
	dup2(pipes[0], STDIN_FILENO);
	close(pipes[0]);
	read = secret_prompt("not asked", value, &err);
	dup2(saved, STDIN_FILENO);
	close(saved);
	waitpid(writer, NULL, 0);
	assert_int_equal(read, err.code == ERR_NONE);
	assert_int_equal(read, value->data != NULL);
	return err.code;
}

static void a_pipe_gives_all_but_one_newline(void **state)
{
	auto_locked struct locked value = {0};

	assert_int_equal(on_pipe("two\nlines\n\n", 11, &value), ERR_NONE);
	assert_int_equal(value.len, 10);
	assert_memory_equal(value.data, "two\nlines\n", 10);
	locked_free(&value);
	assert_int_equal(on_pipe("a\0b", 3, &value), ERR_NONE);
	assert_int_equal(value.len, 3);
}

static void nothing_is_no_value(void **state)
{
	struct locked value = {0};

	assert_int_equal(on_pipe("", 0, &value), ERR_USAGE);
	assert_int_equal(on_pipe("\n", 1, &value), ERR_USAGE);
}

static void the_maximum_holds(void **state)
{
	auto_locked struct locked value = {0};
	auto_free char *text = xmalloc(SECRET_VALUE_MAX + 2);

	memset(text, 'x', SECRET_VALUE_MAX + 2);
	assert_int_equal(on_pipe(text, SECRET_VALUE_MAX + 1, &value), ERR_LIMIT);
	assert_int_equal(on_pipe(text, SECRET_VALUE_MAX + 2, &value), ERR_LIMIT);
	text[SECRET_VALUE_MAX] = '\n';
	assert_int_equal(on_pipe(text, SECRET_VALUE_MAX + 1, &value), ERR_NONE);
	assert_int_equal(value.len, SECRET_VALUE_MAX);
}

/* --- a terminal: the child is asked, the test types --- */

struct typed {
	char value[64]; // what the child read, or "!<error code>"
	char shown[256];
	bool echo_is_back;
};

static void child_reads(int terminal, int result)
{
	struct locked value;
	struct err err = {.code = ERR_NONE};
	char text[64];

	dup2(terminal, STDIN_FILENO);
	dup2(terminal, STDERR_FILENO);
	if (secret_prompt("Value: ", &value, &err))
		snprintf(text, sizeof(text), "%.*s", (int)value.len, (char *)value.data);
	else
		snprintf(text, sizeof(text), "!%d", err.code);
	_exit(write(result, text, strlen(text) + 1) > 0 ? 0 : 1);
}

static void read_until(int fd, char *text, size_t size, const char *end)
{
	size_t len = strlen(text);
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	while (!strstr(text, end) && poll(&ready, 1, 5000) == 1) {
		ssize_t got = read(fd, text + len, size - 1 - len);

		if (got <= 0)
			return;
		len += (size_t)got;
		text[len] = '\0';
	}
}

static struct typed type(const char *keys)
{
	struct typed typed = {0};
	struct termios settings;
	int controller = posix_openpt(O_RDWR | O_NOCTTY), terminal, result[2];
	pid_t child;

	assert_true(controller >= 0 && grantpt(controller) == 0 && unlockpt(controller) == 0);
	terminal = open(ptsname(controller), O_RDWR | O_NOCTTY);
	assert_int_equal(pipe(result), 0);
	child = fork();
	if (child == 0)
		child_reads(terminal, result[1]);
	read_until(controller, typed.shown, sizeof(typed.shown), "Value: ");
	assert_int_equal(write(controller, keys, strlen(keys)), (ssize_t)strlen(keys));
	assert_true(read(result[0], typed.value, sizeof(typed.value)) > 0);
	waitpid(child, NULL, 0);
	read_until(controller, typed.shown, sizeof(typed.shown), "\n");
	tcgetattr(terminal, &settings);
	typed.echo_is_back = (settings.c_lflag & ECHO) && (settings.c_lflag & ISIG);
	close(result[0]);
	close(result[1]);
	close(terminal);
	close(controller);
	return typed;
}

static void what_is_typed_is_read_and_not_shown(void **state)
{
	struct typed typed = type("hunter2\r");

	assert_string_equal(typed.value, "hunter2");
	assert_string_equal(typed.shown, "Value: \r\n");
	assert_true(typed.echo_is_back);
}

static void a_line_can_be_corrected(void **state)
{
	assert_string_equal(type("wrong\x15ri\x7f\x7fr\xc3\xa9\x7fight\r").value, "right");
}

static void ctrl_c_gives_up_and_leaves_the_terminal_well(void **state)
{
	struct typed typed = type("hunt\x03");
	char cancelled[16];

	snprintf(cancelled, sizeof(cancelled), "!%d", ERR_CANCELLED);
	assert_string_equal(typed.value, cancelled);
	assert_true(typed.echo_is_back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pipe_gives_all_but_one_newline),
		cmocka_unit_test(nothing_is_no_value),
		cmocka_unit_test(the_maximum_holds),
		cmocka_unit_test(what_is_typed_is_read_and_not_shown),
		cmocka_unit_test(a_line_can_be_corrected),
		cmocka_unit_test(ctrl_c_gives_up_and_leaves_the_terminal_well),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
