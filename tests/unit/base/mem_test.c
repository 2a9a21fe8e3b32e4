// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

static void test_strings(void **state)
{
	auto_free char *copy = xstrdup("abc");
	auto_free char *part = xstrndup("abcdef", 2);
	auto_free char *made = xasprintf("%s-%d", "n", 7);

	assert_string_equal(copy, "abc");
	assert_string_equal(part, "ab");
	assert_string_equal(made, "n-7");
	assert_null(xstrdup(NULL));
	assert_true(str_eq("a", "a"));
	assert_false(str_eq("a", NULL));
	assert_false(str_eq(NULL, NULL));
	assert_true(str_starts("prefix", "pre"));
	assert_false(str_starts("pr", "pre"));
}

static void test_sizes_of_zero_give_memory(void **state)
{
	auto_free void *a = xmalloc(0);
	auto_free void *b = xcalloc(0, 8);
	auto_free void *c = xreallocarray(NULL, 4, 0);

	assert_non_null(a);
	assert_non_null(b);
	assert_non_null(c);
}

static void test_take_and_container(void **state)
{
	struct outer {
		int before;
		int member;
	} outer = {0};
	char *text = xstrdup("x");
	auto_free char *taken = take_ptr(&text);

	assert_null(text);
	assert_string_equal(taken, "x");
	assert_ptr_equal(container_of(&outer.member, struct outer, member), &outer);
}

static void test_wipe(void **state)
{
	uint8_t data[4] = {1, 2, 3, 4};

	wipe(data, 3);
	assert_memory_equal(data, "\0\0\0\4", 4);
	wipe(NULL, 0);
}

static int status_of_overflow(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		(void)signal(SIGABRT, SIG_DFL);
		(void)setrlimit(RLIMIT_CORE, &(struct rlimit){0});
		(void)close(STDERR_FILENO);
		(void)xreallocarray(NULL, SIZE_MAX / 2, 3);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void test_running_out_ends_the_process(void **state)
{
	int status = status_of_overflow();

	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_sizes_of_zero_give_memory),
		cmocka_unit_test(test_take_and_container),
		cmocka_unit_test(test_wipe),
		cmocka_unit_test(test_running_out_ends_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
