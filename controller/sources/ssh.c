// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a URL holds becomes arguments of ssh, and one word for the shell at the other end;
 * source_name.c lets neither an option nor a quote through.
 */
#include "controller/sources/ssh.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

#define WORDS_MAX 32

struct command {
	char *words[WORDS_MAX];
	size_t count;
};

static void add(struct command *command, const char *word)
{
	command->words[command->count++] = xstrdup(word);
}

static void make_command(struct command *command, const struct git_url *url)
{
	/* Nothing is asked, nothing of this machine is passed on, and no file is written. */
	static const char *const settings[] = {
		"BatchMode=yes",    "ClearAllForwardings=yes", "ForwardAgent=no",
		"ForwardX11=no",    "PermitLocalCommand=no",   "ControlMaster=no",
		"ControlPath=none", "UpdateHostKeys=no",       "SendEnv=GIT_PROTOCOL",
	};
	char port[8];
	add(command, "ssh");
	add(command, "-T");
	for (size_t i = 0; i < array_len(settings); i++) {
		add(command, "-o");
		add(command, settings[i]);
	}
	if (url->port) {
		snprintf(port, sizeof(port), "%u", url->port);
		add(command, "-p");
		add(command, port);
	}
	/* ssh://HOST/~me/PATH is beside the home of `me`, as git has it. */
	const char *path = str_starts(url->path, "/~") ? url->path + 1 : url->path;
	auto_free char *host =
		url->user ? xasprintf("%s@%s", url->user, url->host) : xstrdup(url->host);
	auto_free char *serve = xasprintf("git-upload-pack '%s'", path);
	add(command, host);
	add(command, serve);
}

/* Between fork and exec. */
_Noreturn static void run(const struct command *command, int socket, int errors)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setsid(); // Ctrl-C is for whoever started it
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(socket, 0) == 0 && dup2(socket, 1) == 1 && dup2(errors, 2) == 2 &&
	    close_range(3, ~0U, 0) == 0)
		execvp(command->words[0], command->words);
	static const char failed[] = "ssh cannot be run; is it installed (openssh-client)?\n";
	(void)!write(STDERR_FILENO, failed, sizeof(failed) - 1);
	_exit(127);
}

/* Both ends block: ssh and git expect it. */
static bool make_ends(int pair[2], int pipes[2], struct err *err)
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(err, errno, "cannot make a socket for ssh");
	if (pipe2(pipes, O_CLOEXEC) == 0)
		return true;
	err_sys(err, errno, "cannot make a pipe for ssh");
	fd_close(&pair[0]);
	fd_close(&pair[1]);
	return false;
}

bool ssh_start(struct ssh *ssh, const struct git_url *url, struct err *err)
{
	struct command command = {.count = 0};
	int pair[2], pipes[2];
	if (!make_ends(pair, pipes, err))
		return false;
	make_command(&command, url);
	setenv("GIT_PROTOCOL", "version=2", 1);
	*ssh = (struct ssh){.pid = fork(), .socket = pair[0], .errors = pipes[0]};
	if (ssh->pid == 0)
		run(&command, pair[1], pipes[1]);
	int errnum = errno;
	unsetenv("GIT_PROTOCOL");
	fd_close(&pair[1]);
	fd_close(&pipes[1]);
	for (size_t i = 0; i < command.count; i++)
		free(command.words[i]);
	if (ssh->pid > 0)
		return fd_set_nonblocking(ssh->errors, err);
	ssh->pid = 0;
	return err_sys(err, errnum, "cannot start ssh");
}

void ssh_end(struct ssh *ssh)
{
	if (ssh->pid > 0) {
		kill(ssh->pid, SIGKILL);
		while (waitpid(ssh->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	ssh->pid = 0;
	fd_close(&ssh->socket);
	fd_close(&ssh->errors);
}
