// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

const char *argp_program_version = "capakit 0.0.test";

static size_t split(char *line, char **argv)
{
	char *rest = NULL;
	size_t argc = 0;

	for (char *word = strtok_r(line, " ", &rest); word && argc < 19;
	     word = strtok_r(NULL, " ", &rest))
		argv[argc++] = word;
	return argc;
}

static void run_child(cli_fn *command, const char *folder, const char *line, int out, int err)
{
	char words[1024];
	char *argv[20] = {NULL};

	(void)snprintf(words, sizeof(words), "%s", line);
	if ((folder && chdir(folder) < 0) || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(99);
	exit(command((int)split(words, argv), argv));
}

static void read_back(int fd, char *place, size_t room)
{
	ssize_t n = pread(fd, place, room - 1, 0);

	assert_true(n >= 0);
	place[n] = '\0';
}

void cli_run(cli_fn *command, const char *folder, const char *line, struct cli_result *result)
{
	auto_fd int out = memfd_create("out", MFD_CLOEXEC);
	auto_fd int err = memfd_create("err", MFD_CLOEXEC);
	pid_t child;
	int status;

	(void)fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		run_child(command, folder, line, out, err);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	result->status = WEXITSTATUS(status);
	read_back(out, result->out, sizeof(result->out));
	read_back(err, result->err, sizeof(result->err));
}
