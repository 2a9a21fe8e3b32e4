// SPDX-License-Identifier: GPL-3.0-or-later
/* The two processes of `up -d`; see detach.h. */
#include "controller/app/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

/* True while there may be more. */
static bool pass_on(int errors)
{
	char text[4096];
	struct err ignored;
	ssize_t n = errors >= 0 ? read(errors, text, sizeof(text)) : 0;
	return n > 0 && fd_write_all(STDERR_FILENO, text, (size_t)n, &ignored);
}

/* True: the app is ready. False: its process has ended. */
static bool hear(int ready, int errors)
{
	struct pollfd fds[] = {{.fd = ready, .events = POLLIN}, {.fd = errors, .events = POLLIN}};
	uint8_t byte;
	for (;;) {
		if (poll(fds, array_len(fds), -1) < 0)
			continue;
		if (fds[1].revents && !pass_on(errors) && errno != EAGAIN)
			fds[1].fd = -1;
		if (!fds[0].revents)
			continue;
		ssize_t n = read(ready, &byte, 1);
		if (n >= 0 || errno != EINTR)
			return n == 1;
	}
}

_Noreturn static void wait_for(pid_t child, int ready, int errors)
{
	int wait_status = 0;
	signal(SIGINT, SIG_IGN); // a Ctrl-C reaches the child too; it says how it ended
	bool is_ready = hear(ready, errors);
	if (!is_ready)
		waitpid(child, &wait_status, 0);
	while (pass_on(errors)) // its last words until now
		;
	if (is_ready)
		_exit(0);
	_exit(WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 1);
}

struct channels {
	int ready[2];
	int errors[2]; // -1: nobody waits for the end of standard error
};

static void close_both(int ends[2])
{
	fd_close(&ends[0]);
	fd_close(&ends[1]);
}

/* A terminal, which the app may ask on, or a file stays standard error as it is. */
static bool is_pipe(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

/* The keeper and the janitor keep their standard error for as long as they live. Were that the
 * caller's pipe, whoever reads its other end would wait for the app. */
static bool open_channels(struct channels *channels, struct err *err)
{
	*channels = (struct channels){{-1, -1}, {-1, -1}};
	if (pipe2(channels->ready, O_CLOEXEC) < 0 ||
	    (is_pipe(STDERR_FILENO) && pipe2(channels->errors, O_CLOEXEC) < 0)) {
		err_sys(err, errno, "cannot make a pipe");
		close_both(channels->ready);
		return false;
	}
	return channels->errors[0] < 0 || fd_set_nonblocking(channels->errors[0], err);
}

bool detach_begin(int *parent, struct err *err)
{
	struct channels channels;
	if (!open_channels(&channels, err))
		return false;
	pid_t front = getpid();
	pid_t child = fork();
	if (child > 0) {
		fd_close(&channels.ready[1]);
		fd_close(&channels.errors[1]);
		wait_for(child, channels.ready[0], channels.errors[0]);
	}
	*parent = take_fd(&channels.ready[1]);
	if (child == 0 && channels.errors[1] >= 0)
		dup2(channels.errors[1], STDERR_FILENO);
	close_both(channels.ready);
	close_both(channels.errors);
	/* Killed while it waits, the one in front takes this one with it. */
	if (child == 0 && prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == front)
		return true;
	fd_close(parent);
	return child < 0 ? err_sys(err, errno, "cannot start the app's own process")
			 : err_set(err, ERR_CANCELLED, "interrupted");
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
