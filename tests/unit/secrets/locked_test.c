// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "secrets/locked.h"

/* AddressSanitizer makes mlock(2) do nothing, so there its effect cannot be looked at. */
#ifdef __SANITIZE_ADDRESS__
#define LOCKS 0
#else
#define LOCKS 1
#endif

/* Kilobytes of this process that are locked, as the kernel sees it. */
static long locked_kb(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];
	long kb = -1;

	while (fgets(line, sizeof(line), status))
		if (sscanf(line, "VmLck: %ld", &kb) == 1)
			break;
	fclose(status);
	return kb;
}

static void locks_and_gives_back(void **state)
{
	struct locked buffer;
	struct err err;
	long before = locked_kb();

	assert_true(locked_new(&buffer, 64 * KIB, &err));
	assert_int_equal(locked_kb() - before, LOCKS ? 64 : 0);
	memset(buffer.data, 1, buffer.cap);
	locked_free(&buffer);
	assert_null(buffer.data);
	assert_int_equal(locked_kb(), before);
	locked_free(&buffer);
}

#if LOCKS
/* In a child without the privilege to lock as much as it likes. */
static void memory_that_cannot_be_locked_is_an_error(void **state)
{
	pid_t child;
	int status;

	child = fork();
	if (child == 0) {
		struct rlimit none = {0, 0};
		struct locked buffer;
		struct err err;

		setrlimit(RLIMIT_MEMLOCK, &none);
		if (geteuid() == 0 && setuid(65534) < 0)
			_exit(2);
		if (locked_new(&buffer, 64 * KIB, &err) || buffer.data)
			_exit(1);
		_exit(strstr(err.text, "ulimit -l") ? 0 : 3);
	}
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(locks_and_gives_back),
#if LOCKS
		cmocka_unit_test(memory_that_cannot_be_locked_is_an_error),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
