// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Groups in a plain folder that stands in for a cgroup file system: what is read and written, and
 * where. What the kernel makes of it is shown by tests/attack/limits.test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "controller/cgroup/cgroup.h"

static char root[] = "/tmp/capakit-cgroup-XXXXXX";

static void put(const char *folder, const char *file, const char *text)
{
	struct err err;
	auto_free char *path = xasprintf("%s/%s", folder, file);
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_true(fd_write_all(fd, text, strlen(text), &err));
}

static char *get(const char *folder, const char *file)
{
	struct err err;
	size_t len;
	char *text = NULL;
	auto_free char *path = xasprintf("%s/%s", folder, file);
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(fd_read_all(fd, 4096, &text, &len, &err));
	return text;
}

static void holds(const char *folder, const char *file, const char *wanted)
{
	auto_free char *text = get(folder, file);
	assert_string_equal(text, wanted);
}

static void clear(const char *folder, const char *const *files)
{
	for (; *files; files++) {
		auto_free char *path = xasprintf("%s/%s", folder, *files);
		assert_int_equal(unlink(path), 0);
	}
}

static struct cgroup one_folder(enum cgroup_version version, unsigned kinds)
{
	return (struct cgroup){
		.folders = {{version, kinds, xstrdup(root),
			     open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)}},
		.n_folders = 1,
	};
}

static const unsigned all_limits =
	1u << CGROUP_MEMORY | 1u << CGROUP_CPU | 1u << CGROUP_PIDS | 1u << CGROUP_TIME;

static void usage_of_version_2(void **unused)
{
	static const char *const files[] = {"memory.current", "memory.peak", "memory.events",
					    "pids.current",   "pids.peak",   "pids.events",
					    "cpu.stat",	      NULL};
	struct cgroup group = one_folder(CGROUP_V2, all_limits);
	struct cgroup_usage usage;
	put(root, "memory.current", "1000\n");
	put(root, "memory.peak", "2000\n");
	put(root, "memory.events", "low 0\nhigh 0\nmax 7\noom 2\noom_kill 1\n");
	put(root, "pids.current", "3\n");
	put(root, "pids.peak", "9\n");
	put(root, "pids.events", "max 4\n");
	put(root, "cpu.stat", "usage_usec 500\nnr_periods 5\nnr_throttled 2\nthrottled_usec 60\n");
	cgroup_read(&group, &usage);
	assert_int_equal(usage.memory, 1000);
	assert_int_equal(usage.memory_peak, 2000);
	assert_int_equal(usage.memory_hits, 7);
	assert_int_equal(usage.oom_kills, 1);
	assert_int_equal(usage.pids, 3);
	assert_int_equal(usage.pids_peak, 9);
	assert_int_equal(usage.pids_refused, 4);
	assert_int_equal(usage.cpu_us, 500);
	assert_int_equal(usage.throttled_periods, 2);
	assert_int_equal(usage.throttled_us, 60);
	clear(root, files);
	cgroup_close(&group);
}

static void usage_of_version_1(void **unused)
{
	static const char *const files[] = {"memory.usage_in_bytes",
					    "memory.max_usage_in_bytes",
					    "memory.failcnt",
					    "memory.oom_control",
					    "cpu.stat",
					    "cpuacct.usage",
					    NULL};
	struct cgroup group = one_folder(CGROUP_V1, all_limits);
	struct cgroup_usage usage;
	put(root, "memory.usage_in_bytes", "1000\n");
	put(root, "memory.max_usage_in_bytes", "2000\n");
	put(root, "memory.failcnt", "7\n");
	put(root, "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
	put(root, "cpu.stat", "nr_periods 5\nnr_throttled 2\nthrottled_time 60000\n");
	put(root, "cpuacct.usage", "500000\n");
	cgroup_read(&group, &usage); // no pids.*: 0
	assert_int_equal(usage.memory, 1000);
	assert_int_equal(usage.memory_peak, 2000);
	assert_int_equal(usage.memory_hits, 7);
	assert_int_equal(usage.oom_kills, 1);
	assert_int_equal(usage.pids, 0);
	assert_int_equal(usage.cpu_us, 500);
	assert_int_equal(usage.throttled_periods, 2);
	assert_int_equal(usage.throttled_us, 60);
	clear(root, files);
	cgroup_close(&group);
}

/* A plain folder has no memory.max: what the kernel does not offer is an error, nothing is left. */
static void a_limit_that_cannot_be_set_leaves_nothing(void **unused)
{
	struct err err;
	struct cgroup app = one_folder(CGROUP_V2, all_limits), group;
	struct cgroup_limits limits = {.memory = 4096};
	assert_false(cgroup_make(&group, &app, "one", &limits, &err));
	assert_non_null(strstr(err.text, "memory.max"));
	assert_int_equal(group.n_folders, 0);
	auto_free char *path = xasprintf("%s/one", root);
	assert_int_equal(access(path, F_OK), -1);
	cgroup_close(&app);
}

static void a_limit_that_no_folder_holds_is_an_error(void **unused)
{
	struct err err;
	struct cgroup app = one_folder(CGROUP_V2, 1u << CGROUP_TIME), group;
	struct cgroup_limits limits = {.pids = 5};
	assert_false(cgroup_make(&group, &app, "one", &limits, &err));
	assert_int_equal(err.code, ERR_UNSUPPORTED);
	assert_int_equal(group.n_folders, 0);
	cgroup_close(&app);
}

static void the_app_s_group_passes_its_controllers_on(void **unused)
{
	struct err err;
	struct cgroup group;
	struct cgroup_support support = {
		.version = {[CGROUP_MEMORY] = CGROUP_V1, [CGROUP_TIME] = CGROUP_V1},
		.parent = {[CGROUP_MEMORY] = root, [CGROUP_TIME] = root},
	};
	assert_true(cgroup_make_app(&group, &support, "app", &err));
	assert_int_equal(group.n_folders, 1); // both kinds are in one place
	assert_int_equal(group.folders[0].kinds, 1u << CGROUP_MEMORY | 1u << CGROUP_TIME);
	assert_int_equal(cgroup_clone_folder(&group), -1);
	put(group.folders[0].path, "tasks", "");
	assert_true(cgroup_enter(&group, false));
	holds(group.folders[0].path, "tasks", "0");
	clear(group.folders[0].path, (const char *const[]){"tasks", NULL});
	auto_free char *path = xstrdup(group.folders[0].path);
	cgroup_remove(&group);
	assert_int_equal(access(path, F_OK), -1);

	support.version[CGROUP_MEMORY] = support.version[CGROUP_TIME] = CGROUP_V2;
	assert_false(cgroup_make_app(&group, &support, "app", &err)); // no cgroup.subtree_control
	assert_non_null(strstr(err.text, "memory"));
	assert_int_equal(access(path, F_OK), -1);
}

static void a_tree_is_removed_with_what_is_in_it(void **unused)
{
	auto_free char *app = xasprintf("%s/app", root);
	auto_free char *inner = xasprintf("%s/app/one.start.1", root);
	assert_int_equal(mkdir(app, 0755) | mkdir(inner, 0755), 0);
	assert_true(cgroup_remove_tree(app));
	assert_int_equal(access(app, F_OK), -1);
	assert_true(cgroup_remove_tree(app)); // gone already
}

static int set_up(void **unused)
{
	return mkdtemp(root) == NULL;
}

static int tear_down(void **unused)
{
	return rmdir(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usage_of_version_2),
		cmocka_unit_test(usage_of_version_1),
		cmocka_unit_test(a_limit_that_cannot_be_set_leaves_nothing),
		cmocka_unit_test(a_limit_that_no_folder_holds_is_an_error),
		cmocka_unit_test(the_app_s_group_passes_its_controllers_on),
		cmocka_unit_test(a_tree_is_removed_with_what_is_in_it),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
