// SPDX-License-Identifier: GPL-3.0-or-later
/* `status`, `down` and `logs` against apps that answer the control API. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "cli_run.h"
#include "controller/cli/apps.h"
#include "controller/control/app_folder.h"
#include "controller/logs/log_writer.h"
#include "../control/fake_app.h"

static struct fake_app one, two;
static struct cli_result result;
static char kit_two[128];

static int start(void **state)
{
	fake_home_make();
	fake_folder("kits/two/src");
	(void)snprintf(kit_two, sizeof(kit_two), "%s/kits/two", fake_home());
	one = (struct fake_app){.name = "one", .kit_path = "/kits/one", .serves = getuid()};
	two = (struct fake_app){.name = "two", .kit_path = kit_two, .serves = getuid()};
	return 0;
}

static int finish(void **state)
{
	fake_home_remove();
	return 0;
}

static void start_both(void)
{
	fake_app_start(&one);
	fake_app_start(&two);
}

static void kill_both(void)
{
	fake_app_kill(&one);
	fake_app_kill(&two);
}

static void run(cli_fn *command, const char *line)
{
	cli_run(command, NULL, line, &result);
}

static void test_status_of_nothing(void **state)
{
	run(cmd_status, "status");
	assert_int_equal(result.status, 0);
	assert_string_equal(result.out, "no app runs\n");
	run(cmd_status, "status --json");
	assert_int_equal(result.status, 0);
	assert_string_equal(result.out, "{\n  \"apps\": []\n}\n");
	run(cmd_status, "status one");
	assert_int_equal(result.status, 4);
	assert_non_null(strstr(result.err, "no app named 'one' runs"));
}

static void test_status_of_all_and_of_one(void **state)
{
	start_both();
	run(cmd_status, "status");
	assert_int_equal(result.status, 0);
	assert_non_null(strstr(result.out, "one  running"));
	assert_non_null(strstr(result.out, "two  running"));
	run(cmd_status, "status two");
	assert_null(strstr(result.out, "one  running"));
	assert_non_null(strstr(result.out, "two  running"));
	run(cmd_status, "status tow");
	assert_int_equal(result.status, 4);
	assert_non_null(strstr(result.err, "did you mean 'two'?"));
	kill_both();
}

static void test_status_as_json(void **state)
{
	json_t *document;
	const char *name = NULL;

	start_both();
	run(cmd_status, "status --json one");
	document = json_loads(result.out, 0, NULL);
	assert_int_equal(json_unpack(document, "{s:[{s:s}]}", "apps", "name", &name), 0);
	assert_string_equal(name, "one");
	json_decref(document);
	kill_both();
}

static void test_an_app_that_hangs_does_not_hide_the_others(void **state)
{
	start_both();
	assert_int_equal(kill(one.pid, SIGSTOP), 0);
	run(cmd_status, "status");
	assert_int_equal(result.status, 0);
	assert_non_null(strstr(result.out, "two  running"));
	assert_non_null(strstr(result.err, "does not answer"));
	kill_both();
}

static void test_down_returns_when_the_app_is_gone(void **state)
{
	one.lingers = true;
	start_both();
	run(cmd_down, "down one");
	assert_int_equal(result.status, 0);
	assert_false(fake_app_runs(&one));
	assert_true(fake_app_runs(&two));
	run(cmd_down, "down one");
	assert_int_equal(result.status, 4);
	run(cmd_down, "down"); // the only one
	assert_int_equal(result.status, 0);
	assert_false(fake_app_runs(&two));
	run(cmd_down, "down");
	assert_int_equal(result.status, 4);
}

static void test_down_of_the_current_folder(void **state)
{
	auto_free char *inside = xasprintf("%s/src", kit_two);

	start_both();
	run(cmd_down, "down");
	assert_int_equal(result.status, 2);
	assert_non_null(strstr(result.err, "one, two"));
	cli_run(cmd_down, inside, "down --timeout 3", &result);
	assert_int_equal(result.status, 0);
	assert_true(fake_app_runs(&one));
	assert_false(fake_app_runs(&two));
	fake_app_kill(&one);
}

static void test_down_says_what_the_app_says(void **state)
{
	start_both();
	run(cmd_down, "down one --timeout 666ms");
	assert_int_equal(result.status, 1);
	assert_non_null(strstr(result.err, "not on a Friday"));
	run(cmd_down, "down one --timeout soon");
	assert_int_equal(result.status, 2);
	kill_both();
}

/* The app's state folder with its note; returns its open logs folder. */
static int make_logs(const char *name, const char *kit_path)
{
	auto_free char *folder_name = app_folder_name(name);
	auto_free char *logs = xasprintf("state/apps/%s/logs", folder_name);
	auto_free char *path = xasprintf("%s/state/apps/%s", fake_home(), folder_name);
	auto_fd int folder = -1;
	struct err err;

	fake_folder(logs);
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(app_note_write(folder, name, kit_path, &err));
	return openat(folder, "logs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void write_log(int folder, const char *name, const char *text)
{
	struct err err;
	struct log_writer *writer = log_writer_open(folder, name, &err);

	assert_non_null(writer);
	log_writer_feed(writer, LOG_STREAM_OUT, text, strlen(text));
	log_writer_free(&writer);
}

static void test_logs_of_an_app_that_has_ended(void **state)
{
	auto_fd int folder = make_logs("one", "/kits/one");

	write_log(folder, "web", "hello\n\x1b[2J\n");
	(void)poll(NULL, 0, 2); // a later millisecond
	write_log(folder, "wire", "world\n");
	run(cmd_logs, "logs one");
	assert_int_equal(result.status, 0);
	assert_non_null(strstr(result.out, " web  INFO  hello\n"));
	assert_non_null(strstr(result.out, " web  INFO  \\x1b[2J\n"));
	assert_non_null(strstr(result.out, " wire INFO  world\n"));
	run(cmd_logs, "logs one wire -f");
	assert_int_equal(result.status, 0);
	assert_null(strstr(result.out, "hello"));
	assert_non_null(strstr(result.out, "world"));
	run(cmd_logs, "logs"); // the only one
	assert_non_null(strstr(result.out, "world"));
	run(cmd_logs, "logs one -n 1");
	assert_null(strstr(result.out, "hello"));
	assert_non_null(strstr(result.out, "world"));
	run(cmd_logs, "logs one wire --json");
	assert_non_null(strstr(result.out, "\"message\":\"world\"}\n"));
}

static void test_logs_of_what_is_unknown(void **state)
{
	auto_fd int folder = -1;

	run(cmd_logs, "logs one");
	assert_int_equal(result.status, 4);
	folder = make_logs("newsroom", "/kits/one");
	write_log(folder, "web", "hello\n");
	run(cmd_logs, "logs newsrom");
	assert_int_equal(result.status, 4);
	assert_non_null(strstr(result.err, "did you mean 'newsroom'?"));
	run(cmd_logs, "logs newsroom wep");
	assert_int_equal(result.status, 1);
	assert_non_null(strstr(result.err, "did you mean 'web'?"));
	run(cmd_logs, "logs web");
	assert_int_equal(result.status, 4);
	assert_non_null(strstr(result.err, "capakit logs newsroom web"));
}

/* In a process of its own: with a thread, what run() forks could find an allocator that is locked
 * for ever. */
static pid_t write_later(int folder)
{
	pid_t child = fork();

	if (child != 0)
		return child;
	(void)poll(NULL, 0, 200);
	write_log(folder, "web", "second\n");
	write_log(folder, "late", "third\n");
	(void)poll(NULL, 0, 200);
	(void)kill(one.pid, SIGKILL);
	_exit(0);
}

static void test_logs_are_followed_until_the_app_ends(void **state)
{
	auto_fd int folder = make_logs("one", "/kits/one");
	pid_t later;

	fake_app_start(&one);
	write_log(folder, "web", "zeroth\nfirst\n");
	later = write_later(folder);
	assert_true(later > 0);
	run(cmd_logs, "logs one -f --tail 1");
	assert_int_equal(result.status, 0);
	assert_null(strstr(result.out, "zeroth"));
	assert_non_null(strstr(result.out, "first\n"));
	assert_non_null(strstr(result.out, "second\n"));
	assert_non_null(strstr(result.out, "third\n"));
	assert_int_equal(waitpid(later, NULL, 0), later);
	fake_app_kill(&one);
}

static void test_paths_lie_within(void **state)
{
	assert_true(apps_path_is_within("/a/b", "/a/b"));
	assert_true(apps_path_is_within("/a/b/c", "/a/b"));
	assert_true(apps_path_is_within("/a/b/c", "/a/b/"));
	assert_true(apps_path_is_within("/a", "/"));
	assert_false(apps_path_is_within("/a/bc", "/a/b"));
	assert_false(apps_path_is_within("/a", "/a/b"));
	assert_false(apps_path_is_within("/a", ""));
}

#define home_test(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		home_test(test_status_of_nothing),
		home_test(test_status_of_all_and_of_one),
		home_test(test_status_as_json),
		home_test(test_an_app_that_hangs_does_not_hide_the_others),
		home_test(test_down_returns_when_the_app_is_gone),
		home_test(test_down_of_the_current_folder),
		home_test(test_down_says_what_the_app_says),
		home_test(test_logs_of_an_app_that_has_ended),
		home_test(test_logs_of_what_is_unknown),
		home_test(test_logs_are_followed_until_the_app_ends),
		cmocka_unit_test(test_paths_lie_within),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
