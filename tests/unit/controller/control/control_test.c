// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "controller/control/app_folder.h"
#include "controller/control/discover.h"
#include "fake_app.h"

static struct fake_app one, two;

static int start(void **state)
{
	fake_home_make();
	one = (struct fake_app){.name = "one", .kit_path = "/kits/one", .serves = getuid()};
	two = (struct fake_app){.name = "two", .kit_path = "/kits/two", .serves = getuid()};
	fake_app_start(&one);
	fake_app_start(&two);
	return 0;
}

static int finish(void **state)
{
	fake_app_kill(&one);
	fake_app_kill(&two);
	fake_home_remove();
	return 0;
}

/* Becoming another user takes root. */
static void only_as_root(void)
{
	if (geteuid() == 0)
		return;
	printf("# skip: acting as another user takes root\n");
	skip();
}

static void test_folder_names(void **state)
{
	auto_free char *name = app_folder_name("newsroom");
	auto_free char *other = app_folder_name("newsroon");

	assert_string_equal(name, "85188b2d20410791");
	assert_string_not_equal(name, other);
	assert_true(app_folder_is_name(name));
	assert_false(app_folder_is_name("0123456789abcde"));
	assert_false(app_folder_is_name("0123456789abcdeF"));
	assert_false(app_folder_is_name("../../etc/passwd"));
}

static void test_notes(void **state)
{
	auto_fd int folder = open(fake_home(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct app_note note;
	struct err err;

	assert_false(app_note_read(folder, &note, &err));
	assert_true(app_note_write(folder, "web", "/a b/c", &err));
	assert_true(app_note_read(folder, &note, &err));
	assert_string_equal(note.name, "web");
	assert_string_equal(note.kit_path, "/a b/c");
	app_note_free(&note);
	assert_true(app_note_write(folder, "../web", "/", &err));
	assert_false(app_note_read(folder, &note, &err));
}

static void test_running_apps_are_found(void **state)
{
	struct running_apps apps;
	struct err err;

	assert_true(discover_apps(&apps, &err));
	assert_int_equal(apps.count, 2);
	assert_string_equal(apps.apps[0].status->app->name, "one");
	assert_string_equal(apps.apps[1].status->app->kit_path, "/kits/two");
	running_apps_free(&apps);
}

static void assert_count(size_t expected)
{
	struct running_apps apps;
	struct err err;

	assert_true(discover_apps(&apps, &err));
	assert_int_equal(apps.count, expected);
	running_apps_free(&apps);
}

static void test_what_a_killed_app_left_is_passed_over(void **state)
{
	struct err err;

	fake_app_kill(&one);
	assert_count(1);
	assert_int_equal(discover_app("one", &err), -1);
	assert_int_equal(err.code, ERR_NO_APP);
}

static void test_strange_entries_are_passed_over(void **state)
{
	auto_free char *link = xasprintf("%s/run/0123456789abcdef", fake_home());
	auto_free char *target = app_folder_name("one");
	auto_free char *path = xasprintf("%s/run/%s", fake_home(), target);

	fake_folder("run/not-an-app");
	fake_folder("run/00000000000000ff");
	assert_int_equal(symlink(path, link), 0);
	assert_count(2);
}

static void test_a_folder_of_another_user_is_refused(void **state)
{
	auto_free char *name = NULL;
	auto_free char *path = NULL;
	struct err err;

	only_as_root();
	name = app_folder_name("one");
	path = xasprintf("%s/run/%s", fake_home(), name);
	assert_int_equal(chown(path, 12345, 12345), 0);
	assert_count(1);
	assert_int_equal(discover_app("one", &err), -1);
	assert_int_equal(err.code, ERR_DENIED);
}

static void test_an_unknown_app_gets_the_nearest_name(void **state)
{
	struct err err;

	assert_int_equal(discover_app("onne", &err), -1);
	assert_int_equal(err.code, ERR_NO_APP);
	assert_non_null(strstr(err.text, "did you mean 'one'?"));
}

static void test_stop(void **state)
{
	struct err err;
	auto_fd int folder = discover_app("one", &err);
	auto_fd int process = control_open_process(folder, &err);
	struct pollfd ended = {.fd = process, .events = POLLIN};

	assert_true(process >= 0);
	assert_true(control_stop(folder, 5, 5000, &err));
	assert_int_equal(poll(&ended, 1, 5000), 1);
	assert_int_equal(control_connect(folder, &err), -1);
	assert_int_equal(err.code, ERR_NO_APP);
	assert_count(1);
}

static void test_a_refused_stop_says_why(void **state)
{
	struct err err;
	auto_fd int folder = discover_app("one", &err);

	assert_false(control_stop(folder, 666, 5000, &err));
	assert_non_null(strstr(err.text, "not on a Friday"));
	assert_count(2);
}

/* The app serves user 1 (and root); this process becomes somebody else. */
static void test_another_user_is_closed_out(void **state)
{
	struct fake_app other = {.name = "other", .kit_path = "/", .serves = 1};
	struct err err;
	int folder;
	pid_t child;

	only_as_root();
	fake_app_start(&other);
	folder = discover_app("other", &err);
	assert_true(folder >= 0);
	child = fork();
	if (child == 0) {
		control_status *status;

		/* The modes let it in as far as the check. */
		if (fchmod(folder, 0711) < 0 || fchmodat(folder, CONTROL_SOCKET, 0666, 0) < 0)
			_exit(9);
		if (setresgid(54321, 54321, 54321) < 0 || setresuid(54321, 54321, 54321) < 0)
			_exit(9);
		(void)prctl(PR_SET_DUMPABLE, 1); // for /proc/self/fd
		status = control_get_status(folder, 2000, &err);
		_exit(!status && err.code == ERR_CLOSED ? 0 : 1);
	}
	assert_int_equal(fake_child_status(child), 0);
	fd_close(&folder);
	fake_app_kill(&other);
}

#define served_test(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		served_test(test_folder_names),
		served_test(test_notes),
		served_test(test_running_apps_are_found),
		served_test(test_what_a_killed_app_left_is_passed_over),
		served_test(test_strange_entries_are_passed_over),
		served_test(test_a_folder_of_another_user_is_refused),
		served_test(test_an_unknown_app_gets_the_nearest_name),
		served_test(test_stop),
		served_test(test_a_refused_stop_says_why),
		served_test(test_another_user_is_closed_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
