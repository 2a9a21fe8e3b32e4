// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "controller/app/spawn.h"

/* What `program` with these descriptors prints on its descriptor 1. */
static int run(struct spawn *spawn, char *output, size_t size)
{
	int ends[2];
	struct err err;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	spawn->fds[1] = ends[1];
	pid_t pid = spawn_program(spawn, &err);
	close(ends[1]);
	assert_true(pid > 0);
	size_t len = 0;
	for (ssize_t n; (n = read(ends[0], output + len, size - 1 - len)) > 0;)
		len += (size_t)n;
	output[len] = '\0';
	close(ends[0]);
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void nothing_is_inherited_but_what_is_listed(void **unused)
{
	char output[4096];
	int leak = open("/etc/passwd", O_RDONLY); // on purpose without O_CLOEXEC
	setenv("LEAK", "1", 1);
	struct spawn spawn = {.program = "/usr/bin/env", .fds = {-1, -1, 2}, .n_fds = 3};
	assert_int_equal(run(&spawn, output, sizeof(output)), 0);
	assert_string_equal(output, "");
	close(leak);
	unsetenv("LEAK");
}

/* The program is a shell that reads its script from the listed descriptor 0. */
static int run_script(const char *script, char *output, size_t size)
{
	struct err err;
	auto_fd int text = fd_sealed("script", script, strlen(script), &err);
	struct spawn spawn = {.program = "/bin/sh", .fds = {text, -1, 2}, .n_fds = 3};
	return run(&spawn, output, size);
}

static void descriptors_are_those_listed(void **unused)
{
	char output[4096];
	int leak = open("/etc/passwd", O_RDONLY); // on purpose without O_CLOEXEC
	assert_int_equal(run_script("for i in 0 1 2 3 4 5 6 7 8 9; do\n"
				    "[ -e /proc/$$/fd/$i ] && printf \"%s \" $i\n"
				    "done; true\n",
				    output, sizeof(output)),
			 0);
	assert_string_equal(output, "0 1 2 ");
	close(leak);
}

static void it_leads_a_session_of_its_own(void **unused)
{
	char output[256];
	assert_int_equal(run_script("read -r a b c d e f rest < /proc/$$/stat; echo $(($a - $f))\n",
				    output, sizeof(output)),
			 0);
	assert_string_equal(output, "0\n");
}

static void a_missing_program_ends_with_127(void **unused)
{
	char output[64];
	struct spawn spawn = {.program = "/nowhere", .fds = {-1, -1, -1}, .n_fds = 3};
	int status = run(&spawn, output, sizeof(output));
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 127);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_inherited_but_what_is_listed),
		cmocka_unit_test(descriptors_are_those_listed),
		cmocka_unit_test(it_leads_a_session_of_its_own),
		cmocka_unit_test(a_missing_program_ends_with_127),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
