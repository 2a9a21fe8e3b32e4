// SPDX-License-Identifier: GPL-3.0-or-later
/* The two processes of `up -d`; see detach.h. */
#include "controller/app/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"

_Noreturn static void wait_for(pid_t child, int fd)
{
	uint8_t ready;
	ssize_t n;
	signal(SIGINT, SIG_IGN); // a Ctrl-C reaches the child too; it says how it ended
	while ((n = read(fd, &ready, 1)) < 0 && errno == EINTR)
		;
	if (n == 1)
		_exit(0);
	int wait_status = 0;
	waitpid(child, &wait_status, 0);
	_exit(WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 1);
}

bool detach_begin(int *parent, struct err *err)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, errno, "cannot make a pipe");
	pid_t front = getpid();
	pid_t child = fork();
	if (child < 0) {
		close(ends[0]);
		close(ends[1]);
		return err_sys(err, errno, "cannot start the app's own process");
	}
	if (child > 0) {
		close(ends[1]);
		wait_for(child, ends[0]);
	}
	close(ends[0]);
	/* Killed while it waits, the one in front takes this one with it. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != front) {
		close(ends[1]);
		return err_set(err, ERR_CANCELLED, "interrupted");
	}
	*parent = ends[1];
	return true;
}

void detach_done(int *parent, int log)
{
	if (*parent < 0)
		return;
	prctl(PR_SET_PDEATHSIG, 0);
	setsid();
	auto_fd int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(log >= 0 ? log : null, STDERR_FILENO);
	(void)!write(*parent, "", 1);
	fd_close(parent);
}
