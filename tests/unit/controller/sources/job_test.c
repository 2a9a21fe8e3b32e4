// SPDX-License-Identifier: GPL-3.0-or-later
/* One step of fetching that does not end; job.c is compiled here with less patience (hasty.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <unistd.h>

#include "base/mem.h"
#include "controller/sources/job.h"

enum { USER = 2000000123 }; // nobody else's, when this is root

static bool run(const char *const *words, size_t count, struct err *err)
{
	struct workshop workshop = {.sandbox_program = (char *)(uintptr_t)SANDBOX_PROGRAM,
				    .uid = getuid() ? 0 : USER};
	struct job job = {.workshop = &workshop, .name = "sleep", .written = -1};
	bool ok;

	sigemptyset(&workshop.signals);
	job.policy = job_policy(&workshop, "it needs none", err);
	assert_non_null(job.policy);
	for (size_t i = 0; i < count; i++)
		policy_add_arg(job.policy, words[i]);
	buf_init(&job.out, KIB);
	ok = job_run(&job, err);
	buf_free(&job.out);
	policy_free(&job.policy);
	return ok;
}

static void one_that_ends_is_heard_out(void **state)
{
	static const char *const words[] = {"/bin/true"};
	struct err err = {0};

	if (!run(words, array_len(words), &err))
		fail_msg("%s", err.text);
}

static void one_that_does_not_end_is_ended(void **state)
{
	static const char *const words[] = {"/bin/sleep", "1000"};
	struct err err;

	assert_false(run(words, array_len(words), &err));
	if (err.code != ERR_TIMEOUT)
		fail_msg("%s", err.text);
	assert_string_equal(err.text, "sleep: it took too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_ends_is_heard_out),
		cmocka_unit_test(one_that_does_not_end_is_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
