// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The only proof that a machine can make a sandbox is one that was made: capakit-sandbox runs
 * `true` in the standard root, then with each feature of the kernel that a Kit's phases need on
 * top. What it says on failure is what it would say in `capakit up`.
 */
#include "controller/doctor/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/app/spawn.h"
#include "controller/doctor/laboratory.h"
#include "controller/sandbox/policy.h"

#define WHY "capakit doctor tries it"

static bool run(int output, pid_t pid, char **refusal)
{
	char text[1024];
	size_t len = 0;
	ssize_t n;
	struct pollfd ready = {.fd = output, .events = POLLIN};

	while (poll(&ready, 1, DOCTOR_TRIAL_MS) > 0 &&
	       (n = read(output, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	if (poll(&ready, 1, 0) == 0)
		kill(pid, SANDBOX_KILL); // it neither ends nor says anything
	int status;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	while (len > 0 && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	*refusal = xstrdup(len > 0 ? text : "the sandbox ended without a word");
	return false;
}

static bool start(struct policy *policy, char **refusal, struct err *err)
{
	int pipes[2] = {-1, -1};
	auto_free char *program = path_helper_program("capakit-sandbox", err);

	policy->parent = getpid();
	auto_free char *json = policy_to_json(policy, false);
	auto_fd int data = fd_sealed("policy", json, strlen(json), err);
	auto_fd int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (!program || data < 0)
		return false;
	if (pipe2(pipes, O_CLOEXEC) < 0)
		return err_sys(err, errno, "making a pipe");
	auto_fd int reading = pipes[0];
	auto_fd int writing = pipes[1];
	struct spawn spawn = {.program = program, .fds = {null, null, writing, data}, .n_fds = 4};
	pid_t pid = spawn_program(&spawn, err);
	if (pid < 0)
		return false;
	fd_close(&writing);
	return run(reading, pid, refusal) || *refusal;
}

static void try_policy(struct trial *trial, struct policy *policy)
{
	struct err err;

	trial->tried = true;
	if (!policy_check(policy, &err) || !start(policy, &trial->refusal, &err))
		trial->refusal = xstrdup(err.text);
}

static struct policy *make_policy(const struct laboratory *laboratory, struct trial *trial)
{
	struct err err;
	auto_policy struct policy *policy = policy_new();

	policy->host_uid = policy->host_gid = laboratory->uid;
	policy_set(&policy->network_reason, WHY);
	policy_add_arg(policy, "/bin/true");
	if (policy_add_standard_root(policy, &err))
		return take_ptr(&policy);
	*trial = (struct trial){true, xstrdup(err.text)};
	return NULL;
}

static void try_sandbox(const struct laboratory *laboratory, struct trial *trial)
{
	auto_policy struct policy *policy = make_policy(laboratory, trial);

	if (policy)
		try_policy(trial, policy);
}

static void try_overlay(const struct laboratory *laboratory, struct trial *trial)
{
	auto_policy struct policy *policy = make_policy(laboratory, trial);
	auto_free char *lower = xasprintf("%s/lower", laboratory->path);
	auto_free char *upper = xasprintf("%s/upper", laboratory->path);
	auto_free char *work = xasprintf("%s/work", laboratory->path);
	const char *const lowers[] = {lower};

	if (!policy)
		return;
	policy_add_overlay(policy, "/kit", lowers, 1, upper, work, POLICY_WRITABLE | POLICY_IDMAP,
			   WHY);
	try_policy(trial, policy);
}

static void try_idmap(const struct laboratory *laboratory, struct trial *trial)
{
	auto_policy struct policy *policy = make_policy(laboratory, trial);
	auto_free char *folder = xasprintf("%s/lower", laboratory->path);

	if (!policy)
		return;
	policy_add_bind(policy, folder, "/kit", POLICY_IDMAP, WHY);
	try_policy(trial, policy);
}

static bool open_laboratory(struct laboratory *laboratory, struct err *err)
{
	static const char *const folders[] = {"lower", "upper", "work"};

	if (!laboratory_open(laboratory, err))
		return false;
	for (size_t i = 0; i < array_len(folders); i++) {
		auto_free char *path = laboratory_folder(laboratory, folders[i], err);
		if (!path)
			return false;
	}
	return true;
}

void facts_try_sandboxes(struct facts *facts)
{
	struct laboratory laboratory = LABORATORY_NONE;
	struct err err;

	if (!open_laboratory(&laboratory, &err)) {
		facts->sandbox = (struct trial){true, xstrdup(err.text)};
		laboratory_close(&laboratory);
		return;
	}
	try_sandbox(&laboratory, &facts->sandbox);
	if (!facts->sandbox.refusal) {
		try_overlay(&laboratory, &facts->overlay);
		if (facts->root)
			try_idmap(&laboratory, &facts->idmap);
	}
	laboratory_close(&laboratory);
}
