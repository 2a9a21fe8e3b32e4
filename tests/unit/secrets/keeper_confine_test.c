// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Each case runs in a child: once free, where what it tries must work (else the case shows
 * nothing), and once confined, where it must fail in the expected way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <linux/landlock.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "secrets/audit_db.h"
#include "secrets/keeper_confine.h"
#include "secrets/store_db.h"
#include "tests/unit/secrets/folder.h"

static const char *base; // the test's folder: data and state in one

static int confine_here(void)
{
	auto_free char *secrets = xasprintf("%s/secrets", base);
	auto_free char *audit = xasprintf("%s/audit", base);
	const struct keeper_folders folders = {.secrets = secrets, .audit = audit};
	struct err err;

	if (keeper_confine(&folders, &err))
		return 0;
	print_error("%s\n", err.text);
	return -1;
}

enum { WORKED = 0, FAILED = 100, NOT_CONFINED = 101 };

static int run(bool (*act)(void), bool confined)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (confined && confine_here() < 0)
			_exit(NOT_CONFINED);
		_exit(act() ? WORKED : FAILED);
	}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void held(bool (*act)(void), int expected)
{
	assert_int_equal(run(act, false), WORKED);
	assert_int_equal(run(act, true), expected);
}

static bool opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	close(fd);
	return fd >= 0;
}

static bool read_a_file(void)
{
	return opens("/etc/passwd", O_RDONLY);
}
static bool list_a_folder(void)
{
	return opens(base, O_RDONLY);
}
static bool make_a_file(void)
{
	auto_free char *path = xasprintf("%s/new", base);
	bool made = opens(path, O_WRONLY | O_CREAT);

	return made && unlink(path) == 0;
}
static bool leave_through_dots(void)
{
	auto_free char *path = xasprintf("%s/secrets/../beside", base);

	return opens(path, O_RDONLY);
}
static bool make_a_symlink(void)
{
	auto_free char *path = xasprintf("%s/secrets/link", base);
	bool made = symlink("/etc/passwd", path) == 0;

	unlink(path);
	return made;
}
static bool open_a_path_only(void)
{
	auto_free char *path = xasprintf("%s/secrets", base);

	return opens(path, O_PATH);
}
static bool make_a_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}
static bool make_an_internet_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}
static bool run_a_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return false;
}
static bool fork_a_process(void)
{
	pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (child == 0)
		_exit(0);
	return child > 0 && waitpid(child, NULL, 0) == child;
}
static bool signal_another(void)
{
	return kill(getppid(), 0) == 0;
}
static bool trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, 0, 0) == 0;
}
static bool make_memory_executable(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	       MAP_FAILED;
}
static bool rename_a_file(void)
{
	auto_free char *path = xasprintf("%s/secrets/file", base);
	auto_free char *other = xasprintf("%s/secrets/other", base);

	return opens(path, O_WRONLY | O_CREAT) && rename(path, other) == 0 && unlink(other) == 0;
}

static void other_files_are_out_of_reach(void **state)
{
	auto_free char *beside = xasprintf("%s/beside", base);

	assert_true(opens(beside, O_WRONLY | O_CREAT));
	held(read_a_file, FAILED);
	held(list_a_folder, FAILED);
	held(make_a_file, FAILED);
	held(leave_through_dots, FAILED);
	held(make_a_symlink, FAILED);
	held(open_a_path_only, FAILED);
	held(rename_a_file, FAILED);
}

static void hostile_calls_kill(void **state)
{
	held(make_a_socket, 128 + SIGSYS);
	held(make_an_internet_socket, 128 + SIGSYS);
	held(run_a_program, 128 + SIGSYS);
	held(fork_a_process, 128 + SIGSYS);
	held(signal_another, 128 + SIGSYS);
	held(trace, 128 + SIGSYS);
	held(make_memory_executable, 128 + SIGSYS);
}

static bool work(void)
{
	struct err err;
	struct secret_store *store = secret_store_open(base, SECRET_STORE_WRITE, &err);
	struct audit *audit = audit_open(base, &err);
	struct locked value;
	const struct audit_record record = {1, "a", "b", "c", "d", "e"};

	return store && audit && locked_new(&value, 16, &err) && (value.len = 16) &&
	       secret_store_set(store, "kit@0", "token", &value, 1, &err) &&
	       audit_append(audit, &record, &err);
}

/* With databases that were open before, as in the keeper; the log is made and removed inside. */
static void the_databases_work_inside(void **state)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		struct err err;
		struct secret_store *store = secret_store_open(base, SECRET_STORE_WRITE, &err);
		struct audit *audit = audit_open(base, &err);
		const struct audit_record record = {1, "a", "b", "c", "d", "e"};
		struct locked value, got;
		int64_t count, bad;
		bool done = store && audit && confine_here() == 0 && locked_new(&value, 16, &err) &&
			    (value.len = 16);

		for (int i = 0; i < 1500 && done; i++) // past the log's checkpoint
			done = audit_append(audit, &record, &err);
		done = done && audit_verify(audit, &count, &bad, &err) && count == 1501 &&
		       bad == 0 && secret_store_set(store, "kit@0", "token", &value, 1, &err) &&
		       secret_store_get(store, "kit@0", "token", &got, &err) && got.len == 16;
		if (!done)
			print_error("%s\n", err.text);
		secret_store_close(&store);
		audit_close(&audit);
		_exit(done ? WORKED : FAILED);
	}
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

#ifdef __SANITIZE_ADDRESS__
static void write_beyond(void)
{
	volatile size_t len = 8;
	volatile char *bytes = malloc(len);

	bytes[len] = 1;
}

/* What a sanitizer finds gets out, and ends the process. */
static void reports_of_sanitizers_get_out(void **state)
{
	char report[4096];
	int ends[2], status;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid_t child = fork();
	if (child == 0) {
		if (dup2(ends[1], STDERR_FILENO) < 0 || confine_here() < 0)
			_exit(NOT_CONFINED);
		write_beyond();
		_exit(FAILED);
	}
	close(ends[1]);
	FILE *file = fdopen(ends[0], "r");
	report[fread(report, 1, sizeof(report) - 1, file)] = '\0';
	waitpid(child, &status, 0); // a pipe takes the whole report
	fclose(file);
	assert_non_null(strstr(report, "ERROR: AddressSanitizer: heap-buffer-overflow"));
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}
#endif

static int setup(void **state)
{
	int rc = folder_setup(state);

	base = *state;
	return rc == 0 && run(work, false) == WORKED ? 0 : -1;
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, setup, folder_teardown)
	const struct CMUnitTest tests[] = {
		test(other_files_are_out_of_reach),
		test(hostile_calls_kill),
		test(the_databases_work_inside),
#ifdef __SANITIZE_ADDRESS__
		test(reports_of_sanitizers_get_out),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
