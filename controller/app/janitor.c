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
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "confine/restrict.h"

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

/* As the row's files in confine/table.c. */
enum { FOLDER, FOLDER_PARENT, GROUP, GROUP_PARENT };
#define PLACES_MAX 16

struct places {
	struct confine_place list[PLACES_MAX];
	size_t n;
};

static bool add_place(struct places *places, size_t kind, int dir, const char *name,
		      struct err *err)
{
	int fd = openat(dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, errno, "confining the janitor to %s", name);
	if (places->n == PLACES_MAX) {
		close(fd);
		return err_set(err, ERR_LIMIT, "the janitor has too many folders");
	}
	places->list[places->n++] = (struct confine_place){kind, fd};
	return true;
}

static bool add_places(struct places *places, const struct janitor_work *work, struct err *err)
{
	bool ok = true;
	for (size_t i = 0; ok && i < work->n_folders; i++)
		ok = add_place(places, FOLDER, work->folders[i].parent, work->folders[i].name,
			       err) &&
		     add_place(places, FOLDER_PARENT, work->folders[i].parent, ".", err);
	for (size_t i = 0; ok && work->cgroup && i < work->cgroup->n_folders; i++) {
		const char *group = work->cgroup->folders[i].path;
		auto_free char *parent = xasprintf("%s/..", group);
		ok = add_place(places, GROUP, AT_FDCWD, group, err) &&
		     add_place(places, GROUP_PARENT, AT_FDCWD, parent, err);
	}
	return ok;
}

static bool confine(const struct janitor_work *work, struct err *err)
{
	struct places places = {.n = 0};
	bool ok = add_places(&places, work, err) &&
		  confine_restrict(CONFINE_JANITOR, places.list, places.n, err);
	while (places.n > 0)
		close(places.list[--places.n].fd);
	return ok;
}

/* The controller goes on when it has heard that this process is confined. */
_Noreturn static void run_janitor(int alive, const struct janitor_work *work)
{
	struct err err;
	setsid();
	prctl(PR_SET_NAME, "capakit-janitor");
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	if (!confine(work, &err) || write(alive, "", 1) != 1) {
		log_error("%s", err.text);
		_exit(1);
	}
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

bool janitor_start(struct janitor *janitor, const struct janitor_work *work, struct err *err)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return err_sys(err, errno, "cannot make a socket pair");
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
	char byte;
	ssize_t n;
	while ((n = read(janitor->alive, &byte, 1)) < 0 && errno == EINTR)
		;
	if (n == 1)
		return true;
	struct err ended;
	(void)!janitor_finish(janitor, &ended);
	return err_set(err, ERR_SYSTEM, "the janitor could not be confined; it has said why");
}
