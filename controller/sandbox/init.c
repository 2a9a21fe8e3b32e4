// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Process 1 after everything is set up: starts the command as its child, reaps whatever is left
 * to it, passes the signals on that ask for an end, and ends with the command, which ends
 * everything else inside.
 */
#include "controller/sandbox/parts.h"

#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

enum { PASS_ON_AGAIN_NS = 2000000 };

static sigset_t handled_signals(void)
{
	const int signals[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SANDBOX_KILL};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < array_len(signals); i++)
		sigaddset(&set, signals[i]);
	return set;
}

void init_block_signals(void)
{
	sigset_t set = handled_signals();

	signal(SIGCHLD, SIG_DFL); // a caller who ignores it would have us wait for ever
	sigprocmask(SIG_SETMASK, &set, NULL);
}

/* Whatever the caller ignored or blocked, the command starts with none of it. */
static void reset_signals(void)
{
	sigset_t none;

	for (int number = 1; number < SIGRTMAX; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static char **make_environment(const struct policy *policy)
{
	char **environment = xcalloc(policy->n_env + 1, sizeof(*environment));

	for (size_t i = 0; i < policy->n_env; i++)
		environment[i] = xasprintf("%s=%s", policy->env[i].name, policy->env[i].value);
	return environment;
}

/* In the child, in its parent's memory. The command is looked up in the PATH it will have itself.
 */
_Noreturn static void execute(const struct policy *policy)
{
	char **argv = xcalloc(policy->n_argv + 1, sizeof(*argv));
	struct err err;

	memcpy(argv, policy->argv, policy->n_argv * sizeof(*argv));
	environ = make_environment(policy);
	setsid();
	ioctl(STDIN_FILENO, TIOCSCTTY, 0); // if that is a terminal, Ctrl-C there is for the command
	reset_signals();
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	if (!privileges_limit_data(policy, &err)) {
		failure_say(&err);
		_exit(SANDBOX_EXIT_SETUP);
	}
	execvp(argv[0], argv);
	bool missing = errno == ENOENT || errno == ENOTDIR;
	err_sys(&err, errno, "executing %s", argv[0]);
	failure_say(&err);
	_exit(missing ? SANDBOX_EXIT_NOT_FOUND : SANDBOX_EXIT_NOT_EXECUTED);
}

static int exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* True when `child` itself has ended; everybody else's children are reaped by the way. */
static bool reap(pid_t child, int *status)
{
	bool ended = false;
	pid_t pid;
	int one;

	while ((pid = waitpid(-1, &one, WNOHANG)) > 0) {
		if (pid != child)
			continue;
		ended = true;
		*status = exit_status(one);
	}
	return ended;
}

/* False: not yet, since the child is still on its way to the user that this process became. */
static bool pass_on(pid_t child, int number)
{
	return kill(child, number == SANDBOX_KILL ? SIGKILL : number) == 0 || errno != EPERM;
}

int init_wait(pid_t child)
{
	const struct timespec soon = {.tv_nsec = PASS_ON_AGAIN_NS};
	sigset_t set = handled_signals();
	int status = 0, waiting = 0;

	while (!reap(child, &status)) {
		int number = sigtimedwait(&set, NULL, waiting ? &soon : NULL);
		if (number > 0 && number != SIGCHLD)
			waiting = number;
		if (waiting && pass_on(child, waiting))
			waiting = 0;
	}
	return status;
}

void init_run(const struct policy *policy)
{
	pid_t child;

	init_block_signals();
	child = vfork(); // nothing is copied: this process waits until the command is executed
	if (child == 0)
		execute(policy);
	if (child < 0) {
		struct err err;
		err_sys(&err, errno, "starting the command");
		failure_say(&err);
		_exit(SANDBOX_EXIT_SETUP);
	}
	close_range(0, ~0U, 0); // else readers of the command's output would wait for process 1
	_exit(init_wait(child));
}
