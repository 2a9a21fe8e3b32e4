// SPDX-License-Identifier: GPL-3.0-or-later
/* fork and exec with an explicit list of descriptors; see spawn.h. */
#include "controller/app/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

/* Only async-signal-safe calls from here on: this runs between fork and exec. */
_Noreturn static void give_up(const char *what)
{
	static const char prefix[] = "capakit: cannot start a process: ";
	const char *why = strerrordesc_np(errno);
	(void)!write(STDERR_FILENO, prefix, sizeof(prefix) - 1);
	(void)!write(STDERR_FILENO, what, strlen(what));
	(void)!write(STDERR_FILENO, ": ", 2);
	(void)!write(STDERR_FILENO, why, strlen(why));
	(void)!write(STDERR_FILENO, "\n", 1);
	_exit(127);
}

/* Moves all sources above the targets first, so that no dup2 overwrites one that is still needed.
 */
static void place_descriptors(const struct spawn *spawn)
{
	int moved[SPAWN_FDS_MAX];
	for (size_t i = 0; i < spawn->n_fds; i++) {
		moved[i] = spawn->fds[i];
		if (moved[i] >= 0 &&
		    (moved[i] = fcntl(moved[i], F_DUPFD_CLOEXEC, SPAWN_FDS_MAX)) < 0)
			give_up("fcntl(F_DUPFD_CLOEXEC)");
	}
	for (size_t i = 0; i < spawn->n_fds; i++) {
		if (moved[i] < 0)
			close((int)i);
		else if (dup2(moved[i], (int)i) < 0)
			give_up("dup2");
	}
	if (close_range((unsigned)spawn->n_fds, ~0U, 0) < 0)
		give_up("close_range");
}

static void become(uid_t uid, gid_t gid)
{
	if (uid == 0)
		return;
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		give_up("setresuid");
}

static void reset_signals(void)
{
	struct sigaction by_default = {.sa_handler = SIG_DFL};
	for (int number = 1; number < NSIG; number++)
		sigaction(number, &by_default, NULL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * The program is executed from within its folder, entered while this is still the controller's
 * user: an installation may lie below a folder that others cannot pass, such as root's home.
 */
_Noreturn static void run_child(const struct spawn *spawn, const char *folder, pid_t controller,
				bool moved)
{
	const char *name = strrchr(spawn->program, '/') + 1;
	const char *const argv[] = {name, NULL};
	char *const environment[] = {NULL};
	reset_signals();
	setsid();
	if (chdir(folder) < 0)
		give_up(folder);
	if (spawn->cgroup && !cgroup_enter(spawn->cgroup, !moved))
		give_up("entering its cgroup");
	place_descriptors(spawn);
	become(spawn->uid, spawn->gid);
	/* After the change of user, which clears it; then make sure that it was not too late. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != controller)
		give_up("prctl(PR_SET_PDEATHSIG)");
	execve(name, (char *const *)(uintptr_t)argv, environment);
	give_up(spawn->program);
}

/* Moving a process afterwards would wait for a grace period of the kernel, some 10 ms. */
static pid_t fork_into(int cgroup)
{
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)cgroup,
	};
	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

/*
 * Signals wait in the child until it has forgotten our handlers: one that came earlier would be
 * taken by them, and the child, asked to end, would not know. *moved: it is in the cgroup already.
 */
static pid_t fork_blocked(int cgroup, bool *moved)
{
	sigset_t all, before;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid_t pid = cgroup >= 0 ? fork_into(cgroup) : fork();
	*moved = cgroup >= 0 && pid >= 0;
	if (cgroup >= 0 && pid < 0 && errno == ENOSYS) // as containers answer clone3
		pid = fork();
	int errnum = errno;
	if (pid != 0)
		sigprocmask(SIG_SETMASK, &before, NULL);
	errno = errnum;
	return pid;
}

pid_t spawn_program(const struct spawn *spawn, struct err *err)
{
	pid_t controller = getpid();
	auto_free char *folder = xstrndup(
		spawn->program, (size_t)(strrchr(spawn->program, '/') - spawn->program + 1));
	bool moved;
	pid_t pid = fork_blocked(spawn->cgroup ? cgroup_clone_folder(spawn->cgroup) : -1, &moved);
	if (pid < 0) {
		err_sys(err, errno, "cannot start %s", spawn->program);
		return -1;
	}
	if (pid == 0)
		run_child(spawn, folder, controller, moved);
	return pid;
}

void spawn_undo(pid_t *pid)
{
	kill(*pid, SIGKILL);
	while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
		;
	*pid = 0;
}
