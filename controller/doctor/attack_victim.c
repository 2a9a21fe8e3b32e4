// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The folder of the victim is below /var/tmp and not below the state folder: as root, the user of
 * the sandboxes has to get there when a layer fails, or the permissions of a folder above would
 * hide that. Nor is it below /tmp, which every sandbox may write to as far as Landlock is asked.
 */
#include "controller/doctor/attack_victim.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/attack/attack.h"

#define HOSTS "/var/tmp"

static bool make_host(struct attack_victim_process *victim, uid_t uid, struct attack_facts *facts,
		      struct err *err)
{
	victim->host = xasprintf(HOSTS "/capakit-attack.%d.XXXXXX", (int)getpid());
	if (!mkdtemp(victim->host)) {
		free(take_ptr(&victim->host));
		return err_sys(err, errno, "cannot make a folder in " HOSTS);
	}
	auto_free char *outside = xasprintf("%s/outside", victim->host);
	victim->shared = xasprintf("%s/shared", victim->host);
	if (!path_make_dirs(outside, 0755, err) || !path_make_dirs(victim->shared, 0755, err))
		return false;
	if (uid && (chmod(victim->host, 0711) < 0 || chown(outside, uid, uid) < 0))
		return err_sys(err, errno, "cannot give %s to the victim", outside);
	attack_facts_add(facts, "OUTSIDE", outside);
	return true;
}

_Noreturn static void be_victim(const struct attack_victim_process *victim, uid_t uid, int input,
				int output)
{
	auto_free char *user = xasprintf("%u", uid);
	auto_free char *outside = xasprintf("%s/outside", victim->host);
	auto_free char *pass = xasprintf("%s/pass.sock", victim->shared);
	auto_free char *host = xasprintf("%s/host.sock", outside);
	char *words[] = {user, outside, pass, host};

	setsid(); // what a terminal sends is the doctor's to answer
	if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
	    close_range(STDERR_FILENO + 1, ~0U, 0) < 0)
		_exit(ATTACK_NOT_TRIED);
	_exit(attack_victim(array_len(words), words));
}

/* NAME=VALUE, and at last READY=1. */
static bool read_facts(int output, struct attack_facts *facts, struct err *err)
{
	struct pollfd ready = {.fd = output, .events = POLLIN};
	char text[ATTACK_FACTS_MAX] = "";
	size_t len = 0;
	ssize_t n = 1;

	while (!strstr(text, "READY=1\n") && n > 0 && len + 1 < sizeof(text) &&
	       poll(&ready, 1, DOCTOR_TRIAL_MS) > 0) {
		n = read(output, text + len, sizeof(text) - 1 - len);
		len += n > 0 ? (size_t)n : 0;
		text[len] = '\0';
	}
	if (!strstr(text, "READY=1\n"))
		return err_set(err, ERR_TIMEOUT,
			       "the process that is to be attacked did not start");
	char *rest = text;
	for (char *line; (line = strsep(&rest, "\n")) && *line;) {
		const char *name = strsep(&line, "=");
		attack_facts_add(facts, name, line);
	}
	return true;
}

static bool start(struct attack_victim_process *victim, uid_t uid, struct attack_facts *facts,
		  struct err *err)
{
	int input[2], output[2];

	if (pipe2(input, O_CLOEXEC) < 0)
		return err_sys(err, errno, "cannot make a pipe");
	auto_fd int victims_input = input[0];
	victim->input = input[1];
	if (pipe2(output, O_CLOEXEC) < 0)
		return err_sys(err, errno, "cannot make a pipe");
	auto_fd int reading = output[0];
	auto_fd int writing = output[1];
	fflush(stdout); // else the child would print it too
	victim->pid = fork();
	if (victim->pid == 0)
		be_victim(victim, uid, victims_input, writing);
	if (victim->pid < 0)
		return err_sys(err, errno, "cannot start the process that is to be attacked");
	fd_close(&writing);
	return read_facts(reading, facts, err);
}

/* What a careless caller leaves to whatever it starts. */
static bool leak(struct attack_victim_process *victim, struct err *err)
{
	auto_free char *outside = xasprintf("%s/outside", victim->host);
	auto_free char *secret = xasprintf("%s/secret", outside);

	victim->leaks[0] = open(outside, O_RDONLY | O_DIRECTORY);
	victim->leaks[1] = open(secret, O_RDONLY);
	if (victim->leaks[0] < 0 || victim->leaks[1] < 0 ||
	    setenv("HOST_VARIABLE", ATTACK_SECRET, 1) < 0)
		return err_sys(err, errno, "cannot open %s", secret);
	return true;
}

bool attack_victim_open(struct attack_victim_process *victim, uid_t uid, struct attack_facts *facts,
			struct err *err)
{
	return make_host(victim, uid, facts, err) && start(victim, uid, facts, err) &&
	       leak(victim, err);
}

bool attack_victim_unharmed(const struct attack_victim_process *victim, struct err *err)
{
	char text[sizeof(ATTACK_SECRET) + 1] = "";

	if (waitpid(victim->pid, NULL, WNOHANG) != 0)
		return err_set(err, ERR_CLOSED, "the process that was attacked has ended");
	ssize_t len = pread(victim->leaks[1], text, sizeof(text), 0);
	if (len != sizeof(ATTACK_SECRET) || memcmp(text, ATTACK_SECRET "\n", (size_t)len) != 0)
		return err_set(err, ERR_DENIED, "the file that was attacked has been changed");
	return true;
}

/* It takes its memory and queue with it; one that an attack has stopped would never do so. */
static void end(struct attack_victim_process *victim)
{
	fd_close(&victim->input);
	if (victim->pid <= 0)
		return;
	auto_fd int process = (int)syscall(SYS_pidfd_open, victim->pid, 0);
	struct pollfd ended = {.fd = process, .events = POLLIN};
	if (process >= 0 && poll(&ended, 1, DOCTOR_TRIAL_MS) == 0)
		kill(victim->pid, SIGKILL);
	waitpid(victim->pid, NULL, 0);
}

void attack_victim_close(struct attack_victim_process *victim)
{
	auto_fd int hosts = open(HOSTS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct err ignored;

	end(victim);
	for (size_t i = 0; i < VICTIM_LEAKS; i++)
		fd_close(&victim->leaks[i]);
	// What cannot be removed is no secret of anybody's.
	if (victim->host && hosts >= 0)
		(void)!path_remove_tree(hosts, strrchr(victim->host, '/') + 1, &ignored);
	free(take_ptr(&victim->host));
	free(take_ptr(&victim->shared));
}
