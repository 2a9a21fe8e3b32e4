// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Waits for the controller's end, then removes the app run's folders; see janitor.h. Sandboxes may
 * still be dying when it starts (SIGKILL takes a moment), so removal is repeated for a while.
 */
#include "controller/app/janitor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"

#define TRIES 100
#define PAUSE_NS (20 * 1000 * 1000L)
#define KEPT_MAX 16

/* Every descriptor but standard error and those listed, so that no socket is held open here. */
static void close_others(const int *kept, size_t n_kept)
{
	int fds[KEPT_MAX];
	size_t n = 0;
	for (size_t i = 0; i < n_kept && n < KEPT_MAX; i++)
		if (kept[i] > STDERR_FILENO)
			fds[n++] = kept[i];
	for (size_t i = 0; i < n; i++) // insertion sort: a handful
		for (size_t j = i; j > 0 && fds[j] < fds[j - 1]; j--) {
			int swap = fds[j];
			fds[j] = fds[j - 1];
			fds[j - 1] = swap;
		}
	unsigned from = STDERR_FILENO + 1;
	for (size_t i = 0; i < n; i++) {
		if ((unsigned)fds[i] > from)
			close_range(from, (unsigned)fds[i] - 1, 0);
		from = (unsigned)fds[i] + 1;
	}
	close_range(from, ~0U, 0);
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
}

static bool remove_patiently(const struct janitor_folder *folder)
{
	struct err err;
	for (int i = 0; i < TRIES; i++) {
		if (path_remove_tree(folder->parent, folder->name, &err))
			return true;
		nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
	}
	log_error("cannot clean up: %s", err.text);
	return false;
}

static bool remove_group(const struct cgroup_folder *group)
{
	for (int i = 0; i < TRIES; i++) {
		if (cgroup_remove_tree(group->path))
			return true;
		nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
	}
	log_error("cannot clean up: the cgroup %s stays", group->path);
	return false;
}

_Noreturn static void run_janitor(int alive, const struct janitor_work *work)
{
	setsid();
	prctl(PR_SET_NAME, "capakit-janitor");
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	char byte;
	while (read(alive, &byte, 1) < 0 && errno == EINTR)
		;
	bool clean = true;
	for (size_t i = 0; work->cgroup && i < work->cgroup->n_folders; i++)
		clean = remove_group(&work->cgroup->folders[i]) && clean;
	for (size_t i = 0; i < work->n_folders; i++)
		clean = remove_patiently(&work->folders[i]) && clean;
	_exit(clean ? 0 : 1);
}

bool janitor_start(struct janitor *janitor, const struct janitor_work *work, struct err *err)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, errno, "cannot make a pipe");
	janitor->pid = fork();
	if (janitor->pid < 0) {
		close(ends[0]);
		close(ends[1]);
		return err_sys(err, errno, "cannot start the janitor");
	}
	if (janitor->pid == 0) {
		int kept[KEPT_MAX] = {ends[0]};
		size_t n = 1;
		for (size_t i = 0; i < work->n_keep && n < KEPT_MAX; i++)
			kept[n++] = work->keep[i];
		for (size_t i = 0; i < work->n_folders && n < KEPT_MAX; i++)
			kept[n++] = work->folders[i].parent;
		close_others(kept, n);
		run_janitor(ends[0], work);
	}
	close(ends[0]);
	janitor->alive = ends[1];
	return true;
}

bool janitor_finish(struct janitor *janitor, struct err *err)
{
	if (janitor->pid <= 0)
		return true;
	fd_close(&janitor->alive);
	int status = -1; // no exit status
	pid_t pid = janitor->pid;
	janitor->pid = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	return err_set(err, ERR_SYSTEM, "what the app left could not be removed completely");
}
