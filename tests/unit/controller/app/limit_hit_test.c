// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>

#include "base/limits.h"
#include "controller/app/limit_hit.h"

#define EXITED(status) ((status) << 8)

static const struct plan_resources resources = {
	.limits = {[PLAN_MEMORY] = {.value = 512 * MIB},
		   [PLAN_PIDS] = {.value = 128},
		   [PLAN_DISK] = {.value = 16 * MIB},
		   [PLAN_FILE] = {.value = 16 * MIB}},
};

static uint64_t largest_file;

static struct limit_hit found(const struct cgroup_usage *usage, int wait_status, uint64_t disk,
			      const char *says)
{
	struct limit_facts facts = {&resources, usage, wait_status, disk, largest_file};
	struct limit_hit hit = limit_hit_find(&facts, 42);
	char text[LIMIT_HIT_TEXT_MAX] = "";
	if (hit.any)
		limit_hit_text(&hit, wait_status, text);
	assert_string_equal(text, says);
	return hit;
}

static void a_kill_for_want_of_memory_is_told_from_another(void **unused)
{
	struct cgroup_usage usage = {.oom_kills = 1, .memory_peak = 512 * MIB};
	struct limit_hit hit = found(&usage, EXITED(128 + SIGKILL), 0,
				     "was ended by its memory limit: 512 MiB, peak 512 MiB; raise "
				     "`resources: memory` in the manifest");
	assert_int_equal(hit.resource, PLAN_MEMORY);
	assert_int_equal(hit.value, 512 * MIB);
	assert_int_equal(hit.peak, 512 * MIB);
	assert_int_equal(hit.at_ms, 42);
	found(&usage, SIGKILL, 0, // the launcher itself
	      "was ended by its memory limit: 512 MiB, peak 512 MiB; raise `resources: memory` "
	      "in the manifest");
	found(&usage, EXITED(1), 0,
	      "exited with status 1 after its memory limit ended 1 of its processes: 512 MiB, "
	      "peak 512 MiB; raise `resources: memory` in the manifest");
	usage.oom_kills = 0;
	found(&usage, EXITED(128 + SIGKILL), 0, "");
}

static void refused_forks_are_told_when_it_failed(void **unused)
{
	struct cgroup_usage usage = {.pids_refused = 3, .pids_peak = 130};
	struct limit_hit hit =
		found(&usage, EXITED(1), 0,
		      "exited with status 1 after its limit of processes refused 3 more: 128 "
		      "processes and threads, peak 128 processes and threads; raise `resources: "
		      "pids` in the manifest");
	assert_int_equal(hit.count, 3);
	found(&usage, EXITED(0), 0, "");
}

static void sizes_on_disk(void **unused)
{
	struct cgroup_usage usage = {0};
	found(&usage, EXITED(128 + SIGXFSZ), 0,
	      "was ended by its limit of the size of a file: 16 MiB, peak 16 MiB; raise it with "
	      "--max-disk");
	found(&usage, EXITED(1), 0, "");
	largest_file = 16 * MIB;
	found(&usage, EXITED(0), 0, "");
	found(&usage, EXITED(1), 0,
	      "exited with status 1 after a file had reached its limit of the size of a file: 16 "
	      "MiB, peak 16 MiB; raise it with --max-disk");
	largest_file = 0;
	found(&usage, EXITED(128 + SIGKILL), 20 * MIB,
	      "was ended by its disk limit: 16 MiB, peak 20 MiB; raise it with --max-disk, or "
	      "write to a mount");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kill_for_want_of_memory_is_told_from_another),
		cmocka_unit_test(refused_forks_are_told_when_it_failed),
		cmocka_unit_test(sizes_on_disk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
